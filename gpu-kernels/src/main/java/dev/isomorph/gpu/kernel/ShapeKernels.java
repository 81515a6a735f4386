package dev.isomorph.gpu.kernel;

import dev.isomorph.ir.op.DropoutOp;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.IdentityOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.SizeOp;
import dev.isomorph.ir.op.SqueezeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that keep the elements and change or tell the shape: no work for the device. */
final class ShapeKernels {
  private ShapeKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(IdentityOp.class, (_, c) -> view(c, Optional.of(c.dims(0))));
    r.add(ReshapeOp.class, (op, c) -> view(c, reshaped(op, c)));
    r.add(FlattenOp.class, (op, c) -> view(c, flattened(op, c)));
    r.add(SqueezeOp.class, (_, c) -> view(c, squeezed(c)));
    r.add(UnsqueezeOp.class, (_, c) -> view(c, unsqueezed(c)));
    r.add(
        DropoutOp.class,
        (_, c) ->
            c.outputCount() > 1 || (c.has(2) && c.longs(2)[0] != 0)
                ? Decision.refuse("no CUDA kernel for training_mode or a mask")
                : view(c, Optional.of(c.dims(0))));
    r.add(ShapeOp.class, ShapeKernels::shape);
    r.add(SizeOp.class, (_, c) -> new Decision.Known(List.of(Tensor.scalar(DType.I64, c.size(0)))));
  }

  private static Decision view(KernelCall c, Optional<long[]> dims) {
    return dims.filter(d -> Arrays.stream(d).allMatch(n -> n >= 0) && Tensor.sizeOf(d) == c.size(0))
        .map(d -> Decision.view(() -> c.tensor(0).view(d)))
        .orElseGet(() -> Decision.refuse("a shape that does not fit"));
  }

  private static Decision shape(ShapeOp op, KernelCall c) {
    long[] dims = c.dims(0);
    int from = bound(op.start(), dims.length);
    int to = bound(op.end().orElse(dims.length), dims.length);
    long[] part = from < to ? Arrays.copyOfRange(dims, from, to) : new long[0];
    return new Decision.Known(List.of(Tensor.vector(part)));
  }

  private static int bound(long at, int rank) {
    return Math.clamp(at < 0 ? at + rank : at, 0, rank);
  }

  private static Optional<long[]> reshaped(ReshapeOp op, KernelCall c) {
    long[] x = c.dims(0);
    long[] shape = c.longs(1).clone();
    long known = 1;
    int unknown = -1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0 && op.allowzero() == 0) {
        if (i >= x.length) {
          return Optional.empty();
        }
        shape[i] = x[i];
      }
      if (shape[i] != -1) {
        known *= shape[i];
      } else if (unknown >= 0) {
        return Optional.empty();
      } else {
        unknown = i;
      }
    }
    if (unknown >= 0) {
      shape[unknown] = known == 0 ? 0 : c.size(0) / known;
    }
    return Optional.of(shape);
  }

  private static Optional<long[]> flattened(FlattenOp op, KernelCall c) {
    long[] x = c.dims(0);
    int axis = op.axis() == x.length ? x.length : KernelCall.axis(op.axis(), x.length);
    return axis < 0
        ? Optional.empty()
        : Optional.of(new long[] {Strides.product(x, 0, axis), Strides.product(x, axis, x.length)});
  }

  private static Optional<long[]> squeezed(KernelCall c) {
    long[] x = c.dims(0);
    boolean[] dropped = new boolean[x.length];
    if (c.has(1)) {
      for (long given : c.longs(1)) {
        int axis = KernelCall.axis(given, x.length);
        if (axis < 0) {
          return Optional.empty();
        }
        dropped[axis] = true;
      }
    } else {
      IntStream.range(0, x.length).forEach(i -> dropped[i] = x[i] == 1);
    }
    // A dropped axis that is longer than 1 leaves too few elements, which is refused.
    return Optional.of(
        IntStream.range(0, x.length).filter(i -> !dropped[i]).mapToLong(i -> x[i]).toArray());
  }

  private static Optional<long[]> unsqueezed(KernelCall c) {
    long[] x = c.dims(0);
    long[] axes = c.longs(1);
    int rank = x.length + axes.length;
    boolean[] added = new boolean[rank];
    for (long given : axes) {
      int axis = KernelCall.axis(given, rank);
      if (axis < 0 || added[axis]) {
        return Optional.empty();
      }
      added[axis] = true;
    }
    long[] dims = new long[rank];
    int from = 0;
    for (int i = 0; i < rank; i++) {
      dims[i] = added[i] ? 1 : x[from++];
    }
    return Optional.of(dims);
  }
}
