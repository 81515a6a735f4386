package dev.isomorph.gpu.kernel;

import static dev.isomorph.gpu.kernel.SpatialWindow.join;
import static dev.isomorph.gpu.kernel.SpatialWindow.three;

import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.AveragePoolOp;
import dev.isomorph.ir.op.MaxPoolOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.runtime.math.Window;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Pooling over one to three spatial axes; over whole planes it is a reduction. */
final class PoolingKernels {
  private PoolingKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(
        MaxPoolOp.class,
        (op, c) ->
            pool(
                c,
                () ->
                    SpatialWindow.of(
                        c.dims(0),
                        longs(op.kernelShape()),
                        op.strides(),
                        op.dilations(),
                        op.pads(),
                        op.autoPad(),
                        op.ceilMode() != 0),
                window -> max(op, c, window)));
    r.add(
        AveragePoolOp.class,
        (op, c) ->
            pool(
                c,
                () ->
                    SpatialWindow.of(
                        c.dims(0),
                        longs(op.kernelShape()),
                        op.strides(),
                        op.dilations(),
                        op.pads(),
                        op.autoPad(),
                        op.ceilMode() != 0),
                window -> List.of(average(op, c, window))));
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static Decision pool(
      KernelCall c,
      java.util.function.Supplier<Optional<Window>> window,
      Function<Window, List<DeviceTensor>> run) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    int rank = c.rank(0) - 2;
    if (rank < 1 || rank > SpatialWindow.MOST_AXES) {
      return Decision.refuse("no CUDA kernel for %d spatial axes", rank);
    }
    return window
        .get()
        .<Decision>map(w -> new Decision.Compute(() -> run.apply(w)))
        .orElseGet(() -> Decision.refuse("a window that does not fit"));
  }

  private static long[] shape(KernelCall c, Window window) {
    long[] dims = c.dims(0);
    return join(
        new long[] {dims[0] * dims[1]},
        three(window.input(), 1),
        three(window.kernel(), 1),
        three(window.output(), 1),
        three(window.strides(), 1),
        three(window.dilations(), 1),
        three(window.before(), 0),
        three(window.after(), 0));
  }

  private static DeviceTensor result(KernelCall c, Window window, DType type) {
    long[] dims = c.dims(0);
    return c.allocate(type, SpatialWindow.resultDims(dims, dims[1], window));
  }

  private static KernelSource source(KernelCall c) {
    return Sources.real(c.type(0), "pooling");
  }

  private static List<DeviceTensor> max(MaxPoolOp op, KernelCall c, Window window) {
    DeviceTensor out = result(c, window, c.type(0));
    DeviceTensor indices = c.outputCount() > 1 ? result(c, window, DType.I64) : null;
    c.launchFlat(
        source(c),
        "max_pool",
        out.size(),
        new LaunchArguments()
            .struct(shape(c, window))
            .pointer(c.buffer(0))
            .pointer(out.buffer())
            .pointer(indices == null ? null : indices.buffer())
            .int32(op.storageOrder() != 0 ? 1 : 0));
    return indices == null ? List.of(out) : List.of(out, indices);
  }

  private static DeviceTensor average(AveragePoolOp op, KernelCall c, Window window) {
    DeviceTensor out = result(c, window, c.type(0));
    c.launchFlat(
        source(c),
        "average_pool",
        out.size(),
        new LaunchArguments()
            .struct(shape(c, window))
            .pointer(c.buffer(0))
            .pointer(out.buffer())
            .int32(op.countIncludePad() != 0 ? 1 : 0));
    return out;
  }
}
