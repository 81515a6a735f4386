package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The operands of one node and what a rule finds out about its results. Not safe for many threads.
 */
public final class InferenceContext {
  private static final long MAX_KNOWN = 1 << 16;
  private static final long MAX_RANK = 1 << 10;
  private static final int MAX_PARTS = 256;

  private final String node;
  private final List<Value> inputs;
  private final ValueType[] types;
  private final Contents[] contents;
  private final Function<String, Dim> freshSymbol;
  private final Consumer<String> assumptions;

  /**
   * Makes a context in which nothing is known of the results.
   *
   * @param node name and operator, for messages
   * @param freshSymbol makes a symbol for a size that depends on data
   * @param assumptions receives what is taken for granted
   */
  public InferenceContext(
      String node,
      List<Value> inputs,
      int outputs,
      Function<String, Dim> freshSymbol,
      Consumer<String> assumptions) {
    this.node = node;
    this.inputs = List.copyOf(inputs);
    this.types = new ValueType[outputs];
    this.contents = new Contents[outputs];
    Arrays.fill(types, ValueType.UNKNOWN);
    this.freshSymbol = freshSymbol;
    this.assumptions = assumptions;
  }

  /** {@return name and operator, for messages} */
  public String node() {
    return node;
  }

  /** {@return how many operands are given, trailing absent ones not counted} */
  public int inputCount() {
    return inputs.size();
  }

  /** {@return how many results the node has} */
  public int outputCount() {
    return types.length;
  }

  /** {@return whether an operand is given} */
  public boolean has(int input) {
    return input < inputs.size() && !inputs.get(input).isAbsent();
  }

  /** {@return an operand's type; unknown for one that is left out} */
  public ValueType type(int input) {
    return has(input) ? inputs.get(input).type() : ValueType.UNKNOWN;
  }

  /** {@return an operand's shape; unknown if it is left out or no tensor} */
  public Shape shape(int input) {
    return type(input).shape();
  }

  /** {@return an operand's element type, if it is a tensor of which that is known} */
  public Optional<DType> dtype(int input) {
    return type(input) instanceof ValueType.TensorType t
        ? Optional.of(t.dtype())
        : Optional.empty();
  }

  /** {@return an operand's value, if it is a parameter} */
  public Optional<Tensor> constant(int input) {
    return has(input) ? inputs.get(input).constant() : Optional.empty();
  }

  /** {@return an operand's elements as expressions, if they are known} */
  public Optional<Contents> contents(int input) {
    return has(input) ? inputs.get(input).contents() : Optional.empty();
  }

  /** {@return an integer operand's elements, if all are known numbers} */
  public Optional<long[]> knownIntegers(int input) {
    Optional<long[]> small = contents(input).filter(Contents::isKnown).map(Contents::known);
    return small.isPresent()
        ? small
        : constant(input)
            .filter(t -> t.dtype().isInteger() && t.size() <= MAX_KNOWN)
            .map(Tensor::toLongs);
  }

  /** {@return the elements of an operand of rank 1, if they are known as expressions} */
  public Optional<List<Dim>> vector(int input) {
    return contents(input).filter(c -> !c.scalar()).map(Contents::dims);
  }

  /** {@return the one element of an operand, if it is known as an expression} */
  public Optional<Dim> scalar(int input) {
    return contents(input).filter(c -> c.dims().size() == 1).map(c -> c.dims().getFirst());
  }

  /** {@return the number of elements of an operand of rank 1, if it is known} */
  public OptionalInt length(int input) {
    Shape shape = shape(input);
    return shape.hasRank(1) && shape.dim(0).isKnown() && shape.dim(0).known() <= MAX_RANK
        ? OptionalInt.of((int) shape.dim(0).known())
        : OptionalInt.empty();
  }

  /**
   * Sets a result's type. A length whose expression has grown beyond use becomes a symbol of its
   * own.
   */
  public void type(int output, ValueType type) {
    if (output < types.length) {
      types[output] = type;
      if (type instanceof ValueType.TensorType(DType dtype, Shape shape) && shape.isRanked()) {
        types[output] =
            ValueType.tensor(
                dtype,
                Shape.of(
                    shape.dims().stream()
                        .map(d -> d.parts() > MAX_PARTS ? freshSymbol("u") : d)
                        .toList()));
      }
    }
  }

