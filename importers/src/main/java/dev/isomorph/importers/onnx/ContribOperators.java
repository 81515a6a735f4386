package dev.isomorph.importers.onnx;

import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.op.LayerNormalizationOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Operators of ONNX Runtime's own domain that its optimisers write into models, as composites.
 *
 * @see <a href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">
 *     Contrib operators</a>
 */
final class ContribOperators {
  private static final String DOMAIN = "com.microsoft";

  /** Builds a body from operands, and from attributes that are all to be read. */
  @FunctionalInterface
  private interface Body {
    List<Value> build(Operands in, AttributeMap attributes, GraphBuilder b);
  }

  /** Operands by position, absent beyond the last one. */
  private record Operands(List<Value> values) {
    Value get(int index) {
      return index < values.size() ? values.get(index) : Value.ABSENT;
    }

    /** {@return the sum of a value and an operand that may be left out} */
    Value plus(Value value, int index, GraphBuilder b) {
      return get(index).isAbsent() ? value : b.add(value, get(index));
    }
  }

  private static final Map<OpName, Composite> ALL = new HashMap<>();

  static {
    add("Gelu", (in, _, b) -> List.of(b.gelu(in.get(0))));
    add("BiasGelu", (in, _, b) -> List.of(b.gelu(b.add(in.get(0), in.get(1)))));
    add(
        "FastGelu",
        (in, _, b) -> List.of(b.gelu(in.plus(in.get(0), 1, b), a -> a.approximate("tanh"))));
    add(
        "QuickGelu",
        (in, attributes, b) -> {
          double alpha = attributes.optionalFloat("alpha").orElse(1.702f);
          return List.of(b.swish(in.get(0), a -> a.alpha(alpha)));
        });
    add("FusedMatMul", ContribOperators::fusedMatMul);
    add("FusedConv", ContribOperators::fusedConv);
    add("SkipLayerNormalization", ContribOperators::skipLayerNormalization);
    add("SkipSimplifiedLayerNormalization", ContribOperators::skipRmsNormalization);
    add(
        "QLinearAdd",
        (in, _, b) -> quantised(in, b, b.add(dequantised(in, 0, b), dequantised(in, 3, b)), 6));
    add(
        "QLinearMul",
        (in, _, b) -> quantised(in, b, b.mul(dequantised(in, 0, b), dequantised(in, 3, b)), 6));
    add("QLinearSigmoid", (in, _, b) -> quantised(in, b, b.sigmoid(dequantised(in, 0, b)), 3));
    add(
        "QLinearLeakyRelu",
        (in, attributes, b) -> {
          double alpha = attributes.optionalFloat("alpha").orElse(0.01f);
          Value x = dequantised(in, 0, b);
          return quantised(in, b, b.leakyRelu(x, a -> a.alpha(alpha)), 3);
        });
    add(
        "QLinearGlobalAveragePool",
        (in, attributes, b) -> {
          if (attributes.optionalInt("channels_last").orElse(0) != 0) {
            throw unsupported(b, "QLinearGlobalAveragePool with channels last");
          }
          return quantised(in, b, b.globalAveragePool(dequantised(in, 0, b)), 3);
        });
    add("QLinearConcat", ContribOperators::concat);
  }

  /** How many parameters the activations of FusedConv have. */
  private static final Map<String, Integer> PARAMETERS =
      Map.of("LeakyRelu", 1, "HardSigmoid", 2, "Clip", 2);

  private ContribOperators() {}

  private static void add(String name, Body body) {
    OpName full = new OpName(DOMAIN, name);
    ALL.put(
        full,
        new Composite(
            full,
            1,
            (CompositeCall call, List<Value> inputs, GraphBuilder b) -> {
              AttributeMap attributes = new AttributeMap(full);
              call.attributes().forEach(attributes::put);
              List<Value> results = body.build(new Operands(inputs), attributes, b);
              attributes.checkAllRead();
              return results;
            }));
  }

  /** {@return the operator of this name, if it is known} */
  static Optional<Composite> find(OpName name) {
    return Optional.ofNullable(ALL.get(name));
  }

  /** {@return the names of all of them} */
  static List<String> names() {
    return ALL.keySet().stream().map(OpName::toString).sorted().toList();
  }

