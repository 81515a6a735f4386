package dev.isomorph.ir.pass;

import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Spatial operators on images whose channels lie behind the spatial axes: composites {@code
 * nhwc::Conv}, {@code nhwc::MaxPool}, … with the attributes and the other operands of the operator
 * of the table. Their meaning is that operator between two transposes of operand 0 and result 0;
 * weights, scales and sizes stay as ONNX orders them.
 */
public final class ChannelsLast {
  /** The domain of the composites. */
  public static final String DOMAIN = "nhwc";

  private static final Map<String, Composite> COMPOSITES =
      Stream.of(
              "AveragePool",
              "BatchNormalization",
              "Conv",
              "ConvTranspose",
              "DepthToSpace",
              "GlobalAveragePool",
              "GlobalLpPool",
              "GlobalMaxPool",
              "GroupNormalization",
              "InstanceNormalization",
              "LRN",
              "LpPool",
              "MaxPool",
              "Resize",
              "SpaceToDepth")
          .collect(
              Collectors.toUnmodifiableMap(
                  Function.identity(),
                  name -> new Composite(new OpName(DOMAIN, name), 0, ChannelsLast::expand)));

  private ChannelsLast() {}

  /** {@return the composite of this name, for readers of the text form} */
  public static Optional<Composite> composite(OpName name) {
    return name.domain().equals(DOMAIN)
        ? Optional.ofNullable(COMPOSITES.get(name.name()))
        : Optional.empty();
  }

  /** {@return the form of an operator of the table with channels last, if it has one} */
  static Optional<Op> of(Op op) {
    return op.name().domain().isEmpty() && COMPOSITES.containsKey(op.name().name())
        ? Optional.of(new CompositeCall(COMPOSITES.get(op.name().name()), op.attributes()))
        : Optional.empty();
  }

  /** {@return whether a node is one of the composites} */
  public static boolean is(Node node) {
    return node.op() instanceof CompositeCall && node.op().name().domain().equals(DOMAIN);
  }

  /**
   * {@return the operator of the table that a composite of this domain stands for, with its
   * attributes}
   */
  public static Op standard(CompositeCall call) {
    OpName name = OpName.onnx(call.name().name());
    AttributeMap attributes = new AttributeMap(OperatorTable.schema(name).orElseThrow());
    call.attributes().forEach(attributes::put);
    return OperatorTable.create(name, attributes);
  }

  private static List<Value> expand(CompositeCall call, List<Value> inputs, GraphBuilder builder) {
    Shape shape = inputs.getFirst().type().shape();
    if (!shape.isRanked()) {
      throw builder.invalid("%s needs an operand of known rank", call.name());
    }
    Permutation first = Permutation.channelsFirst(shape.rank());
    List<Value> operands = new ArrayList<>(inputs);
    operands.set(0, builder.emit(first.toOp(), List.of(inputs.getFirst()), 1).getFirst());
    List<Value> results = builder.emit(standard(call), operands, 1);
    return builder.emit(first.inverse().toOp(), Collections.singletonList(results.getFirst()), 1);
  }
}
