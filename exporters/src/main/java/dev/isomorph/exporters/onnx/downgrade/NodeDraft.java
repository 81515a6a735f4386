package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A node on its way from the newest opset to the one that is written. Not safe for many threads.
 */
public final class NodeDraft {
  private final String name;
  private final TreeMap<String, Attribute> attributes;
  private final List<Operand> inputs;
  private final List<Operand> outputs;
  private final int opset;
  private final BiFunction<String, Tensor, Operand> constants;
  private OpName operator;

  /**
   * Makes a node as the graph has it.
   *
   * @param opset the opset that is written
   * @param constants makes an initializer of a name like the given one
   */
  public NodeDraft(
      String name,
      OpName operator,
      Map<String, Attribute> attributes,
      List<Operand> inputs,
      List<Operand> outputs,
      int opset,
      BiFunction<String, Tensor, Operand> constants) {
    this.name = name;
    this.operator = operator;
    this.attributes = new TreeMap<>(attributes);
    this.inputs = new ArrayList<>(inputs);
    this.outputs = List.copyOf(outputs);
    this.opset = opset;
    this.constants = constants;
  }

  /** {@return the operator it is by now} */
  public OpName operator() {
    return operator;
  }

  /** {@return the attributes it has by now} */
  public TreeMap<String, Attribute> attributes() {
    return attributes;
  }

  /** {@return the operands it has by now} */
  public List<Operand> inputs() {
    return inputs;
  }

  /** {@return the results} */
  public List<Operand> outputs() {
    return outputs;
  }

  /** {@return the opset that is written} */
  public int opset() {
    return opset;
  }

  /** {@return an operand, absent beyond the last one} */
  public Operand input(int index) {
    return index < inputs.size() ? inputs.get(index) : Operand.ABSENT;
  }

  /** Sets an operand; those in between are left out. */
  public void input(int index, Operand operand) {
    while (inputs.size() <= index) {
      inputs.add(Operand.ABSENT);
    }
    inputs.set(index, operand);
  }

  /** Removes the operands from {@code count} on. */
  public void keepInputs(int count) {
    while (inputs.size() > count) {
      inputs.removeLast();
    }
  }

  /** Makes it a node of another operator. */
  public void rename(String newName) {
    operator = new OpName(operator.domain(), newName);
  }

  /** {@return a constant that belongs to this node} */
  public Operand constant(String what, Tensor tensor) {
    return constants.apply(name + "." + what, tensor);
  }

  /** {@return the rank of an operand, if it is known} */
  public OptionalInt rank(int index) {
    return input(index).type().shape().isRanked()
        ? OptionalInt.of(input(index).type().shape().rank())
        : OptionalInt.empty();
  }

  /** {@return the element type of an operand, if it is a tensor of which that is known} */
  public Optional<DType> dtype(int index) {
    return input(index).type() instanceof ValueType.TensorType t
        ? Optional.of(t.dtype())
        : Optional.empty();
  }

  /** {@return an integer attribute, or what stands when it is not given} */
  public long integer(String key, long standard) {
    return attributes.get(key) instanceof Attribute.Int(long value) ? value : standard;
  }

  /** {@return a text attribute, or what stands when it is not given} */
  public String text(String key, String standard) {
    return attributes.get(key) instanceof Attribute.Text(String value) ? value : standard;
  }

  /**
   * {@return the integers of an operand that an older version has as an attribute}
   *
   * @throws IsomorphException if they are computed
   */
  public long[] constantIntegers(int index, String what) {
    return input(index)
        .constant()
        .map(Tensor::toLongs)
        .orElseThrow(() -> refuse("its '%s' is computed, and an attribute there", what));
  }

  /**
   * {@return the only element of an operand that an older version has as an attribute}
   *
   * @throws IsomorphException if it is computed, or not one element
   */
  public Tensor constantScalar(int index, String what) {
    Tensor value =
        input(index)
            .constant()
            .orElseThrow(() -> refuse("its '%s' is computed, and an attribute there", what));
    if (value.size() != 1) {
      throw refuse("its '%s' is %s, and one number there", what, value.typeText());
    }
    return value;
  }

  /** Sets an attribute of integers. */
  public void putInts(String key, long... values) {
    attributes.put(key, new Attribute.Ints(java.util.Arrays.stream(values).boxed().toList()));
  }

  /** {@return the refusal of a node that the opset cannot say} */
  public IsomorphException refuse(String format, Object... args) {
    String reason = args.length == 0 ? format : format.formatted(args);
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_TARGET,
            "%s cannot be written for opset %d: %s",
            operator,
            opset,
            reason)
        .atNode("\"" + name + "\" (" + operator + ")")
        .toException();
  }
}
