package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;

/** Reductions over axes. */
final class AtenReductions {
  /** Builds a reduction over axes. */
  @FunctionalInterface
  private interface Reduction {
    Value build(GraphBuilder graph, Value x, Value axes, boolean keep);
  }

  private AtenReductions() {}

  static void register() {
    AtenRules.on(
        "sum", c -> typed(c, false, (g, x, a, k) -> g.reduceSum(x, a, o -> o.keepdims(k))));
    AtenRules.on(
        "prod", c -> typed(c, false, (g, x, a, k) -> g.reduceProd(x, a, o -> o.keepdims(k))));
    AtenRules.on(
        "mean", c -> typed(c, true, (g, x, a, k) -> g.reduceMean(x, a, o -> o.keepdims(k))));
    AtenRules.on("amax", c -> plain(c, AtenReductions::max));
    AtenRules.on("amin", c -> plain(c, AtenReductions::min));
    AtenRules.on("any", c -> logical(c, AtenReductions::max));
    AtenRules.on("all", c -> logical(c, AtenReductions::min));
    AtenRules.on("max", c -> extreme(c, true));
    AtenRules.on("min", c -> extreme(c, false));
    AtenRules.on("argmax", c -> c.result(position(c, true)));
    AtenRules.on("argmin", c -> c.result(position(c, false)));
    AtenRules.on(
        "logsumexp",
        c -> {
          TensorRef self = c.tensor("self");
          Value axes = c.trace().vector(c.axes("dim", self.rank()));
          boolean keep = c.flag("keepdim");
          Value x = AtenElementwise.asFloat(c.trace(), self);
          return c.result(c.graph().reduceLogSumExp(x, axes, a -> a.keepdims(keep)));
        });
    AtenRules.on("cumsum", c -> cumulative(c, (g, x, a, _) -> g.cumSum(x, a)));
    AtenRules.on("cumprod", c -> cumulative(c, (g, x, a, _) -> g.cumProd(x, a)));
  }

  private static Value max(GraphBuilder g, Value x, Value axes, boolean keep) {
    return g.reduceMax(x, axes, o -> o.keepdims(keep));
  }

  private static Value min(GraphBuilder g, Value x, Value axes, boolean keep) {
    return g.reduceMin(x, axes, o -> o.keepdims(keep));
  }

  private static Value apply(AtenCall c, Reduction reduction, Value x, int rank) {
    boolean keep = c.has("keepdim") && c.flag("keepdim");
    if (rank == 0) {
      if (c.has("dim")) {
        c.get("dim");
      }
      return c.graph().identity(x);
    }
    long[] axes =
        c.has("dim") ? c.axes("dim", rank) : java.util.stream.LongStream.range(0, rank).toArray();
    return reduction.build(c.graph(), x, c.trace().vector(axes), keep);
  }

  private static PyObject typed(AtenCall c, boolean mean, Reduction reduction) {
    TensorRef self = c.tensor("self");
    DType wanted = c.dtype("dtype");
    boolean whole = self.dtype().isInteger() || self.dtype() == DType.BOOL;
    if (mean && whole && wanted == null) {
      throw c.in()
          .raise("RuntimeError", "mean(): could not infer output dtype of an integer tensor");
    }
    DType type = wanted != null ? wanted : whole ? DType.I64 : self.dtype();
    return c.result(apply(c, reduction, c.trace().cast(self.value(), type), self.rank()));
  }

  private static PyObject plain(AtenCall c, Reduction reduction) {
    TensorRef self = c.tensor("self");
    return c.result(apply(c, reduction, self.value(), self.rank()));
  }

  private static PyObject logical(AtenCall c, Reduction reduction) {
    TensorRef self = c.tensor("self");
    // ONNX's reductions take bool since opset 20; u8 says the same to every engine.
    Value x = c.trace().cast(c.trace().cast(self.value(), DType.BOOL), DType.U8);
    return c.result(c.trace().cast(apply(c, reduction, x, self.rank()), DType.BOOL));
  }

  private static PyObject extreme(AtenCall c, boolean max) {
    if (c.has("other")) {
      return AtenElementwise.binary(
          c.trace(), max ? "maximum" : "minimum", c.get("self"), c.get("other"));
    }
    TensorRef self = c.tensor("self");
    Reduction reduction = max ? AtenReductions::max : AtenReductions::min;
    if (!c.has("dim")) {
      return c.result(apply(c, reduction, self.value(), self.rank()));
    }
    Value values = apply(c, reduction, self.value(), self.rank());
    Value indices = position(c, max);
    return NamedResults.of(c.trace(), max ? "max" : "min", "values", values, "indices", indices);
  }

  private static Value position(AtenCall c, boolean max) {
    TensorRef self = c.tensor("self");
    boolean keep = c.flag("keepdim");
    Value x = self.value();
    int axis = 0;
    if (c.isNone("dim")) {
      x = c.graph().reshape(x, c.trace().vector(-1));
      if (keep) {
        throw c.in().unsupported("keepdim=True without dim in %s", c.name());
      }
    } else {
      axis = c.axis("dim", self.rank());
    }
    if (self.dtype() == DType.BOOL) {
      x = c.trace().cast(x, DType.I32);
    }
    int at = axis;
    return max
        ? c.graph().argMax(x, a -> a.axis(at).keepdims(keep))
        : c.graph().argMin(x, a -> a.axis(at).keepdims(keep));
  }

  private static PyObject cumulative(AtenCall c, Reduction reduction) {
    TensorRef self = c.tensor("self");
    DType wanted = c.dtype("dtype");
    boolean whole = self.dtype().isInteger() || self.dtype() == DType.BOOL;
    DType type = wanted != null ? wanted : whole ? DType.I64 : self.dtype();
    Value axis = c.trace().scalar(DType.I64, c.axis("dim", self.rank()));
    return c.result(reduction.build(c.graph(), c.trace().cast(self.value(), type), axis, false));
  }
}
