package dev.isomorph.runtime.math;

/**
 * Functions of one or two doubles that {@link Math} lacks or computes with more than about one unit
 * in the last place of error, and those whose special cases differ from {@link Math}'s. Stateless
 * and safe for many threads.
 */
public final class SpecialFunctions {
  private SpecialFunctions() {}

  /**
   * {@return {@code a − floor(a / b)·b}: exact, with the sign of {@code b}; ±0 gives a zero of the
   * sign of {@code b}; an infinite {@code b} of the other sign gives {@code b}}
   */
  public static double floorMod(double a, double b) {
    double r = a % b;
    if (r == 0) {
      return Math.copySign(0.0, b);
    }
    return (r < 0) != (b < 0) ? r + b : r;
  }

  /**
   * {@return the power by C's and NumPy's rules: {@code pow(1, NaN)} and {@code pow(−1, ±∞)} are 1}
   */
  public static double pow(double a, double b) {
    if (a == 1 || (a == -1 && Double.isInfinite(b))) {
      return 1;
    }
    return Math.pow(a, b);
  }

  /** {@return the inverse hyperbolic sine} */
  public static double asinh(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || Double.isInfinite(x) || a < 1e-8) {
      return x;
    }
    double y;
    if (a > 1e8) {
      y = Math.log(a) + LN2;
    } else if (a > 2) {
      y = Math.log(2 * a + 1 / (Math.sqrt(a * a + 1) + a));
    } else {
      double t = a * a;
      y = Math.log1p(a + t / (1 + Math.sqrt(1 + t)));
    }
    return Math.copySign(y, x);
  }

  /** {@return the inverse hyperbolic cosine; NaN below 1} */
  public static double acosh(double x) {
    if (!(x >= 1)) {
      return Double.NaN;
    }
    if (x > 1e8) {
      return Math.log(x) + LN2;
    }
    if (x > 2) {
      return Math.log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
    }
    double t = x - 1;
    return Math.log1p(t + Math.sqrt(2 * t + t * t));
  }

  /** {@return the inverse hyperbolic tangent; ±∞ at ±1, NaN beyond} */
  public static double atanh(double x) {
    double a = Math.abs(x);
    if (a > 1) {
      return Double.NaN;
    }
    if (a < 1e-8 || Double.isNaN(x)) {
      return x;
    }
    double y =
        a < 0.5 ? 0.5 * Math.log1p(2 * a + 2 * a * a / (1 - a)) : 0.5 * Math.log1p(2 * a / (1 - a));
    return Math.copySign(y, x);
  }

  private static final double LN2 = Math.log(2);

  /** {@return the error function {@code 2/√π·∫₀ˣ e^(−t²) dt}} */
  public static double erf(double x) {
    return ErrorFunction.erf(x);
  }

  /** {@return {@code 1 − erf(x)}, accurate to a few units in the last place for all x} */
  public static double erfc(double x) {
    return ErrorFunction.erfc(x);
  }
}
