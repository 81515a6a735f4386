package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.CenterCropPadOp;
import dev.isomorph.ir.op.CompressOp;
import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.DepthToSpaceOp;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.PadOp;
import dev.isomorph.ir.op.ReverseSequenceOp;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.op.SpaceToDepthOp;
import dev.isomorph.ir.op.SplitOp;
import dev.isomorph.ir.op.TileOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.op.TriluOp;
import dev.isomorph.ir.op.WhereOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.scalar.Broadcast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that move elements of any type by rules of shape alone. */
final class MovementKernels {
  private MovementKernels() {}

  static void register(KernelRegistry r) {
    r.exact(TransposeOp.class, (op, c) -> transpose(op, c));
    r.exact(ConcatOp.class, (op, c) -> concat(inputs(c), op.axis(), c));
    r.add(SplitOp.class, Rounding.EXACT, MovementKernels::split);
    r.exact(SliceOp.class, (_, c) -> slice(c));
    r.exact(ExpandOp.class, (_, c) -> expand(c));
    r.exact(TileOp.class, (_, c) -> tile(c));
    r.exact(PadOp.class, (op, c) -> pad(op, c));
    r.exact(WhereOp.class, (_, c) -> where(c));
    r.exact(DepthToSpaceOp.class, MovementKernels::depthToSpace);
    r.exact(SpaceToDepthOp.class, MovementKernels::spaceToDepth);
    r.exact(CompressOp.class, MovementKernels::compress);
    r.exact(ReverseSequenceOp.class, MovementKernels::reverseSequence);
    r.exact(TriluOp.class, MovementKernels::trilu);
    r.exact(CenterCropPadOp.class, MovementKernels::centerCropPad);
  }