  /** Sets a result to a tensor type; nothing is set while the element type is unknown. */
  public void tensor(int output, Optional<DType> dtype, Shape shape) {
    dtype.ifPresent(d -> type(output, ValueType.tensor(d, shape)));
  }

  /** Sets a result to a tensor type. */
  public void tensor(int output, DType dtype, Shape shape) {
    type(output, ValueType.tensor(dtype, shape));
  }

  /** Sets a result's shape and keeps the element type that the operator's schema gives it. */
  public void result(int output, Shape shape) {
    if (output < types.length && types[output] instanceof ValueType.TensorType t) {
      type(output, ValueType.tensor(t.dtype(), shape));
    }
  }

  /** Sets a result's elements. */
  public void contents(int output, Contents value) {
    if (output < contents.length
        && value.dims().size() <= Contents.MAX_LENGTH
        && value.dims().stream().allMatch(d -> d.parts() <= MAX_PARTS)) {
      contents[output] = value;
    }
  }

  /** {@return the types found so far} */
  public List<ValueType> types() {
    return List.of(types);
  }

  /** {@return the elements found so far; null where none are known} */
  public List<Contents> resultContents() {
    return Collections.unmodifiableList(new ArrayList<>(Arrays.asList(contents)));
  }

  /** {@return whether the lengths of all tensor operands are numbers} */
  boolean allShapesKnown() {
    return IntStream.range(0, inputCount()).allMatch(i -> !has(i) || shape(i).isKnown());
  }

  /** {@return a new symbol for a size that depends on data} */
  public Dim freshSymbol(String hint) {
    return freshSymbol.apply(hint);
  }

  /** {@return a shape of this rank whose sizes depend on data} */
  public Shape freshShape(int rank, String hint) {
    return Shape.of(IntStream.range(0, rank).mapToObj(_ -> freshSymbol(hint)).toList());
  }

  /** Records that something is taken for granted. */
  public void assume(String format, Object... args) {
    assumptions.accept(node + ": " + String.format(java.util.Locale.ROOT, format, args));
  }

  /**
   * {@return an axis counted from the front}
   *
   * @throws IsomorphException if it is out of range
   */
  public int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw invalid("axis %d is out of range for rank %d", axis, rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /**
   * {@return axes counted from the front}
   *
   * @throws IsomorphException if one is out of range or stands twice
   */
  public List<Integer> axes(long[] axes, int rank) {
    List<Integer> normal = Arrays.stream(axes).mapToObj(a -> axis(a, rank)).toList();
    if (normal.stream().distinct().count() != normal.size()) {
      throw invalid("an axis stands twice in %s", Arrays.toString(axes));
    }
    return normal;
  }

  /**
   * Checks that two lengths are equal; where that depends on symbols it is assumed.
   *
   * @param what the lengths, in plural, for messages
   * @throws IsomorphException if they are known to differ
   */
  public void requireEqual(Dim expected, Dim actual, String what) {
    Dim difference = expected.minus(actual);
    if (difference.isKnown() && !difference.is(0)) {
      throw error("%s differ", what).expected(expected, actual).toException();
    }
    if (!difference.is(0)) {
      assume("%s are equal: %s and %s", what, expected, actual);
    }
  }

  /**
   * Checks that an operand has a rank, if its rank is known.
   *
   * @throws IsomorphException if it has another one
   */
  public void requireRank(int input, String name, int rank) {
    Shape shape = shape(input);
    if (shape.isRanked() && shape.rank() != rank) {
      throw error("%s must have rank %d", name, rank)
          .expected("rank " + rank, type(input))
          .toException();
    }
  }

  /**
   * {@return the shape of broadcasting two, with a message that names both when they do not fit}
   */
  public Shape broadcast(Shape a, Shape b) {
    try {
      return a.broadcast(b);
    } catch (IllegalArgumentException e) {
      throw invalid("shapes %s and %s cannot be broadcast", a, b);
    }
  }

  /** {@return an error at this node} */
  public Diagnostic error(String format, Object... args) {
    return Diagnostic.error(ErrorCode.MODEL_INVALID, format, args).atNode(node);
  }

  /** {@return an error at this node, to be thrown} */
  public IsomorphException invalid(String format, Object... args) {
    return error(format, args).toException();
  }
}
