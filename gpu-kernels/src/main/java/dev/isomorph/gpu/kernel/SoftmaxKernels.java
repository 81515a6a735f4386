package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.LogSoftmaxOp;
import dev.isomorph.ir.op.SoftmaxOp;

/** Softmax and its logarithm along one axis. */
final class SoftmaxKernels {
  private SoftmaxKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(SoftmaxOp.class, (op, c) -> softmax(c, op.axis(), false));
    r.add(LogSoftmaxOp.class, (op, c) -> softmax(c, op.axis(), true));
  }

  private static Decision softmax(KernelCall c, long axisAttribute, boolean logarithm) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    int axis = KernelCall.axis(axisAttribute, c.rank(0));
    if (axis < 0) {
      return Decision.refuse("axis %d of an operand of rank %d", axisAttribute, c.rank(0));
    }
    return Decision.compute(
        () -> {
          long[] dims = c.dims(0);
          DeviceTensor out = c.allocate(c.type(0), dims);
          long length = dims[axis];
          long inner = Strides.product(dims, axis + 1, dims.length);
          long lines = length == 0 ? 0 : out.size() / length;
          c.launchBlocks(
              Sources.real(c.type(0), "block", "softmax"),
              "softmax",
              lines,
              KernelCall.reducingThreads(length),
              new LaunchArguments()
                  .int64(lines)
                  .int64(length)
                  .int64(inner)
                  .pointer(c.buffer(0))
                  .pointer(out.buffer())
                  .int32(logarithm ? 1 : 0));
          return out;
        });
  }
}
