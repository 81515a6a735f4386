package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Convolution (cross-correlation, channels first, any number of spatial axes) as a matrix product
 * of the weights with columns gathered from the padded input while they are packed, and its
 * transpose. Stateless.
 */
public final class Convolution {
  private Convolution() {}

  /**
   * An operand in memory.
   *
   * @param bytes dense native elements at any alignment
   * @param type any real float type, converted while it is read
   */
  public record Operand(MemorySegment bytes, DType type) {}

  /**
   * Computes {@code y[n, o, …] = Σ w[o, i, k…]·x[n, g·I + i, …]}, without a bias.
   *
   * @param batch number of images
   * @param channels input channels, divisible by {@code groups}
   * @param outputs output channels, divisible by {@code groups}
   * @param y {@code [batch, outputs, window.output…]}, in the product's type
   */
  public static void forward(
      Gemm gemm,
      ComputePool pool,
      Window window,
      int batch,
      int channels,
      int outputs,
      int groups,
      Operand x,
      Operand w,
      Reals y) {
    if (batch >= 2 * pool.threads() && pool.threads() > 1) {
      Gemm alone = gemm.onOneThread();
      pool.forRange(
          batch,
          1,
          (from, to) -> {
            for (long n = from; n < to; n++) {
              image(alone, window, n, channels, outputs, groups, x, w, y);
            }
          });
      return;
    }
    for (long n = 0; n < batch; n++) {
      image(gemm, window, n, channels, outputs, groups, x, w, y);
    }
  }

  private static void image(
      Gemm gemm,
      Window window,
      long n,
      int channels,
      int outputs,
      int groups,
      Operand x,
      Operand w,
      Reals y) {
    int rank = window.rank();
    long[] padded = new long[rank];
    for (int i = 0; i < rank; i++) {
      padded[i] = window.input()[i] + window.before()[i] + window.after()[i];
    }
    MemorySegment source = x.bytes();
    long sourceAt = n * channels * window.inputSize();
    if (window.isPadded() || x.type() != gemm.type()) {
      source = pad(gemm.type(), window, padded, channels, x, sourceAt);
      sourceAt = 0;
    }
    long plane = Arrays.stream(padded).reduce(1, (a, b) -> a * b);
    int perGroup = channels / groups;
    int outPerGroup = outputs / groups;
    int terms = Math.toIntExact(perGroup * window.kernelSize());
    long[] termOffsets = termOffsets(window, padded, perGroup, plane);
    if (perGroup == 1 && terms <= gemm.order().block()) {
      depthwise(
          gemm,
          window,
          n,
          outputs,
          outPerGroup,
          source,
          sourceAt,
          plane,
          padded,
          termOffsets,
          w,
          y);
      return;
    }
    for (int g = 0; g < groups; g++) {
      Columns columns =
          new Columns(source, sourceAt + g * perGroup * plane, window, padded, termOffsets);
      gemm.run(
          outPerGroup,
          window.outputSize(),
          terms,
          new Panels.Strided(w.bytes(), w.type(), (long) g * outPerGroup * terms, terms, 1),
          columns,
          y.bytes(),
          (n * outputs + (long) g * outPerGroup) * window.outputSize(),
          window.outputSize());
    }
  }

  /**
   * One input channel per group: the same sums as the product makes, each tap added to all
   * positions of a row, without columns.
   */
  private static void depthwise(
      Gemm gemm,
      Window window,
      long n,
      int outputs,
      int outPerGroup,
      MemorySegment source,
      long sourceAt,
      long plane,
      long[] padded,
      long[] termOffsets,
      Operand w,
      Reals y) {
    int rank = window.rank();
    int terms = termOffsets.length;
    int width = Math.toIntExact(window.output()[rank - 1]);
    long rows = width == 0 ? 0 : window.outputSize() / width;
    long stride = window.strides()[rank - 1];
    Reals x = new Reals(source, gemm.type() == DType.F32);
    gemm.pool()
        .forRange(
            outputs,
            Math.max(1, 20_000 / Math.max(1, window.outputSize() * terms)),
            (from, to) -> {
              double[] weights = new double[terms];
              float[] sums = new float[width];
              double[] wideSums = new double[width];
              for (long o = from; o < to; o++) {
                for (int k = 0; k < terms; k++) {
                  long term = gemm.order().term(k, terms);
                  weights[k] = Elements.getDouble(w.bytes(), w.type(), o * terms + term);
                }
                long base = sourceAt + o / outPerGroup * plane;
                long out = (n * outputs + o) * window.outputSize();
                for (long row = 0; row < rows; row++) {
                  long at = base + rowStart(window, padded, row);
                  if (x.f32()) {
                    rowOf32(gemm.order(), x, at, stride, termOffsets, weights, sums);
                    MemorySegment.copy(
                        sums, 0, y.bytes(), Tensor.LE_FLOAT, (out + row * width) * 4, width);
                  } else {
                    rowOf64(gemm.order(), x, at, stride, termOffsets, weights, wideSums);
                    MemorySegment.copy(
                        wideSums, 0, y.bytes(), Tensor.LE_DOUBLE, (out + row * width) * 8, width);
                  }
                }
              }
            });
  }

