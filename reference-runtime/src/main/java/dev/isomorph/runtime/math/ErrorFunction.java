package dev.isomorph.runtime.math;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The error function. Near zero it is a power series in x²; elsewhere {@code erfc(x) =
 * e^(−x²)·erfcx(x)}, where the smooth factor {@code erfcx} is a Taylor polynomial around the
 * nearest of a row of centres, and beyond the last centre its asymptotic series. The polynomials'
 * coefficients are computed once, in decimal arithmetic of 80 digits.
 */
final class ErrorFunction {
  private static final double SERIES_END = 1.125;
  private static final double FIRST = 0.5;
  private static final double STEP = 0.25;
  private static final int CENTRES = 31;
  private static final double LAST = FIRST + STEP * (CENTRES - 1);
  private static final int DEGREE = 16;
  private static final int SERIES_TERMS = 26;
  private static final int ASYMPTOTIC_TERMS = 18;
  private static final double SQRT_PI = Math.sqrt(Math.PI);

  private static final MathContext DIGITS = new MathContext(80, RoundingMode.HALF_EVEN);

  /** Taylor coefficients of erfcx around each centre. */
  private static final double[][] AROUND = new double[CENTRES][DEGREE + 1];

  /** Coefficients of erf(x)/x − 1 in powers of x². */
  private static final double[] SERIES = new double[SERIES_TERMS];

  static {
    BigDecimal twoOverSqrtPi =
        BigDecimal.TWO.divide(
            new BigDecimal(
                    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803")
                .sqrt(DIGITS),
            DIGITS);
    BigDecimal factor = twoOverSqrtPi;
    SERIES[0] = twoOverSqrtPi.subtract(BigDecimal.ONE).doubleValue();
    for (int n = 1; n < SERIES_TERMS; n++) {
      factor = factor.negate().divide(BigDecimal.valueOf(n), DIGITS);
      SERIES[n] = factor.divide(BigDecimal.valueOf(2L * n + 1), DIGITS).doubleValue();
    }
    for (int i = 0; i < CENTRES; i++) {
      BigDecimal c = BigDecimal.valueOf(FIRST + STEP * i);
      BigDecimal[] y = new BigDecimal[DEGREE + 1];
      y[0] = erfcx(c, twoOverSqrtPi);
      // erfcx' = 2x·erfcx − 2/√π, differentiated n times.
      y[1] = BigDecimal.TWO.multiply(c).multiply(y[0]).subtract(twoOverSqrtPi);
      for (int n = 1; n < DEGREE; n++) {
        y[n + 1] =
            BigDecimal.TWO
                .multiply(c.multiply(y[n], DIGITS).add(y[n - 1]))
                .divide(BigDecimal.valueOf(n + 1), DIGITS);
      }
      for (int n = 0; n <= DEGREE; n++) {
        AROUND[i][n] = y[n].doubleValue();
      }
    }
  }

  private ErrorFunction() {}

  private static BigDecimal erfcx(BigDecimal c, BigDecimal twoOverSqrtPi) {
    BigDecimal square = c.multiply(c);
    // erf(c)·e^(c²) = 2/√π·Σ 2ⁿc^(2n+1)/(2n+1)!!, all terms positive.
    BigDecimal term = c;
    BigDecimal sum = c;
    BigDecimal power = BigDecimal.ONE;
    BigDecimal exponential = BigDecimal.ONE;
    for (int n = 1; n < 600; n++) {
      term =
          term.multiply(BigDecimal.TWO)
              .multiply(square, DIGITS)
              .divide(BigDecimal.valueOf(2L * n + 1), DIGITS);
      sum = sum.add(term, DIGITS);
      power = power.multiply(square, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
      exponential = exponential.add(power, DIGITS);
      if (term.compareTo(BigDecimal.valueOf(1, 60)) < 0) {
        break;
      }
    }
    return exponential.subtract(sum.multiply(twoOverSqrtPi, DIGITS), DIGITS);
  }

  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (a < SERIES_END) {
      double z = x * x;
      double sum = 0;
      for (int n = SERIES_TERMS - 1; n >= 0; n--) {
        sum = sum * z + SERIES[n];
      }
      return x + x * sum;
    }
    return Math.copySign(a > 6 ? 1 : 1 - upper(a), x);
  }

  static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < -SERIES_END) {
      return x < -6 ? 2 : 2 - upper(-x);
    }
    // Past ¼ the difference from ½ keeps the low bits.
    return x >= FIRST ? upper(x) : x < 0.25 ? 1 - erf(x) : 0.5 + (0.5 - erf(x));
  }

  /** erfc from the first centre on. */
  private static double upper(double x) {
    if (x > 27.5) {
      return 0;
    }
    double smooth;
    if (x <= LAST + STEP / 2) {
      int i = (int) Math.rint((x - FIRST) / STEP);
      double h = x - (FIRST + STEP * i);
      double[] c = AROUND[i];
      smooth = c[DEGREE];
      for (int n = DEGREE - 1; n >= 0; n--) {
        smooth = smooth * h + c[n];
      }
    } else {
      double w = 0.5 / (x * x);
      double term = 1;
      double sum = 0;
      for (int n = 1; n <= ASYMPTOTIC_TERMS; n++) {
        term *= -(2 * n - 1) * w;
        sum += term;
      }
      smooth = (1 + sum) / (x * SQRT_PI);
    }
    // x² is taken apart exactly: the high half's square has no rounding error.
    double high = Double.longBitsToDouble(Double.doubleToRawLongBits(x) & 0xFFFFFFFFF8000000L);
    double low = (x - high) * (x + high);
    return Math.exp(-high * high) * (smooth + smooth * Math.expm1(-low));
  }
}
