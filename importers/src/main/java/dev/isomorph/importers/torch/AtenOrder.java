package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.List;

/** Sorting and ranking. */
final class AtenOrder {
  private AtenOrder() {}

  static void register() {
    AtenRules.on("topk", AtenOrder::topk);
    AtenRules.on("sort", AtenOrder::sort);
    AtenRules.on("argsort", c -> c.result(sorted(c).get(1)));
  }

  private static PyObject topk(AtenCall c) {
    TensorRef self = c.tensor("self");
    c.ignore("sorted");
    int axis = c.axis("dim", self.rank());
    boolean largest = c.flag("largest");
    Value k = c.graph().reshape(c.trace().scalarOf(c.get("k")), c.trace().vector(1));
    List<Value> both =
        c.graph().topKAll(self.value(), k, a -> a.axis(axis).largest(largest).sorted(true));
    return NamedResults.of(c.trace(), "topk", "values", both.get(0), "indices", both.get(1));
  }

  private static PyObject sort(AtenCall c) {
    List<Value> both = sorted(c);
    return NamedResults.of(c.trace(), "sort", "values", both.get(0), "indices", both.get(1));
  }

  private static List<Value> sorted(AtenCall c) {
    TensorRef self = c.tensor("self");
    if (c.has("stable")) {
      // TopK takes the lower index first among equals, which a stable order asks for.
      c.ignore("stable");
    }
    int axis = c.axis("dim", self.rank());
    boolean descending = c.flag("descending");
    Value x = self.dtype() == DType.BOOL ? c.trace().cast(self.value(), DType.I32) : self.value();
    Value size = c.graph().reshape(c.trace().scalarOf(self.size(axis)), c.trace().vector(1));
    return c.graph().topKAll(x, size, a -> a.axis(axis).largest(descending).sorted(true));
  }
}
