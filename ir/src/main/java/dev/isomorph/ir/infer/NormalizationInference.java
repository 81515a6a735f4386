package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.op.GroupNormalizationOp;
import dev.isomorph.ir.op.InstanceNormalizationOp;
import dev.isomorph.ir.op.LRNOp;
import dev.isomorph.ir.op.LayerNormalizationOp;
import dev.isomorph.ir.op.LpNormalizationOp;
import dev.isomorph.ir.op.MeanVarianceNormalizationOp;
import dev.isomorph.ir.op.RMSNormalizationOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.List;

/** Normalizations: the first result has the operand's shape. */
final class NormalizationInference {
  private NormalizationInference() {}

  static void register(InferenceRules rules) {
    rules.on(BatchNormalizationOp.class, (_, in) -> batch(in));
    rules.on(
        InstanceNormalizationOp.class,
        (_, in) -> {
          perChannel(in, List.of("scale", "B"));
          in.result(0, in.shape(0));
        });
    rules.on(GroupNormalizationOp.class, NormalizationInference::group);
    rules.on(LayerNormalizationOp.class, (op, in) -> layer(op, in));
    rules.on(RMSNormalizationOp.class, (op, in) -> overLastAxes(op.axis(), in));
    rules.on(LpNormalizationOp.class, (op, in) -> alongAxis(op.axis(), in));
    rules.on(LRNOp.class, (_, in) -> in.result(0, in.shape(0)));
    rules.on(
        MeanVarianceNormalizationOp.class,
        (op, in) -> {
          if (in.shape(0).isRanked()) {
            in.axes(op.axes().stream().mapToLong(Long::longValue).toArray(), in.shape(0).rank());
          }
          in.result(0, in.shape(0));
        });
  }

  private static void batch(InferenceContext in) {
    perChannel(in, List.of("scale", "B", "input_mean", "input_var"));
    in.result(0, in.shape(0));
    in.result(1, in.shape(3));
    in.result(2, in.shape(4));
  }

  /** Operands 1, 2, … are vectors with one element per channel. */
  private static void perChannel(InferenceContext in, List<String> names) {
    Shape x = in.shape(0);
    if (x.isRanked() && x.rank() < 1) {
      throw in.error("the operand needs an axis").expected("rank 1 or more", x).toException();
    }
    for (int i = 0; i < names.size(); i++) {
      in.requireRank(i + 1, names.get(i), 1);
      if (x.isRanked() && in.shape(i + 1).isRanked()) {
        // A batch of scalars has one channel.
        Dim channels = x.rank() == 1 ? Dim.of(1) : x.dim(1);
        in.requireEqual(
            channels, in.shape(i + 1).dim(0), "the channels and the length of " + names.get(i));
      }
    }
  }

  private static void group(GroupNormalizationOp op, InferenceContext in) {
    perChannel(in, List.of("scale", "bias"));
    Shape x = in.shape(0);
    if (x.isRanked() && x.rank() > 1 && x.dim(1).isKnown()) {
      if (op.numGroups() < 1 || x.dim(1).known() % op.numGroups() != 0) {
        throw in.error("the channels cannot be divided into groups")
            .expected("a multiple of " + op.numGroups(), x.dim(1))
            .toException();
      }
    }
    in.result(0, x);
  }

  private static void layer(LayerNormalizationOp op, InferenceContext in) {
    overLastAxes(op.axis(), in);
    DType stash = ElementwiseInference.dtype(op.stashType(), in);
    Shape x = in.shape(0);
    if (x.isRanked()) {
      Shape statistics = x;
      for (int i = in.axis(op.axis(), x.rank()); i < x.rank(); i++) {
        statistics = statistics.with(i, Dim.of(1));
      }
      in.tensor(1, stash, statistics);
      in.tensor(2, stash, statistics);
    } else {
      in.tensor(1, stash, Shape.UNKNOWN);
      in.tensor(2, stash, Shape.UNKNOWN);
    }
  }

  private static void overLastAxes(long axis, InferenceContext in) {
    Shape x = in.shape(0);
    in.result(0, x);
    if (!x.isRanked()) {
      return;
    }
    in.axis(axis, x.rank());
    for (int i = 1; i < in.inputCount(); i++) {
      if (in.has(i) && !in.broadcast(in.shape(i), x).isCompatible(x)) {
        throw in.error("operand %d cannot be broadcast to the first one", i)
            .expected(x, in.shape(i))
            .toException();
      }
    }
  }

  private static void alongAxis(long axis, InferenceContext in) {
    if (in.shape(0).isRanked()) {
      in.axis(axis, in.shape(0).rank());
    }
    in.result(0, in.shape(0));
  }
}
