package dev.isomorph.ir;

import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/** An attribute's value, in generic form. Immutable. */
public sealed interface Attribute {
  /** An integer, or a flag as 0 or 1. */
  record Int(long value) implements Attribute {}

  /**
   * A real number. ONNX stores 32 bits, other dialects 64: the value is kept as its own dialect had
   * it.
   */
  record Float(double value) implements Attribute {}

  /** A string. */
  record Text(String value) implements Attribute {}

  /** A tensor; equal to another one of the same type and bits. */
  record TensorValue(Tensor value) implements Attribute {
    @Override
    public boolean equals(Object other) {
      return other instanceof TensorValue(Tensor tensor) && value.contentEquals(tensor);
    }

    @Override
    public int hashCode() {
      return value.typeText().hashCode();
    }
  }

  /** A subgraph. What it captures stands at the node. */
  record Region(Graph graph) implements Attribute {}

  /** A type. */
  record Type(ValueType value) implements Attribute {}

  /** Integers. */
  record Ints(List<Long> values) implements Attribute {
    public Ints {
      values = List.copyOf(values);
    }
  }

  /** Real numbers. */
  record Floats(List<Double> values) implements Attribute {
    public Floats {
      values = List.copyOf(values);
    }
  }

  /** Strings. */
  record Texts(List<String> values) implements Attribute {
    public Texts {
      values = List.copyOf(values);
    }
  }

  /** {@return what kind of attribute it is, as the operator table says it} */
  default String kind() {
    return switch (this) {
      case Int _ -> "int";
      case Float _ -> "float";
      case Text _ -> "string";
      case TensorValue _ -> "tensor";
      case Region _ -> "graph";
      case Type _ -> "type_proto";
      case Ints _ -> "ints";
      case Floats _ -> "floats";
      case Texts _ -> "strings";
    };
  }
}
