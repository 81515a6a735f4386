package dev.isomorph.ir.tensor;

import java.util.EnumMap;
import java.util.Map;

/**
 * Conversion between doubles and the narrow floating-point types: one rounding, to nearest, ties to
 * even. The formats are those of ONNX's "Float stored in 8 bits" and "Float stored in 4 bits"
 * pages.
 */
public final class NarrowFloats {
  /** What a type does with values beyond its largest, and whether it has infinities and −0. */
  private record Layout(int exponentBits, int mantissaBits, int bias, Specials specials) {}

  private enum Specials {
    /** IEEE: an all-ones exponent is infinity or NaN. */
    IEEE,
    /** No infinity; NaN is all ones below the sign. */
    FN,
    /** No infinity, no −0; NaN is the sign bit alone. */
    FNUZ,
    /** No infinity, no NaN. */
    FINITE
  }

  private static final Map<DType, Layout> LAYOUTS = new EnumMap<>(DType.class);

  static {
    LAYOUTS.put(DType.F16, new Layout(5, 10, 15, Specials.IEEE));
    LAYOUTS.put(DType.BF16, new Layout(8, 7, 127, Specials.IEEE));
    LAYOUTS.put(DType.F8E4M3FN, new Layout(4, 3, 7, Specials.FN));
    LAYOUTS.put(DType.F8E4M3FNUZ, new Layout(4, 3, 8, Specials.FNUZ));
    LAYOUTS.put(DType.F8E5M2, new Layout(5, 2, 15, Specials.IEEE));
    LAYOUTS.put(DType.F8E5M2FNUZ, new Layout(5, 2, 16, Specials.FNUZ));
    LAYOUTS.put(DType.F4E2M1, new Layout(2, 1, 1, Specials.FINITE));
  }

  private NarrowFloats() {}

  /** {@return a bfloat16, exactly} */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** {@return the nearest bfloat16; overflow goes to infinity} */
  public static short doubleToBf16(double value) {
    return (short) encode(DType.BF16, value, false);
  }

  /** {@return the nearest float16, rounded once from the double; overflow goes to infinity} */
  public static short doubleToF16(double value) {
    return (short) encode(DType.F16, value, false);
  }

  /**
   * {@return the value of a bit pattern}
   *
   * @param dtype a float type of at most 16 bits
   * @param bits the pattern, in the low bits
   */
  public static double decode(DType dtype, int bits) {
    if (dtype == DType.F8E8M0) {
      return bits == 0xFF ? Double.NaN : Math.scalb(1.0, bits - 127);
    }
    Layout f = layout(dtype);
    int mantissa = bits & ((1 << f.mantissaBits) - 1);
    int exponent = bits >> f.mantissaBits & ((1 << f.exponentBits) - 1);
    boolean negative = (bits >> (f.mantissaBits + f.exponentBits) & 1) != 0;
    int top = (1 << f.exponentBits) - 1;
    switch (f.specials) {
      case IEEE -> {
        if (exponent == top) {
          return mantissa != 0
              ? Double.NaN
              : negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
      }
      case FN -> {
        if (exponent == top && mantissa == (1 << f.mantissaBits) - 1) {
          return Double.NaN;
        }
      }
      case FNUZ -> {
        if (negative && exponent == 0 && mantissa == 0) {
          return Double.NaN;
        }
      }
      case FINITE -> {}
    }
    double magnitude =
        exponent == 0
            ? Math.scalb((double) mantissa, 1 - f.bias - f.mantissaBits)
            : Math.scalb(
                (double) (mantissa | 1 << f.mantissaBits), exponent - f.bias - f.mantissaBits);
    return negative ? -magnitude : magnitude;
  }

  /**
   * {@return the bit pattern nearest to a value}
   *
   * @param dtype a float type of at most 16 bits
   * @param saturate whether values beyond the largest finite one, infinities included, become the
   *     largest; otherwise infinity, or NaN where the type has no infinity (ONNX Cast's {@code
   *     saturate}). Types with neither always saturate.
   */
  public static int encode(DType dtype, double value, boolean saturate) {
    if (dtype == DType.F8E8M0) {
      return encodeExponent(value, saturate);
    }
    Layout f = layout(dtype);
    int signBit = 1 << (f.mantissaBits + f.exponentBits);
    int sign = (Double.doubleToRawLongBits(value) < 0) ? signBit : 0;
    int top = (1 << f.exponentBits) - 1;
    int nan =
        switch (f.specials) {
          case IEEE -> top << f.mantissaBits | 1 << (f.mantissaBits - 1) | sign;
          case FN -> signBit - 1 | sign;
          case FNUZ -> signBit;
          case FINITE -> sign;
        };
    int largest =
        switch (f.specials) {
          case IEEE -> (top << f.mantissaBits) - 1;
          case FN -> signBit - 2;
          case FNUZ, FINITE -> signBit - 1;
        };
    if (Double.isNaN(value)) {
      return nan;
    }
    int beyond =
        saturate || f.specials == Specials.FINITE
            ? largest | sign
            : f.specials == Specials.IEEE ? top << f.mantissaBits | sign : nan;
    double magnitude = Math.abs(value);
    if (Double.isInfinite(magnitude)) {
      return beyond;
    }
    int minExponent = 1 - f.bias;
    int exponent =
        magnitude == 0 ? minExponent : Math.max(Math.getExponent(magnitude), minExponent);
    // scalb by a power of two is exact here, and rint rounds half to even: one rounding in all.
    double scaled = Math.rint(Math.scalb(magnitude, f.mantissaBits - exponent));
    long units = (long) scaled;
    if (units == 2L << f.mantissaBits) {
      units >>= 1;
      exponent++;
    }
    long pattern =
        units < 1L << f.mantissaBits
            ? units
            : ((long) (exponent + f.bias) << f.mantissaBits) + (units - (1L << f.mantissaBits));
    if (pattern > largest) {
      return beyond;
    }
    if (pattern == 0 && f.specials == Specials.FNUZ) {
      return 0;
    }
    return (int) pattern | sign;
  }

  private static int encodeExponent(double value, boolean saturate) {
    if (Double.isNaN(value) || value < 0) {
      return 0xFF;
    }
    if (value == 0) {
      return 0;
    }
    if (Double.isInfinite(value)) {
      return saturate ? 0xFE : 0xFF;
    }
    int exponent = Math.getExponent(value);
    double fraction = Math.scalb(value, -exponent);
    if (fraction > 1.5 || (fraction == 1.5 && (exponent & 1) != 0)) {
      exponent++;
    }
    int biased = exponent + 127;
    return biased < 0 ? 0 : biased > 0xFE ? (saturate ? 0xFE : 0xFF) : biased;
  }

  private static Layout layout(DType dtype) {
    Layout layout = LAYOUTS.get(dtype);
    if (layout == null) {
      throw new IllegalArgumentException(dtype + " is not a narrow float type");
    }
    return layout;
  }
}
