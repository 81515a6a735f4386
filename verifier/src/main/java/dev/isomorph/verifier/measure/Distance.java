package dev.isomorph.verifier.measure;

import dev.isomorph.ir.tensor.DType;

/**
 * How far numbers are from the truth, element by element.
 *
 * @param elements how many were compared
 * @param maxAbs largest absolute difference, over elements that are finite on both sides
 * @param maxUlp largest difference in units of the truth's last place in the model's precision
 * @param rms root of the mean squared difference, over the same elements
 * @param worst index of the largest difference in ulps; -1 if nothing was compared
 * @param specials elements that are NaN or infinite on one side and something else on the other
 * @param firstSpecial index of the first such element, or -1
 */
public record Distance(
    long elements,
    double maxAbs,
    double maxUlp,
    double rms,
    int worst,
    long specials,
    int firstSpecial) {

  /**
   * {@return the distance of {@code actual} from {@code truth}}
   *
   * @param precision the type whose ulps are counted
   * @throws IllegalArgumentException if the lengths differ
   */
  public static Distance between(double[] actual, double[] truth, DType precision) {
    if (actual.length != truth.length) {
      throw new IllegalArgumentException(actual.length + " elements against " + truth.length);
    }
    double maxAbs = 0;
    double maxUlp = 0;
    double squares = 0;
    int worst = -1;
    long specials = 0;
    int firstSpecial = -1;
    for (int i = 0; i < truth.length; i++) {
      if (differsInKind(actual[i], truth[i], precision)) {
        specials++;
        firstSpecial = firstSpecial < 0 ? i : firstSpecial;
      } else if (Double.isFinite(truth[i]) && Double.isFinite(actual[i])) {
        double difference = Math.abs(actual[i] - truth[i]);
        double ulps = difference / Ulps.ulp(truth[i], precision);
        squares += difference * difference;
        maxAbs = Math.max(maxAbs, difference);
        if (worst < 0 || ulps > maxUlp) {
          maxUlp = ulps;
          worst = i;
        }
      }
    }
    double rms = truth.length == 0 ? 0 : Math.sqrt(squares / truth.length);
    return new Distance(truth.length, maxAbs, maxUlp, rms, worst, specials, firstSpecial);
  }

  /** A number that the model's precision cannot hold may stand as an infinity there. */
  private static boolean differsInKind(double actual, double truth, DType precision) {
    if (Double.isNaN(actual) || Double.isNaN(truth)) {
      return Double.isNaN(actual) != Double.isNaN(truth);
    }
    if (Double.isInfinite(actual) || Double.isInfinite(truth)) {
      return actual != truth && !overflows(truth, actual, precision);
    }
    return false;
  }

  private static boolean overflows(double truth, double actual, DType precision) {
    return Double.isInfinite(actual)
        && Math.signum(actual) == Math.signum(truth)
        && Math.abs(truth) > largest(precision);
  }

  private static double largest(DType precision) {
    return switch (precision) {
      case F16 -> 65504;
      case F32, BF16 -> Float.MAX_VALUE;
      default -> Double.MAX_VALUE;
    };
  }

  /**
   * {@return the smallest {@code t} with {@code |actual - truth| <= t + t * |truth|} everywhere}:
   * the tolerance that would pass as both {@code --rtol} and {@code --atol}; infinite if NaN or
   * infinities do not match
   */
  public static double smallestTolerance(double[] actual, double[] truth) {
    double smallest = 0;
    for (int i = 0; i < truth.length; i++) {
      boolean same = actual[i] == truth[i] || (Double.isNaN(actual[i]) && Double.isNaN(truth[i]));
      if (!same) {
        double t = Math.abs(actual[i] - truth[i]) / (1 + Math.abs(truth[i]));
        smallest = Math.max(smallest, Double.isNaN(t) ? Double.POSITIVE_INFINITY : t);
      }
    }
    return smallest;
  }
}
