package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.ArgMaxOp;
import dev.isomorph.ir.op.ArgMinOp;
import dev.isomorph.ir.op.GlobalAveragePoolOp;
import dev.isomorph.ir.op.GlobalMaxPoolOp;
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
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reductions over axes, and the place of the extreme. Sums go by a tree that is always the same.
 */
final class ReductionKernels {
  /** What is computed; the name is a macro of the source. */
  private enum Kind {
    SUM,
    MEAN,
    L1,
    L2,
    SUM_SQUARE,
    LOG_SUM,
    PRODUCT,
    LARGEST,
    SMALLEST,
    LOG_SUM_EXP
  }

  private ReductionKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(ReduceSumOp.class, (op, c) -> decide(c, Kind.SUM, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceMeanOp.class, (op, c) -> decide(c, Kind.MEAN, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(ReduceL1Op.class, (op, c) -> decide(c, Kind.L1, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(ReduceL2Op.class, (op, c) -> decide(c, Kind.L2, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceSumSquareOp.class,
        (op, c) -> decide(c, Kind.SUM_SQUARE, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceLogSumOp.class,
        (op, c) -> decide(c, Kind.LOG_SUM, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceProdOp.class,
        (op, c) -> decide(c, Kind.PRODUCT, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceMaxOp.class,
        (op, c) -> decide(c, Kind.LARGEST, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceMinOp.class,
        (op, c) -> decide(c, Kind.SMALLEST, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(
        ReduceLogSumExpOp.class,
        (op, c) -> decide(c, Kind.LOG_SUM_EXP, op.keepdims(), op.noopWithEmptyAxes()));
    r.add(GlobalAveragePoolOp.class, (_, c) -> planes(c, Kind.MEAN));
    r.add(GlobalMaxPoolOp.class, (_, c) -> planes(c, Kind.LARGEST));
    r.add(
        ArgMaxOp.class,
        (op, c) -> argument(c, op.axis(), op.keepdims(), op.selectLastIndex() != 0, true));
    r.add(
        ArgMinOp.class,
        (op, c) -> argument(c, op.axis(), op.keepdims(), op.selectLastIndex() != 0, false));
  }

  private static Decision decide(KernelCall c, Kind kind, long keepdims, long noop) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    int rank = c.rank(0);
    long[] given = c.has(1) ? c.longs(1) : new long[0];
    boolean[] reduced = new boolean[rank];
    for (long axis : given) {
      int at = KernelCall.axis(axis, rank);
      if (at < 0) {
        return Decision.refuse("axis %d of an operand of rank %d", axis, rank);
      }
      reduced[at] = true;
    }
    if (given.length == 0 && noop == 0) {
      Arrays.fill(reduced, true);
    }
    return Decision.compute(() -> run(c, kind, reduced, keepdims != 0));
  }

  private static Decision planes(KernelCall c, Kind kind) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    if (c.rank(0) < 3) {
      return Decision.refuse("no spatial axes");
    }
    boolean[] reduced = new boolean[c.rank(0)];
    Arrays.fill(reduced, 2, reduced.length, true);
    return Decision.compute(() -> run(c, kind, reduced, true));
  }

  private static DeviceTensor run(KernelCall c, Kind kind, boolean[] reduced, boolean keepdims) {
    long[] dims = c.dims(0);
    long[] strides = Strides.of(dims);
    long[] keptDims = choose(dims, reduced, false);
    long[] reducedDims = choose(dims, reduced, true);
    long[] out =
        keepdims
            ? IntStream.range(0, dims.length).mapToLong(i -> reduced[i] ? 1 : dims[i]).toArray()
            : keptDims;
    DeviceTensor result = c.allocate(c.type(0), out);
    long length = Tensor.sizeOf(reducedDims);
    long[] plan =
        SpatialWindow.join(
            keptDims, choose(strides, reduced, false), reducedDims, choose(strides, reduced, true));
    c.launchBlocks(
        Sources.real(c.type(0), List.of("KIND=" + kind.ordinal()), "block", "reduction"),
        "reduce",
        result.size(),
        KernelCall.reducingThreads(length),
        new LaunchArguments()
            .int64(result.size())
            .int64(length)
            .int32(keptDims.length)
            .int32(reducedDims.length)
            .pointer(c.plan(plan.length == 0 ? new long[1] : plan))
            .pointer(c.buffer(0))
            .pointer(result.buffer()));
    return result;
  }

  private static long[] choose(long[] values, boolean[] reduced, boolean wanted) {
    return IntStream.range(0, values.length)
        .filter(i -> reduced[i] == wanted)
        .mapToLong(i -> values[i])
        .toArray();
  }

  private static Decision argument(
      KernelCall c, long axisAttribute, long keepdims, boolean last, boolean largest) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    int axis = KernelCall.axis(axisAttribute, c.rank(0));
    if (axis < 0 || c.dims(0)[axis] == 0) {
      return Decision.refuse("axis %d of an operand of rank %d", axisAttribute, c.rank(0));
    }
    return Decision.compute(
        () -> {
          long[] dims = c.dims(0);
          long length = dims[axis];
          long inner = Strides.product(dims, axis + 1, dims.length);
          dims[axis] = 1;
          long[] without =
              IntStream.range(0, dims.length)
                  .filter(i -> i != axis)
                  .mapToLong(i -> dims[i])
                  .toArray();
          DeviceTensor out = c.allocate(DType.I64, keepdims != 0 ? dims : without);
          c.launchBlocks(
              Sources.real(c.type(0), List.of("KIND=" + Kind.SUM.ordinal()), "block", "reduction"),
              "arg_extreme",
              out.size(),
              KernelCall.reducingThreads(length),
              new LaunchArguments()
                  .int64(out.size())
                  .int64(length)
                  .int64(inner)
                  .int32(largest ? 1 : 0)
                  .int32(last ? 1 : 0)
                  .pointer(c.buffer(0))
                  .pointer(out.buffer()));
          return out;
        });
  }
}
