package dev.isomorph.exporters.tensorflow;

import dev.isomorph.exporters.tensorflow.TfOperators.Argument;
import dev.isomorph.exporters.tensorflow.TfOperators.Operator;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.TfTensors;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Collects the nodes of one function. Attributes that follow from the operands, element types and
 * counts, are filled in; a type that an operator does not take is refused. Not safe for many
 * threads.
 */
final class FunctionWriter {
  private final LargeFields large;
  private final Names names = new Names();
  private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
  private final Map<String, Ref> scalars = new HashMap<>();
  private final Map<Ref, Transposed> transposed = new HashMap<>();

  private record Transposed(Ref source, List<Long> perm) {}

  FunctionWriter(LargeFields large) {
    this.large = large;
  }

  /** {@return the names of the function's arguments and nodes} */
  Names names() {
    return names;
  }

  /** {@return the only result of a new node} */
  Ref emit(String name, String op, Attributes attributes, List<Ref> operands) {
    return emitAll(name, op, attributes, operands).getFirst();
  }

  /**
   * {@return the results of a new node}
   *
   * @param name made unique
   * @param attributes those that do not follow from the operands
   */
  List<Ref> emitAll(String name, String op, Attributes attributes, List<Ref> operands) {
    Operator operator = TfOperators.get(op);
    Map<String, DType> types = bind(operator, attributes, operands);
    String unique = names.unique(Names.encode(name));
    NodeDef.Builder node = NodeDef.newBuilder().setName(unique).setOp(op);
    operands.forEach(operand -> node.addInput(operand.text()));
    node.putAllAttr(attributes.values());
    nodes.put(unique, node.build());
    List<Ref> results = new ArrayList<>();
    for (Argument result : operator.results()) {
      int count =
          result.count().isEmpty()
              ? 1
              : Math.toIntExact(attributes.values().get(result.count()).getI());
      DType type = resultType(operator, result, types);
      for (int i = 0; i < count; i++) {
        results.add(new Ref(unique + ":" + result.name() + ":" + i, type));
      }
    }
    return results;
  }

  private static Map<String, DType> bind(
      Operator operator, Attributes attributes, List<Ref> operands) {
    Map<String, DType> types = new HashMap<>();
    attributes
        .values()
        .forEach(
            (name, value) -> {
              if (value.getValueCase() == AttrValue.ValueCase.TYPE) {
                types.put(name, DataTypes.ours(value.getType()));
              }
            });
    int at = 0;
    int lists = (int) operator.operands().stream().filter(a -> !a.count().isEmpty()).count();
    int inList = operands.size() - (operator.operands().size() - lists);
    for (Argument argument : operator.operands()) {
      int count = argument.count().isEmpty() ? 1 : inList;
      if (!argument.count().isEmpty()) {
        attributes.integer(argument.count(), count);
      }
      for (int i = 0; i < count && at < operands.size(); i++, at++) {
        if (!argument.type().isEmpty()) {
          bind(operator, types, argument.type(), operands.get(at).dtype());
        }
      }
    }
    types.forEach(
        (name, type) -> {
          TfOperators.Attribute attribute = operator.attributes().get(name);
          boolean implied =
              attribute != null
                  && attribute.byDefault().map(TfOperators::type).filter(type::equals).isPresent();
          if (attribute != null && !implied) {
            attributes.type(name, type);
          }
        });
    return types;
  }

  private static void bind(Operator operator, Map<String, DType> types, String name, DType type) {
    DType before = types.put(name, type);
    if (before != null && before != type) {
      throw new IllegalArgumentException(
          operator.name() + ": attribute " + name + " is both " + before + " and " + type);
    }
    Set<DType> allowed = operator.attributes().get(name).allowed();
    if (!allowed.isEmpty() && !allowed.contains(type)) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET,
              "TensorFlow's operator %s does not take %s",
              operator.name(),
              type)
          .toException();
    }
  }

  private static DType resultType(Operator operator, Argument result, Map<String, DType> types) {
    if (result.fixed().isPresent()) {
      return result.fixed().get();
    }
    return Optional.ofNullable(types.get(result.type()))
        .or(() -> operator.attributes().get(result.type()).byDefault().map(TfOperators::type))
        .orElseThrow(
            () -> new IllegalArgumentException(operator.name() + " needs " + result.type()));
  }

  /** {@return a constant of the program} */
  Ref constant(String name, Tensor tensor) {
    String key = tensor.rank() <= 1 && tensor.size() <= 8 ? tensor.typeText() + text(tensor) : "";
    Ref known = key.isEmpty() ? null : scalars.get(key);
    if (known != null) {
      return known;
    }
    Attributes attributes =
        Attributes.none()
            .tensor("value", TfTensors.toProto(tensor, large))
            .type("dtype", tensor.dtype());
    Ref made = emit(name, "Const", attributes, List.of());
    if (!key.isEmpty()) {
      scalars.put(key, made);
    }
    return made;
  }

  private static String text(Tensor tensor) {
    if (tensor.dtype() == DType.STRING) {
      return tensor.strings().toString();
    }
    StringBuilder bits = new StringBuilder();
    for (byte b : tensor.segment().toArray(ValueLayout.JAVA_BYTE)) {
      bits.append(b).append(' ');
    }
    return bits.toString();
  }

  /** {@return the tensor with its axes permuted; two permutations in a row become one or none} */
  Ref transpose(String name, Ref value, List<Long> perm) {
    Ref source = value;
    List<Long> whole = perm;
    Transposed before = transposed.get(value);
    if (before != null) {
      source = before.source;
      whole = perm.stream().map(axis -> before.perm.get(axis.intValue())).toList();
    }
    if (isIdentity(whole)) {
      return source;
    }
    Ref axes =
        constant(
            name + "/perm", Tensor.vector(whole.stream().mapToLong(Long::longValue).toArray()));
    Ref made = emit(name, "Transpose", Attributes.none(), List.of(source, axes));
    transposed.put(made, new Transposed(source, whole));
    return made;
  }

  private static boolean isIdentity(List<Long> perm) {
    for (int i = 0; i < perm.size(); i++) {
      if (perm.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  /** {@return the nodes that the results need, in the order in which they were made} */
  List<NodeDef> needed(List<Ref> results) {
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    results.forEach(result -> open.push(result.text()));
    while (!open.isEmpty()) {
      String text = open.pop();
      int colon = text.indexOf(':');
      String name = colon < 0 ? text : text.substring(0, colon);
      NodeDef node = nodes.get(name);
      if (node != null && needed.add(name)) {
        node.getInputList().forEach(open::push);
      }
    }
    return nodes.values().stream().filter(node -> needed.contains(node.getName())).toList();
  }
}
