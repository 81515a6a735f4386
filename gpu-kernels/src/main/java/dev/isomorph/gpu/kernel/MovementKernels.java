package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.PadOp;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.op.SplitOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.scalar.Broadcast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that move elements of any type by rules of shape alone. */
final class MovementKernels {
  private static final List<String> PAD_MODES = List.of("constant", "edge", "wrap", "reflect");

  private MovementKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(TransposeOp.class, MovementKernels::transpose);
    r.add(SliceOp.class, (_, c) -> slice(c));
    r.add(SplitOp.class, MovementKernels::split);
    r.add(ConcatOp.class, MovementKernels::concat);
    r.add(ExpandOp.class, (_, c) -> expand(c));
    r.add(PadOp.class, MovementKernels::pad);
  }

  private static boolean isMovable(KernelCall c) {
    return Cells.type(c.type(0)).isPresent();
  }

  private static DeviceTensor strided(KernelCall c, long[] dims, long[] strides, long offset) {
    DeviceTensor out = c.allocate(c.type(0), dims);
    StridedCopy.dense(dims, strides).launch(c, c.tensor(0), offset, out, 0);
    return out;
  }

  private static Decision transpose(TransposeOp op, KernelCall c) {
    int rank = c.rank(0);
    int[] perm =
        op.perm()
            .map(p -> p.stream().mapToInt(Long::intValue).toArray())
            .orElseGet(() -> IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    if (!Arrays.equals(
        Arrays.stream(perm).sorted().toArray(), IntStream.range(0, rank).toArray())) {
      return Decision.refuse("perm %s of an operand of rank %d", Arrays.toString(perm), rank);
    }
    return Decision.compute(
        () -> {
          long[] dims = c.dims(0);
          long[] strides = Strides.of(dims);
          return strided(
              c,
              Arrays.stream(perm).mapToLong(i -> dims[i]).toArray(),
              Arrays.stream(perm).mapToLong(i -> strides[i]).toArray(),
              0);
        });
  }

  private static Decision slice(KernelCall c) {
    long[] starts = c.longs(1);
    long[] ends = c.longs(2);
    long[] axes =
        c.has(3) ? c.longs(3) : IntStream.range(0, starts.length).asLongStream().toArray();
    long[] steps =
        c.has(4) ? c.longs(4) : SpatialWindow.orElse(java.util.Optional.empty(), starts.length, 1);
    long[] dims = c.dims(0);
    long[] strides = Strides.of(dims);
    long offset = 0;
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = KernelCall.axis(axes[i], dims.length);
      if (axis < 0 || steps[i] == 0) {
        return Decision.refuse("axis %d with step %d", axes[i], steps[i]);
      }
      long length = dims[axis];
      // Beyond the length there is nothing to step to, and so products cannot overflow.
      long step = Math.clamp(steps[i], -length - 1, length + 1);
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? length : length - 1;
      long start = Math.clamp(starts[i] < 0 ? starts[i] + length : starts[i], low, high);
      long end = Math.clamp(ends[i] < 0 ? ends[i] + length : ends[i], low, high);
      long span = step > 0 ? end - start : start - end;
      dims[axis] = span <= 0 ? 0 : 1 + (span - 1) / Math.abs(step);
      offset += dims[axis] > 0 ? start * strides[axis] : 0;
      strides[axis] *= step;
    }
    long first = offset;
    return Decision.compute(() -> strided(c, dims, strides, first));
  }

  private static Decision split(SplitOp op, KernelCall c) {
    int axis = KernelCall.axis(op.axis(), c.rank(0));
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    if (axis < 0) {
      return Decision.refuse("axis %d of an operand of rank %d", op.axis(), c.rank(0));
    }
    long length = c.dims(0)[axis];
    int count = Math.toIntExact(op.numOutputs().orElse(c.outputCount()));
    long chunk = Math.ceilDiv(length, (long) count);
    long[] sizes =
        c.has(1)
            ? c.longs(1)
            : IntStream.range(0, count)
                .mapToLong(i -> Math.clamp(length - i * chunk, 0, chunk))
                .toArray();
    if (Arrays.stream(sizes).sum() != length || Arrays.stream(sizes).anyMatch(s -> s < 0)) {
      return Decision.refuse("parts that do not make up the axis");
    }
    return new Decision.Compute(
        () -> {
          List<DeviceTensor> parts = new ArrayList<>();
          long[] strides = Strides.of(c.dims(0));
          long at = 0;
          for (long size : sizes) {
            long[] dims = c.dims(0);
            dims[axis] = size;
            parts.add(strided(c, dims, strides, at * strides[axis]));
            at += size;
          }
          return parts;
        });
  }

  private static Decision concat(ConcatOp op, KernelCall c) {
    int axis = KernelCall.axis(op.axis(), c.rank(0));
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    if (axis < 0) {
      return Decision.refuse("axis %d of an operand of rank %d", op.axis(), c.rank(0));
    }
    long[] dims = c.dims(0);
    dims[axis] = 0;
    for (int i = 0; i < c.inputCount(); i++) {
      long[] part = c.dims(i);
      boolean fits = part.length == dims.length && c.type(i) == c.type(0);
      for (int d = 0; fits && d < dims.length; d++) {
        fits = d == axis || part[d] == c.dims(0)[d];
      }
      if (!fits) {
        return Decision.refuse("operands that do not go together");
      }
      dims[axis] += part[axis];
    }
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(c.type(0), dims);
          long[] to = Strides.of(dims);
          long at = 0;
          for (int i = 0; i < c.inputCount(); i++) {
            long[] part = c.dims(i);
            new StridedCopy(part, Strides.of(part), to)
                .merged()
                .launch(c, c.tensor(i), 0, out, at * to[axis]);
            at += part[axis];
          }
          return out;
        });
  }

  private static Decision expand(KernelCall c) {
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    long[] dims = Broadcast.result(List.of(c.dims(0), c.longs(1)));
    return Decision.compute(() -> strided(c, dims, Strides.broadcast(dims, c.dims(0)), 0));
  }

  private static Decision pad(PadOp op, KernelCall c) {
    int rank = c.rank(0);
    long[] pads = c.longs(1);
    long[] axes = c.has(3) ? c.longs(3) : IntStream.range(0, rank).asLongStream().toArray();
    int mode = PAD_MODES.indexOf(op.mode());
    if (!isMovable(c)) {
      return c.refuseType(0);
    }
    if (mode < 0 || pads.length != 2 * axes.length || rank == 0) {
      return Decision.refuse("pads that do not fit");
    }
    long[] lengths = c.dims(0);
    long[] dims = lengths.clone();
    long[] before = new long[rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = KernelCall.axis(axes[i], rank);
      if (axis < 0) {
        return Decision.refuse("axis %d of an operand of rank %d", axes[i], rank);
      }
      before[axis] = pads[i];
      dims[axis] = lengths[axis] + pads[i] + pads[i + axes.length];
      if (dims[axis] < 0 || (mode > 0 && lengths[axis] == 0)) {
        return Decision.refuse("an axis of which nothing is left");
      }
    }
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(c.type(0), dims);
          DeviceBuffer value =
              c.has(2) && c.size(2) > 0
                  ? c.buffer(2)
                  : c.cell(Tensor.allocate(c.type(0).byteSize(1)));
          c.launchFlat(
              Cells.source(c.type(0)),
              "pad",
              out.size(),
              new LaunchArguments()
                  .int64(out.size())
                  .int32(rank)
                  .pointer(c.plan(SpatialWindow.join(dims, lengths, Strides.of(lengths), before)))
                  .int32(mode)
                  .pointer(value)
                  .pointer(c.buffer(0))
                  .pointer(out.buffer()));
          return out;
        });
  }
}
