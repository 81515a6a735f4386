package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import java.util.List;

/**
 * Takes out what no result of the model depends on. Operators have no effects beside their results,
 * but for opaque ones, which stay. Parameters that nothing uses afterwards stay in the model if
 * they are weights: they are part of the source.
 */
public final class DeadCode implements Pass {
  /** No node's results are all unused. */
  public static final Condition NO_DEAD_NODES =
      new Condition(
          "every node has a use",
          model -> {
            for (Graph graph : Graphs.all(model)) {
              if (!DeadNodes.of(graph).isEmpty()) {
                return DeadNodes.of(graph).iterator().next().describe();
              }
            }
            return null;
          });

  @Override
  public String name() {
    return "dead-code";
  }

  @Override
  public List<Condition> ensures() {
    return List.of(NO_DEAD_NODES);
  }

  @Override
  public Model run(Model model, PassContext context) {
    if (!context.mayRewrite()) {
      return model;
    }
    return Graphs.rewrite(
        model,
        (graph, _) -> {
          Graph next = DeadNodes.remove(graph);
          if (next != graph) {
            context.rewritten(name(), "graph '" + graph.name() + "'");
          }
          return next;
        });
  }
}
