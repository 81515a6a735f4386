package dev.isomorph.ir.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and writes single elements of any type in dense memory. This is the one place that knows
 * how each type is stored; loops that must be fast read their one type directly.
 */
public final class Elements {
  private Elements() {}

  /**
   * {@return the element at {@code index} as a double; exact but for 64-bit integers beyond 2^53}
   *
   * @throws IllegalArgumentException for strings and complex numbers
   */
  public static double getDouble(MemorySegment bytes, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> bytes.get(Tensor.LE_FLOAT, index * 4);
      case F64 -> bytes.get(Tensor.LE_DOUBLE, index * 8);
      case F16 -> Float.float16ToFloat(bytes.get(Tensor.LE_SHORT, index * 2));
      case BF16 -> NarrowFloats.bf16ToFloat(bytes.get(Tensor.LE_SHORT, index * 2));
      case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0 ->
          NarrowFloats.decode(dtype, bytes.get(ValueLayout.JAVA_BYTE, index) & 0xFF);
      case F4E2M1 -> NarrowFloats.decode(dtype, (int) bits(bytes, dtype, index));
      case U64 -> unsignedToDouble(bytes.get(Tensor.LE_LONG, index * 8));
      case STRING, C64, C128 -> throw new IllegalArgumentException(dtype + " is not a real number");
      default -> getLong(bytes, dtype, index);
    };
  }

  /**
   * {@return the element at {@code index} of an integer or bool type; u64 beyond 2^63 wraps}
   *
   * @throws IllegalArgumentException for other types
   */
  public static long getLong(MemorySegment bytes, DType dtype, long index) {
    return switch (dtype) {
      case I8 -> bytes.get(ValueLayout.JAVA_BYTE, index);
      case U8 -> bytes.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
      case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index) != 0 ? 1 : 0;
      case I16 -> bytes.get(Tensor.LE_SHORT, index * 2);
      case U16 -> bytes.get(Tensor.LE_SHORT, index * 2) & 0xFFFF;
      case I32 -> bytes.get(Tensor.LE_INT, index * 4);
      case U32 -> bytes.get(Tensor.LE_INT, index * 4) & 0xFFFFFFFFL;
      case I64, U64 -> bytes.get(Tensor.LE_LONG, index * 8);
      case U4, U2 -> bits(bytes, dtype, index);
      case I4, I2 -> {
        int shift = 64 - dtype.bits();
        yield bits(bytes, dtype, index) << shift >> shift;
      }
      default -> throw new IllegalArgumentException(dtype + " is not an integer type");
    };
  }

  /**
   * Writes {@code value} rounded once, to nearest even, to a float type; integer types take the
   * value truncated towards zero, modulo their width; bool takes whether it is not zero.
   */
  public static void setDouble(MemorySegment bytes, DType dtype, long index, double value) {
    switch (dtype) {
      case F32 -> bytes.set(Tensor.LE_FLOAT, index * 4, (float) value);
      case F64 -> bytes.set(Tensor.LE_DOUBLE, index * 8, value);
      case F16 -> bytes.set(Tensor.LE_SHORT, index * 2, NarrowFloats.doubleToF16(value));
      case BF16 -> bytes.set(Tensor.LE_SHORT, index * 2, NarrowFloats.doubleToBf16(value));
      case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0, F4E2M1 ->
          setBits(bytes, dtype, index, NarrowFloats.encode(dtype, value, true));
      case BOOL -> setBits(bytes, dtype, index, value != 0 ? 1 : 0);
      case STRING, C64, C128 -> throw new IllegalArgumentException(dtype + " is not a real number");
      default -> setLong(bytes, dtype, index, (long) value);
    }
  }

  /**
   * Writes {@code value} to an integer or bool type, modulo its width, or rounded to a float type.
   */
  public static void setLong(MemorySegment bytes, DType dtype, long index, long value) {
    switch (dtype) {
      case I8, U8, BOOL, I4, U4, I2, U2 ->
          setBits(bytes, dtype, index, dtype == DType.BOOL ? (value != 0 ? 1 : 0) : value);
      case I16, U16 -> bytes.set(Tensor.LE_SHORT, index * 2, (short) value);
      case I32, U32 -> bytes.set(Tensor.LE_INT, index * 4, (int) value);
      case I64, U64 -> bytes.set(Tensor.LE_LONG, index * 8, value);
      case F32 -> bytes.set(Tensor.LE_FLOAT, index * 4, (float) value);
      case F64 -> bytes.set(Tensor.LE_DOUBLE, index * 8, (double) value);
      default -> setDouble(bytes, dtype, index, sticky(value));
    }
  }

  /** Writes {@code value}, taken as unsigned, like {@link #setLong}. */
  public static void setUnsigned(MemorySegment bytes, DType dtype, long index, long value) {
    if (value >= 0 || !dtype.isFloat()) {
      setLong(bytes, dtype, index, value);
    } else if (dtype == DType.F64) {
      bytes.set(Tensor.LE_DOUBLE, index * 8, unsignedToDouble(value));
    } else {
      setDouble(bytes, dtype, index, 2 * sticky((value >>> 1) | (value & 1)));
    }
  }

  /**
   * {@return a double that rounds to a narrower type as {@code value} itself does}: what 53 bits
   * cannot hold is kept in the lowest of them, so that rounding twice is rounding once.
   */
  private static double sticky(long value) {
    int spare = 53 - (64 - Long.numberOfLeadingZeros(Math.abs(value)));
    if (spare >= 0 || value == Long.MIN_VALUE) {
      return value;
    }
    long lost = (1L << -spare) - 1;
    long magnitude = Math.abs(value);
    long kept = (magnitude & ~lost) | ((magnitude & lost) != 0 ? lost + 1 : 0);
    return value < 0 ? -(double) kept : kept;
  }

  static long bits(MemorySegment bytes, DType dtype, long index) {
    int width = dtype.bits();
    long at = index * width;
    return bytes.get(ValueLayout.JAVA_BYTE, at >> 3) >> (at & 7) & ((1 << width) - 1);
  }

  static void setBits(MemorySegment bytes, DType dtype, long index, long value) {
    int width = dtype.bits();
    long at = index * width;
    if (width == 8) {
      bytes.set(ValueLayout.JAVA_BYTE, index, (byte) value);
      return;
    }
    int shift = (int) (at & 7);
    int mask = ((1 << width) - 1) << shift;
    int old = bytes.get(ValueLayout.JAVA_BYTE, at >> 3);
    bytes.set(ValueLayout.JAVA_BYTE, at >> 3, (byte) (old & ~mask | (int) value << shift & mask));
  }

  /** {@return an unsigned 64-bit integer as the nearest double} */
  public static double unsignedToDouble(long value) {
    if (value >= 0) {
      return value;
    }
    // The lowest bit is kept as a sticky bit, so that halving does not round twice.
    return ((value >>> 1) | (value & 1)) * 2.0;
  }
}
