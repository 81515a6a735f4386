package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.runtime.scalar.CudaSource;

/** Takes slices by indices that are data. */
final class GatherKernels {
  private GatherKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(GatherOp.class, GatherKernels::gather);
  }

  private static Decision gather(GatherOp op, KernelCall c) {
    int axis = KernelCall.axis(op.axis(), c.rank(0));
    if (Cells.type(c.type(0)).isEmpty()) {
      return c.refuseType(0);
    }
    if (axis < 0 || (c.type(1) != DType.I64 && c.type(1) != DType.I32)) {
      return Decision.refuse("axis %d with indices of type %s", op.axis(), c.type(1));
    }
    return Decision.compute(
        () -> {
          long[] x = c.dims(0);
          long[] indices = c.dims(1);
          long[] dims = new long[x.length - 1 + indices.length];
          System.arraycopy(x, 0, dims, 0, axis);
          System.arraycopy(indices, 0, dims, axis, indices.length);
          System.arraycopy(x, axis + 1, dims, axis + indices.length, x.length - axis - 1);
          DeviceTensor out = c.allocate(c.type(0), dims);
          String what =
              "the index at place %%d is out of range for an axis of length %d".formatted(x[axis]);
          c.launchFlat(
              Cells.source(c.type(0), "INDEX=" + CudaSource.memoryType(c.type(1))),
              "gather",
              out.size(),
              new LaunchArguments()
                  .int64(Strides.product(x, 0, axis))
                  .int64(x[axis])
                  .int64(Strides.product(x, axis + 1, x.length))
                  .int64(c.size(1))
                  .pointer(c.buffer(1))
                  .pointer(c.buffer(0))
                  .pointer(out.buffer())
                  .pointer(c.fault(what)));
          return out;
        });
  }
}
