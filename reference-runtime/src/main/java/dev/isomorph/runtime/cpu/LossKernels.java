package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.NegativeLogLikelihoodLossOp;
import dev.isomorph.ir.op.SoftmaxCrossEntropyLossOp;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Sums;
import java.util.List;
import java.util.OptionalLong;

/** Losses over classes at axis 1. */
final class LossKernels {
  private LossKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(
        NegativeLogLikelihoodLossOp.class,
        (op, c) -> loss(c, c.input(0), op.ignoreIndex(), op.reduction()));
    r.add(
        SoftmaxCrossEntropyLossOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          Tensor logs = NormalizationKernels.softmax(c, c.input(0), 1, true);
          return List.<Datum>of(loss(c, logs, op.ignoreIndex(), op.reduction()), logs);
        });
  }

  private static Tensor loss(KernelContext c, Tensor logs, OptionalLong ignore, String reduction) {
    Tensor target = c.stored(1);
    long classes = logs.dim(1);
    long inner = Index.product(logs.dims(), 2, logs.rank());
    long[] labels = target.toLongs();
    Reals in = KernelContext.reals(logs);
    Reals weights = c.has(2) ? c.reals(2) : null;
    double[] losses = new double[labels.length];
    double[] applied = new double[labels.length];
    for (int i = 0; i < labels.length; i++) {
      if (ignore.isPresent() && labels[i] == ignore.getAsLong()) {
        continue;
      }
      if (labels[i] < 0 || labels[i] >= classes) {
        throw c.error("label %d is none of %d classes", labels[i], classes);
      }
      applied[i] = weights == null ? 1 : weights.get(labels[i]);
      double log = in.get((i / inner * classes + labels[i]) * inner + i % inner);
      losses[i] = -log * applied[i];
    }
    Reals out = c.newReals(reduction.equals("none") ? labels.length : 1, logs.dtype());
    if (reduction.equals("none")) {
      for (int i = 0; i < losses.length; i++) {
        out.set(i, losses[i]);
      }
      return c.result(out, logs.dtype(), target.dims());
    }
    double sum = Sums.sum(losses, losses.length, c.order(), out.f32());
    boolean mean = reduction.equals("mean");
    out.set(0, mean ? sum / Sums.sum(applied, applied.length, c.order(), out.f32()) : sum);
    return c.result(out, logs.dtype());
  }
}