  private static RuntimeException unsupported(GraphBuilder b, String what) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "%s is not supported", what)
        .from(b.origin().toString())
        .toException();
  }

  private static List<Value> fusedMatMul(Operands in, AttributeMap attributes, GraphBuilder b) {
    if (attributes.optionalInt("transBatchA").orElse(0) != 0
        || attributes.optionalInt("transBatchB").orElse(0) != 0) {
      throw unsupported(b, "FusedMatMul that transposes batches");
    }
    Value left = turned(in.get(0), attributes.optionalInt("transA").orElse(0), b);
    Value right = turned(in.get(1), attributes.optionalInt("transB").orElse(0), b);
    double alpha = attributes.optionalFloat("alpha").orElse(1);
    Value product = b.matMul(left, right);
    return List.of(alpha == 1 ? product : b.mul(product, like(product, alpha, b)));
  }

  private static Value turned(Value matrix, long flag, GraphBuilder b) {
    if (flag == 0) {
      return matrix;
    }
    if (!matrix.type().shape().isRanked()) {
      throw unsupported(b, "FusedMatMul that transposes an operand of unknown rank");
    }
    int rank = matrix.type().shape().rank();
    List<Long> perm = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    if (rank >= 2) {
      Collections.swap(perm, rank - 1, rank - 2);
    }
    return b.transpose(matrix, a -> a.perm(perm));
  }

  private static Value like(Value operand, double value, GraphBuilder b) {
    DType dtype = operand.type() instanceof ValueType.TensorType t ? t.dtype() : DType.F32;
    return b.constant(Tensor.scalar(dtype, value));
  }

  private static List<Value> fusedConv(Operands in, AttributeMap attributes, GraphBuilder b) {
    Value sum =
        b.conv(
            in.get(0),
            in.get(1),
            in.get(2),
            a -> {
              attributes.optionalText("auto_pad").ifPresent(a::autoPad);
              attributes.optionalInts("dilations").ifPresent(a::dilations);
              attributes.optionalInt("group").ifPresent(a::group);
              attributes.optionalInts("kernel_shape").ifPresent(a::kernelShape);
              attributes.optionalInts("pads").ifPresent(a::pads);
              attributes.optionalInts("strides").ifPresent(a::strides);
            });
    Value added = in.plus(sum, 3, b);
    String activation = attributes.optionalText("activation").orElse("");
    List<Double> parameters = attributes.optionalFloats("activation_params").orElse(List.of());
    if (parameters.size() < PARAMETERS.getOrDefault(activation, 0)) {
      throw b.invalid(
          "FusedConv with the activation '%s' needs %d activation_params",
          activation, PARAMETERS.get(activation));
    }
    return List.of(
        switch (activation) {
          case "" -> added;
          case "Relu" -> b.relu(added);
          case "Tanh" -> b.tanh(added);
          case "Sigmoid" -> b.sigmoid(added);
          case "LeakyRelu" -> b.leakyRelu(added, a -> a.alpha(parameters.getFirst()));
          case "HardSigmoid" ->
              b.hardSigmoid(added, a -> a.alpha(parameters.get(0)).beta(parameters.get(1)));
          case "Clip" ->
              b.clip(added, like(added, parameters.get(0), b), like(added, parameters.get(1), b));
          default -> throw unsupported(b, "FusedConv with the activation '" + activation + "'");
        });
  }

  private static List<Value> skipLayerNormalization(
      Operands in, AttributeMap attributes, GraphBuilder b) {
    double epsilon = attributes.optionalFloat("epsilon").orElse(1e-12f);
    Value sum = in.plus(b.add(in.get(0), in.get(1)), 4, b);
    List<Value> operands = new ArrayList<>(List.of(sum, in.get(2)));
    if (!in.get(3).isAbsent()) {
      operands.add(in.get(3));
    }
    LayerNormalizationOp op = LayerNormalizationOp.builder().axis(-1).epsilon(epsilon).build();
    List<Value> results = new ArrayList<>(b.emit(op, operands, 3));
    results.add(sum);
    return results;
  }

  private static List<Value> skipRmsNormalization(
      Operands in, AttributeMap attributes, GraphBuilder b) {
    double epsilon = attributes.optionalFloat("epsilon").orElse(1e-12f);
    Value sum = in.plus(b.add(in.get(0), in.get(1)), 3, b);
    Value normal = b.rmsNormalization(sum, in.get(2), a -> a.axis(-1).epsilon(epsilon));
    Value axis = b.constant(-1);
    Value power = b.reduceMean(b.mul(sum, sum), axis);
    Value inverse = b.reciprocal(b.sqrt(b.add(power, like(sum, epsilon, b))));
    return List.of(normal, b.reduceMean(sum, axis), inverse, sum);
  }

  private static Value dequantised(Operands in, int from, GraphBuilder b) {
    return b.dequantizeLinear(in.get(from), in.get(from + 1), in.get(from + 2));
  }

  private static List<Value> quantised(Operands in, GraphBuilder b, Value result, int scale) {
    Value zeroPoint = in.get(scale + 1);
    Value typed =
        zeroPoint.isAbsent() && in.get(0).type() instanceof ValueType.TensorType t
            ? b.constant(Tensor.scalar(t.dtype(), 0L))
            : zeroPoint;
    return List.of(b.quantizeLinear(result, in.get(scale), typed));
  }

  private static List<Value> concat(Operands in, AttributeMap attributes, GraphBuilder b) {
    List<Value> parts = new ArrayList<>();
    for (int i = 2; i + 2 < in.values().size(); i += 3) {
      parts.add(dequantised(in, i, b));
    }
    long axis = attributes.getInt("axis");
    return List.of(b.quantizeLinear(b.concat(parts, a -> a.axis(axis)), in.get(0), in.get(1)));
  }
}
