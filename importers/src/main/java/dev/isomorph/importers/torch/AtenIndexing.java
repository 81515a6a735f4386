package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Reading and writing by index tensors. */
final class AtenIndexing {
  /**
   * Indices as one tensor of coordinates.
   *
   * @param axes the indexed axes, in order
   * @param coordinates i64, the last axis holds one coordinate per indexed axis
   * @param rank how many axes the indices have, without the last
   */
  private record Coordinates(List<Integer> axes, Value coordinates, int rank) {}

  private AtenIndexing() {}

  static void register() {
    AtenRules.on("index", AtenIndexing::index);
    AtenRules.on("index_put_", AtenIndexing::indexPut);
    AtenRules.on("index_select", AtenIndexing::indexSelect);
    AtenRules.on("gather", AtenIndexing::gather);
    AtenRules.on("scatter", c -> scatter(c, "none"));
    AtenRules.on("scatter_add", c -> scatter(c, "add"));
    AtenRules.on("scatter_reduce", AtenIndexing::scatterReduce);
    AtenRules.on("embedding", AtenIndexing::embedding);
    AtenRules.on("nonzero", c -> c.result(nonzero(c.trace(), c.value("self"))));
    AtenRules.on("index_copy", c -> rows(c, "source", "none"));
    AtenRules.on("index_add", c -> rows(c, "source", "add"));
    AtenRules.on("one_hot", AtenIndexing::oneHot);
  }

  /** {@return coordinates of the true elements: i64[n, rank]} */
  static Value nonzero(TorchTrace trace, Value mask) {
    return trace.graph().transpose(trace.graph().nonZero(mask), a -> a.perm(1, 0));
  }

  static PyTuple nonzeroTuple(TorchTrace trace, TensorRef mask) {
    Value all = trace.graph().nonZero(mask.value());
    List<PyObject> parts = new ArrayList<>();
    for (int i = 0; i < mask.rank(); i++) {
      parts.add(trace.tensor(trace.graph().gather(all, trace.scalar(DType.I64, i))));
    }
    return new PyTuple(parts);
  }

  /**
   * {@return index tensors per axis, masks replaced by their coordinates; {@code null} for none}
   */
  private static List<TensorRef> perAxis(AtenCall c) {
    List<TensorRef> all = new ArrayList<>();
    for (PyObject index : c.list("indices")) {
      if (index instanceof TensorRef t && (t.dtype() == DType.BOOL || t.dtype() == DType.U8)) {
        nonzeroTuple(c.trace(), t).elements().forEach(e -> all.add((TensorRef) e));
      } else {
        all.add(index instanceof TensorRef t ? t : null);
      }
    }
    return all;
  }

