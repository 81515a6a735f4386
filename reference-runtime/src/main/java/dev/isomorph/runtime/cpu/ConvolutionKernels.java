package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.op.ConvTransposeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Convolution;
import dev.isomorph.runtime.math.Convolution.Operand;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Convolutions of any number of spatial axes. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(
        ConvOp.class,
        (op, c) -> {
          Tensor y =
              convolve(
                  c,
                  c.stored(0).dense(),
                  c.stored(1).dense(),
                  op.group(),
                  op.autoPad(),
                  op.kernelShape(),
                  op.strides(),
                  op.dilations(),
                  op.pads(),
                  c.has(2) ? c.reals(2) : null);
          return y;
        });
    r.rounds(ConvTransposeOp.class, ConvolutionKernels::transposed);
  }

  /** {@return the values, or as many ones, or zeros} */
  static long[] orElse(Optional<List<Long>> given, int count, long value) {
    if (given.isPresent() && !given.get().isEmpty()) {
      return given.get().stream().mapToLong(Long::longValue).toArray();
    }
    long[] out = new long[count];
    Arrays.fill(out, value);
    return out;
  }

  /** {@return the convolution of two float tensors, which may be stored in another float type} */
  static Tensor convolve(
      KernelContext c,
      Tensor x,
      Tensor w,
      long group,
      String autoPad,
      Optional<List<Long>> kernelShape,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations,
      Optional<List<Long>> pads,
      Reals bias) {
    int rank = x.rank() - 2;
    if (rank < 1 || w.rank() != x.rank()) {
      throw c.error("a convolution cannot take %s with weights %s", x.typeText(), w.typeText());
    }
    long[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    long[] kernel = Arrays.copyOfRange(w.dims(), 2, w.rank());
    long[] declared = orElse(kernelShape, 0, 0);
    if (declared.length > 0 && !Arrays.equals(declared, kernel)) {
      throw c.error(
          "kernel_shape %s is not that of the weights %s", Arrays.toString(declared), w.typeText());
    }
    if (x.dim(1) != w.dim(1) * group || w.dim(0) % group != 0) {
      throw c.error(
          "%s does not have the channels of weights %s in %d groups",
          x.typeText(), w.typeText(), group);
    }
    Window window =
        window(
            c,
            spatial,
            kernel,
            orElse(strides, rank, 1),
            orElse(dilations, rank, 1),
            orElse(pads, 2 * rank, 0),
            autoPad,
            false);
    long[] dims = x.dims();
    dims[1] = w.dim(0);
    System.arraycopy(window.output(), 0, dims, 2, rank);
    DType type = c.runType(x.dtype());
    Reals y = c.newReals(Tensor.sizeOf(dims), type);
    Convolution.forward(
        LinearKernels.product(type, c),
        c.pool(),
        window,
        Math.toIntExact(x.dim(0)),
        Math.toIntExact(x.dim(1)),
        Math.toIntExact(w.dim(0)),
        Math.toIntExact(group),
        new Operand(x.segment(), x.dtype()),
        new Operand(w.segment(), w.dtype()),
        y);
    addBias(c, y, bias, dims);
    return c.result(y, type, dims);
  }

  static Window window(
      KernelContext c,
      long[] spatial,
      long[] kernel,
      long[] strides,
      long[] dilations,
      long[] pads,
      String autoPad,
      boolean ceil) {
    try {
      return Window.of(spatial, kernel, strides, dilations, pads, autoPad, ceil);
    } catch (IllegalArgumentException e) {
      throw c.error("%s", e.getMessage());
    }
  }

  private static void addBias(KernelContext c, Reals y, Reals bias, long[] dims) {
    if (bias == null) {
      return;
    }
    long plane = Index.product(dims, 2, dims.length);
    c.pool()
        .forRange(
            dims[0] * dims[1],
            Math.max(1, 16_384 / Math.max(1, plane)),
            (from, to) -> {
              for (long p = from; p < to; p++) {
                double b = bias.get(p % dims[1]);
                for (long i = p * plane; i < (p + 1) * plane; i++) {
                  y.set(i, y.get(i) + b);
                }
              }
            });
  }

  private static Tensor transposed(ConvTransposeOp op, KernelContext c) {
    Tensor x = c.stored(0).dense();
    Tensor w = c.stored(1).dense();
    int rank = x.rank() - 2;
    if (rank < 1 || w.rank() != x.rank() || x.dim(1) != w.dim(0)) {
      throw c.error("a convolution cannot take %s with weights %s", x.typeText(), w.typeText());
    }
    long[] kernel = Arrays.copyOfRange(w.dims(), 2, w.rank());
    long[] strides = orElse(op.strides(), rank, 1);
    long[] dilations = orElse(op.dilations(), rank, 1);
    long[] pads = orElse(op.pads(), 2 * rank, 0);
    long[] extra = orElse(op.outputPadding(), rank, 0);
    long[] shape = orElse(op.outputShape(), 0, 0);
    if (shape.length > rank) {
      shape = Arrays.copyOfRange(shape, shape.length - rank, shape.length);
    }
    long[] in = Arrays.copyOfRange(x.dims(), 2, x.rank());
    long[] out = new long[rank];
    long[] before = new long[rank];
    long[] after = new long[rank];
    boolean same = op.autoPad().startsWith("SAME");
    for (int i = 0; i < rank; i++) {
      long reach = (kernel[i] - 1) * dilations[i] + 1;
      long full = strides[i] * (in[i] - 1) + extra[i] + reach;
      if (shape.length > 0 || same) {
        out[i] = shape.length > 0 ? shape[i] : in[i] * strides[i];
        long total = Math.max(full - out[i], 0);
        boolean upper = op.autoPad().equals("SAME_UPPER");
        before[i] = upper ? total / 2 : total - total / 2;
        after[i] = total - before[i];
      } else {
        before[i] = pads[i];
        after[i] = pads[i + rank];
        out[i] = full - before[i] - after[i];
      }
      if (out[i] < 0) {
        throw c.error("the padding of spatial axis %d is larger than the result", i);
      }
    }
    Window window = new Window(out, kernel, strides, dilations, before, after, in);
    long channels = w.dim(1) * op.group();
    long[] dims = x.dims();
    dims[1] = channels;
    System.arraycopy(out, 0, dims, 2, rank);
    DType type = c.runType(x.dtype());
    Reals y = c.newReals(Tensor.sizeOf(dims), type);
    Convolution.transposed(
        LinearKernels.product(type, c),
        c.pool(),
        window,
        Math.toIntExact(x.dim(0)),
        Math.toIntExact(x.dim(1)),
        Math.toIntExact(channels),
        Math.toIntExact(op.group()),
        new Operand(x.segment(), x.dtype()),
        new Operand(w.segment(), w.dtype()),
        y);
    addBias(c, y, c.has(2) ? c.reals(2) : null, dims);
    return c.result(y, type, dims);
  }
}
