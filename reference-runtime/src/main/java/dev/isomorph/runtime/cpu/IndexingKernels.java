package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.GatherElementsOp;
import dev.isomorph.ir.op.GatherNDOp;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.op.NonZeroOp;
import dev.isomorph.ir.op.OneHotOp;
import dev.isomorph.ir.op.ScatterElementsOp;
import dev.isomorph.ir.op.ScatterNDOp;
import dev.isomorph.ir.op.TensorScatterOp;
import dev.isomorph.ir.op.TopKOp;
import dev.isomorph.ir.op.UniqueOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Operators that choose or place elements by indices that are data. */
final class IndexingKernels {
  private IndexingKernels() {}

  static void register(KernelRegistry r) {
    r.exact(
        GatherOp.class,
        (op, c) -> {
          // Rows of a stored table are widened after they are taken, never the whole table.
          Tensor table = c.stored(0).dense();
          Tensor rows = take(c, table, c.axis(op.axis(), table.rank()), c.stored(1));
          return KernelContext.inRunType(rows, c.options().precision());
        });
    r.exact(GatherElementsOp.class, IndexingKernels::gatherElements);
    r.exact(GatherNDOp.class, IndexingKernels::gatherNd);
    r.rounds(ScatterElementsOp.class, IndexingKernels::scatterElements);
    r.rounds(ScatterNDOp.class, IndexingKernels::scatterNd);
    r.exact(TensorScatterOp.class, IndexingKernels::tensorScatter);
    r.exact(NonZeroOp.class, (_, c) -> nonZero(c));
    r.exact(OneHotOp.class, IndexingKernels::oneHot);
    r.add(TopKOp.class, Rounding.EXACT, IndexingKernels::topK);
    r.add(UniqueOp.class, Rounding.EXACT, IndexingKernels::unique);
  }

  private static long index(KernelContext c, long index, long length) {
    if (index < -length || index >= length) {
      throw c.error("index %d is out of range for an axis of length %d", index, length);
    }
    return index < 0 ? index + length : index;
  }

