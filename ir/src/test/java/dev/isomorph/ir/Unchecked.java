package dev.isomorph.ir;

import java.util.Collections;
import java.util.List;

/** Makes graphs that the builder would refuse. */
public final class Unchecked {
  private Unchecked() {}

  /** {@return a graph of any parts} */
  public static Graph graph(
      String name, List<Value.Input> inputs, List<Node> nodes, List<? extends Value> outputs) {
    return new Graph(name, inputs, List.of(), nodes, List.copyOf(outputs));
  }

  /** {@return an input} */
  public static Value.Input input(String name, String type) {
    return new Value.Input(name, ValueType.parse(type), null);
  }

  /** {@return a node with one result of any type} */
  public static Node node(String name, Op op, List<Value> inputs, String result, String type) {
    return new Node(
        name,
        op,
        inputs,
        List.of(),
        List.of(result),
        List.of(ValueType.parse(type)),
        Collections.singletonList(null),
        Origin.of("model.py:7"));
  }
}
