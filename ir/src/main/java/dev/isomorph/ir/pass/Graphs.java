package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** Goes through the graphs of a model. */
final class Graphs {
  private Graphs() {}

  /** All graphs of the signatures and the regions inside them, outer ones first. */
  static List<Graph> all(Model model) {
    List<Graph> all = new ArrayList<>();
    model.signatures().forEach(s -> add(s.graph(), all));
    return all;
  }

  private static void add(Graph graph, List<Graph> into) {
    into.add(graph);
    for (Node node : graph.nodes()) {
      node.op().regions().forEach(region -> add(region, into));
    }
  }

  /**
   * A model with each signature's graph rewritten; the same model if none changed. Signatures keep
   * their ports, the model keeps weights that no graph uses any more.
   *
   * @param change gets a graph and a list for new assumptions
   */
  static Model rewrite(Model model, BiFunction<Graph, List<String>, Graph> change) {
    List<Signature> signatures = new ArrayList<>();
    List<String> assumptions = new ArrayList<>();
    boolean same = true;
    for (Signature signature : model.signatures()) {
      Graph graph = change.apply(signature.graph(), assumptions);
      same &= graph == signature.graph();
      signatures.add(graph == signature.graph() ? signature : signature.withGraph(graph));
    }
    if (same) {
      return model;
    }
    Model.Builder builder = model.toBuilder().signatures(signatures);
    Set<Value.Parameter> derived = new HashSet<>();
    signatures.forEach(s -> derived.addAll(s.graph().parameters()));
    for (Value.Parameter parameter : model.parameters()) {
      if (parameter.kind() != Value.Parameter.Kind.CONSTANT && !isReplaced(parameter, derived)) {
        builder.unused(parameter);
      }
    }
    Set<String> known = new HashSet<>(model.assumptions());
    assumptions.stream().filter(known::add).forEach(builder::assumption);
    return builder.build();
  }

  /** Whether a parameter that is in use was computed from this one. */
  private static boolean isReplaced(Value.Parameter parameter, Set<Value.Parameter> inUse) {
    return inUse.stream().anyMatch(p -> p.derivation().keys().contains(parameter.name()));
  }
}
