package dev.isomorph.runtime.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Convolution and pooling against loops over every index. */
class ConvolutionTest {
  private final Random random = new Random(4);

  private record Case(Window window, int batch, int channels, int outputs, int groups) {}

  private Case next(boolean pooling) {
    int rank = 1 + random.nextInt(3);
    long[] input = new long[rank];
    long[] kernel = new long[rank];
    long[] strides = new long[rank];
    long[] dilations = new long[rank];
    long[] pads = new long[2 * rank];
    for (int i = 0; i < rank; i++) {
      kernel[i] = 1 + random.nextInt(3);
      dilations[i] = 1 + random.nextInt(2);
      strides[i] = 1 + random.nextInt(3);
      pads[i] = random.nextInt(pooling ? (int) kernel[i] : 3);
      pads[i + rank] = random.nextInt(pooling ? (int) kernel[i] : 3);
      input[i] = (kernel[i] - 1) * dilations[i] + 1 + random.nextInt(rank == 1 ? 40 : 6);
    }
    int groups = 1 + random.nextInt(3);
    Window window =
        Window.of(
            input, kernel, strides, dilations, pads, "NOTSET", pooling && random.nextBoolean());
    return new Case(
        window,
        1 + random.nextInt(5),
        groups * (1 + random.nextInt(3)),
        groups * (1 + random.nextInt(3)),
        groups);
  }

  private Reals fill(long count, boolean f32) {
    Reals out = Reals.allocate(count, f32);
    for (long i = 0; i < count; i++) {
      out.set(i, random.nextInt(9) - 4);
    }
    return out;
  }

  /** {@return where tap {@code t} at position {@code p} lies in the input, or −1} */
  private static long place(Window w, long p, long t) {
    long at = 0;
    long step = 1;
    for (int i = w.rank() - 1; i >= 0; i--) {
      long d =
          p % w.output()[i] * w.strides()[i] + t % w.kernel()[i] * w.dilations()[i] - w.before()[i];
      p /= w.output()[i];
      t /= w.kernel()[i];
      if (d < 0 || d >= w.input()[i]) {
        return -1;
      }
      at += d * step;
      step *= w.input()[i];
    }
    return at;
  }

  @Test
  void convolutionAndItsTransposeMatchNaiveLoops() {
    for (int round = 0; round < 80; round++) {
      Case c = next(false);
      boolean f32 = round % 2 == 0;
      Window w = c.window;
      long in = w.inputSize();
      long out = w.outputSize();
      long taps = w.kernelSize();
      int ci = c.channels / c.groups;
      int co = c.outputs / c.groups;
      Reals x = fill(c.batch * c.channels * in, f32);
      Reals k = fill(c.outputs * ci * taps, f32);
      Reals y = Reals.allocate(c.batch * c.outputs * out, f32);
      DType type = f32 ? DType.F32 : DType.F64;
      SummationOrder order = SummationOrder.values()[round % 4];
      Gemm gemm = Gemm.of(type, order, ComputePool.shared());
      Convolution.forward(
          gemm,
          ComputePool.shared(),
          w,
          c.batch,
          c.channels,
          c.outputs,
          c.groups,
          new Convolution.Operand(x.bytes(), type),
          new Convolution.Operand(k.bytes(), type),
          y);
      double[] back = new double[(int) (c.batch * c.channels * in)];
      for (int n = 0; n < c.batch; n++) {
        for (int o = 0; o < c.outputs; o++) {
          int g = o / co;
          for (long p = 0; p < out; p++) {
            double sum = 0;
            for (int i = 0; i < ci; i++) {
              for (long t = 0; t < taps; t++) {
                long at = place(w, p, t);
                if (at < 0) {
                  continue;
                }
                long from = ((long) n * c.channels + g * ci + i) * in + at;
                double weight = k.get(((long) o * ci + i) * taps + t);
                sum += weight * x.get(from);
                back[(int) from] += weight * y.get(((long) n * c.outputs + o) * out + p);
              }
            }
            // Small integers: every order of summation is exact.
            assertEquals(sum, y.get(((long) n * c.outputs + o) * out + p), "round " + round);
          }
        }
      }
      Reals z = Reals.allocate(back.length, f32);
      Convolution.transposed(
          gemm,
          ComputePool.shared(),
          w,
          c.batch,
          c.outputs,
          c.channels,
          c.groups,
          new Convolution.Operand(y.bytes(), type),
          new Convolution.Operand(k.bytes(), type),
          z);
      for (int i = 0; i < back.length; i++) {
        assertEquals(back[i], z.get(i), "transposed, round " + round);
      }
    }
  }

