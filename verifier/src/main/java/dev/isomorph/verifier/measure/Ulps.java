package dev.isomorph.verifier.measure;

import dev.isomorph.ir.tensor.DType;

/** Units in the last place of the floating-point types. */
public final class Ulps {
  private Ulps() {}

  /**
   * {@return the distance from {@code |value|} to the next larger number of a type, as a real
   * number}
   *
   * @param dtype a float type
   */
  public static double ulp(double value, DType dtype) {
    int exponent = Math.max(Math.getExponent(value), minExponent(dtype));
    return Math.scalb(1.0, exponent - mantissaBits(dtype));
  }

  /** {@return the unit roundoff: the largest relative error of one rounding to nearest} */
  public static double unitRoundoff(DType dtype) {
    return Math.scalb(1.0, -mantissaBits(dtype) - 1);
  }

  private static int mantissaBits(DType dtype) {
    return switch (dtype) {
      case F64, C128 -> 52;
      case F16 -> 10;
      case BF16 -> 7;
      case F8E4M3FN, F8E4M3FNUZ -> 3;
      case F8E5M2, F8E5M2FNUZ -> 2;
      case F4E2M1 -> 1;
      case F8E8M0 -> 0;
      default -> 23;
    };
  }

  private static int minExponent(DType dtype) {
    return switch (dtype) {
      case F64, C128 -> -1022;
      case F16, F8E5M2 -> -14;
      case F8E4M3FN -> -6;
      case F8E4M3FNUZ -> -7;
      case F8E5M2FNUZ -> -15;
      case F4E2M1 -> 0;
      case F8E8M0 -> -127;
      default -> -126;
    };
  }
}
