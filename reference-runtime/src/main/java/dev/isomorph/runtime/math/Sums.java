package dev.isomorph.runtime.math;

/** Sums of numbers in a chosen order and precision. Stateless. */
public final class Sums {
  private static final int LANES = 8;
  private static final int LEAF = 8;

  private Sums() {}

  /**
   * {@return the sum of the first {@code n} values}
   *
   * @param f32 whether each partial sum is rounded to f32
   */
  public static double sum(double[] values, int n, SummationOrder order, boolean f32) {
    return f32 ? floats(values, n, order) : doubles(values, n, order);
  }

  private static double doubles(double[] values, int n, SummationOrder order) {
    double sum = 0;
    switch (order) {
      case SEQUENTIAL -> {
        for (int i = 0; i < n; i++) {
          sum += values[i];
        }
      }
      case REVERSED -> {
        for (int i = n - 1; i >= 0; i--) {
          sum += values[i];
        }
      }
      case BLOCKED -> {
        double[] lanes = new double[LANES];
        for (int i = 0; i < n; i++) {
          lanes[i % LANES] += values[i];
        }
        for (double lane : lanes) {
          sum += lane;
        }
      }
      case PAIRWISE -> sum = pairwise(values, 0, n);
    }
    return sum;
  }

  private static double pairwise(double[] values, int from, int to) {
    if (to - from > LEAF) {
      int middle = (from + to) >>> 1;
      return pairwise(values, from, middle) + pairwise(values, middle, to);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum;
  }

  private static float floats(double[] values, int n, SummationOrder order) {
    float sum = 0;
    switch (order) {
      case SEQUENTIAL -> {
        for (int i = 0; i < n; i++) {
          sum += (float) values[i];
        }
      }
      case REVERSED -> {
        for (int i = n - 1; i >= 0; i--) {
          sum += (float) values[i];
        }
      }
      case BLOCKED -> {
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
          lanes[i % LANES] += (float) values[i];
        }
        for (float lane : lanes) {
          sum += lane;
        }
      }
      case PAIRWISE -> sum = pairwiseFloats(values, 0, n);
    }
    return sum;
  }

  private static float pairwiseFloats(double[] values, int from, int to) {
    if (to - from > LEAF) {
      int middle = (from + to) >>> 1;
      return pairwiseFloats(values, from, middle) + pairwiseFloats(values, middle, to);
    }
    float sum = 0;
    for (int i = from; i < to; i++) {
      sum += (float) values[i];
    }
    return sum;
  }
}
