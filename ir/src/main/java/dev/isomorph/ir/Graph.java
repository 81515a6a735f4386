package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Nodes in an order in which every value is made before it is used. A graph is a function of its
 * inputs and of its model's parameters; a region (a subgraph in an attribute) is also one of what
 * it captures, explicitly. Frozen: made by a {@link GraphBuilder}, changed by making another one.
 * Safe for many threads.
 */
public final class Graph {
  /**
   * One use of a value.
   *
   * @param node who uses it
   * @param index position among the operands, or among the captures
   * @param capture whether it is captured by one of the node's regions
   */
  public record Use(Node node, int index, boolean capture) {}

  private final String name;
  private final List<Value.Input> inputs;
  private final List<Value.Input> captures;
  private final List<Node> nodes;
  private final List<Value> outputs;
  private volatile Map<Value, List<Use>> uses;

  Graph(
      String name,
      List<Value.Input> inputs,
      List<Value.Input> captures,
      List<Node> nodes,
      List<Value> outputs) {
    this.name = requireNonNull(name, "name is null");
    this.inputs = List.copyOf(inputs);
    this.captures = List.copyOf(captures);
    this.nodes = List.copyOf(nodes);
    this.outputs = List.copyOf(outputs);
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return the formal parameters in order} */
  public List<Value.Input> inputs() {
    return inputs;
  }

  /** {@return what stands inside a region for the outer values it uses; none for a whole graph} */
  public List<Value.Input> captures() {
    return captures;
  }

  /** {@return the nodes, each after those that make its operands} */
  public List<Node> nodes() {
    return nodes;
  }

  /** {@return the results in order; a value may stand more than once} */
  public List<Value> outputs() {
    return outputs;
  }

  /** {@return who uses a value in this graph, in order; outputs of the graph are no uses} */
  public List<Use> uses(Value value) {
    return uses().getOrDefault(value, List.of());
  }

  /** {@return whether the value is an output of this graph} */
  public boolean isOutput(Value value) {
    return outputs.stream().anyMatch(o -> o == value);
  }

  /** {@return whether exactly one operand uses the value, and no output is it} */
  public boolean hasSingleUse(Value value) {
    return uses(value).size() == 1 && !isOutput(value);
  }

  /**
   * {@return the parameters that this graph and its regions use, in the order of their first use}
   */
  public SequencedSet<Value.Parameter> parameters() {
    SequencedSet<Value.Parameter> found = new LinkedHashSet<>();
    for (Node node : nodes) {
      addParameters(node.inputs(), found);
      addParameters(node.captures(), found);
      node.op().regions().forEach(region -> found.addAll(region.parameters()));
    }
    addParameters(outputs, found);
    return found;
  }

  private static void addParameters(List<Value> values, SequencedSet<Value.Parameter> into) {
    for (Value value : values) {
      if (value instanceof Value.Parameter parameter) {
        into.add(parameter);
      }
    }
  }

  private Map<Value, List<Use>> uses() {
    Map<Value, List<Use>> known = uses;
    if (known == null) {
      known = new IdentityHashMap<>();
      for (Node node : nodes) {
        record(node, node.inputs(), false, known);
        record(node, node.captures(), true, known);
      }
      known.replaceAll((_, list) -> Collections.unmodifiableList(list));
      uses = known;
    }
    return known;
  }

  private static void record(
      Node node, List<Value> operands, boolean capture, Map<Value, List<Use>> into) {
    for (int i = 0; i < operands.size(); i++) {
      if (!operands.get(i).isAbsent()) {
        into.computeIfAbsent(operands.get(i), _ -> new ArrayList<>(1))
            .add(new Use(node, i, capture));
      }
    }
  }

  /** {@return the text form} */
  @Override
  public String toString() {
    return TextPrinter.print(this);
  }
}
