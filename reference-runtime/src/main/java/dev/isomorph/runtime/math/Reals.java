package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Dense f32 or f64 elements in native memory, read and written as doubles; writing f32 rounds once.
 *
 * @param bytes the elements
 * @param f32 whether they are f32, else f64
 */
public record Reals(MemorySegment bytes, boolean f32) {
  /** {@return new elements, all zero} */
  public static Reals allocate(long count, boolean f32) {
    return new Reals(Tensor.allocate(Math.multiplyExact(count, f32 ? 4 : 8)), f32);
  }

  /** {@return the elements of a dense tensor of type f32 or f64} */
  public static Reals of(Tensor tensor) {
    if (tensor.dtype() != DType.F32 && tensor.dtype() != DType.F64) {
      throw new IllegalArgumentException(tensor.dtype() + " is neither f32 nor f64");
    }
    return new Reals(tensor.segment(), tensor.dtype() == DType.F32);
  }

  /** {@return the type of the elements} */
  public DType type() {
    return f32 ? DType.F32 : DType.F64;
  }

  /** {@return one element} */
  public double get(long i) {
    return f32 ? bytes.get(Tensor.LE_FLOAT, i * 4) : bytes.get(Tensor.LE_DOUBLE, i * 8);
  }

  /** Writes one element. */
  public void set(long i, double value) {
    if (f32) {
      bytes.set(Tensor.LE_FLOAT, i * 4, (float) value);
    } else {
      bytes.set(Tensor.LE_DOUBLE, i * 8, value);
    }
  }

  /** Writes {@code count} equal elements. */
  public void fill(long from, long count, double value) {
    for (long i = 0; i < count; i++) {
      set(from + i, value);
    }
  }

  /** {@return {@code value} rounded to the type of the elements} */
  public double round(double value) {
    return f32 ? (float) value : value;
  }
}
