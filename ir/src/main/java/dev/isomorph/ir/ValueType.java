package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;

/** What is known of a value before it is computed. Immutable. */
public sealed interface ValueType {
  /** Nothing is known. */
  ValueType UNKNOWN = new Unknown();

  /** A tensor. */
  record TensorType(DType dtype, Shape shape) implements ValueType {
    public TensorType {
      requireNonNull(dtype, "dtype is null");
      requireNonNull(shape, "shape is null");
    }

    @Override
    public String toString() {
      return dtype.shortName() + shape;
    }
  }

  /** A sequence of values of one type. */
  record SequenceType(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "seq(" + element + ")";
    }
  }

  /** A value that may be absent. */
  record OptionalType(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "optional(" + element + ")";
    }
  }

  /** A map from integers or strings. */
  record MapType(DType key, ValueType value) implements ValueType {
    @Override
    public String toString() {
      return "map(" + key + "," + value + ")";
    }
  }

  /** Nothing is known. */
  record Unknown() implements ValueType {
    @Override
    public String toString() {
      return "?";
    }
  }

  /** {@return a tensor type} */
  static TensorType tensor(DType dtype, Shape shape) {
    return new TensorType(dtype, shape);
  }

  /** {@return a tensor type of known dims} */
  static TensorType tensor(DType dtype, long... dims) {
    return new TensorType(dtype, Shape.of(dims));
  }

  /** {@return the type of a tensor that exists} */
  static TensorType of(Tensor tensor) {
    return tensor(tensor.dtype(), tensor.dims());
  }

  /** {@return whether this is a tensor} */
  default boolean isTensor() {
    return this instanceof TensorType;
  }

  /**
   * {@return this as a tensor type}
   *
   * @throws IllegalStateException if it is none
   */
  default TensorType asTensor() {
    if (this instanceof TensorType tensor) {
      return tensor;
    }
    throw new IllegalStateException(this + " is no tensor type");
  }

  /** {@return the shape of a tensor, else the unknown shape} */
  default Shape shape() {
    return this instanceof TensorType tensor ? tensor.shape : Shape.UNKNOWN;
  }

  /** {@return whether one value could have both types} */
  default boolean isCompatible(ValueType other) {
    if (this instanceof Unknown || other instanceof Unknown) {
      return true;
    }
    return switch (this) {
      case TensorType t ->
          other instanceof TensorType o && t.dtype == o.dtype && t.shape.isCompatible(o.shape);
      case SequenceType s -> other instanceof SequenceType o && s.element.isCompatible(o.element);
      case OptionalType s -> other instanceof OptionalType o && s.element.isCompatible(o.element);
      case MapType m ->
          other instanceof MapType o && m.key == o.key && m.value.isCompatible(o.value);
      case Unknown _ -> true;
    };
  }

  /**
   * {@return the type of the text form, such as {@code f32[N,3]} or {@code seq(f32[*])}}
   *
   * @throws IllegalArgumentException if the text is none
   */
  static ValueType parse(String text) {
    return TypeParser.parse(text);
  }
}
