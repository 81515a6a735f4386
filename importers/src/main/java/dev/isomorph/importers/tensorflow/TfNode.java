package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.Contents;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One node as its rule sees it: operands, attributes, and the builder that receives what it means.
 * Not safe for many threads.
 */
final class TfNode {
  private final NodeDef node;
  private final String name;
  private final List<Value> operands;
  private final NodeAttributes attributes;
  private final GraphBuilder builder;
  private final DerivedWeights weights;
  private final Function<TensorProto, Tensor> decoder;
  private final Set<Integer> read = new HashSet<>();

  TfNode(
      NodeDef node,
      String name,
      List<Value> operands,
      GraphBuilder builder,
      DerivedWeights weights,
      Function<TensorProto, Tensor> decoder) {
    this.node = node;
    this.name = name;
    this.operands = operands;
    this.attributes = new NodeAttributes(node);
    this.builder = builder;
    this.weights = weights;
    this.decoder = decoder;
  }

  /** {@return the operator} */
  String op() {
    return node.getOp();
  }

  /** {@return the name, with the prefixes of the calls around it} */
  String name() {
    return name;
  }

  /** {@return the name inside its function or graph} */
  String localName() {
    return node.getName();
  }

  /** {@return the attributes} */
  NodeAttributes attributes() {
    return attributes;
  }

  /** {@return the builder, for nodes that prepare or finish the operator's own} */
  GraphBuilder builder() {
    return builder;
  }

  /** {@return the builder, of which the next node is the operator's own and has its name} */
  GraphBuilder main() {
    return builder.named(name);
  }

  /** {@return a stored constant of an attribute} */
  Tensor decode(TensorProto proto) {
    return decoder.apply(proto);
  }

  /** {@return the number of operands} */
  int count() {
    return operands.size();
  }

  /** {@return one operand} */
  Value in(int index) {
    read.add(index);
    if (index >= operands.size()) {
      throw error(ErrorCode.FORMAT_INVALID, "operand %d is missing", index).toException();
    }
    return operands.get(index);
  }

  /** {@return operands from {@code from} on, up to the {@code end}th, which is left out} */
  List<Value> in(int from, int end) {
    return IntStream.range(from, end).mapToObj(this::in).toList();
  }

  /** {@return all operands} */
  List<Value> all() {
    return in(0, operands.size());
  }

  /** Declares an operand irrelevant to the result. */
  void ignore(int index) {
    read.add(index);
  }

  /** {@return the operands that no rule looked at} */
  List<Integer> unreadOperands() {
    return IntStream.range(0, operands.size()).filter(i -> !read.contains(i)).boxed().toList();
  }

  /** {@return an operand as a 64-bit integer tensor, as shapes and axes are in the graph} */
  Value i64(int index) {
    return i64(in(index));
  }

  /** {@return an integer value as a 64-bit one} */
  Value i64(Value value) {
    if (value instanceof Value.Parameter parameter) {
      Tensor tensor = parameter.tensor();
      return tensor.dtype() == DType.I64
          ? value
          : builder.constant(parameter.name(), Tensor.of(tensor.toLongs(), tensor.dims()));
    }
    return cast(value, DType.I64);
  }

  /** {@return a value of another element type} */
  Value cast(Value value, DType to) {
    return dtype(value) == to ? value : builder.cast(value, a -> a.to(to.onnxCode()));
  }

  /**
   * {@return the numbers of an integer operand that must be known}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_FEATURE} if they depend on the inputs
   */
  long[] constants(int index, String what) {
    return contents(index)
        .filter(Contents::isKnown)
        .map(Contents::known)
        .or(() -> in(index).constant().filter(t -> t.dtype().isInteger()).map(Tensor::toLongs))
        .orElseThrow(() -> unsupported("%s of %s must not depend on the inputs", what, op()));
  }

  /** {@return one number of an integer operand that must be known} */
  long constant(int index, String what) {
    long[] values = constants(index, what);
    if (values.length != 1) {
      throw error(ErrorCode.MODEL_INVALID, "%s must be one number", what)
          .expected("one number", Arrays.toString(values))
          .toException();
    }
    return values[0];
  }

  /** {@return the elements of a small integer operand as expressions, where they are known} */
  java.util.Optional<Contents> contents(int index) {
    return in(index).contents();
  }

  /**
   * {@return a stored operand with its axes permuted, as a parameter; an operand that is computed
   * is permuted by a node}
   */
  Value permuted(int index, int... perm) {
    return permuted(in(index), perm);
  }

  /** {@return a value with its axes permuted} */
  Value permuted(Value value, int... perm) {
    if (value instanceof Value.Parameter parameter) {
      return weights.derived(
          parameter,
          "transposed" + Arrays.toString(perm),
          tensor -> LazyTensors.transpose(tensor, perm));
    }
    return builder.transpose(value, a -> a.perm(longs(perm)));
  }

  /** {@return a stored value in another form, made once for all that ask for it} */
  Value derived(Value.Parameter parameter, String form, Function<Tensor, Tensor> change) {
    return weights.derived(parameter, form, change);
  }

  /** {@return a scalar constant} */
  Value scalar(DType dtype, double value) {
    return builder.constant(name + "/value", Tensor.scalar(dtype, value));
  }

  /** {@return a constant vector of 64-bit integers} */
  Value vector(long... values) {
    return builder.constant(name + "/value", Tensor.vector(values));
  }

  /**
   * {@return an operand's element type}
   *
   * @throws IsomorphException if it is not known
   */
  DType dtype(int index) {
    return dtype(in(index));
  }

  /** {@return a value's element type} */
  DType dtype(Value value) {
    if (value.type() instanceof ValueType.TensorType type) {
      return type.dtype();
    }
    throw unsupported("the element type of an operand of %s is not known", op());
  }

  /** {@return an operand's shape} */
  Shape shape(int index) {
    return in(index).type().shape();
  }

  /**
   * {@return an operand's rank}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_FEATURE} if it is not known
   */
  int rank(int index) {
    return rank(in(index));
  }

  /** {@return a value's rank} */
  int rank(Value value) {
    if (!value.type().shape().isRanked()) {
      throw unsupported("%s needs an operand whose rank is known", op());
    }
    return value.type().shape().rank();
  }

  /** {@return a length that must be known} */
  long known(Dim dim, String what) {
    if (!dim.isKnown()) {
      throw unsupported("%s needs to know %s, which is %s", op(), what, dim);
    }
    return dim.known();
  }

  /** {@return an axis counted from the front} */
  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw error(ErrorCode.MODEL_INVALID, "axis %d is out of range for rank %d", axis, rank)
          .toException();
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** {@return an error at this node} */
  Diagnostic error(ErrorCode code, String format, Object... args) {
    return Diagnostic.error(code, format, args)
        .atNode("\"" + name + "\" (" + op() + ")")
        .from(builder.origin().toString());
  }

  /** {@return a refusal at this node} */
  IsomorphException unsupported(String format, Object... args) {
    return error(ErrorCode.UNSUPPORTED_FEATURE, format, args).toException();
  }

  static List<Long> longs(int... values) {
    return Arrays.stream(values).mapToObj(Long::valueOf).toList();
  }
}