  private static Coordinates coordinates(AtenCall c) {
    List<TensorRef> all = perAxis(c);
    List<Integer> axes = new ArrayList<>();
    List<TensorRef> used = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) != null) {
        axes.add(i);
        used.add(all.get(i));
      }
    }
    int rank = used.stream().mapToInt(TensorRef::rank).max().orElse(0);
    List<Value> parts = new ArrayList<>();
    boolean same = used.stream().allMatch(u -> u.shape().equals(used.getFirst().shape()));
    Value total = null;
    if (!same) {
      for (TensorRef u : used) {
        Value zero =
            c.graph().mul(c.trace().cast(u.value(), DType.I64), c.trace().scalar(DType.I64, 0L));
        total = total == null ? zero : c.graph().add(total, zero);
      }
    }
    for (TensorRef u : used) {
      Value v = c.trace().cast(u.value(), DType.I64);
      v = same ? v : c.graph().add(v, total);
      parts.add(c.graph().unsqueeze(v, c.trace().vector(-1)));
    }
    Value joined = parts.size() == 1 ? parts.getFirst() : c.graph().concat(parts, a -> a.axis(-1));
    return new Coordinates(axes, joined, rank);
  }

  private static boolean adjacent(List<Integer> axes) {
    return axes.getLast() - axes.getFirst() == axes.size() - 1;
  }

  /** {@return the axes with the indexed ones in front} */
  private static long[] front(int rank, List<Integer> axes) {
    List<Long> order = new ArrayList<>();
    axes.forEach(a -> order.add((long) a));
    for (int i = 0; i < rank; i++) {
      if (!axes.contains(i)) {
        order.add((long) i);
      }
    }
    return order.stream().mapToLong(Long::longValue).toArray();
  }

  private static boolean identity(long[] perm) {
    for (int i = 0; i < perm.length; i++) {
      if (perm[i] != i) {
        return false;
      }
    }
    return true;
  }

  private static Value transpose(AtenCall c, Value x, long[] perm) {
    return identity(perm) ? x : c.graph().transpose(x, a -> a.perm(perm));
  }

  private static PyObject index(AtenCall c) {
    TensorRef self = c.tensor("self");
    List<TensorRef> all = perAxis(c);
    List<TensorRef> used = all.stream().filter(java.util.Objects::nonNull).toList();
    if (used.size() == 1) {
      int axis = all.indexOf(used.getFirst());
      Value at = c.trace().cast(used.getFirst().value(), DType.I64);
      return c.result(c.graph().gather(self.value(), at, a -> a.axis(axis)));
    }
    Coordinates at = coordinates(c);
    Value data = transpose(c, self.value(), front(self.rank(), at.axes));
    Value picked = c.graph().gatherND(data, at.coordinates);
    int first = adjacent(at.axes) ? at.axes.getFirst() : 0;
    return c.result(transpose(c, picked, moveTo(self.rank() - at.axes.size(), at.rank, first)));
  }

  /** {@return the permutation that moves {@code count} front axes behind {@code first} others} */
  private static long[] moveTo(int others, int count, int first) {
    long[] perm = new long[others + count];
    for (int i = 0; i < perm.length; i++) {
      perm[i] = i < first ? count + i : i < first + count ? i - first : i;
    }
    return perm;
  }

  private static long[] inverse(long[] perm) {
    long[] out = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      out[(int) perm[i]] = i;
    }
    return out;
  }

  private static PyObject indexPut(AtenCall c) {
    TensorRef self = c.tensor("self");
    TensorRef values = c.tensor("values");
    boolean accumulate = c.flag("accumulate");
    List<PyObject> indices = c.list("indices");
    Value source = c.trace().cast(values.value(), self.dtype());
    boolean oneMask =
        indices.size() == 1
            && indices.getFirst() instanceof TensorRef t
            && t.dtype() == DType.BOOL
            && values.rank() == 0;
    if (oneMask && !accumulate) {
      TensorRef mask = (TensorRef) indices.getFirst();
      Value wide = mask.value();
      if (mask.rank() < self.rank()) {
        long[] axes = java.util.stream.LongStream.range(mask.rank(), self.rank()).toArray();
        wide = c.graph().unsqueeze(wide, c.trace().vector(axes));
      }
      self.write(c.graph().where(wide, source, self.value()));
      return self;
    }
    Coordinates at = coordinates(c);
    long[] perm = front(self.rank(), at.axes);
    Value data = transpose(c, self.value(), perm);
    int rest = self.rank() - at.axes.size();
    int first = adjacent(at.axes) ? at.axes.getFirst() : 0;
    Value updates = updates(c, data, at, source, rest, first);
    Value written =
        c.graph()
            .scatterND(
                data, at.coordinates, updates, a -> a.reduction(accumulate ? "add" : "none"));
    self.write(transpose(c, written, inverse(perm)));
    return self;
  }

  /** {@return the values broadcast to what is written, with the indices' axes in front} */
  private static Value updates(
      AtenCall c, Value data, Coordinates at, Value source, int rest, int first) {
    Value picked = c.graph().gatherND(data, at.coordinates);
    long[] perm = moveTo(rest, at.rank, first);
    Value shown = transpose(c, picked, perm);
    Value shape =
        shown.type().shape().isKnown()
            ? c.trace().vector(shown.type().shape().known().orElseThrow())
            : c.graph().shape(shown);
    Value expanded = c.graph().expand(source, shape);
    return transpose(c, expanded, inverse(perm));
  }

  private static PyObject indexSelect(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    return c.result(c.graph().gather(self.value(), c.value("index"), a -> a.axis(axis)));
  }

  private static PyObject gather(AtenCall c) {
    c.ignore("sparse_grad");
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    return c.result(c.graph().gatherElements(self.value(), c.value("index"), a -> a.axis(axis)));
  }

  private static PyObject scatter(AtenCall c, String reduction) {
    String how = reduction;
    if (c.has("reduce")) {
      how = c.text("reduce").equals("multiply") ? "mul" : "add";
    }
    TensorRef index = c.tensor("index");
    TensorRef self = c.tensor("self");
    Value updates =
        c.has("src")
            ? likeIndex(c, c.tensor("src"), index)
            : AtenShapes.expandTo(
                c.trace(), Operands.as(c.trace(), c.get("value"), self.dtype()), index);
    return scatterElements(c, self, index, updates, how);
  }

  private static Value likeIndex(AtenCall c, TensorRef source, TensorRef index) {
    if (source.shape().equals(index.shape())) {
      return source.value();
    }
    int rank = index.rank();
    long[] axes = java.util.stream.LongStream.range(0, rank).toArray();
    return c.graph()
        .slice(
            source.value(),
            c.trace().vector(new long[rank]),
            c.trace().vectorOf(AtenCall.elements(index.sizes())),
            c.trace().vector(axes));
  }

  private static PyObject scatterElements(
      AtenCall c, TensorRef self, TensorRef index, Value updates, String reduction) {
    int axis = c.axis("dim", self.rank());
    return c.result(
        c.graph()
            .scatterElements(
                self.value(), index.value(), updates, a -> a.axis(axis).reduction(reduction)));
  }

  private static PyObject scatterReduce(AtenCall c) {
    TensorRef self = c.tensor("self");
    String reduce = c.text("reduce");
    String how =
        switch (reduce) {
          case "sum" -> "add";
          case "prod" -> "mul";
          case "amax" -> "max";
          case "amin" -> "min";
          default -> throw c.in().unsupported("scatter_reduce with reduce='%s'", reduce);
        };
    if (!c.flag("include_self")) {
      throw c.in().unsupported("scatter_reduce with include_self=False");
    }
    TensorRef index = c.tensor("index");
    return scatterElements(c, self, index, likeIndex(c, c.tensor("src"), index), how);
  }

  private static PyObject embedding(AtenCall c) {
    c.ignore("padding_idx");
    return c.result(c.graph().gather(c.value("weight"), c.value("indices")));
  }

  private static PyObject rows(AtenCall c, String source, String reduction) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    Value part = c.trace().cast(c.value(source), self.dtype());
    if (c.has("alpha")) {
      Value alpha = Operands.scalar(c.trace(), c.get("alpha"), self.dtype());
      part = c.graph().mul(part, alpha);
    }
    long[] perm = Views.toFront(self.rank(), axis);
    Value data = transpose(c, self.value(), perm);
    Value updates = transpose(c, part, perm);
    Value index =
        c.graph().unsqueeze(c.trace().cast(c.value("index"), DType.I64), c.trace().vector(-1));
    Value written = c.graph().scatterND(data, index, updates, a -> a.reduction(reduction));
    return c.result(transpose(c, written, Views.fromFront(self.rank(), axis)));
  }

  private static PyObject oneHot(AtenCall c) {
    long classes = c.integer("num_classes");
    if (classes < 0) {
      throw c.in().unsupported("one_hot without num_classes");
    }
    Value values = c.trace().vector(0, 1);
    return c.result(
        c.graph().oneHot(c.value("self"), c.trace().scalar(DType.I64, classes), values));
  }
}
