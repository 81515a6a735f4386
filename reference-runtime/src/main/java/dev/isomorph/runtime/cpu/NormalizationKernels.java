package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.op.GroupNormalizationOp;
import dev.isomorph.ir.op.HardmaxOp;
import dev.isomorph.ir.op.InstanceNormalizationOp;
import dev.isomorph.ir.op.LRNOp;
import dev.isomorph.ir.op.LayerNormalizationOp;
import dev.isomorph.ir.op.LogSoftmaxOp;
import dev.isomorph.ir.op.LpNormalizationOp;
import dev.isomorph.ir.op.MeanVarianceNormalizationOp;
import dev.isomorph.ir.op.RMSNormalizationOp;
import dev.isomorph.ir.op.SoftmaxOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.SummationOrder;
import dev.isomorph.runtime.math.Sums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Normalisations and the softmax family: each element is computed in f64 and rounded once, sums are
 * added in the computing type in the run's order.
 */
final class NormalizationKernels {
  private NormalizationKernels() {}

  static void register(KernelRegistry r) {
    r.add(BatchNormalizationOp.class, Rounding.ROUNDS, NormalizationKernels::batch);
    r.rounds(InstanceNormalizationOp.class, (op, c) -> instance(op.epsilon(), c));
    r.add(LayerNormalizationOp.class, Rounding.ROUNDS, NormalizationKernels::layer);
    r.rounds(RMSNormalizationOp.class, NormalizationKernels::rms);
    r.rounds(GroupNormalizationOp.class, NormalizationKernels::group);
    r.rounds(LRNOp.class, NormalizationKernels::lrn);
    r.rounds(LpNormalizationOp.class, NormalizationKernels::lp);
    r.rounds(MeanVarianceNormalizationOp.class, NormalizationKernels::meanVariance);
    r.rounds(SoftmaxOp.class, (op, c) -> softmax(c, c.input(0), op.axis(), false));
    r.rounds(LogSoftmaxOp.class, (op, c) -> softmax(c, c.input(0), op.axis(), true));
    r.exact(HardmaxOp.class, NormalizationKernels::hardmax);
  }

  /** Lines along one axis: {@code outer × length × inner}. */
  record Lines(long outer, int length, long inner) {
    static Lines of(long[] dims, int axis) {
      return new Lines(
          Index.product(dims, 0, axis),
          Math.toIntExact(dims[axis]),
          Index.product(dims, axis + 1, dims.length));
    }

    long start(long line) {
      return line / inner * length * inner + line % inner;
    }
  }

  /** Works on one line's values in place. */
  @FunctionalInterface
  interface LineTask {
    void run(double[] values);
  }

  /** {@return the tensor with each line along an axis replaced} */
  static Tensor alongAxis(KernelContext c, Tensor x, int axis, LineTask task) {
    Lines lines = Lines.of(x.dims(), axis);
    Reals in = KernelContext.reals(x);
    Reals out = c.newReals(x.size(), x.dtype());
    c.pool()
        .forRange(
            x.size() == 0 ? 0 : lines.outer * lines.inner,
            Math.max(1, 4096 / Math.max(1, lines.length)),
            (from, to) -> {
              double[] values = new double[lines.length];
              for (long line = from; line < to; line++) {
                long start = lines.start(line);
                for (int i = 0; i < values.length; i++) {
                  values[i] = in.get(start + i * lines.inner);
                }
                task.run(values);
                for (int i = 0; i < values.length; i++) {
                  out.set(start + i * lines.inner, values[i]);
                }
              }
            });
    return c.result(out, x.dtype(), x.dims());
  }

  static Tensor softmax(KernelContext c, Tensor x, long axis, boolean log) {
    boolean f32 = KernelContext.computesInF32(x.dtype());
    if (x.rank() == 0) {
      return Tensor.of(x.dtype(), new double[] {log ? 0 : 1});
    }
    return alongAxis(c, x, c.axis(axis, x.rank()), values -> softmax(values, log, c.order(), f32));
  }

