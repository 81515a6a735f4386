package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes nodes out of a graph whose results nothing uses. */
final class DeadNodes {
  private DeadNodes() {}

  /** The graph without them; the same one if there are none. */
  static Graph remove(Graph graph) {
    Graph current = graph;
    // A capture that is dropped may leave its producer dead.
    while (hasDead(current)) {
      current = removeOnce(current);
    }
    return current;
  }

  private static Graph removeOnce(Graph graph) {
    GraphBuilder builder = GraphBuilder.rewriting(graph);
    graph.inputs().forEach(builder::share);
    Map<Value, Value> replaced = new IdentityHashMap<>();
    copy(graph, builder, replaced);
    return builder.build(graph.outputs().stream().map(v -> replaced.getOrDefault(v, v)).toList());
  }

  /** The dead nodes of a graph or region, not of its regions. */
  static Set<Node> of(Graph graph) {
    Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
    used.addAll(graph.outputs());
    Set<Node> dead = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node node : graph.nodes().reversed()) {
      // What an unknown operator does beside its results is not known either.
      boolean live =
          node.op() instanceof OpaqueCall || node.results().stream().anyMatch(used::contains);
      if (live) {
        used.addAll(node.inputs());
        for (Graph region : node.op().regions()) {
          List<Value> captures = node.captures(region);
          for (int i = 0; i < captures.size(); i++) {
            used.add(captures.get(i));
          }
        }
      } else {
        dead.add(node);
      }
    }
    return dead;
  }

  private static boolean hasDead(Graph graph) {
    if (!of(graph).isEmpty()) {
      return true;
    }
    for (Node node : graph.nodes()) {
      for (Graph region : node.op().regions()) {
        if (hasDead(region) || !unusedCaptures(region).isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<Value.Input> unusedCaptures(Graph region) {
    return region.captures().stream()
        .filter(c -> region.uses(c).isEmpty() && !region.isOutput(c))
        .toList();
  }

  private static void copy(Graph graph, GraphBuilder builder, Map<Value, Value> replaced) {
    Set<Node> dead = of(graph);
    for (Node node : graph.nodes()) {
      if (dead.contains(node)) {
        builder.free(node);
        continue;
      }
      boolean changed =
          node.inputs().stream().anyMatch(replaced::containsKey)
              || node.captures().stream().anyMatch(replaced::containsKey)
              || node.op().regions().stream()
                  .anyMatch(r -> hasDead(r) || !unusedCaptures(r).isEmpty());
      if (!changed) {
        builder.share(node);
      } else {
        rebuild(node, builder, replaced);
      }
    }
  }

  private static void rebuild(Node node, GraphBuilder builder, Map<Value, Value> replaced) {
    builder.free(node);
    builder.at(node.origin());
    Map<Graph, Graph> regions = new IdentityHashMap<>();
    for (Graph region : node.op().regions()) {
      List<Value> captures = new ArrayList<>();
      for (Value capture : node.captures(region)) {
        captures.add(replaced.getOrDefault(capture, capture));
      }
      regions.put(region, region(region, captures, builder));
    }
    Node made =
        builder.add(
            node.name(),
            GraphRewriter.withRegions(node.op(), regions),
            node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList(),
            node.results().stream().map(Value::name).toList(),
            node.results().stream().map(Value::type).toList());
    for (int i = 0; i < node.results().size(); i++) {
      replaced.put(node.result(i), made.result(i));
    }
  }

  /** The region without its dead nodes, and without the captures that nothing needs then. */
  private static Graph region(Graph region, List<Value> captures, GraphBuilder outer) {
    Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(region.outputs());
    Set<Node> dead = of(region);
    for (Node node : region.nodes()) {
      if (!dead.contains(node)) {
        needed.addAll(node.inputs());
        needed.addAll(node.captures());
      }
    }
    GraphBuilder builder = outer.newRegion(region.name());
    region.inputs().forEach(builder::share);
    for (int i = 0; i < captures.size(); i++) {
      if (needed.contains(region.captures().get(i))) {
        builder.shareCapture(region.captures().get(i), captures.get(i));
      }
    }
    Map<Value, Value> replaced = new IdentityHashMap<>();
    copy(region, builder, replaced);
    return builder.build(region.outputs().stream().map(v -> replaced.getOrDefault(v, v)).toList());
  }
}
