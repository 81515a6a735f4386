package dev.isomorph.ir;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Attributes of one operator on their way into its record: checks kinds, fills in defaults, and
 * knows which ones were read. Not safe for many threads.
 */
public final class AttributeMap {
  private final OpName operator;
  private final Map<String, OperatorSchema.AttributeSchema> schemas;
  private final TreeMap<String, Attribute> values = new TreeMap<>();
  private final Set<String> read = new HashSet<>();

  /** Makes an empty map for an operator of the table. */
  public AttributeMap(OperatorSchema schema) {
    this.operator = schema.name();
    this.schemas = schema.attributes();
  }

  /** Makes an empty map for an operator without a schema. */
  public AttributeMap(OpName operator) {
    this.operator = operator;
    this.schemas = null;
  }

  /** Sets an attribute, replacing an earlier value. */
  public AttributeMap put(String name, Attribute value) {
    values.put(name, value);
    return this;
  }

  /** Sets an integer. */
  public AttributeMap putInt(String name, long value) {
    return put(name, new Attribute.Int(value));
  }

  /** Sets a real number. */
  public AttributeMap putFloat(String name, double value) {
    return put(name, new Attribute.Float(value));
  }

  /** Sets a string. */
  public AttributeMap putText(String name, String value) {
    return put(name, new Attribute.Text(value));
  }

  /** Sets integers. */
  public AttributeMap putInts(String name, List<Long> value) {
    return put(name, new Attribute.Ints(value));
  }

  /** Sets real numbers. */
  public AttributeMap putFloats(String name, List<Double> value) {
    return put(name, new Attribute.Floats(value));
  }

  /** Sets strings. */
  public AttributeMap putTexts(String name, List<String> value) {
    return put(name, new Attribute.Texts(value));
  }

  /** Sets a tensor. */
  public AttributeMap putTensor(String name, Tensor value) {
    return put(name, new Attribute.TensorValue(value));
  }

  /** Sets a subgraph. */
  public AttributeMap putGraph(String name, Graph value) {
    return put(name, new Attribute.Region(value));
  }

  /** Sets a type. */
  public AttributeMap putType(String name, ValueType value) {
    return put(name, new Attribute.Type(value));
  }

  /** Sets an integer, if there is one. */
  public AttributeMap putOptionalInt(String name, OptionalLong value) {
    value.ifPresent(v -> putInt(name, v));
    return this;
  }

  /** Sets a real number, if there is one. */
  public AttributeMap putOptionalFloat(String name, OptionalDouble value) {
    value.ifPresent(v -> putFloat(name, v));
    return this;
  }

  /** Sets a string, if there is one. */
  public AttributeMap putOptionalText(String name, Optional<String> value) {
    value.ifPresent(v -> putText(name, v));
    return this;
  }

  /** Sets integers, if there are any. */
  public AttributeMap putOptionalInts(String name, Optional<List<Long>> value) {
    value.ifPresent(v -> putInts(name, v));
    return this;
  }

  /** Sets real numbers, if there are any. */
  public AttributeMap putOptionalFloats(String name, Optional<List<Double>> value) {
    value.ifPresent(v -> putFloats(name, v));
    return this;
  }

  /** Sets strings, if there are any. */
  public AttributeMap putOptionalTexts(String name, Optional<List<String>> value) {
    value.ifPresent(v -> putTexts(name, v));
    return this;
  }

  /** Sets a tensor, if there is one. */
  public AttributeMap putOptionalTensor(String name, Optional<Tensor> value) {
    value.ifPresent(v -> putTensor(name, v));
    return this;
  }

  /** Sets a subgraph, if there is one. */
  public AttributeMap putOptionalGraph(String name, Optional<Graph> value) {
    value.ifPresent(v -> putGraph(name, v));
    return this;
  }

  /** Sets a type, if there is one. */
  public AttributeMap putOptionalType(String name, Optional<ValueType> value) {
    value.ifPresent(v -> putType(name, v));
    return this;
  }

  /** {@return an integer or its default} */
  public long getInt(String name) {
    return require(name, Attribute.Int.class).value();
  }

  /** {@return a real number or its default} */
  public double getFloat(String name) {
    return require(name, Attribute.Float.class).value();
  }

  /** {@return a string or its default} */
  public String getText(String name) {
    return require(name, Attribute.Text.class).value();
  }

  /** {@return integers or their default} */
  public List<Long> getInts(String name) {
    return require(name, Attribute.Ints.class).values();
  }

  /** {@return real numbers or their default} */
  public List<Double> getFloats(String name) {
    return require(name, Attribute.Floats.class).values();
  }

  /** {@return strings or their default} */
  public List<String> getTexts(String name) {
    return require(name, Attribute.Texts.class).values();
  }

  /** {@return a tensor} */
  public Tensor getTensor(String name) {
    return require(name, Attribute.TensorValue.class).value();
  }

