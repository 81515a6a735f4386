package dev.isomorph.verifier;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.ArgMaxOp;
import dev.isomorph.ir.op.ArgMinOp;
import dev.isomorph.ir.op.CeilOp;
import dev.isomorph.ir.op.ClipOp;
import dev.isomorph.ir.op.FloorOp;
import dev.isomorph.ir.op.HardSigmoidOp;
import dev.isomorph.ir.op.HardmaxOp;
import dev.isomorph.ir.op.RoundOp;
import dev.isomorph.ir.op.SigmoidOp;
import dev.isomorph.ir.op.SignOp;
import dev.isomorph.ir.op.SoftmaxOp;
import dev.isomorph.ir.op.TanhOp;
import dev.isomorph.ir.op.TopKOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Operators behind which differences vanish: they saturate, round or choose. What goes into them is
 * judged, too. The n-th of a kind in one graph is paired with the n-th in the other, where both
 * have equally many.
 */
final class HidingOperators {
  /** An operand of the source and its counterpart in the target. */
  record Pair(String name, Value source, Value target) {}

  private static final Set<Class<? extends Op>> HIDING =
      Set.of(
          ArgMaxOp.class,
          ArgMinOp.class,
          CeilOp.class,
          ClipOp.class,
          FloorOp.class,
          HardSigmoidOp.class,
          HardmaxOp.class,
          RoundOp.class,
          SigmoidOp.class,
          SignOp.class,
          SoftmaxOp.class,
          TanhOp.class,
          TopKOp.class);

  private HidingOperators() {}

  static List<Pair> pairs(Graph source, Graph target) {
    Map<Class<? extends Op>, List<Node>> left = find(source);
    Map<Class<? extends Op>, List<Node>> right = find(target);
    List<Pair> pairs = new ArrayList<>();
    left.forEach(
        (kind, nodes) -> {
          List<Node> others = right.getOrDefault(kind, List.of());
          for (int i = 0; i < nodes.size() && nodes.size() == others.size(); i++) {
            Node node = nodes.get(i);
            pairs.add(
                new Pair("operand of " + node.describe(), node.input(0), others.get(i).input(0)));
          }
        });
    return pairs;
  }

  private static Map<Class<? extends Op>, List<Node>> find(Graph graph) {
    Map<Class<? extends Op>, List<Node>> found = new LinkedHashMap<>(new HashMap<>());
    for (Node node : graph.nodes()) {
      if (HIDING.contains(node.op().getClass())) {
        found.computeIfAbsent(node.op().getClass(), _ -> new ArrayList<>()).add(node);
      }
    }
    return found;
  }
}
