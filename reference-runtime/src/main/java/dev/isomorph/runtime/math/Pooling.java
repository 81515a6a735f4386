package dev.isomorph.runtime.math;

/** Pooling over the spatial axes of {@code [n, c, d…]}, by planes. Stateless. */
public final class Pooling {
  private Pooling() {}

  /** Receives one position: the flat places under the window that lie inside the input. */
  @FunctionalInterface
  private interface Position {
    void at(long output, long[] inside, int count, long padded);
  }

  /**
   * Computes the largest element under each window; NaN wins.
   *
   * @param planes batch times channels
   * @param indices receives the flat place within the whole input, or null
   * @param columnMajor whether those places count the spatial axes in column-major order
   */
  public static void max(
      ComputePool pool,
      Window window,
      long planes,
      Reals x,
      Reals y,
      long[] indices,
      boolean columnMajor) {
    long in = window.inputSize();
    long out = window.outputSize();
    each(
        pool,
        window,
        planes,
        (plane) ->
            (position, inside, count, _) -> {
              double best = Double.NEGATIVE_INFINITY;
              long where = -1;
              for (int i = 0; i < count; i++) {
                double value = x.get(plane * in + inside[i]);
                if (where < 0 || value > best || (value != value && best == best)) {
                  best = value;
                  where = inside[i];
                }
              }
              y.set(plane * out + position, best);
              if (indices != null) {
                indices[Math.toIntExact(plane * out + position)] =
                    where < 0 ? -1 : plane * in + (columnMajor ? turned(where, window) : where);
              }
            });
  }

  private static long turned(long flat, Window window) {
    long out = 0;
    long step = window.inputSize();
    for (int i = window.rank() - 1; i >= 0; i--) {
      step /= window.input()[i];
      out += flat % window.input()[i] * step;
      flat /= window.input()[i];
    }
    return out;
  }

  /**
   * Computes the mean under each window, summed in f64 and rounded once.
   *
   * @param includePad whether padding counts as zeros; what hangs over the padded input never does
   */
  public static void average(
      ComputePool pool, Window window, long planes, Reals x, Reals y, boolean includePad) {
    long in = window.inputSize();
    long out = window.outputSize();
    each(
        pool,
        window,
        planes,
        (plane) ->
            (position, inside, count, padded) -> {
              double sum = 0;
              for (int i = 0; i < count; i++) {
                sum += x.get(plane * in + inside[i]);
              }
              y.set(plane * out + position, sum / (includePad ? padded : count));
            });
  }

  /** Computes the p-norm under each window, in f64, rounded once. */
  public static void norm(ComputePool pool, Window window, long planes, Reals x, Reals y, long p) {
    long in = window.inputSize();
    long out = window.outputSize();
    each(
        pool,
        window,
        planes,
        (plane) ->
            (position, inside, count, _) -> {
              double sum = 0;
              for (int i = 0; i < count; i++) {
                double value = Math.abs(x.get(plane * in + inside[i]));
                sum += p == 1 ? value : p == 2 ? value * value : Math.pow(value, p);
              }
              double root = p == 1 ? sum : p == 2 ? Math.sqrt(sum) : Math.pow(sum, 1.0 / p);
              y.set(plane * out + position, root);
            });
  }

  private static void each(
      ComputePool pool,
      Window window,
      long planes,
      java.util.function.LongFunction<Position> perPlane) {
    long work = Math.max(1, window.outputSize() * window.kernelSize());
    Taps taps = Taps.of(window);
    pool.forRange(
        planes,
        Math.max(1, 20_000 / work),
        (from, to) -> {
          long[] inside = new long[taps.offsets.length];
          long[] start = new long[window.rank()];
          for (long plane = from; plane < to; plane++) {
            Position position = perPlane.apply(plane);
            for (int i = 0; i < start.length; i++) {
              start[i] = -window.before()[i];
            }
            for (long o = 0; o < window.outputSize(); o++) {
              position(window, taps, o, start, inside, position);
              advance(window, start);
            }
          }
        });
  }

  /**
   * What lies under the window, from its first element.
   *
   * @param offsets flat places
   * @param places for each axis, coordinates
   * @param reach for each axis, the length that the window covers
   */
  private record Taps(long[] offsets, long[][] places, long[] reach) {
    static Taps of(Window w) {
      int count = Math.toIntExact(w.kernelSize());
      Taps taps = new Taps(new long[count], new long[w.rank()][count], new long[w.rank()]);
      for (int tap = 0; tap < count; tap++) {
        long rest = tap;
        long step = 1;
        for (int i = w.rank() - 1; i >= 0; i--) {
          taps.places[i][tap] = rest % w.kernel()[i] * w.dilations()[i];
          taps.offsets[tap] += taps.places[i][tap] * step;
          rest /= w.kernel()[i];
          step *= w.input()[i];
        }
      }
      for (int i = 0; i < w.rank(); i++) {
        taps.reach[i] = (w.kernel()[i] - 1) * w.dilations()[i] + 1;
      }
      return taps;
    }
  }

  private static void advance(Window w, long[] start) {
    for (int i = w.rank() - 1; i >= 0; i--) {
      start[i] += w.strides()[i];
      if (start[i] < w.output()[i] * w.strides()[i] - w.before()[i]) {
        return;
      }
      start[i] = -w.before()[i];
    }
  }

  private static void position(
      Window w, Taps taps, long o, long[] start, long[] inside, Position position) {
    int rank = start.length;
    long base = 0;
    boolean whole = true;
    for (int i = 0; i < rank; i++) {
      base = base * w.input()[i] + start[i];
      whole &= start[i] >= 0 && start[i] + taps.reach[i] <= w.input()[i];
    }
    int count = taps.offsets.length;
    if (whole) {
      for (int tap = 0; tap < count; tap++) {
        inside[tap] = base + taps.offsets[tap];
      }
      position.at(o, inside, count, count);
      return;
    }
    long padded = 1;
    for (int i = 0; i < rank; i++) {
      long limit = w.input()[i] + w.after()[i];
      padded *= Math.clamp(Math.ceilDiv(limit - start[i], w.dilations()[i]), 0, w.kernel()[i]);
    }
    int found = 0;
    for (int tap = 0; tap < count; tap++) {
      boolean in = true;
      for (int i = 0; i < rank && in; i++) {
        long d = start[i] + taps.places[i][tap];
        in = d >= 0 && d < w.input()[i];
      }
      if (in) {
        inside[found++] = base + taps.offsets[tap];
      }
    }
    position.at(o, inside, found, padded);
  }
}