  private static List<Tensor> inputs(KernelContext c) {
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < c.inputCount(); i++) {
      out.add(c.input(i));
    }
    return out;
  }

  /** {@return the elements that strides reach, row-major in {@code dims}} */
  static Tensor strided(KernelContext c, Tensor x, long[] dims, long[] strides, long offset) {
    Cells out = Cells.allocate(x.dtype(), Tensor.sizeOf(dims));
    if (Tensor.sizeOf(dims) > 0) {
      out.gather(Cells.of(x), dims, strides, offset, c.pool());
    }
    return out.toTensor(dims);
  }

  static Tensor permute(KernelContext c, Tensor x, int... perm) {
    long[] strides = Index.strides(x.dims());
    long[] dims = new long[perm.length];
    long[] permuted = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      dims[i] = x.dim(perm[i]);
      permuted[i] = strides[perm[i]];
    }
    return strided(c, x, dims, permuted, 0);
  }

  private static Tensor transpose(TransposeOp op, KernelContext c) {
    Tensor x = c.input(0);
    int[] perm = new int[x.rank()];
    for (int i = 0; i < perm.length; i++) {
      perm[i] = perm.length - 1 - i;
    }
    if (op.perm().isPresent()) {
      perm = op.perm().get().stream().mapToInt(Long::intValue).toArray();
      int[] sorted = perm.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < sorted.length; i++) {
        if (sorted[i] != i || sorted.length != x.rank()) {
          throw c.error("perm %s does not permute the axes of %s", op.perm().get(), x.typeText());
        }
      }
    }
    return permute(c, x, perm);
  }

  /** {@return the parts one after another} */
  static Tensor concat(List<Tensor> parts, long axisAttribute, KernelContext c) {
    Tensor first = parts.getFirst();
    int axis = c.axis(axisAttribute, first.rank());
    long[] dims = first.dims();
    dims[axis] = 0;
    for (Tensor part : parts) {
      long[] other = part.dims();
      if (other.length == dims.length) {
        dims[axis] += other[axis];
        other[axis] = first.dim(axis);
      }
      if (!Arrays.equals(other, first.dims())) {
        throw c.error(
            "%s and %s cannot be joined along axis %d", first.typeText(), part.typeText(), axis);
      }
    }
    long outer = Index.product(dims, 0, axis);
    long inner = Index.product(dims, axis + 1, dims.length);
    Cells out = Cells.allocate(first.dtype(), Tensor.sizeOf(dims));
    long at = 0;
    for (Tensor part : parts) {
      long run = part.dim(axis) * inner;
      Cells from = Cells.of(part);
      for (long o = 0; run > 0 && o < outer; o++) {
        out.copy(from, o * run, o * dims[axis] * inner + at, run);
      }
      at += run;
    }
    return out.toTensor(dims);
  }

  /** {@return the part {@code [from, from + length)} along an axis} */
  static Tensor part(KernelContext c, Tensor x, int axis, long from, long length) {
    long[] dims = x.dims();
    long[] strides = Index.strides(dims);
    dims[axis] = length;
    return strided(c, x, dims, strides, from * strides[axis]);
  }

  private static List<Datum> split(SplitOp op, KernelContext c) {
    Tensor x = c.input(0);
    int axis = c.axis(op.axis(), x.rank());
    long length = x.dim(axis);
    long[] sizes;
    if (c.has(1)) {
      sizes = c.longs(1);
    } else {
      int count = Math.toIntExact(op.numOutputs().orElse(c.outputCount()));
      long chunk = Math.ceilDiv(length, (long) count);
      sizes = new long[count];
      for (int i = 0; i < count; i++) {
        sizes[i] = Math.clamp(length - i * chunk, 0, chunk);
      }
    }
    if (Arrays.stream(sizes).sum() != length || Arrays.stream(sizes).anyMatch(s -> s < 0)) {
      throw c.error(
          "parts %s do not make up axis %d of %s", Arrays.toString(sizes), axis, x.typeText());
    }
    List<Datum> out = new ArrayList<>();
    long at = 0;
    for (long size : sizes) {
      out.add(part(c, x, axis, at, size));
      at += size;
    }
    return out;
  }

  private static Tensor slice(KernelContext c) {
    Tensor x = c.input(0);
    long[] starts = c.longs(1);
    long[] ends = c.longs(2);
    long[] axes = new long[starts.length];
    Arrays.setAll(axes, i -> i);
    axes = c.has(3) ? c.longs(3) : axes;
    long[] steps = new long[starts.length];
    Arrays.fill(steps, 1);
    steps = c.has(4) ? c.longs(4) : steps;
    long[] dims = x.dims();
    long[] strides = Index.strides(dims);
    long offset = 0;
    for (int i = 0; i < starts.length; i++) {
      int axis = c.axis(axes[i], x.rank());
      long length = x.dim(axis);
      long step = steps[i];
      if (step == 0) {
        throw c.error("the step of axis %d is 0", axis);
      }
      long start = starts[i] < 0 ? starts[i] + length : starts[i];
      long end = ends[i] < 0 ? ends[i] + length : ends[i];
      start = step > 0 ? Math.clamp(start, 0, length) : Math.clamp(start, -1, length - 1);
      end = step > 0 ? Math.clamp(end, 0, length) : Math.clamp(end, -1, length - 1);
      long span = step > 0 ? end - start : start - end;
      long count =
          span <= 0 ? 0 : 1 + (span - 1) / Math.abs(step == Long.MIN_VALUE ? Long.MAX_VALUE : step);
      dims[axis] = count;
      if (count > 0) {
        offset += start * strides[axis];
      }
      strides[axis] = count > 1 ? strides[axis] * step : strides[axis];
    }
    return strided(c, x, dims, strides, offset);
  }

  private static Tensor expand(KernelContext c) {
    Tensor x = c.input(0);
    long[] dims = Broadcast.result(List.of(x.dims(), c.longs(1)));
    return strided(c, x, dims, Index.of(dims, x.dims()).strides(), 0);
  }

  private static Tensor tile(KernelContext c) {
    Tensor x = c.input(0);
    long[] repeats = c.longs(1);
    if (repeats.length != x.rank()) {
      throw c.error("%d repeats do not fit %s", repeats.length, x.typeText());
    }
    // Each axis is taken apart into (repeat, index), of which the repeat has stride 0.
    long[] strides = Index.strides(x.dims());
    long[] split = new long[2 * x.rank()];
    long[] splitStrides = new long[2 * x.rank()];
    long[] dims = x.dims();
    for (int i = 0; i < x.rank(); i++) {
      split[2 * i] = repeats[i];
      split[2 * i + 1] = x.dim(i);
      splitStrides[2 * i + 1] = strides[i];
      dims[i] = Math.multiplyExact(repeats[i], x.dim(i));
    }
    return strided(c, x, split, splitStrides, 0).reshape(dims);
  }

  private static Tensor pad(PadOp op, KernelContext c) {
    Tensor x = c.input(0);
    int rank = x.rank();
    long[] given = c.longs(1);
    int[] axes =
        c.has(3) ? c.axes(c.longs(3), rank) : java.util.stream.IntStream.range(0, rank).toArray();
    if (given.length != 2 * axes.length) {
      throw c.error("%d pads do not fit %d axes", given.length, axes.length);
    }
    long[] before = new long[rank];
    long[] after = new long[rank];
    for (int i = 0; i < axes.length; i++) {
      before[axes[i]] = given[i];
      after[axes[i]] = given[i + axes.length];
    }
    Cells fill =
        c.has(2) && c.stored(2).size() > 0 ? Cells.of(c.input(2)) : Cells.allocate(x.dtype(), 1);
    return pad(c, x, before, after, op.mode(), fill);
  }

  static Tensor pad(
      KernelContext c, Tensor x, long[] before, long[] after, String mode, Cells fill) {
    int rank = x.rank();
    long[] dims = x.dims();
    long[][] sources = new long[rank][];
    for (int i = 0; i < rank; i++) {
      long length = x.dim(i);
      dims[i] = length + before[i] + after[i];
      if (dims[i] < 0) {
        throw c.error("axis %d of %s has nothing left after padding", i, x.typeText());
      }
      sources[i] = new long[Math.toIntExact(dims[i])];
      for (int j = 0; j < sources[i].length; j++) {
        sources[i][j] = source(j - before[i], length, mode, c);
      }
    }
    long[] strides = Index.strides(x.dims());
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), Tensor.sizeOf(dims));
    if (rank == 0) {
      return x;
    }
    int inner = Math.toIntExact(dims[rank - 1]);
    long[] outerDims = Arrays.copyOf(dims, rank - 1);
    c.pool()
        .forRange(
            inner == 0 ? 0 : Tensor.sizeOf(outerDims),
            Math.max(1, 16_384 / Math.max(inner, 1)),
            (first, last) -> {
              for (long row = first; row < last; row++) {
                long rest = row;
                long base = 0;
                boolean outside = false;
                for (int i = rank - 2; i >= 0; i--) {
                  long s = sources[i][(int) (rest % dims[i])];
                  rest /= dims[i];
                  outside |= s < 0;
                  base += s * strides[i];
                }
                for (int j = 0; j < inner; ) {
                  long s = sources[rank - 1][j];
                  if (outside || s < 0) {
                    out.copy(fill, 0, row * inner + j, 1);
                    j++;
                    continue;
                  }
                  int run = 1;
                  while (j + run < inner && sources[rank - 1][j + run] == s + run) {
                    run++;
                  }
                  out.copy(from, base + s, row * inner + j, run);
                  j += run;
                }
              }
            });
    return out.toTensor(dims);
  }

  /** {@return where a padded place is read, or −1 for the constant} */
  private static long source(long at, long length, String mode, KernelContext c) {
    if (at >= 0 && at < length) {
      return at;
    }
    if (!mode.equals("constant") && length == 0) {
      throw c.error("an empty axis cannot be padded by %s", mode);
    }
    return switch (mode) {
      case "constant" -> -1;
      case "edge" -> at < 0 ? 0 : length - 1;
      case "wrap" -> Math.floorMod(at, length);
      case "reflect" -> {
        if (length == 1) {
          yield 0;
        }
        long period = 2 * (length - 1);
        long p = Math.floorMod(at, period);
        yield p < length ? p : period - p;
      }
      default -> throw c.error("pad mode is '%s'", mode);
    };
  }

  private static Tensor where(KernelContext c) {
    Tensor condition = c.stored(0);
    Tensor a = c.input(1);
    Tensor b = c.input(2);
    long[] dims = Broadcast.result(List.of(condition.dims(), a.dims(), b.dims()));
    Index atCondition = Index.of(dims, condition.dims());
    Index atA = Index.of(dims, a.dims());
    Index atB = Index.of(dims, b.dims());
    Cells yes = Cells.of(a);
    Cells no = Cells.of(b);
    Cells out = Cells.allocate(a.dtype(), Tensor.sizeOf(dims));
    java.lang.foreign.MemorySegment flags = condition.segment();
    c.pool()
        .forRange(
            Tensor.sizeOf(dims),
            8192,
            (from, to) -> {
              for (long i = from; i < to; i++) {
                boolean chosen = Elements.getLong(flags, DType.BOOL, atCondition.at(i)) != 0;
                out.copy(chosen ? yes : no, chosen ? atA.at(i) : atB.at(i), i, 1);
              }
            });
    return out.toTensor(dims);
  }

  private static Tensor depthToSpace(DepthToSpaceOp op, KernelContext c) {
    Tensor x = c.input(0);
    long b = op.blocksize();
    if (x.rank() != 4 || b < 1 || x.dim(1) % (b * b) != 0) {
      throw c.error("%s cannot be taken apart in blocks of %d", x.typeText(), b);
    }
    long channels = x.dim(1) / (b * b);
    boolean depthFirst = op.mode().equals("DCR");
    Tensor split =
        depthFirst
            ? x.reshape(x.dim(0), b, b, channels, x.dim(2), x.dim(3))
            : x.reshape(x.dim(0), channels, b, b, x.dim(2), x.dim(3));
    Tensor moved =
        depthFirst ? permute(c, split, 0, 3, 4, 1, 5, 2) : permute(c, split, 0, 1, 4, 2, 5, 3);
    return moved.reshape(x.dim(0), channels, x.dim(2) * b, x.dim(3) * b);
  }

  private static Tensor spaceToDepth(SpaceToDepthOp op, KernelContext c) {
    Tensor x = c.input(0);
    long b = op.blocksize();
    if (x.rank() != 4 || b < 1 || x.dim(2) % b != 0 || x.dim(3) % b != 0) {
      throw c.error("%s cannot be put together from blocks of %d", x.typeText(), b);
    }
    Tensor split = x.reshape(x.dim(0), x.dim(1), x.dim(2) / b, b, x.dim(3) / b, b);
    Tensor moved =
        op.mode().equals("CRD")
            ? permute(c, split, 0, 1, 3, 5, 2, 4)
            : permute(c, split, 0, 3, 5, 1, 2, 4);
    return moved.reshape(x.dim(0), x.dim(1) * b * b, x.dim(2) / b, x.dim(3) / b);
  }

  private static Tensor compress(CompressOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] keep = c.longs(1);
    Tensor flat = op.axis().isPresent() ? x : x.reshape(x.size());
    int axis = op.axis().isPresent() ? c.axis(op.axis().getAsLong(), x.rank()) : 0;
    List<Long> chosen = new ArrayList<>();
    for (int i = 0; i < Math.min(keep.length, flat.dim(axis)); i++) {
      if (keep[i] != 0) {
        chosen.add((long) i);
      }
    }
    return IndexingKernels.take(
        c, flat, axis, Tensor.vector(chosen.stream().mapToLong(Long::longValue).toArray()));
  }

  private static Tensor reverseSequence(ReverseSequenceOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] lengths = c.longs(1);
    int batchAxis = c.axis(op.batchAxis(), x.rank());
    int timeAxis = c.axis(op.timeAxis(), x.rank());
    long[] dims = x.dims();
    long[] strides = Index.strides(dims);
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), x.size());
    for (long i = 0; i < x.size(); i++) {
      long time = i / strides[timeAxis] % dims[timeAxis];
      long length = lengths[(int) (i / strides[batchAxis] % dims[batchAxis])];
      long source = time < length ? length - 1 - time : time;
      out.copy(from, i + (source - time) * strides[timeAxis], i, 1);
    }
    return out.toTensor(dims);
  }

  private static Tensor trilu(TriluOp op, KernelContext c) {
    Tensor x = c.input(0);
    long k = c.has(1) ? c.scalarLong(1) : 0;
    if (x.rank() < 2) {
      throw c.error("Trilu needs matrices, not %s", x.typeText());
    }
    long rows = x.dim(x.rank() - 2);
    long columns = x.dim(x.rank() - 1);
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), x.size());
    for (long i = 0; i < x.size(); i++) {
      long row = i / columns % rows;
      long column = i % columns;
      if (op.upper() != 0 ? column >= row + k : column <= row + k) {
        out.copy(from, i, i, 1);
      }
    }
    return out.toTensor(x.dims());
  }

  private static Tensor centerCropPad(CenterCropPadOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] shape = c.longs(1);
    int[] axes =
        op.axes().isPresent()
            ? c.axes(op.axes().get().stream().mapToLong(Long::longValue).toArray(), x.rank())
            : java.util.stream.IntStream.range(0, x.rank()).toArray();
    long[] before = new long[x.rank()];
    long[] after = new long[x.rank()];
    Tensor cropped = x;
    for (int i = 0; i < axes.length; i++) {
      long length = x.dim(axes[i]);
      if (shape[i] < length) {
        cropped = part(c, cropped, axes[i], (length - shape[i]) / 2, shape[i]);
      } else {
        before[axes[i]] = (shape[i] - length) / 2;
        after[axes[i]] = shape[i] - length - before[axes[i]];
      }
    }
    return pad(c, cropped, before, after, "constant", Cells.allocate(x.dtype(), 1));
  }
}
