package dev.isomorph.verifier.measure;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Takes values apart into tensors, and tensors into numbers. */
public final class Leaves {
  private Leaves() {}

  /** {@return the tensors in a value by their path below {@code name}} */
  public static SequencedMap<String, Tensor> of(String name, Datum datum) {
    SequencedMap<String, Tensor> leaves = new LinkedHashMap<>();
    collect(name, datum, leaves);
    return leaves;
  }

  private static void collect(String path, Datum datum, SequencedMap<String, Tensor> into) {
    switch (datum) {
      case Tensor tensor -> into.put(path, tensor);
      case SequenceValue sequence -> {
        into.put(path + ".length", Tensor.scalar(DType.I64, (long) sequence.elements().size()));
        for (int i = 0; i < sequence.elements().size(); i++) {
          collect(path + "[" + i + "]", sequence.elements().get(i), into);
        }
      }
      case OptionalValue optional -> {
        into.put(
            path + ".present", Tensor.scalar(DType.BOOL, optional.element().isPresent() ? 1L : 0L));
        optional.element().ifPresent(inner -> collect(path, inner, into));
      }
      case MapValue map -> {
        into.put(path + ".size", Tensor.scalar(DType.I64, (long) map.entries().size()));
        map.entries().forEach((key, value) -> collect(path + "{" + key + "}", value, into));
      }
    }
  }

  /** {@return real numbers of a float or complex tensor; complex parts alternate} */
  public static double[] reals(Tensor tensor) {
    return switch (tensor.dtype()) {
      case C64 ->
          Tensor.of(DType.F32, new long[] {tensor.size() * 2}, tensor.segment()).toDoubles();
      case C128 ->
          Tensor.of(DType.F64, new long[] {tensor.size() * 2}, tensor.segment()).toDoubles();
      default -> tensor.toDoubles();
    };
  }

  /** {@return whether the tensor's elements are judged as real numbers, not as discrete values} */
  public static boolean isReal(Tensor tensor) {
    return tensor.dtype().isFloat() || tensor.dtype().kind() == DType.Kind.COMPLEX;
  }
}
