package dev.isomorph.exporters.onnx;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Puts bodies in the place of nodes that a target cannot say, until none is left. */
final class Expander {
  /** Bodies may call composites in turn; real ones are a few levels deep. */
  private static final int MAX_ROUNDS = 100;

  private final Predicate<Node> expand;
  private final Map<Value, String> names = new IdentityHashMap<>();
  private boolean decomposed;

  /**
   * @param expand tells which nodes are to be replaced: composites, and nodes that {@link
   *     Decompositions} has a body for
   */
  Expander(Predicate<Node> expand) {
    this.expand = expand;
  }

  /** {@return the graph without such nodes; the same one if it has none} */
  Graph run(Graph graph) {
    Graph current = graph;
    for (int round = 0; contains(current); round++) {
      if (round == MAX_ROUNDS) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID, "the bodies of composites never end in plain operators")
            .toException();
      }
      current = new Round(current).rewritten();
    }
    return current;
  }

  /** {@return the names that results of bodies inherit from the nodes they replace} */
  Map<Value, String> names() {
    return names;
  }

  /** {@return whether an operator of the graph's own opset had to be replaced} */
  boolean decomposed() {
    return decomposed;
  }

  private boolean contains(Graph graph) {
    return graph.nodes().stream()
        .anyMatch(n -> expand.test(n) || n.op().regions().stream().anyMatch(this::contains));
  }

  private final class Round {
    private final Graph graph;
    private final Map<Value, Value> replaced = new IdentityHashMap<>();

    Round(Graph graph) {
      this.graph = graph;
    }

    Graph rewritten() {
      GraphBuilder b = GraphBuilder.rewriting(graph);
      graph.inputs().forEach(b::share);
      graph.nodes().forEach(n -> node(n, b));
      return b.build(graph.outputs().stream().map(this::map).toList());
    }

    private Value map(Value value) {
      return replaced.getOrDefault(value, value);
    }

    private void node(Node node, GraphBuilder b) {
      List<Value> operands = node.inputs().stream().map(this::map).toList();
      if (expand.test(node)) {
        b.at(node.origin());
        decomposed |= !(node.op() instanceof CompositeCall);
        List<Value> results =
            node.op() instanceof CompositeCall call
                ? call.composite().expansion().build(call, operands, b)
                : Decompositions.build(node.op(), operands, b);
        for (int i = 0; i < Math.min(results.size(), node.results().size()); i++) {
          replace(node.result(i), results.get(i));
        }
        return;
      }
      boolean same =
          operands.equals(node.inputs())
              && node.captures().stream().allMatch(c -> map(c) == c)
              && node.op().regions().stream().noneMatch(Expander.this::contains);
      if (same) {
        b.share(node);
        return;
      }
      b.free(node);
      b.at(node.origin());
      Node made =
          b.add(
              node.name(),
              withRegions(node, b),
              operands,
              node.results().stream().map(Value::name).toList(),
              node.results().stream().map(Value::type).toList());
      for (int i = 0; i < node.results().size(); i++) {
        replace(node.result(i), made.result(i));
      }
    }

    private void replace(Value old, Value value) {
      replaced.put(old, value);
      if (value instanceof Value.Result) {
        names.putIfAbsent(value, names.getOrDefault(old, old.name()));
      }
    }

    private Op withRegions(Node node, GraphBuilder b) {
      if (node.op().regions().isEmpty()) {
        return node.op();
      }
      AttributeMap attributes = node.op().newAttributes();
      for (Map.Entry<String, Attribute> entry : node.op().attributes().entrySet()) {
        attributes.put(
            entry.getKey(),
            entry.getValue() instanceof Attribute.Region(Graph region)
                ? new Attribute.Region(region(node, region, b))
                : entry.getValue());
      }
      return node.op().withAttributes(attributes);
    }

    private Graph region(Node node, Graph region, GraphBuilder outer) {
      GraphBuilder b = outer.newRegion(region.name());
      region.inputs().forEach(b::share);
      List<Value> captured = new ArrayList<>(node.captures(region));
      for (int i = 0; i < captured.size(); i++) {
        Value.Input inside = region.captures().get(i);
        replaced.put(inside, b.captureAs(inside.name(), map(captured.get(i))));
      }
      region.nodes().forEach(n -> node(n, b));
      return b.build(region.outputs().stream().map(this::map).toList());
    }
  }
}
