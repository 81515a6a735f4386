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
    pool.forRange(
        planes,
        Math.max(1, 20_000 / work),
        (from, to) -> {
          long[] inside = new long[Math.toIntExact(window.kernelSize())];
          for (long plane = from; plane < to; plane++) {
            Position position = perPlane.apply(plane);
            for (long o = 0; o < window.outputSize(); o++) {
              position(window, o, inside, position);
            }
          }
        });
  }

  private static void position(Window window, long o, long[] inside, Position position) {
    int rank = window.rank();
    long[] start = new long[rank];
    long padded = 1;
    long rest = o;
    for (int i = rank - 1; i >= 0; i--) {
      start[i] = rest % window.output()[i] * window.strides()[i] - window.before()[i];
      rest /= window.output()[i];
      long limit = window.input()[i] + window.after()[i];
      long taps = Math.ceilDiv(limit - start[i], window.dilations()[i]);
      padded *= Math.clamp(taps, 0, window.kernel()[i]);
    }
    int count = 0;
    for (long tap = 0; tap < window.kernelSize(); tap++) {
      long restTap = tap;
      long at = 0;
      long step = 1;
      boolean in = true;
      for (int i = rank - 1; i >= 0 && in; i--) {
        long d = start[i] + restTap % window.kernel()[i] * window.dilations()[i];
        restTap /= window.kernel()[i];
        in = d >= 0 && d < window.input()[i];
        at += d * step;
        step *= window.input()[i];
      }
      if (in) {
        inside[count++] = at;
      }
    }
    position.at(o, inside, count, padded);
  }
}
