package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * One node as its rule sees it: operands, what is known of them, and the function that receives how
 * TensorFlow says it. Not safe for many threads.
 */
final class RaisingNode {
  private final Node node;
  private final GraphRaising graph;

  RaisingNode(Node node, GraphRaising graph) {
    this.node = node;
    this.graph = graph;
  }

  /** {@return the node's name} */
  String name() {
    return graph.name(node);
  }

  /** {@return whether an operand is given} */
  boolean has(int index) {
    return !node.input(index).isAbsent();
  }

  /** {@return the number of operands, absent ones in between counted} */
  int count() {
    return node.inputs().size();
  }

  /** {@return one operand} */
  Ref in(int index) {
    return graph.ref(value(index));
  }

  /** {@return all operands} */
  List<Ref> all() {
    return IntStream.range(0, count()).mapToObj(this::in).toList();
  }

  /**
   * {@return a stored operand with its axes permuted}: stored so if nothing uses it otherwise, else
   * permuted by a node
   */
  Ref permuted(int index, long... perm) {
    List<Long> axes = LongStream.of(perm).boxed().toList();
    if (value(index) instanceof Value.Parameter parameter) {
      return graph.stored(parameter, new Form(axes, List.of()));
    }
    return transpose(in(index), axes);
  }

  /** {@return an operand with its axes permuted, in another shape, stored so if it can be} */
  Ref reshaped(int index, List<Long> perm, long... dims) {
    if (value(index) instanceof Value.Parameter parameter) {
      return graph.stored(parameter, new Form(perm, LongStream.of(dims).boxed().toList()));
    }
    return sub("Reshape", transpose(in(index), perm), vector(dims));
  }

  /** {@return an operand of the graph} */
  Value value(int index) {
    return node.input(index);
  }

  /** {@return whether a result is used} */
  boolean isUsed(int result) {
    return result < node.results().size() && graph.isUsed(node.result(result));
  }

  /** {@return the number of results} */
  int results() {
    return node.results().size();
  }

  /** {@return the only result of the node that stands for this one and has its name} */
  Ref main(String op, Ref... operands) {
    return main(op, Attributes.none(), operands);
  }

  /** {@return the only result of the node that stands for this one and has its name} */
  Ref main(String op, Attributes attributes, Ref... operands) {
    return graph.writer().emit(name(), op, attributes, Arrays.asList(operands));
  }

  /** {@return the only result of a node that prepares or finishes} */
  Ref sub(String op, Ref... operands) {
    return sub(op, Attributes.none(), operands);
  }

  /** {@return the only result of a node that prepares or finishes} */
  Ref sub(String op, Attributes attributes, Ref... operands) {
    return graph.writer().emit(name() + "/" + op, op, attributes, Arrays.asList(operands));
  }

  /** {@return the results of a node} */
  List<Ref> several(String op, Attributes attributes, Ref... operands) {
    return graph.writer().emitAll(name(), op, attributes, Arrays.asList(operands));
  }

  /** {@return the tensor with its axes permuted} */
  Ref transpose(Ref value, List<Long> perm) {
    return graph.writer().transpose(name() + "/Transpose", value, perm);
  }

  /** {@return the tensor with its axes permuted, by the node that stands for this one} */
  Ref transposeMain(Ref value, List<Long> perm) {
    return graph.writer().transpose(name(), value, perm);
  }

  /** {@return a scalar 64-bit integer} */
  Ref longScalar(long value) {
    return constant(Tensor.scalar(DType.I64, value));
  }

  /** {@return a constant} */
  Ref constant(Tensor tensor) {
    return graph.writer().constant(name() + "/Const", tensor);
  }

  /** {@return a scalar of a type} */
  Ref scalar(DType dtype, double value) {
    return constant(Tensor.scalar(dtype, value));
  }

  /** {@return a vector of 64-bit integers} */
  Ref vector(long... values) {
    return constant(Tensor.vector(values));
  }

  /** {@return a vector of 64-bit integers} */
  Ref vector(List<Long> values) {
    return vector(values.stream().mapToLong(Long::longValue).toArray());
  }

  /** {@return a tensor of another element type} */
  Ref cast(Ref value, DType to) {
    return value.dtype() == to ? value : sub("Cast", Attributes.none().type("DstT", to), value);
  }

  /** {@return the shape of a tensor, as 64-bit integers} */
  Ref shapeOf(Ref value) {
    return sub("Shape", Attributes.none().type("out_type", DType.I64), value);
  }

  /** {@return what is known of an operand's shape} */
  Shape shape(int index) {
    return value(index).type().shape();
  }

  /** {@return what is known of a result's shape} */
  Shape resultShape(int index) {
    return node.result(index).type().shape();
  }

  /**
   * {@return an operand's rank}
   *
   * @throws IsomorphException if it is not known
   */
  int rank(int index) {
    if (!shape(index).isRanked()) {
      throw refused("the rank of operand %d is not known", index);
    }
    return shape(index).rank();
  }

  /** {@return an operand's element type} */
  DType dtype(int index) {
    return ((ValueType.TensorType) value(index).type()).dtype();
  }

  /** {@return the numbers of an integer operand, if they are known} */
  Optional<long[]> known(int index) {
    return value(index)
        .contents()
        .filter(Contents::isKnown)
        .map(Contents::known)
        .or(() -> value(index).constant().filter(t -> t.dtype().isInteger()).map(Tensor::toLongs));
  }

  /**
   * {@return the numbers of an integer operand}
   *
   * @throws IsomorphException if they depend on the inputs
   */
  long[] numbers(int index, String what) {
    return known(index).orElseThrow(() -> refused("%s depends on the inputs", what));
  }

  /** {@return a length that must be known} */
  long length(Dim dim, String what) {
    if (!dim.isKnown()) {
      throw refused("%s is not known: %s", what, dim);
    }
    return dim.known();
  }

  /** {@return an axis counted from the front} */
  static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** {@return the refusal of what TensorFlow cannot say} */
  IsomorphException refused(String format, Object... args) {
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_TARGET, "a SavedModel cannot say this: " + format, args)
        .atNode(node.describe())
        .from(node.origin().toString())
        .toException();
  }
}
