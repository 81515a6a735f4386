package dev.isomorph.verifier.measure;

import dev.isomorph.ir.tensor.DType;
import java.util.List;

/**
 * How much each element of a result moves under legal rounding: runs with other summation orders
 * and with every rounding moved by one unit in the last place, against the truth. This is the scale
 * that other results are judged by; no tolerance is guessed.
 */
public final class Spread {
  private final double[] truth;
  private final double[] largest;
  private final DType precision;
  private final int rowLength;

  private Spread(double[] truth, double[] largest, DType precision, int rowLength) {
    this.truth = truth;
    this.largest = largest;
    this.precision = precision;
    this.rowLength = rowLength;
  }

  /**
   * {@return the spread of a result}
   *
   * @param truth the result in f64
   * @param runs the same result in {@code precision}, once per run; a run in which an element is
   *     not finite does not count for that element
   * @param rowLength length of the last axis, at least 1: elements of a row share one scale
   */
  public static Spread of(double[] truth, List<double[]> runs, DType precision, int rowLength) {
    double[] largest = new double[truth.length];
    for (double[] run : runs) {
      for (int i = 0; i < truth.length; i++) {
        double difference = Math.abs(run[i] - truth[i]);
        if (difference > largest[i] && difference < Double.POSITIVE_INFINITY) {
          largest[i] = difference;
        }
      }
    }
    return new Spread(truth, largest, precision, Math.max(1, rowLength));
  }

  /** {@return the largest move of an element} */
  public double of(int index) {
    return largest[index];
  }

  /** {@return the root mean square of all moves} */
  public double rms() {
    return rms(largest, 0, largest.length);
  }

  /** {@return the root mean square of the truth's finite elements about their mean: the signal} */
  public double signal() {
    double sum = 0;
    int count = 0;
    for (double value : truth) {
      if (Double.isFinite(value)) {
        sum += value;
        count++;
      }
    }
    double mean = count == 0 ? 0 : sum / count;
    double squares = 0;
    for (double value : truth) {
      if (Double.isFinite(value)) {
        squares += (value - mean) * (value - mean);
      }
    }
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }

  /**
   * {@return how far each element of another result may be from the truth}: {@code factor} times
   * what it moves (or what its row moves, where that is more), and never less than a few roundings
   * of its value and of its row.
   */
  public double[] bound(double factor) {
    double[] bound = new double[truth.length];
    double u = Ulps.unitRoundoff(precision);
    for (int row = 0; row < truth.length; row += rowLength) {
      int end = Math.min(truth.length, row + rowLength);
      double moved = rms(largest, row, end);
      double size = rms(truth, row, end);
      for (int i = row; i < end; i++) {
        double value = Double.isFinite(truth[i]) ? Math.abs(truth[i]) : 0;
        double floor = Math.max(4 * u * (value + size), Ulps.ulp(0, precision));
        bound[i] = Math.max(factor * Math.max(largest[i], moved), floor);
      }
    }
    return bound;
  }

  private static double rms(double[] values, int from, int to) {
    double squares = 0;
    int count = 0;
    for (int i = from; i < to; i++) {
      if (Double.isFinite(values[i])) {
        squares += values[i] * values[i];
        count++;
      }
    }
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }
}
