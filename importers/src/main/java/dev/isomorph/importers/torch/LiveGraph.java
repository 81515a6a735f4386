package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The nodes that the outputs need; a constructor's other computations are left behind. */
final class LiveGraph {
  private LiveGraph() {}

  /**
   * {@return the graph of these outputs}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if a random value reaches an output
   */
  static Graph of(TorchTrace trace, List<Value> outputs) {
    Interpreter in = trace.in();
    Graph whole = trace.graph().build(outputs);
    Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Value> open = new ArrayDeque<>(whole.outputs());
    Map<Value, String> random = trace.randomValues();
    while (!open.isEmpty()) {
      Value value = open.pop();
      if (random.containsKey(value)) {
        throw isRandom(in, random.get(value));
      }
      value
          .producer()
          .filter(live::add)
          .ifPresent(
              node -> {
                node.op().regions().forEach(region -> checkInside(in, region, random));
                node.inputs().forEach(open::push);
                node.captures().forEach(open::push);
              });
    }
    GraphBuilder pruned = GraphBuilder.rewriting(whole);
    whole.inputs().forEach(pruned::share);
    whole.nodes().stream().filter(live::contains).forEach(pruned::share);
    return pruned.build(whole.outputs());
  }

  private static void checkInside(Interpreter in, Graph region, Map<Value, String> random) {
    for (Node node : region.nodes()) {
      for (Value result : node.results()) {
        if (random.containsKey(result)) {
          throw isRandom(in, random.get(result));
        }
      }
      node.op().regions().forEach(inner -> checkInside(in, inner, random));
    }
  }

  private static RuntimeException isRandom(Interpreter in, String what) {
    return in.unsupported(
        ErrorCode.UNSUPPORTED_OPERATOR, "the outputs depend on random values (%s)", what);
  }
}
