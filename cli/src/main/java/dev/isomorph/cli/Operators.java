package dev.isomorph.cli;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Walks graphs with the regions in them. */
final class Operators {
  private Operators() {}

  /** {@return how often each operator stands, regions included; the most frequent first} */
  static SequencedMap<String, Integer> counts(Graph graph) {
    Map<String, Integer> counts = new TreeMap<>();
    forEach(graph, node -> counts.merge(node.op().name().toString(), 1, Integer::sum));
    SequencedMap<String, Integer> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  /** Visits all nodes, those of regions after the node that has them. */
  static void forEach(Graph graph, Consumer<Node> visitor) {
    for (Node node : graph.nodes()) {
      visitor.accept(node);
      node.op().regions().forEach(region -> forEach(region, visitor));
    }
  }
}