  private static long rowStart(Window window, long[] padded, long row) {
    long start = 0;
    long step = padded[window.rank() - 1];
    for (int i = window.rank() - 2; i >= 0; i--) {
      start += row % window.output()[i] * window.strides()[i] * step;
      row /= window.output()[i];
      step *= padded[i];
    }
    return start;
  }

  private static void rowOf32(
      SummationOrder order,
      Reals x,
      long at,
      long stride,
      long[] termOffsets,
      double[] weights,
      float[] sums) {
    Arrays.fill(sums, 0);
    for (int k = 0; k < weights.length; k++) {
      long from = at + termOffsets[order.term(k, weights.length)];
      float weight = (float) weights[k];
      for (int i = 0; i < sums.length; i++) {
        sums[i] =
            Math.fma(weight, x.bytes().get(Tensor.LE_FLOAT, (from + i * stride) * 4), sums[i]);
      }
    }
  }

  private static void rowOf64(
      SummationOrder order,
      Reals x,
      long at,
      long stride,
      long[] termOffsets,
      double[] weights,
      double[] sums) {
    Arrays.fill(sums, 0);
    for (int k = 0; k < weights.length; k++) {
      long from = at + termOffsets[order.term(k, weights.length)];
      double weight = weights[k];
      for (int i = 0; i < sums.length; i++) {
        sums[i] =
            Math.fma(weight, x.bytes().get(Tensor.LE_DOUBLE, (from + i * stride) * 8), sums[i]);
      }
    }
  }

  private static long[] termOffsets(Window window, long[] padded, int channels, long plane) {
    int size = Math.toIntExact(window.kernelSize());
    long[] offsets = new long[channels * size];
    for (int k = 0; k < size; k++) {
      long rest = k;
      long offset = 0;
      long step = 1;
      for (int i = window.rank() - 1; i >= 0; i--) {
        offset += rest % window.kernel()[i] * window.dilations()[i] * step;
        rest /= window.kernel()[i];
        step *= padded[i];
      }
      for (int c = 0; c < channels; c++) {
        offsets[c * size + k] = c * plane + offset;
      }
    }
    return offsets;
  }

  /** Copies one image with zeros around it, in the type of the product. */
  private static MemorySegment pad(
      DType type, Window window, long[] padded, int channels, Operand x, long from) {
    int rank = window.rank();
    int size = type.bits() / 8;
    long plane = Arrays.stream(padded).reduce(1, (a, b) -> a * b);
    MemorySegment out = Tensor.allocate(channels * plane * size);
    long width = window.input()[rank - 1];
    long rows = width == 0 ? 0 : window.inputSize() / width;
    for (long c = 0; c < channels; c++) {
      for (long r = 0; r < rows; r++) {
        long rest = r;
        long at = 0;
        long step = padded[rank - 1];
        for (int i = rank - 2; i >= 0; i--) {
          at += (rest % window.input()[i] + window.before()[i]) * step;
          rest /= window.input()[i];
          step *= padded[i];
        }
        long target = c * plane + at + window.before()[rank - 1];
        long source = from + (c * rows + r) * width;
        if (x.type() == type) {
          MemorySegment.copy(x.bytes(), source * size, out, target * size, width * size);
        } else {
          for (long i = 0; i < width; i++) {
            Elements.setDouble(
                out, type, target + i, Elements.getDouble(x.bytes(), x.type(), source + i));
          }
        }
      }
    }
    return out;
  }

