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
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The operands of one node and what a rule finds out about its results. Not safe for many threads.
 */
public final class InferenceContext {
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
    return contents(input).filter(Contents::isKnown).map(Contents::known);
  }

  /** Sets a result's type. */
  public void type(int output, ValueType type) {
    if (output < types.length) {
      types[output] = type;
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

  /** Sets a result's elements. */
  public void contents(int output, Contents value) {
    if (output < contents.length && value.dims().size() <= Contents.MAX_LENGTH) {
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

  /** {@return a new symbol for a size that depends on data} */
  public Dim freshSymbol(String hint) {
    return freshSymbol.apply(hint);
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
