package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.ArgMaxOp;
import dev.isomorph.ir.op.ArgMinOp;
import dev.isomorph.ir.op.CumSumOp;
import dev.isomorph.ir.op.ReduceL1Op;
import dev.isomorph.ir.op.ReduceL2Op;
import dev.isomorph.ir.op.ReduceLogSumExpOp;
import dev.isomorph.ir.op.ReduceLogSumOp;
import dev.isomorph.ir.op.ReduceMaxOp;
import dev.isomorph.ir.op.ReduceMeanOp;
import dev.isomorph.ir.op.ReduceMinOp;
import dev.isomorph.ir.op.ReduceProdOp;
import dev.isomorph.ir.op.ReduceSumOp;
import dev.isomorph.ir.op.ReduceSumSquareOp;
import dev.isomorph.ir.op.TopKOp;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reductions along axes, and positions of extremes. */
final class ReductionRaising {
  private ReductionRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ReduceSumOp.class, (op, n) -> reduce(n, "Sum", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceMeanOp.class, (op, n) -> reduce(n, "Mean", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceProdOp.class, (op, n) -> reduce(n, "Prod", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceMaxOp.class,
        (op, n) -> extreme(n, "Max", "Any", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceMinOp.class,
        (op, n) -> extreme(n, "Min", "All", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(ReduceL1Op.class, (op, n) -> of(n, "Abs", "", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceL2Op.class,
        (op, n) -> of(n, "Square", "Sqrt", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceSumSquareOp.class,
        (op, n) -> of(n, "Square", "", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(
        ReduceLogSumOp.class, (op, n) -> of(n, "", "Log", op.keepdims(), op.noopWithEmptyAxes()));
    rules.on(ReduceLogSumExpOp.class, ReductionRaising::logSumExp);
    rules.on(
        ArgMaxOp.class,
        (op, n) -> position(n, "ArgMax", op.axis(), op.keepdims(), op.selectLastIndex()));
    rules.on(
        ArgMinOp.class,
        (op, n) -> position(n, "ArgMin", op.axis(), op.keepdims(), op.selectLastIndex()));
    rules.several(TopKOp.class, ReductionRaising::topK);
    rules.on(CumSumOp.class, ReductionRaising::cumulative);
  }

  /** {@return the axes; none where the operator says that none means none} */
  private static Optional<long[]> axes(RaisingNode node, long noopWithEmptyAxes) {
    long[] given = node.has(1) ? node.numbers(1, "the axes") : new long[0];
    if (given.length > 0) {
      return Optional.of(given);
    }
    return noopWithEmptyAxes == 1
        ? Optional.empty()
        : Optional.of(LongStream.range(0, node.rank(0)).toArray());
  }

  private static Ref reduce(RaisingNode node, String op, long keep, long noop) {
    Optional<long[]> axes = axes(node, noop);
    return axes.isEmpty()
        ? node.main("Identity", node.in(0))
        : node.main(op, keeping(keep), node.in(0), node.vector(axes.get()));
  }

  private static Attributes keeping(long keep) {
    return keep == 1 ? Attributes.none().flag("keep_dims", true) : Attributes.none();
  }

  private static Ref extreme(RaisingNode node, String op, String ofFlags, long keep, long noop) {
    return reduce(node, node.dtype(0) == DType.BOOL ? ofFlags : op, keep, noop);
  }

  /** A sum of something, with something done to it. */
  private static Ref of(RaisingNode node, String before, String after, long keep, long noop) {
    Optional<long[]> axes = axes(node, noop);
    Ref x = before.isEmpty() ? node.in(0) : node.sub(before, node.in(0));
    if (axes.isEmpty()) {
      return after.isEmpty() ? node.main("Identity", x) : node.main(after, x);
    }
    Ref along = node.vector(axes.get());
    if (after.isEmpty()) {
      return node.main("Sum", keeping(keep), x, along);
    }
    return node.main(after, node.sub("Sum", keeping(keep), x, along));
  }

  /** The largest element is taken out first, unless it is infinite. */
  private static Ref logSumExp(ReduceLogSumExpOp op, RaisingNode node) {
    Optional<long[]> axes = axes(node, op.noopWithEmptyAxes());
    if (axes.isEmpty()) {
      return node.main("Identity", node.in(0));
    }
    DType dtype = node.dtype(0);
    Ref along = node.vector(axes.get());
    Ref highest = node.sub("Max", keeping(1), node.in(0), along);
    Ref zero = node.scalar(dtype, 0);
    Ref infinite = node.sub("IsInf", highest);
    Ref base = node.sub("SelectV2", infinite, zero, highest);
    Ref shifted = node.sub("Exp", node.sub("Sub", node.in(0), base));
    Ref log = node.sub("Log", node.sub("Sum", keeping(1), shifted, along));
    if (op.keepdims() == 1) {
      return node.main("AddV2", log, base);
    }
    Ref sum = node.sub("AddV2", log, base);
    return node.main("Squeeze", Attributes.none().integers("squeeze_dims", axes.get()), sum);
  }

  private static Ref position(RaisingNode node, String op, long axis, long keep, long last) {
    if (last == 1) {
      throw node.refused("the last of several equal extremes");
    }
    Ref dimension = node.scalar(DType.I32, axis);
    if (keep == 0) {
      return node.main(op, node.in(0), dimension);
    }
    return node.main("ExpandDims", node.sub(op, node.in(0), dimension), dimension);
  }

  /** TensorFlow picks the largest of the last axis. */
  private static List<Ref> topK(TopKOp op, RaisingNode node) {
    int rank = node.rank(0);
    int at = RaisingNode.axis(op.axis(), rank);
    boolean smallest = op.largest() == 0;
    if (smallest && !node.dtype(0).isFloat()) {
      throw node.refused("the smallest of integers");
    }
    List<Long> perm =
        LongStream.range(0, rank)
            .map(i -> i == at ? rank - 1 : i == rank - 1 ? at : i)
            .boxed()
            .toList();
    Ref x = node.transpose(node.in(0), perm);
    x = smallest ? node.sub("Neg", x) : x;
    long[] count = node.known(1).orElse(null);
    Ref k =
        count != null
            ? node.scalar(DType.I32, count[0])
            : node.sub("Reshape", node.cast(node.in(1), DType.I32), node.vector());
    List<Ref> found = node.several("TopKV2", Attributes.none(), x, k);
    Ref values = smallest ? node.sub("Neg", found.get(0)) : found.get(0);
    Ref indices = node.cast(found.get(1), DType.I64);
    return List.of(node.transpose(values, perm), node.transpose(indices, perm));
  }

  private static Ref cumulative(CumSumOp op, RaisingNode node) {
    Attributes attributes = Attributes.none();
    if (op.exclusive() == 1) {
      attributes.flag("exclusive", true);
    }
    if (op.reverse() == 1) {
      attributes.flag("reverse", true);
    }
    Ref axis =
        node.known(1)
            .map(axes -> node.scalar(DType.I32, axes[0]))
            .orElseGet(() -> node.sub("Reshape", node.in(1), node.vector()));
    return node.main("Cumsum", attributes, node.in(0), axis);
  }
}
