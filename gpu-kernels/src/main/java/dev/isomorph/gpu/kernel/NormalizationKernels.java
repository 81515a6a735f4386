package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.tensor.DType;

/** Batch normalisation with the statistics that were learnt. */
final class NormalizationKernels {
  private NormalizationKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(BatchNormalizationOp.class, NormalizationKernels::batch);
  }

  private static Decision batch(BatchNormalizationOp op, KernelCall c) {
    if (op.trainingMode() != 0) {
      return Decision.refuse("no CUDA kernel for training_mode");
    }
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    DType type = c.type(0);
    long[] dims = c.dims(0);
    long channels = dims.length > 1 ? dims[1] : 1;
    for (int i = 1; i < 5; i++) {
      if (c.type(i) != type) {
        return Decision.refuse("no CUDA kernel for types %s and %s together", type, c.type(i));
      }
      if (c.size(i) != channels) {
        return Decision.refuse("shapes that do not go together");
      }
    }
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(type, dims);
          long plane = Strides.product(dims, Math.min(2, dims.length), dims.length);
          LaunchArguments arguments =
              new LaunchArguments()
                  .int64(out.size())
                  .int64(channels)
                  .int64(plane)
                  .number(type, op.epsilon());
          for (int i = 0; i < 5; i++) {
            arguments.pointer(c.buffer(i));
          }
          c.launchFlat(
              Sources.real(type, "normalization"),
              "batch_normalization",
              out.size(),
              arguments.pointer(out.buffer()));
          return out;
        });
  }
}
