package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.AveragePoolOp;
import dev.isomorph.ir.op.GlobalAveragePoolOp;
import dev.isomorph.ir.op.GlobalLpPoolOp;
import dev.isomorph.ir.op.GlobalMaxPoolOp;
import dev.isomorph.ir.op.LpPoolOp;
import dev.isomorph.ir.op.MaxPoolOp;
import dev.isomorph.ir.op.MaxUnpoolOp;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Pooling;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Pooling over spatial axes. */
final class PoolingKernels {
  private PoolingKernels() {}

  static void register(KernelRegistry r) {
    r.add(MaxPoolOp.class, Rounding.EXACT, PoolingKernels::maxPool);
    r.rounds(
        AveragePoolOp.class,
        (op, c) -> {
          Window window =
              window(
                  c,
                  op.kernelShape(),
                  op.strides(),
                  op.dilations(),
                  op.pads(),
                  op.autoPad(),
                  op.ceilMode() != 0);
          Reals y = output(c, window);
          Pooling.average(c.pool(), window, planes(c), c.reals(0), y, op.countIncludePad() != 0);
          return c.result(y, c.type(0), dims(c, window));
        });
    r.rounds(
        LpPoolOp.class,
        (op, c) -> {
          Window window =
              window(
                  c,
                  op.kernelShape(),
                  op.strides(),
                  op.dilations(),
                  op.pads(),
                  op.autoPad(),
                  op.ceilMode() != 0);
          Reals y = output(c, window);
          Pooling.norm(c.pool(), window, planes(c), c.reals(0), y, op.p());
          return c.result(y, c.type(0), dims(c, window));
        });
    r.rounds(
        GlobalAveragePoolOp.class,
        (_, c) -> {
          Window window = whole(c);
          Reals y = output(c, window);
          Pooling.average(c.pool(), window, planes(c), c.reals(0), y, false);
          return c.result(y, c.type(0), dims(c, window));
        });
    r.exact(
        GlobalMaxPoolOp.class,
        (_, c) -> {
          Window window = whole(c);
          Reals y = output(c, window);
          Pooling.max(c.pool(), window, planes(c), c.reals(0), y, null, false);
          return c.result(y, c.type(0), dims(c, window));
        });
    r.rounds(
        GlobalLpPoolOp.class,
        (op, c) -> {
          Window window = whole(c);
          Reals y = output(c, window);
          Pooling.norm(c.pool(), window, planes(c), c.reals(0), y, op.p());
          return c.result(y, c.type(0), dims(c, window));
        });
    r.exact(MaxUnpoolOp.class, PoolingKernels::unpool);
  }

  private static long[] spatial(KernelContext c) {
    Tensor x = c.stored(0);
    if (x.rank() < 3) {
      throw c.error("pooling needs batch, channels and spatial axes, not %s", x.typeText());
    }
    return Arrays.copyOfRange(x.dims(), 2, x.rank());
  }

  private static long planes(KernelContext c) {
    return c.stored(0).dim(0) * c.stored(0).dim(1);
  }

  private static Window window(
      KernelContext c,
      List<Long> kernel,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations,
      Optional<List<Long>> pads,
      String autoPad,
      boolean ceil) {
    long[] spatial = spatial(c);
    int rank = spatial.length;
    return ConvolutionKernels.window(
        c,
        spatial,
        kernel.stream().mapToLong(Long::longValue).toArray(),
        ConvolutionKernels.orElse(strides, rank, 1),
        ConvolutionKernels.orElse(dilations, rank, 1),
        ConvolutionKernels.orElse(pads, 2 * rank, 0),
        autoPad,
        ceil);
  }

  private static Window whole(KernelContext c) {
    long[] spatial = spatial(c);
    long[] ones = new long[spatial.length];
    Arrays.fill(ones, 1);
    return ConvolutionKernels.window(
        c, spatial, spatial, ones, ones, new long[2 * spatial.length], "NOTSET", false);
  }

  private static long[] dims(KernelContext c, Window window) {
    long[] dims = c.stored(0).dims();
    System.arraycopy(window.output(), 0, dims, 2, window.rank());
    return dims;
  }

  private static Reals output(KernelContext c, Window window) {
    return c.newReals(planes(c) * window.outputSize(), c.type(0));
  }

  private static List<Datum> maxPool(MaxPoolOp op, KernelContext c) {
    Window window =
        window(
            c,
            op.kernelShape(),
            op.strides(),
            op.dilations(),
            op.pads(),
            op.autoPad(),
            op.ceilMode() != 0);
    long size = planes(c) * window.outputSize();
    long[] indices = c.outputCount() > 1 ? new long[Math.toIntExact(size)] : null;
    Reals y = output(c, window);
    Pooling.max(c.pool(), window, planes(c), c.reals(0), y, indices, op.storageOrder() != 0);
    long[] dims = dims(c, window);
    Tensor result = c.result(y, c.type(0), dims);
    return indices == null ? List.of(result) : List.of(result, Tensor.of(indices, dims));
  }

  private static Tensor unpool(MaxUnpoolOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] in = spatial(c);
    int rank = in.length;
    long[] strides = ConvolutionKernels.orElse(op.strides(), rank, 1);
    long[] pads = ConvolutionKernels.orElse(op.pads(), 2 * rank, 0);
    long[] inferred = x.dims();
    for (int i = 0; i < rank; i++) {
      inferred[i + 2] =
          (in[i] - 1) * strides[i] - pads[i] - pads[i + rank] + op.kernelShape().get(i);
    }
    long[] dims = c.has(2) ? c.longs(2) : inferred;
    Tensor places = c.input(1);
    Reals from = c.reals(0);
    Reals out = c.newReals(Tensor.sizeOf(dims), c.type(0));
    long plane = Index.product(inferred, 2, inferred.length);
    long target = Index.product(dims, 2, dims.length);
    Index inside =
        new Index(
            Arrays.copyOfRange(inferred, 2, inferred.length),
            Index.strides(Arrays.copyOfRange(dims, 2, dims.length)),
            0);
    boolean sameShape = Arrays.equals(dims, inferred);
    for (long i = 0; i < x.size(); i++) {
      long place = places.segment().get(Tensor.LE_LONG, i * 8);
      long at = sameShape ? place : place / plane * target + inside.at(place % plane);
      if (place < 0 || at >= Tensor.sizeOf(dims)) {
        throw c.error("index %d is outside the result", place);
      }
      out.set(at, from.get(i));
    }
    return c.result(out, c.type(0), dims);
  }
}