  static void softmax(double[] values, boolean log, SummationOrder order, boolean f32) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      max = Math.max(max, value);
    }
    double[] exponentials = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      exponentials[i] = Math.exp(values[i] - max);
    }
    double sum = Sums.sum(exponentials, values.length, order, f32);
    double logSum = log ? Math.log(sum) : 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = log ? values[i] - max - logSum : exponentials[i] / sum;
    }
  }

  private static Tensor hardmax(HardmaxOp op, KernelContext c) {
    Tensor x = c.input(0);
    return alongAxis(
        c,
        x,
        c.axis(op.axis(), x.rank()),
        values -> {
          int best = 0;
          for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
          }
          Arrays.fill(values, 0);
          values[best] = 1;
        });
  }

  private static Tensor lp(LpNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    boolean f32 = KernelContext.computesInF32(x.dtype());
    return alongAxis(
        c,
        x,
        c.axis(op.axis(), x.rank()),
        values -> {
          double[] powers = new double[values.length];
          for (int i = 0; i < values.length; i++) {
            powers[i] = op.p() == 1 ? Math.abs(values[i]) : values[i] * values[i];
          }
          double sum = Sums.sum(powers, powers.length, c.order(), f32);
          double norm = op.p() == 1 ? sum : Math.sqrt(sum);
          for (int i = 0; i < values.length; i++) {
            values[i] = norm == 0 ? 0 : values[i] / norm;
          }
        });
  }

  private static List<Datum> batch(BatchNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = x.dims();
    long channels = x.rank() > 1 ? dims[1] : 1;
    long plane = Index.product(dims, Math.min(2, dims.length), dims.length);
    Reals in = c.reals(0);
    Reals scale = c.reals(1);
    Reals shift = c.reals(2);
    Reals mean = c.reals(3);
    Reals variance = c.reals(4);
    List<Datum> results = new ArrayList<>();
    if (op.trainingMode() != 0) {
      Reals[] running = running(op, c, in, dims, channels, plane, mean, variance);
      mean = running[0];
      variance = running[1];
      results.add(c.result(running[2], c.type(3), channels));
      results.add(c.result(running[3], c.type(4), channels));
    }
    Reals out = c.newReals(x.size(), x.dtype());
    Reals m = mean;
    Reals v = variance;
    c.pool()
        .forRange(
            plane == 0 ? 0 : x.size() / plane,
            Math.max(1, 16_384 / Math.max(1, plane)),
            (from, to) -> {
              for (long p = from; p < to; p++) {
                long channel = p % channels;
                double root = Math.sqrt(v.get(channel) + op.epsilon());
                double s = scale.get(channel);
                double b = shift.get(channel);
                double middle = m.get(channel);
                for (long i = p * plane; i < (p + 1) * plane; i++) {
                  out.set(i, (in.get(i) - middle) / root * s + b);
                }
              }
            });
    results.addFirst(c.result(out, x.dtype(), dims));
    return results;
  }

  /** {@return mean and variance of the batch, then the new running ones} */
  private static Reals[] running(
      BatchNormalizationOp op,
      KernelContext c,
      Reals in,
      long[] dims,
      long channels,
      long plane,
      Reals mean,
      Reals variance) {
    Reals[] out = new Reals[4];
    for (int i = 0; i < 4; i++) {
      out[i] = Reals.allocate(channels, mean.f32());
    }
    int count = Math.toIntExact(dims[0] * plane);
    double[] values = new double[count];
    for (long channel = 0; channel < channels; channel++) {
      for (int i = 0; i < count; i++) {
        values[i] = in.get((i / plane * channels + channel) * plane + i % plane);
      }
      double[] moments = moments(values, c.order(), in.f32());
      out[0].set(channel, moments[0]);
      out[1].set(channel, moments[1]);
      out[2].set(channel, mean.get(channel) * op.momentum() + moments[0] * (1 - op.momentum()));
      out[3].set(channel, variance.get(channel) * op.momentum() + moments[1] * (1 - op.momentum()));
    }
    return out;
  }

  /** {@return mean and population variance, sums in the given order and type} */
  static double[] moments(double[] values, SummationOrder order, boolean f32) {
    int n = values.length;
    double mean = Sums.sum(values, n, order, f32) / n;
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      squares[i] = (values[i] - mean) * (values[i] - mean);
    }
    return new double[] {mean, Sums.sum(squares, n, order, f32) / n};
  }

  private static Tensor instance(double epsilon, KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = x.dims();
    int plane = Math.toIntExact(Index.product(dims, 2, dims.length));
    Reals in = c.reals(0);
    Reals scale = c.reals(1);
    Reals shift = c.reals(2);
    Reals out = c.newReals(x.size(), x.dtype());
    c.pool()
        .forRange(
            dims[0] * dims[1],
            Math.max(1, 4096 / Math.max(1, plane)),
            (from, to) -> {
              double[] values = new double[plane];
              for (long p = from; p < to; p++) {
                for (int i = 0; i < plane; i++) {
                  values[i] = in.get(p * plane + i);
                }
                double[] moments = moments(values, c.order(), in.f32());
                double root = Math.sqrt(moments[1] + epsilon);
                long channel = p % dims[1];
                for (int i = 0; i < plane; i++) {
                  out.set(
                      p * plane + i,
                      (values[i] - moments[0]) / root * scale.get(channel) + shift.get(channel));
                }
              }
            });
    return c.result(out, x.dtype(), dims);
  }

  private static Tensor group(GroupNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = x.dims();
    long channels = dims[1];
    if (op.numGroups() < 1 || channels % op.numGroups() != 0) {
      throw c.error("%d channels do not make %d groups", channels, op.numGroups());
    }
    long plane = Index.product(dims, 2, dims.length);
    long perGroup = channels / op.numGroups();
    int count = Math.toIntExact(perGroup * plane);
    Reals in = c.reals(0);
    Reals scale = c.reals(1);
    Reals shift = c.reals(2);
    Reals out = c.newReals(x.size(), x.dtype());
    c.pool()
        .forRange(
            dims[0] * op.numGroups(),
            Math.max(1, 4096 / Math.max(1, count)),
            (from, to) -> {
              double[] values = new double[count];
              for (long g = from; g < to; g++) {
                for (int i = 0; i < count; i++) {
                  values[i] = in.get(g * count + i);
                }
                double[] moments = moments(values, c.order(), in.f32());
                double root = Math.sqrt(moments[1] + op.epsilon());
                for (int i = 0; i < count; i++) {
                  long channel = g % op.numGroups() * perGroup + i / plane;
                  out.set(
                      g * count + i,
                      (values[i] - moments[0]) / root * scale.get(channel) + shift.get(channel));
                }
              }
            });
    return c.result(out, x.dtype(), dims);
  }

  private static List<Datum> layer(LayerNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = x.dims();
    int axis = c.axis(op.axis(), x.rank());
    int count = Math.toIntExact(Index.product(dims, axis, dims.length));
    long rows = Index.product(dims, 0, axis);
    Reals in = c.reals(0);
    Reals scale = c.reals(1);
    Reals shift = c.has(2) ? c.reals(2) : null;
    long[] inner = Arrays.copyOfRange(dims, axis, dims.length);
    Index scaleAt = Index.of(inner, c.stored(1).dims());
    Index shiftAt = shift == null ? null : Index.of(inner, c.stored(2).dims());
    Reals out = c.newReals(x.size(), x.dtype());
    DType stash = c.runType(DType.byOnnxCode((int) op.stashType()).orElse(DType.F32));
    Reals means = c.newReals(rows, stash);
    Reals inverses = c.newReals(rows, stash);
    c.pool()
        .forRange(
            rows,
            Math.max(1, 4096 / Math.max(1, count)),
            (from, to) -> {
              double[] values = new double[count];
              for (long row = from; row < to; row++) {
                for (int i = 0; i < count; i++) {
                  values[i] = in.get(row * count + i);
                }
                double[] moments = moments(values, c.order(), in.f32());
                double root = Math.sqrt(moments[1] + op.epsilon());
                means.set(row, moments[0]);
                inverses.set(row, 1 / root);
                for (int i = 0; i < count; i++) {
                  double value = (values[i] - moments[0]) / root * scale.get(scaleAt.at(i));
                  out.set(
                      row * count + i, shift == null ? value : value + shift.get(shiftAt.at(i)));
                }
              }
            });
    long[] reduced = dims.clone();
    Arrays.fill(reduced, axis, reduced.length, 1);
    return List.of(
        c.result(out, x.dtype(), dims),
        c.result(means, stash, reduced),
        c.result(inverses, stash, reduced));
  }

  private static Tensor rms(RMSNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = x.dims();
    int axis = c.axis(op.axis(), x.rank());
    int count = Math.toIntExact(Index.product(dims, axis, dims.length));
    Reals in = c.reals(0);
    Reals scale = c.reals(1);
    Index scaleAt = Index.of(Arrays.copyOfRange(dims, axis, dims.length), c.stored(1).dims());
    DType type = c.type(1);
    Reals out = c.newReals(x.size(), type);
    c.pool()
        .forRange(
            Index.product(dims, 0, axis),
            Math.max(1, 4096 / Math.max(1, count)),
            (from, to) -> {
              double[] squares = new double[count];
              for (long row = from; row < to; row++) {
                for (int i = 0; i < count; i++) {
                  double value = in.get(row * count + i);
                  squares[i] = value * value;
                }
                double mean = Sums.sum(squares, count, c.order(), in.f32()) / count;
                double root = Math.sqrt(mean + op.epsilon());
                for (int i = 0; i < count; i++) {
                  out.set(
                      row * count + i, in.get(row * count + i) / root * scale.get(scaleAt.at(i)));
                }
              }
            });
    return c.result(out, type, dims);
  }

  private static Tensor lrn(LRNOp op, KernelContext c) {
    Tensor x = c.input(0);
    long before = (op.size() - 1) / 2;
    long after = op.size() - 1 - before;
    return alongAxis(
        c,
        x,
        1,
        values -> {
          double[] in = values.clone();
          for (int i = 0; i < in.length; i++) {
            double sum = 0;
            for (long j = Math.max(0, i - before); j <= Math.min(in.length - 1, i + after); j++) {
              sum += in[(int) j] * in[(int) j];
            }
            values[i] = in[i] / Math.pow(op.bias() + op.alpha() / op.size() * sum, op.beta());
          }
        });
  }

  private static Tensor meanVariance(MeanVarianceNormalizationOp op, KernelContext c) {
    Tensor x = c.input(0);
    int[] axes = c.axes(op.axes().stream().mapToLong(Long::longValue).toArray(), x.rank());
    Reals in = c.reals(0);
    Reals out = c.newReals(x.size(), x.dtype());
    ReductionKernels.Groups groups = ReductionKernels.Groups.of(x.dims(), axes);
    double[] values = new double[groups.length()];
    for (long g = 0; g < groups.count(); g++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = in.get(groups.at(g, i));
      }
      double[] moments = moments(values, c.order(), in.f32());
      double root = Math.sqrt(moments[1]) + 1e-9;
      for (int i = 0; i < values.length; i++) {
        out.set(groups.at(g, i), (values[i] - moments[0]) / root);
      }
    }
    return c.result(out, x.dtype(), x.dims());
  }
}