  /** {@return a subgraph} */
  public Graph getGraph(String name) {
    return require(name, Attribute.Region.class).graph();
  }

  /** {@return a type} */
  public ValueType getType(String name) {
    return require(name, Attribute.Type.class).value();
  }

  /** {@return an integer, if it is given} */
  public OptionalLong optionalInt(String name) {
    Optional<Attribute.Int> found = find(name, Attribute.Int.class);
    return found.isPresent() ? OptionalLong.of(found.get().value()) : OptionalLong.empty();
  }

  /** {@return a real number, if it is given} */
  public OptionalDouble optionalFloat(String name) {
    Optional<Attribute.Float> found = find(name, Attribute.Float.class);
    return found.isPresent() ? OptionalDouble.of(found.get().value()) : OptionalDouble.empty();
  }

  /** {@return a string, if it is given} */
  public Optional<String> optionalText(String name) {
    return find(name, Attribute.Text.class).map(Attribute.Text::value);
  }

  /** {@return integers, if they are given} */
  public Optional<List<Long>> optionalInts(String name) {
    return find(name, Attribute.Ints.class).map(Attribute.Ints::values);
  }

  /** {@return real numbers, if they are given} */
  public Optional<List<Double>> optionalFloats(String name) {
    return find(name, Attribute.Floats.class).map(Attribute.Floats::values);
  }

  /** {@return strings, if they are given} */
  public Optional<List<String>> optionalTexts(String name) {
    return find(name, Attribute.Texts.class).map(Attribute.Texts::values);
  }

  /** {@return a tensor, if it is given} */
  public Optional<Tensor> optionalTensor(String name) {
    return find(name, Attribute.TensorValue.class).map(Attribute.TensorValue::value);
  }

  /** {@return a subgraph, if it is given} */
  public Optional<Graph> optionalGraph(String name) {
    return find(name, Attribute.Region.class).map(Attribute.Region::graph);
  }

  /** {@return a type, if it is given} */
  public Optional<ValueType> optionalType(String name) {
    return find(name, Attribute.Type.class).map(Attribute.Type::value);
  }

  private <A extends Attribute> A require(String name, Class<A> kind) {
    Optional<A> given = find(name, kind);
    if (given.isPresent()) {
      return given.get();
    }
    Optional<Attribute> standard =
        schemas == null || !schemas.containsKey(name)
            ? Optional.empty()
            : schemas.get(name).defaultValue();
    if (standard.isEmpty()) {
      throw Diagnostic.error(ErrorCode.MODEL_INVALID, "%s needs its attribute '%s'", operator, name)
          .toException();
    }
    return kind.cast(standard.get());
  }

  private <A extends Attribute> Optional<A> find(String name, Class<A> kind) {
    read.add(name);
    Attribute value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (kind == Attribute.Ints.class
        && value instanceof Attribute.Floats(var empty)
        && empty.isEmpty()) {
      return Optional.of(kind.cast(new Attribute.Ints(List.of())));
    }
    if (!kind.isInstance(value)) {
      String expected = schemas == null ? kind.getSimpleName() : schemas.get(name).kind();
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID,
              "attribute '%s' of %s has a value of the wrong kind",
              name,
              operator)
          .expected(expected, value.kind())
          .toException();
    }
    return Optional.of(kind.cast(value));
  }

  /**
   * Checks that every attribute was read: one that nobody reads is how meaning is lost in silence.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#UNSUPPORTED_ATTRIBUTE}
   */
  public void checkAllRead() {
    TreeMap<String, Attribute> rest = new TreeMap<>(values);
    rest.keySet().removeAll(read);
    if (!rest.isEmpty()) {
      Diagnostic error =
          Diagnostic.error(
              ErrorCode.UNSUPPORTED_ATTRIBUTE,
              "%s has no attribute %s",
              operator,
              String.join(", ", rest.keySet().stream().map(n -> "'" + n + "'").toList()));
      throw (schemas == null
              ? error
              : error.expected(
                  String.join(", ", schemas.keySet()), String.join(", ", rest.keySet())))
          .toException();
    }
  }

  /** {@return what was set and differs from its default, sorted by name, unmodifiable} */
  public SequencedMap<String, Attribute> explicit() {
    TreeMap<String, Attribute> explicit = new TreeMap<>(values);
    if (schemas != null) {
      explicit
          .entrySet()
          .removeIf(
              e ->
                  schemas.containsKey(e.getKey())
                      && !schemas.get(e.getKey()).required()
                      && schemas.get(e.getKey()).defaultValue().equals(Optional.of(e.getValue())));
    }
    return Collections.unmodifiableSequencedMap(explicit);
  }

  static SequencedMap<String, Attribute> sorted(Map<String, Attribute> attributes) {
    return Collections.unmodifiableSequencedMap(new TreeMap<>(attributes));
  }
}