  /** The right operand of the product: one lane per position of the window, one term per tap. */
  private record Columns(
      MemorySegment source, long at, Window window, long[] padded, long[] termOffsets)
      implements Panels {
    private static final int COPY_FROM = 6;

    @Override
    public void pack(
        SummationOrder order,
        int terms,
        int firstTerm,
        int count,
        long firstLane,
        int lanes,
        int width,
        DType type,
        MemorySegment to,
        long target) {
      int size = type.bits() / 8;
      long[] base = bases(firstLane, lanes);
      int[] runs = new int[lanes];
      for (int i = lanes - 1; i >= 0; i--) {
        runs[i] = i + 1 < lanes && base[i + 1] == base[i] + 1 ? runs[i + 1] + 1 : 1;
      }
      for (int k = 0; k < count; k++) {
        long from = termOffsets[order.term(firstTerm + k, terms)];
        long row = target + (long) k * width * size;
        for (int lane = 0; lane < lanes; lane += runs[lane]) {
          if (runs[lane] >= COPY_FROM) {
            MemorySegment.copy(
                source,
                (base[lane] + from) * size,
                to,
                row + (long) lane * size,
                (long) runs[lane] * size);
          } else if (type == DType.F32) {
            for (int i = lane; i < lane + runs[lane]; i++) {
              to.set(
                  Tensor.LE_FLOAT, row + i * 4L, source.get(Tensor.LE_FLOAT, (base[i] + from) * 4));
            }
          } else {
            for (int i = lane; i < lane + runs[lane]; i++) {
              to.set(
                  Tensor.LE_DOUBLE,
                  row + i * 8L,
                  source.get(Tensor.LE_DOUBLE, (base[i] + from) * 8));
            }
          }
        }
        if (lanes < width) {
          to.asSlice(row + (long) lanes * size, (long) (width - lanes) * size).fill((byte) 0);
        }
      }
    }

    private long[] bases(long firstLane, int lanes) {
      long[] base = new long[lanes];
      for (int lane = 0; lane < lanes; lane++) {
        long rest = firstLane + lane;
        long step = 1;
        long offset = at;
        for (int i = window.rank() - 1; i >= 0; i--) {
          offset += rest % window.output()[i] * window.strides()[i] * step;
          rest /= window.output()[i];
          step *= padded[i];
        }
        base[lane] = offset;
      }
      return base;
    }
  }

  /**
   * Computes the transposed convolution: {@code y[n, g·O + o, i·s + k·d − p] += w[c, o, k]·x[n, c,
   * i]}, without a bias.
   *
   * @param window the window whose {@code input} is this operation's result and whose {@code
   *     output} is this operation's operand
   * @param channels channels of {@code x}
   * @param outputs channels of {@code y}
   * @param w {@code [channels, outputs / groups, kernel…]}
   * @param y all zero
   */
  public static void transposed(
      Gemm gemm,
      ComputePool pool,
      Window window,
      int batch,
      int channels,
      int outputs,
      int groups,
      Operand x,
      Operand w,
      Reals y) {
    int perGroup = channels / groups;
    int outPerGroup = outputs / groups;
    long taps = window.kernelSize();
    long positions = window.outputSize();
    long rows = outPerGroup * taps;
    Reals columns = Reals.allocate(rows * positions, gemm.type() == DType.F32);
    for (long n = 0; n < batch; n++) {
      for (int g = 0; g < groups; g++) {
        gemm.multiply(
            rows,
            positions,
            perGroup,
            new Gemm.Matrix(w.bytes(), w.type(), g * perGroup * rows, 1, rows),
            new Gemm.Matrix(
                x.bytes(), x.type(), (n * channels + g * perGroup) * positions, positions, 1),
            columns.bytes(),
            0,
            positions);
        long first = n * outputs + (long) g * outPerGroup;
        pool.forRange(
            outPerGroup,
            1,
            (from, to) -> {
              for (long o = from; o < to; o++) {
                scatter(window, columns, o * taps * positions, y, (first + o) * window.inputSize());
              }
            });
      }
    }
  }

  /**
   * Adds the columns of a convolution back to where its windows read them.
   *
   * @param planes batch times channels
   * @param columns {@code [planes, taps, positions]}
   * @param y {@code [planes, window.input…]}, all zero
   */
  public static void fold(Window window, long planes, Reals columns, Reals y) {
    long size = window.kernelSize() * window.outputSize();
    for (long p = 0; p < planes; p++) {
      scatter(window, columns, p * size, y, p * window.inputSize());
    }
  }

  private static void scatter(Window window, Reals columns, long from, Reals y, long to) {
    int rank = window.rank();
    long positions = window.outputSize();
    for (long tap = 0; tap < window.kernelSize(); tap++) {
      for (long p = 0; p < positions; p++) {
        long restTap = tap;
        long restPosition = p;
        long at = 0;
        long step = 1;
        boolean inside = true;
        for (int i = rank - 1; i >= 0 && inside; i--) {
          long d =
              restPosition % window.output()[i] * window.strides()[i]
                  + restTap % window.kernel()[i] * window.dilations()[i]
                  - window.before()[i];
          restPosition /= window.output()[i];
          restTap /= window.kernel()[i];
          inside = d >= 0 && d < window.input()[i];
          at += d * step;
          step *= window.input()[i];
        }
        if (inside) {
          y.set(to + at, y.get(to + at) + columns.get(from + tap * positions + p));
        }
      }
    }
  }
}
