package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ArgMaxOp;
import dev.isomorph.ir.op.ArgMinOp;
import dev.isomorph.ir.op.CumProdOp;
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
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Sums;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Reductions over axes, index of the extreme, running sums and products. */
final class ReductionKernels {
  private ReductionKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(
        ReduceSumOp.class,
        (op, c) ->
            sums(c, op.keepdims(), op.noopWithEmptyAxes(), v -> v, (sum, _) -> sum, Integers.SUM));
    r.rounds(
        ReduceMeanOp.class,
        (op, c) ->
            sums(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> v,
                (sum, n) -> sum / n,
                v -> v.length == 0 ? 0 : Integers.SUM.applyAsLong(v) / v.length));
    r.rounds(
        ReduceL1Op.class,
        (op, c) ->
            sums(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                Math::abs,
                (sum, _) -> sum,
                v -> Arrays.stream(v).map(Math::abs).sum()));
    r.rounds(
        ReduceL2Op.class,
        (op, c) ->
            sums(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> v * v,
                (sum, _) -> Math.sqrt(sum),
                v -> (long) Math.sqrt(Arrays.stream(v).map(x -> x * x).sum())));
    r.rounds(
        ReduceSumSquareOp.class,
        (op, c) ->
            sums(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> v * v,
                (sum, _) -> sum,
                v -> Arrays.stream(v).map(x -> x * x).sum()));
    r.rounds(
        ReduceLogSumOp.class,
        (op, c) ->
            sums(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> v,
                (sum, _) -> Math.log(sum),
                v -> (long) Math.log(Integers.SUM.applyAsLong(v))));
    r.rounds(
        ReduceLogSumExpOp.class,
        (op, c) ->
            reduce(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> logSumExp(v, c),
                v -> (long) logSumExp(Arrays.stream(v).mapToDouble(x -> x).toArray(), c)));
    r.rounds(
        ReduceProdOp.class,
        (op, c) -> {
          boolean f32 = KernelContext.computesInF32(c.type(0));
          return reduce(
              c, op.keepdims(), op.noopWithEmptyAxes(), v -> product(v, f32), Integers.PRODUCT);
        });
    r.exact(
        ReduceMaxOp.class,
        (op, c) ->
            reduce(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> Arrays.stream(v).reduce(Double.NEGATIVE_INFINITY, Math::max),
                v -> extreme(v, c.type(0), true)));
    r.exact(
        ReduceMinOp.class,
        (op, c) ->
            reduce(
                c,
                op.keepdims(),
                op.noopWithEmptyAxes(),
                v -> Arrays.stream(v).reduce(Double.POSITIVE_INFINITY, Math::min),
                v -> extreme(v, c.type(0), false)));
    r.exact(
        ArgMaxOp.class,
        (op, c) -> argument(c, op.axis(), op.keepdims(), op.selectLastIndex() != 0, true));
    r.exact(
        ArgMinOp.class,
        (op, c) -> argument(c, op.axis(), op.keepdims(), op.selectLastIndex() != 0, false));
    r.rounds(CumSumOp.class, (op, c) -> running(c, op.exclusive() != 0, op.reverse() != 0, false));
    r.rounds(CumProdOp.class, (op, c) -> running(c, op.exclusive() != 0, op.reverse() != 0, true));
  }

  private static final class Integers {
    static final ToLongFunction<long[]> SUM = v -> Arrays.stream(v).sum();
    static final ToLongFunction<long[]> PRODUCT = v -> Arrays.stream(v).reduce(1, (a, b) -> a * b);
  }

  /** Finishes a sum of {@code n} terms. */
  @FunctionalInterface
  private interface Finish {
    double of(double sum, int n);
  }

  /**
   * The elements that are reduced together.
   *
   * @param kept walks the groups
   * @param reduced walks the elements of a group
   */
  record Groups(Index kept, Index reduced, long count, int length) {
    static Groups of(long[] dims, int[] axes) {
      long[] strides = Index.strides(dims);
      boolean[] isReduced = new boolean[dims.length];
      for (int axis : axes) {
        isReduced[axis] = true;
      }
      Index kept = select(dims, strides, isReduced, false);
      Index reduced = select(dims, strides, isReduced, true);
      return new Groups(
          kept,
          reduced,
          Tensor.sizeOf(kept.dims()),
          Math.toIntExact(Tensor.sizeOf(reduced.dims())));
    }

    private static Index select(long[] dims, long[] strides, boolean[] isReduced, boolean wanted) {
      int count = 0;
      long[] d = new long[dims.length];
      long[] s = new long[dims.length];
      for (int i = 0; i < dims.length; i++) {
        if (isReduced[i] == wanted) {
          d[count] = dims[i];
          s[count++] = strides[i];
        }
      }
      return new Index(Arrays.copyOf(d, count), Arrays.copyOf(s, count), 0);
    }

    long at(long group, long element) {
      return kept.at(group) + reduced.at(element);
    }

    /** {@return where each element of a group lies, from the group's first} */
    long[] places() {
      long[] places = new long[length];
      for (int i = 0; i < length; i++) {
        places[i] = reduced.at(i);
      }
      return places;
    }
  }

  private static Tensor sums(
      KernelContext c,
      long keepdims,
      long noop,
      java.util.function.DoubleUnaryOperator term,
      Finish finish,
      ToLongFunction<long[]> integers) {
    boolean f32 = KernelContext.computesInF32(c.type(0));
    return reduce(
        c,
        keepdims,
        noop,
        values -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = term.applyAsDouble(values[i]);
          }
          return finish.of(Sums.sum(values, values.length, c.order(), f32), values.length);
        },
        integers);
  }

  private static double product(double[] values, boolean f32) {
    double product = 1;
    for (double value : values) {
      product = f32 ? (float) (product * value) : product * value;
    }
    return product;
  }

  private static double logSumExp(double[] values, KernelContext c) {
    double max = Arrays.stream(values).reduce(Double.NEGATIVE_INFINITY, Math::max);
    if (Double.isInfinite(max)) {
      return max;
    }
    double[] terms = new double[values.length];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = Math.exp(values[i] - max);
    }
    boolean f32 = KernelContext.computesInF32(c.type(0));
    return max + Math.log(Sums.sum(terms, terms.length, c.order(), f32));
  }

  private static long extreme(long[] values, DType type, boolean max) {
    if (values.length == 0) {
      if (type == DType.BOOL) {
        return max ? 0 : 1;
      }
      if (type.kind() == DType.Kind.UNSIGNED) {
        return max ? 0 : -1L;
      }
      long smallest = -1L << (type.bits() - 1);
      return max ? smallest : -1 - smallest;
    }
    long best = values[0];
    for (long value : values) {
      int order = type == DType.U64 ? Long.compareUnsigned(value, best) : Long.compare(value, best);
      best = (max ? order > 0 : order < 0) ? value : best;
    }
    return best;
  }

  private static Tensor reduce(
      KernelContext c,
      long keepdims,
      long noop,
      ToDoubleFunction<double[]> floats,
      ToLongFunction<long[]> integers) {
    Tensor x = c.input(0);
    long[] given = c.has(1) ? c.longs(1) : new long[0];
    int[] axes = c.axes(given, x.rank());
    if (axes.length == 0 && noop == 0) {
      axes = java.util.stream.IntStream.range(0, x.rank()).toArray();
    }
    long[] dims = x.dims();
    Groups groups = Groups.of(dims, axes);
    long[] places = groups.places();
    for (int axis : axes) {
      dims[axis] = 1;
    }
    long[] out = keepdims != 0 ? dims : groups.kept.dims();
    DType type = x.dtype();
    long grain = Math.max(1, 8192 / Math.max(1, groups.length));
    if (type.isFloat()) {
      Reals in = KernelContext.reals(x);
      Reals result = c.newReals(groups.count, type);
      c.pool()
          .forRange(
              groups.count,
              grain,
              (from, to) -> {
                double[] values = new double[groups.length];
                for (long g = from; g < to; g++) {
                  long start = groups.kept.at(g);
                  for (int i = 0; i < values.length; i++) {
                    values[i] = in.get(start + places[i]);
                  }
                  result.set(g, floats.applyAsDouble(values));
                }
              });
      return c.result(result, type, out);
    }
    MemorySegment in = x.segment();
    MemorySegment result = Tensor.allocate(type.byteSize(groups.count));
    long[] values = new long[groups.length];
    for (long g = 0; g < groups.count; g++) {
      long start = groups.kept.at(g);
      for (int i = 0; i < values.length; i++) {
        values[i] = Elements.getLong(in, type, start + places[i]);
      }
      Elements.setLong(result, type, g, integers.applyAsLong(values));
    }
    return Tensor.of(type, out, result);
  }

  /** NaN is the extreme where there is one: the first NaN is found. */
  private static Tensor argument(
      KernelContext c, long axisAttribute, long keepdims, boolean last, boolean max) {
    Tensor x = c.input(0);
    int axis = c.axis(axisAttribute, x.rank());
    NormalizationKernels.Lines lines = NormalizationKernels.Lines.of(x.dims(), axis);
    if (lines.length() == 0) {
      throw c.error("axis %d of %s is empty", axis, x.typeText());
    }
    long count = lines.outer() * lines.inner();
    MemorySegment out = Tensor.allocate(count * 8);
    boolean exactLongs = x.dtype() == DType.I64 || x.dtype() == DType.U64;
    Reals in = exactLongs ? null : KernelContext.reals(x);
    for (long line = 0; line < count; line++) {
      long start = lines.start(line);
      int best = 0;
      for (int i = 1; i < lines.length(); i++) {
        int order =
            exactLongs
                ? compareLongs(x, start + i * lines.inner(), start + best * lines.inner())
                : Double.compare(
                    in.get(start + i * lines.inner()) + 0.0,
                    in.get(start + best * lines.inner()) + 0.0);
        boolean nan =
            !exactLongs && Double.isNaN(in.get(start + (order > 0 ? i : best) * lines.inner()));
        boolean better = max || nan ? order > 0 : order < 0;
        if (better || (order == 0 && last)) {
          best = i;
        }
      }
      out.set(Tensor.LE_LONG, line * 8, best);
    }
    long[] dims = x.dims();
    dims[axis] = 1;
    return Tensor.of(DType.I64, keepdims != 0 ? dims : without(dims, axis), out);
  }

  private static int compareLongs(Tensor x, long a, long b) {
    long left = Elements.getLong(x.segment(), x.dtype(), a);
    long right = Elements.getLong(x.segment(), x.dtype(), b);
    return x.dtype() == DType.U64 ? Long.compareUnsigned(left, right) : Long.compare(left, right);
  }

  static long[] without(long[] dims, int axis) {
    long[] out = new long[dims.length - 1];
    for (int i = 0, j = 0; i < dims.length; i++) {
      if (i != axis) {
        out[j++] = dims[i];
      }
    }
    return out;
  }

  private static Tensor running(
      KernelContext c, boolean exclusive, boolean reverse, boolean product) {
    Tensor x = c.input(0);
    int axis = c.axis(c.scalarLong(1), x.rank());
    NormalizationKernels.Lines lines = NormalizationKernels.Lines.of(x.dims(), axis);
    DType type = x.dtype();
    boolean integers = type.isInteger();
    Reals in = integers ? null : KernelContext.reals(x);
    Reals out = integers ? null : c.newReals(x.size(), type);
    MemorySegment wholeOut = integers ? Tensor.allocate(x.byteSize()) : null;
    for (long line = 0; line < lines.outer() * lines.inner(); line++) {
      long start = lines.start(line);
      double sum = product ? 1 : 0;
      long whole = product ? 1 : 0;
      for (int k = 0; k < lines.length(); k++) {
        int i = reverse ? lines.length() - 1 - k : k;
        long at = start + i * lines.inner();
        if (integers) {
          long value = Elements.getLong(x.segment(), type, at);
          long next = product ? whole * value : whole + value;
          Elements.setLong(wholeOut, type, at, exclusive ? whole : next);
          whole = next;
        } else {
          double value = in.get(at);
          double next = in.round(product ? sum * value : sum + value);
          out.set(at, exclusive ? sum : next);
          sum = next;
        }
      }
    }
    return integers ? Tensor.of(type, x.dims(), wholeOut) : c.result(out, type, x.dims());
  }
}
