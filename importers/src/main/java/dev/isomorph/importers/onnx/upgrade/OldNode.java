package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A node on its way from an older version of its operator to the newest. */
public final class OldNode {
  private final String name;
  private final GraphBuilder builder;
  private final Consumer<Diagnostic> diagnostics;
  private final TreeMap<String, Attribute> attributes;
  private final List<Value> inputs;
  private final List<Boolean> used;
  private OpName operator;
  private Op composite;

  /**
   * Makes a node as it was read.
   *
   * @param name its name, from which helping nodes and constants get theirs
   * @param used for each result whether anything asks for it
   * @param builder receives helping nodes
   * @param diagnostics receives warnings
   */
  public OldNode(
      String name,
      OpName operator,
      Map<String, Attribute> attributes,
      List<Value> inputs,
      List<Boolean> used,
      GraphBuilder builder,
      Consumer<Diagnostic> diagnostics) {
    this.name = name;
    this.operator = operator;
    this.attributes = new TreeMap<>(attributes);
    this.inputs = new ArrayList<>(inputs);
    this.used = new ArrayList<>(used);
    this.builder = builder;
    this.diagnostics = diagnostics;
  }

  /** {@return the operator it is by now} */
  public OpName operator() {
    return operator;
  }

  /** {@return the attributes it has by now} */
  public Map<String, Attribute> attributes() {
    return attributes;
  }

  /** {@return the operands it has by now} */
  public List<Value> inputs() {
    return inputs;
  }

  /** {@return the composite that it became, if it did} */
  public Optional<Op> composite() {
    return Optional.ofNullable(composite);
  }

  /** {@return an operand, absent beyond the last one} */
  public Value input(int index) {
    return index < inputs.size() ? inputs.get(index) : Value.ABSENT;
  }

  /** Sets an operand; those in between are left out. */
  public void input(int index, Value value) {
    while (inputs.size() <= index) {
      inputs.add(Value.ABSENT);
    }
    inputs.set(index, value);
  }

  /** {@return the rank of an operand, if it is known} */
  public OptionalInt rank(int index) {
    return input(index).type().shape().isRanked()
        ? OptionalInt.of(input(index).type().shape().rank())
        : OptionalInt.empty();
  }

  /** {@return how many results there are} */
  public int outputs() {
    return used.size();
  }

  /** {@return whether anything asks for a result} */
  public boolean uses(int output) {
    return output < used.size() && used.get(output);
  }

  /**
   * Forgets the results from {@code count} on.
   *
   * @throws IllegalStateException if one of them is used
   */
  public void keepOutputs(int count) {
    for (int i = count; i < used.size(); i++) {
      if (used.get(i)) {
        throw new IllegalStateException("result " + i + " of " + name + " is used");
      }
    }
    while (used.size() > count) {
      used.removeLast();
    }
  }

  /** Removes an attribute, and {@return its integer} */
  public Optional<Long> takeInt(String key) {
    return take(key, Attribute.Int.class).map(Attribute.Int::value);
  }

  /** Removes an attribute, and {@return its real number} */
  public Optional<Double> takeFloat(String key) {
    return take(key, Attribute.Float.class).map(Attribute.Float::value);
  }

  /** Removes an attribute, and {@return its text} */
  public Optional<String> takeText(String key) {
    return take(key, Attribute.Text.class).map(Attribute.Text::value);
  }

  /** Removes an attribute, and {@return its integers} */
  public Optional<long[]> takeInts(String key) {
    return take(key, Attribute.Ints.class)
        .map(a -> a.values().stream().mapToLong(Long::longValue).toArray());
  }

  /** Removes an attribute, and {@return its real numbers} */
  public Optional<double[]> takeFloats(String key) {
    return take(key, Attribute.Floats.class)
        .map(a -> a.values().stream().mapToDouble(Double::doubleValue).toArray());
  }

  private <A extends Attribute> Optional<A> take(String key, Class<A> kind) {
    Attribute value = attributes.remove(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!kind.isInstance(value)) {
      throw error(ErrorCode.MODEL_INVALID, "attribute '%s' has a value of the wrong kind", key)
          .expected(kind.getSimpleName().toLowerCase(java.util.Locale.ROOT), value.kind())
          .toException();
    }
    return Optional.of(kind.cast(value));
  }

  /** Sets an attribute. */
  public void put(String key, Attribute value) {
    attributes.put(key, value);
  }

  /** Makes it a node of another operator. */
  public void rename(String newName) {
    operator = new OpName(operator.domain(), newName);
  }

  /**
   * Makes it a call of a composite, with the attributes it has by now. No further step follows.
   *
   * @param version the last version that means this
   */
  public void become(String compositeName, long version, Composite.Expansion expansion) {
    OpName full = new OpName("onnx.legacy", compositeName);
    AttributeMap map = new AttributeMap(full);
    attributes.forEach(map::put);
    composite = new CompositeCall(new Composite(full, version, expansion), map.explicit());
  }

  /** {@return a constant that belongs to this node} */
  public Value constant(String what, Tensor tensor) {
    return builder.constant(name + "." + what, tensor);
  }

  /** {@return a constant i64 vector that belongs to this node} */
  public Value constant(String what, long... values) {
    return constant(what, Tensor.vector(values));
  }

  /** {@return the result of a node that stands before this one} */
  public Value before(String what, Op op, Value... operands) {
    String own = name + "." + what;
    return builder.add(own, op, List.of(operands), List.of(own), List.of()).result(0);
  }

  /** Tells the user something about this node. */
  public void warn(String format, Object... args) {
    diagnostics.accept(
        Diagnostic.warning(ErrorCode.MODEL_INVALID, format, args)
            .atNode(describe())
            .from(builder.origin().toString()));
  }

  /** {@return an error at this node} */
  public Diagnostic error(ErrorCode code, String format, Object... args) {
    return Diagnostic.error(code, format, args).atNode(describe());
  }

  /** {@return the refusal of an old form that has no later equivalent} */
  public IsomorphException unsupported(String format, Object... args) {
    return error(ErrorCode.UNSUPPORTED_FEATURE, format, args).toException();
  }

  private String describe() {
    return "\"" + name + "\" (" + operator + ")";
  }
}
