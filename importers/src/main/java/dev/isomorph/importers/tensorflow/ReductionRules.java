package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.List;

/** Reductions along axes, and positions of extremes. */
final class ReductionRules {
  /** The plain operator. */
  private interface Reduction {
    Value apply(GraphBuilder builder, Value x, Value axes, boolean keep);
  }

  private ReductionRules() {}

  static void register(Rules rules) {
    reduction(rules, "Sum", (b, x, axes, k) -> b.reduceSum(x, axes, a -> a.keepdims(k)));
    reduction(rules, "Mean", (b, x, axes, k) -> b.reduceMean(x, axes, a -> a.keepdims(k)));
    reduction(rules, "Prod", (b, x, axes, k) -> b.reduceProd(x, axes, a -> a.keepdims(k)));
    reduction(rules, "Max", (b, x, axes, k) -> b.reduceMax(x, axes, a -> a.keepdims(k)));
    reduction(rules, "Min", (b, x, axes, k) -> b.reduceMin(x, axes, a -> a.keepdims(k)));
    reduction(rules, "Any", (b, x, axes, k) -> b.reduceMax(x, axes, a -> a.keepdims(k)));
    reduction(rules, "All", (b, x, axes, k) -> b.reduceMin(x, axes, a -> a.keepdims(k)));
    reduction(rules, "EuclideanNorm", (b, x, axes, k) -> b.reduceL2(x, axes, a -> a.keepdims(k)));
    rules.on(
        "ArgMax", n -> position(n, (b, x, axis) -> b.argMax(x, a -> a.axis(axis).keepdims(false))));
    rules.on(
        "ArgMin", n -> position(n, (b, x, axis) -> b.argMin(x, a -> a.axis(axis).keepdims(false))));
    rules.several("TopKV2", ReductionRules::topK, "values", "indices");
    rules.on("Cumsum", ReductionRules::cumulativeSum);
  }

  private static void reduction(Rules rules, String op, Reduction plain) {
    rules.on(
        op,
        node -> {
          boolean keep = node.attributes().flag("keep_dims", false);
          long[] axes = node.constants(1, "the axes");
          // Without axes TensorFlow reduces nothing, where the plain operator would reduce all.
          return axes.length == 0
              ? node.in(0)
              : plain.apply(node.main(), node.in(0), node.vector(axes), keep);
        });
  }

  private interface Position {
    Value apply(GraphBuilder builder, Value x, long axis);
  }

  private static Value position(TfNode node, Position plain) {
    DType type = node.attributes().type("output_type", DType.I64);
    long axis = node.constant(1, "the axis");
    if (type == DType.I64) {
      return plain.apply(node.main(), node.in(0), axis);
    }
    Value found = plain.apply(node.builder(), node.in(0), axis);
    return node.main().cast(found, a -> a.to(type.onnxCode()));
  }

  private static List<Value> topK(TfNode node) {
    boolean sorted = node.attributes().flag("sorted", true);
    DType type = node.attributes().type("index_type", DType.I32);
    Value count = node.builder().reshape(node.i64(1), node.vector(1));
    List<Value> found = node.main().topKAll(node.in(0), count, a -> a.sorted(sorted));
    return List.of(found.get(0), node.cast(found.get(1), type));
  }

  private static Value cumulativeSum(TfNode node) {
    boolean exclusive = node.attributes().flag("exclusive", false);
    boolean reverse = node.attributes().flag("reverse", false);
    return node.main().cumSum(node.in(0), node.in(1), a -> a.exclusive(exclusive).reverse(reverse));
  }
}