  @Test
  void poolingMatchesNaiveLoops() {
    for (int round = 0; round < 80; round++) {
      Case c = next(true);
      Window w = c.window;
      long planes = c.batch;
      Reals x = fill(planes * w.inputSize(), true);
      Reals max = Reals.allocate(planes * w.outputSize(), true);
      Reals mean = Reals.allocate(planes * w.outputSize(), true);
      Reals norm = Reals.allocate(planes * w.outputSize(), true);
      long[] indices = new long[(int) (planes * w.outputSize())];
      Pooling.max(ComputePool.shared(), w, planes, x, max, indices, false);
      Pooling.average(ComputePool.shared(), w, planes, x, mean, false);
      Pooling.norm(ComputePool.shared(), w, planes, x, norm, 2);
      for (long p = 0; p < planes * w.outputSize(); p++) {
        long plane = p / w.outputSize();
        double best = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (long t = 0; t < w.kernelSize(); t++) {
          long at = place(w, p % w.outputSize(), t);
          if (at >= 0) {
            double value = x.get(plane * w.inputSize() + at);
            best = Math.max(best, value);
            sum += value;
            squares += value * value;
            count++;
          }
        }
        assertEquals(best, max.get(p));
        assertEquals((float) (sum / count), (float) mean.get(p));
        assertEquals((float) Math.sqrt(squares), (float) norm.get(p));
        if (count > 0) {
          assertEquals(best, x.get(indices[(int) p]));
          assertEquals(plane, indices[(int) p] / w.inputSize());
        }
      }
    }
  }

  @Test
  void averageCountsPaddingButNotWhatHangsOverIt() {
    Window w =
        Window.of(
            new long[] {4},
            new long[] {3},
            new long[] {2},
            new long[] {1},
            new long[] {1, 0},
            "NOTSET",
            true);
    Reals x = Reals.allocate(4, false);
    for (int i = 0; i < 4; i++) {
      x.set(i, i + 1);
    }
    Reals y = Reals.allocate(w.outputSize(), false);
    Pooling.average(ComputePool.serial(), w, 1, x, y, true);
    assertEquals(1.0, y.get(0));
    assertEquals(3.0, y.get(1));
    assertArrayEquals(new long[] {2}, w.output());
  }

  @Test
  void aWindowThatDoesNotFitIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Window.of(
                    new long[] {3},
                    new long[] {5},
                    new long[] {1},
                    new long[] {1},
                    new long[] {0, 0},
                    "NOTSET",
                    false));
    assertEquals(
        "a window of 5 does not fit the padded length 3 of spatial axis 0", e.getMessage());
  }

  @Test
  void nanWinsInMaxPooling() {
    Window w =
        Window.of(
            new long[] {3},
            new long[] {3},
            new long[] {1},
            new long[] {1},
            new long[] {0, 0},
            "NOTSET",
            false);
    Reals x = Reals.allocate(3, true);
    x.set(1, Double.NaN);
    x.set(2, 5);
    Reals y = Reals.allocate(1, true);
    Pooling.max(ComputePool.serial(), w, 1, x, y, null, false);
    assertEquals(Double.NaN, y.get(0));
  }
}
