package dev.isomorph.formats;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tensors whose stored bytes need a change that keeps the number of elements. */
public final class LazyBytes {
  private static final byte SIGN = (byte) 0x80;

  private LazyBytes() {}

  /**
   * {@return the tensor with the bytes of every element reversed: the little-endian form of
   * big-endian data; complex numbers are swapped per component}
   */
  public static Tensor swapped(Tensor stored) {
    int width = componentWidth(stored.dtype());
    return width == 1
        ? stored
        : Tensor.lazy(stored.dtype(), stored.dims(), new Swapped(stored, width));
  }

  /**
   * {@return the tensor with the sign of some components changed: of all (negation) or of imaginary
   * parts only (conjugation)}. Every float is −0-exact, NaN included: only sign bits change.
   *
   * @throws IllegalArgumentException for types that are not IEEE floats or complex
   */
  public static Tensor signsFlipped(Tensor source, boolean real, boolean imaginary) {
    DType dtype = source.dtype();
    boolean known =
        switch (dtype) {
          case F16, BF16, F32, F64 -> true;
          default -> dtype.kind() == DType.Kind.COMPLEX;
        };
    if (!known) {
      throw new IllegalArgumentException(dtype + " has no sign bit to flip");
    }
    return real || imaginary
        ? Tensor.lazy(
            dtype, source.dims(), new Flipped(source, componentWidth(dtype), real, imaginary))
        : source;
  }

  private static int componentWidth(DType dtype) {
    return dtype.kind() == DType.Kind.COMPLEX ? dtype.bits() / 16 : Math.max(dtype.bits() / 8, 1);
  }

  private record Swapped(Tensor source, int width) implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment target) {
      source.write(from, count, target);
      long end = source.dtype().byteSize(count);
      for (long at = 0; at < end; at += width) {
        switch (width) {
          case 2 ->
              target.set(Tensor.LE_SHORT, at, Short.reverseBytes(target.get(Tensor.LE_SHORT, at)));
          case 4 ->
              target.set(Tensor.LE_INT, at, Integer.reverseBytes(target.get(Tensor.LE_INT, at)));
          case 8 ->
              target.set(Tensor.LE_LONG, at, Long.reverseBytes(target.get(Tensor.LE_LONG, at)));
          default -> throw new IllegalStateException("no element is " + width + " bytes wide");
        }
      }
    }

    @Override
    public String description() {
      return "byte-swapped";
    }
  }

  private record Flipped(Tensor source, int width, boolean real, boolean imaginary)
      implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment target) {
      source.write(from, count, target);
      boolean complex = source.dtype().kind() == DType.Kind.COMPLEX;
      long components = source.dtype().byteSize(count) / width;
      for (long i = 0; i < components; i++) {
        if (complex && (i & 1) == 1 ? imaginary : real) {
          long top = i * width + width - 1;
          target.set(
              ValueLayout.JAVA_BYTE, top, (byte) (target.get(ValueLayout.JAVA_BYTE, top) ^ SIGN));
        }
      }
    }

    @Override
    public String description() {
      return real ? "negated" : "conjugated";
    }
  }
}