  /** {@return {@code numpy.take(x, indices, axis)}} */
  static Tensor take(KernelContext c, Tensor x, int axis, Tensor indices) {
    long[] dims = new long[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.dims(), 0, dims, 0, axis);
    System.arraycopy(indices.dims(), 0, dims, axis, indices.rank());
    System.arraycopy(x.dims(), axis + 1, dims, axis + indices.rank(), x.rank() - axis - 1);
    long outer = Index.product(x.dims(), 0, axis);
    long inner = Index.product(x.dims(), axis + 1, x.rank());
    long length = x.dim(axis);
    long[] places = indices.toLongs();
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), Tensor.sizeOf(dims));
    for (int i = 0; i < places.length; i++) {
      long place = index(c, places[i], length);
      for (long o = 0; inner > 0 && o < outer; o++) {
        out.copy(from, (o * length + place) * inner, (o * places.length + i) * inner, inner);
      }
    }
    return out.toTensor(dims);
  }

  private static Tensor gatherElements(GatherElementsOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor indices = c.stored(1);
    int axis = c.axis(op.axis(), x.rank());
    long[] strides = Index.strides(x.dims());
    long step = strides[axis];
    strides[axis] = 0;
    Index base = new Index(indices.dims(), strides, 0);
    MemorySegment places = indices.segment();
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), indices.size());
    for (long i = 0; i < indices.size(); i++) {
      long place = index(c, Elements.getLong(places, indices.dtype(), i), x.dim(axis));
      out.copy(from, base.at(i) + place * step, i, 1);
    }
    return out.toTensor(indices.dims());
  }

  private static Tensor gatherNd(GatherNDOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor indices = c.stored(1);
    int batch = Math.toIntExact(op.batchDims());
    int depth = Math.toIntExact(indices.dim(indices.rank() - 1));
    long[] places = indices.toLongs();
    long[] strides = Index.strides(x.dims());
    long inner = Index.product(x.dims(), batch + depth, x.rank());
    long tuples =
        depth == 0 ? Index.product(indices.dims(), 0, indices.rank() - 1) : places.length / depth;
    long batches = Index.product(x.dims(), 0, batch);
    long perBatch = batches == 0 ? 0 : tuples / batches;
    long batchSize = Index.product(x.dims(), batch, x.rank());
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), tuples * inner);
    for (long t = 0; t < tuples; t++) {
      long at = t / Math.max(perBatch, 1) * batchSize;
      for (int i = 0; i < depth; i++) {
        at += index(c, places[(int) (t * depth + i)], x.dim(batch + i)) * strides[batch + i];
      }
      out.copy(from, at, t * inner, inner);
    }
    long[] dims = new long[indices.rank() - 1 + x.rank() - batch - depth];
    System.arraycopy(indices.dims(), 0, dims, 0, indices.rank() - 1);
    System.arraycopy(x.dims(), batch + depth, dims, indices.rank() - 1, x.rank() - batch - depth);
    return out.toTensor(dims);
  }

  /** Combines what is there with what is placed: one element of a scatter. */
  private static final class Target {
    private final Tensor data;
    private final Cells cells;
    private final Cells updates;
    private final Tensor updateTensor;
    private final String reduction;
    private final MemorySegment bytes;

    Target(KernelContext c, Tensor data, Tensor updates, String reduction) {
      if (!reduction.equals("add") && !reduction.equals("mul")) {
        c.markExact();
      }
      this.data = data;
      this.updates = Cells.of(updates);
      this.updateTensor = updates;
      this.reduction = reduction;
      this.cells = Cells.allocate(data.dtype(), data.size());
      if (data.size() > 0) {
        cells.copy(Cells.of(data), 0, 0, data.size());
      }
      boolean numeric =
          data.dtype().isFloat() || data.dtype().isInteger() || data.dtype() == DType.BOOL;
      if (!reduction.equals("none") && (!numeric || data.dtype().isPacked())) {
        throw c.unsupported(data.dtype());
      }
      this.bytes = reduction.equals("none") ? null : cells.bytes();
    }

    void put(long at, long from) {
      if (reduction.equals("none")) {
        cells.copy(updates, from, at, 1);
        return;
      }
      DType type = data.dtype();
      if (type.isFloat()) {
        double a = Elements.getDouble(bytes, type, at);
        double b = Elements.getDouble(updateTensor.segment(), type, from);
        Elements.setDouble(
            bytes,
            type,
            at,
            switch (reduction) {
              case "add" -> a + b;
              case "mul" -> a * b;
              case "max" -> Math.max(a, b);
              default -> Math.min(a, b);
            });
        return;
      }
      long a = Elements.getLong(bytes, type, at);
      long b = Elements.getLong(updateTensor.segment(), type, from);
      int order = type == DType.U64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
      Elements.setLong(
          bytes,
          type,
          at,
          switch (reduction) {
            case "add" -> a + b;
            case "mul" -> a * b;
            case "max" -> order > 0 ? a : b;
            default -> order < 0 ? a : b;
          });
    }

    Tensor tensor() {
      return cells.toTensor(data.dims());
    }
  }

  private static Tensor scatterElements(ScatterElementsOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor indices = c.stored(1);
    int axis = c.axis(op.axis(), x.rank());
    long[] strides = Index.strides(x.dims());
    long step = strides[axis];
    strides[axis] = 0;
    Index base = new Index(indices.dims(), strides, 0);
    Target target = new Target(c, x, c.input(2), op.reduction());
    MemorySegment places = indices.segment();
    for (long i = 0; i < indices.size(); i++) {
      long place = index(c, Elements.getLong(places, indices.dtype(), i), x.dim(axis));
      target.put(base.at(i) + place * step, i);
    }
    return target.tensor();
  }

  private static Tensor scatterNd(ScatterNDOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor indices = c.stored(1);
    int depth = Math.toIntExact(indices.dim(indices.rank() - 1));
    long[] places = indices.toLongs();
    long[] strides = Index.strides(x.dims());
    long inner = Index.product(x.dims(), depth, x.rank());
    long tuples = Index.product(indices.dims(), 0, indices.rank() - 1);
    Target target = new Target(c, x, c.input(2), op.reduction());
    for (long t = 0; t < tuples; t++) {
      long at = 0;
      for (int i = 0; i < depth; i++) {
        at += index(c, places[(int) (t * depth + i)], x.dim(i)) * strides[i];
      }
      for (long i = 0; i < inner; i++) {
        target.put(at + i, t * inner + i);
      }
    }
    return target.tensor();
  }

  private static Tensor tensorScatter(TensorScatterOp op, KernelContext c) {
    Tensor cache = c.input(0);
    Tensor update = c.input(1);
    int axis = c.axis(op.axis(), cache.rank());
    long length = cache.dim(axis);
    long added = update.dim(axis);
    long batches = cache.dim(0);
    long[] starts = c.has(2) ? c.longs(2) : new long[Math.toIntExact(batches)];
    long outer = Index.product(cache.dims(), 1, axis);
    long inner = Index.product(cache.dims(), axis + 1, cache.rank());
    Cells from = Cells.of(update);
    Cells out = Cells.allocate(cache.dtype(), cache.size());
    out.copy(Cells.of(cache), 0, 0, cache.size());
    for (long b = 0; b < batches; b++) {
      for (long o = 0; o < outer; o++) {
        for (long s = 0; s < added; s++) {
          long place = starts[(int) b] + s;
          if (op.mode().equals("circular")) {
            place = Math.floorMod(place, length);
          }
          index(c, place, length);
          out.copy(
              from,
              ((b * outer + o) * added + s) * inner,
              ((b * outer + o) * length + place) * inner,
              inner);
        }
      }
    }
    return out.toTensor(cache.dims());
  }

  private static Tensor nonZero(KernelContext c) {
    Tensor x = c.input(0);
    MemorySegment in = x.dtype() == DType.STRING ? null : x.segment();
    List<Long> found = new ArrayList<>();
    for (long i = 0; i < x.size(); i++) {
      boolean zero =
          in == null
              ? x.strings().get((int) i).isEmpty()
              : x.dtype().isFloat()
                  ? Elements.getDouble(in, x.dtype(), i) == 0
                  : Elements.getLong(in, x.dtype(), i) == 0;
      if (!zero) {
        found.add(i);
      }
    }
    long[] strides = Index.strides(x.dims());
    int rank = x.rank();
    long[] out = new long[rank * found.size()];
    for (int i = 0; i < found.size(); i++) {
      for (int axis = 0; axis < rank; axis++) {
        out[axis * found.size() + i] = found.get(i) / strides[axis] % x.dim(axis);
      }
    }
    return Tensor.of(out, rank, found.size());
  }

  private static Tensor oneHot(OneHotOp op, KernelContext c) {
    Tensor indices = c.stored(0);
    long depth = (long) c.scalarDouble(1);
    Cells values = Cells.of(c.input(2));
    int axis = c.axis(op.axis(), indices.rank() + 1);
    long[] dims = new long[indices.rank() + 1];
    System.arraycopy(indices.dims(), 0, dims, 0, axis);
    dims[axis] = depth;
    System.arraycopy(indices.dims(), axis, dims, axis + 1, indices.rank() - axis);
    long inner = Index.product(dims, axis + 1, dims.length);
    double[] places = indices.toDoubles();
    Cells out = Cells.allocate(values.type(), Tensor.sizeOf(dims));
    if (Tensor.sizeOf(dims) > 0) {
      out.fill(values, 0, 0, Tensor.sizeOf(dims));
    }
    for (int i = 0; i < places.length; i++) {
      long place = (long) places[i];
      place = place < 0 ? place + depth : place;
      if (place >= 0 && place < depth) {
        out.copy(values, 1, (i / inner * depth + place) * inner + i % inner, 1);
      }
    }
    return out.toTensor(dims);
  }

  /** Equal elements are taken in the order of their indices. NaN is larger than all numbers. */
  private static List<Datum> topK(TopKOp op, KernelContext c) {
    Tensor x = c.input(0);
    int axis = c.axis(op.axis(), x.rank());
    int k = Math.toIntExact(c.scalarLong(1));
    NormalizationKernels.Lines lines = NormalizationKernels.Lines.of(x.dims(), axis);
    if (k < 0 || k > lines.length()) {
      throw c.error("k is %d, but axis %d has %d elements", k, axis, lines.length());
    }
    Cells from = Cells.of(x);
    long[] dims = x.dims();
    dims[axis] = k;
    Cells values = Cells.allocate(x.dtype(), Tensor.sizeOf(dims));
    long[] indices = new long[Math.toIntExact(Tensor.sizeOf(dims))];
    for (long line = 0; line < lines.outer() * lines.inner(); line++) {
      long start = lines.start(line);
      Integer[] order = new Integer[lines.length()];
      Arrays.setAll(order, i -> i);
      Comparator<Integer> byValue =
          (a, b) -> from.compare(start + a * lines.inner(), start + b * lines.inner());
      Arrays.sort(order, op.largest() != 0 ? byValue.reversed() : byValue);
      long at = line / lines.inner() * k * lines.inner() + line % lines.inner();
      for (int i = 0; i < k; i++) {
        values.copy(from, start + order[i] * lines.inner(), at + i * lines.inner(), 1);
        indices[(int) (at + i * lines.inner())] = order[i];
      }
    }
    return List.of(values.toTensor(dims), Tensor.of(indices, dims));
  }

  private static List<Datum> unique(UniqueOp op, KernelContext c) {
    Tensor given = c.input(0);
    boolean flat = op.axis().isEmpty();
    Tensor x = flat ? given.reshape(given.size()) : given;
    int axis = flat ? 0 : c.axis(op.axis().getAsLong(), x.rank());
    NormalizationKernels.Lines lines = NormalizationKernels.Lines.of(x.dims(), axis);
    Cells cells = Cells.of(x);
    int length = lines.length();
    Comparator<Integer> bySlice =
        (a, b) -> {
          for (long o = 0; o < lines.outer(); o++) {
            for (long i = 0; i < lines.inner(); i++) {
              long base = o * length * lines.inner() + i;
              int order = cells.compare(base + a * lines.inner(), base + b * lines.inner());
              if (order != 0) {
                return order;
              }
            }
          }
          return 0;
        };
    Integer[] order = new Integer[length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, bySlice);
    List<List<Integer>> groups = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      if (i == 0 || bySlice.compare(order[i - 1], order[i]) != 0) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(order[i]);
    }
    if (op.sorted() == 0) {
      groups.sort(Comparator.comparing(List::getFirst));
    }
    long[] first = new long[groups.size()];
    long[] counts = new long[groups.size()];
    long[] inverse = new long[length];
    for (int g = 0; g < groups.size(); g++) {
      first[g] = groups.get(g).getFirst();
      counts[g] = groups.get(g).size();
      for (int member : groups.get(g)) {
        inverse[member] = g;
      }
    }
    return List.of(
        take(c, x, axis, Tensor.vector(first)),
        Tensor.vector(first),
        Tensor.vector(inverse),
        Tensor.vector(counts));
  }
}
