package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.Attribute;
import java.util.List;
import java.util.Map;

/** Axes that count from the end: many operators have them from opset 11 on only. */
final class AxisDowngrades {
  private static final Map<String, String> ATTRIBUTES =
      Map.ofEntries(
          Map.entry("ArgMax", "axis"),
          Map.entry("ArgMin", "axis"),
          Map.entry("Compress", "axis"),
          Map.entry("Concat", "axis"),
          Map.entry("Flatten", "axis"),
          Map.entry("ReduceL1", "axes"),
          Map.entry("ReduceL2", "axes"),
          Map.entry("ReduceLogSum", "axes"),
          Map.entry("ReduceLogSumExp", "axes"),
          Map.entry("ReduceMax", "axes"),
          Map.entry("ReduceMean", "axes"),
          Map.entry("ReduceMin", "axes"),
          Map.entry("ReduceProd", "axes"),
          Map.entry("ReduceSum", "axes"),
          Map.entry("ReduceSumSquare", "axes"),
          Map.entry("Softmax", "axis"),
          Map.entry("LogSoftmax", "axis"),
          Map.entry("Hardmax", "axis"),
          Map.entry("Split", "axis"),
          Map.entry("Squeeze", "axes"),
          Map.entry("Unsqueeze", "axes"));

  private AxisDowngrades() {}

  static void register() {
    ATTRIBUTES.forEach(
        (operator, attribute) -> Downgrades.add(operator, 11, node -> attribute(node, attribute)));
    Downgrades.add(
        "TopK",
        11,
        node -> {
          boolean smallest = node.integer("largest", 1) == 0;
          if (smallest || node.integer("sorted", 1) == 0) {
            throw node.refuse("it is not for the largest elements in their order");
          }
          node.attributes().remove("largest");
          node.attributes().remove("sorted");
          attribute(node, "axis");
        });
    Downgrades.add("ScatterElements", 11, node -> node.rename("Scatter"));
  }

  private static void attribute(NodeDraft node, String key) {
    int more =
        node.operator().name().equals("Unsqueeze")
                && node.attributes().get("axes") instanceof Attribute.Ints(List<Long> added)
            ? added.size()
            : 0;
    switch (node.attributes().get(key)) {
      case Attribute.Int(long axis) ->
          node.attributes().put(key, new Attribute.Int(fromFront(node, axis, more)));
      case Attribute.Ints(List<Long> axes) ->
          node.attributes()
              .put(
                  key,
                  new Attribute.Ints(axes.stream().map(a -> fromFront(node, a, more)).toList()));
      case null, default -> {}
    }
  }

  /** {@return an axis counted from the front; {@code more} axes are added to the operand's} */
  static long fromFront(NodeDraft node, long axis, int more) {
    if (node.rank(0).isEmpty()) {
      if (axis >= 0) {
        return axis;
      }
      throw node.refuse("its axis counts from the end of an operand whose rank is not known");
    }
    int rank = node.rank(0).getAsInt() + more;
    if (axis < -rank || axis > rank) {
      throw node.refuse("its axis %d is out of range for rank %d", axis, rank);
    }
    return axis < 0 ? axis + rank : axis;
  }
}
