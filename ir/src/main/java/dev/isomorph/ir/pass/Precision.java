package dev.isomorph.ir.pass;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;

/** Compares how much two types say. */
final class Precision {
  private Precision() {}

  /**
   * Whether {@code type} contradicts nothing that {@code known} says and leaves nothing of it out.
   */
  static boolean says(ValueType type, ValueType known) {
    return switch (known) {
      case ValueType.Unknown _ -> true;
      case ValueType.TensorType k ->
          type instanceof ValueType.TensorType t
              && t.dtype() == k.dtype()
              && says(t.shape(), k.shape());
      case ValueType.SequenceType k ->
          type instanceof ValueType.SequenceType t && says(t.element(), k.element());
      case ValueType.OptionalType k ->
          type instanceof ValueType.OptionalType t && says(t.element(), k.element());
      case ValueType.MapType k -> type.equals(k);
    };
  }

  private static boolean says(Shape shape, Shape known) {
    if (!known.isRanked()) {
      return true;
    }
    if (!shape.hasRank(known.rank())) {
      return false;
    }
    for (int i = 0; i < known.rank(); i++) {
      Dim dim = known.dim(i);
      Dim difference = shape.dim(i).minus(dim);
      boolean fits = dim.isKnown() ? difference.is(0) : !difference.isKnown() || difference.is(0);
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
