package dev.isomorph.gpu.kernel;

import static dev.isomorph.gpu.kernel.SpatialWindow.join;
import static dev.isomorph.gpu.kernel.SpatialWindow.three;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Window;
import java.util.Arrays;
import java.util.Optional;

/** Convolutions of one to three spatial axes. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(ConvOp.class, ConvolutionKernels::convolution);
  }

  private static Decision convolution(ConvOp op, KernelCall c) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    long[] x = c.dims(0);
    long[] w = c.dims(1);
    int rank = x.length - 2;
    if (rank < 1 || rank > SpatialWindow.MOST_AXES || w.length != x.length) {
      return Decision.refuse("no CUDA kernel for %d spatial axes", rank);
    }
    long[] kernel = Arrays.copyOfRange(w, 2, w.length);
    long[] declared = SpatialWindow.orElse(op.kernelShape(), 0, 0);
    boolean fits =
        (declared.length == 0 || Arrays.equals(declared, kernel))
            && x[1] == w[1] * op.group()
            && w[0] % op.group() == 0;
    Optional<Window> window =
        SpatialWindow.of(x, kernel, op.strides(), op.dilations(), op.pads(), op.autoPad(), false);
    if (!fits || window.isEmpty()) {
      return Decision.refuse("shapes that do not go together");
    }
    return Decision.compute(() -> run(c, window.get(), x, w, op.group()));
  }

  private static DeviceTensor run(KernelCall c, Window window, long[] x, long[] w, long groups) {
    DeviceTensor out = c.allocate(c.type(0), SpatialWindow.resultDims(x, w[0], window));
    long[] shape =
        join(
            new long[] {x[0], x[1], w[0], groups},
            three(window.input(), 1),
            three(window.kernel(), 1),
            three(window.output(), 1),
            three(window.strides(), 1),
            three(window.dilations(), 1),
            three(window.before(), 0));
    c.launchFlat(
        Sources.real(c.type(0), "convolution"),
        "convolution",
        Tensor.sizeOf(out.dims()),
        new LaunchArguments()
            .struct(shape)
            .pointer(c.buffer(0))
            .pointer(c.buffer(1))
            .pointer(c.buffer(2))
            .pointer(out.buffer()));
    return out;
  }
}
