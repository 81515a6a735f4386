package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Copies the nodes of a patch or of a region into a graph under construction. The node that does
 * what the replaced one did keeps its name and those of its results; where there is none, what
 * replaces a result gets the result's name, and the node that makes it the node's. All others get
 * new ones.
 */
final class Splicer {
  private final GraphBuilder builder;
  private final Map<Value, Value> mapped = new IdentityHashMap<>();
  private final Map<Value, String> valueNames = new IdentityHashMap<>();
  private final Map<Value, ValueType> declared = new IdentityHashMap<>();
  private final Graph body;
  private final Origin origin;
  private final Set<Value.Parameter> known;

  /**
   * Makes a splicer.
   *
   * @param now what stands for a value of the rewritten graph
   * @param known the parameters that the model has; those that a patch brings get keys of their own
   *     and are added
   */
  Splicer(
      GraphBuilder builder, Patch patch, Function<Value, Value> now, Set<Value.Parameter> known) {
    this.builder = builder;
    this.known = known;
    this.body = patch.body();
    this.origin = patch.origin();
    for (int i = 0; i < patch.taps().size(); i++) {
      mapped.put(body.inputs().get(i), now.apply(patch.taps().get(i)));
    }
  }

  /**
   * Copies the body and returns what replaces the results of {@code root}, in order.
   *
   * @param keepsValues whether what replaces a result must have its name, because the graph's own
   *     results are named so
   */
  List<Value> splice(Node root, boolean keepsValues) {
    Node heir = heir(root);
    for (int i = 0; i < root.results().size(); i++) {
      Value output = body.outputs().get(i);
      boolean byHeir = heir != null && !keepsValues;
      valueNames.putIfAbsent(byHeir ? heir.result(i) : output, root.result(i).name());
      declared.putIfAbsent(output, root.result(i).type());
    }
    if (heir == null) {
      heir = body.outputs().getFirst().producer().orElse(null);
    }
    for (int i = 0; i < root.results().size(); i++) {
      if (body.outputs().get(i) instanceof Value.Parameter parameter) {
        admit(parameter, root.result(i).name());
      }
    }
    for (Value.Parameter parameter : body.parameters()) {
      admit(parameter, parameter.name());
    }
    for (Node node : body.nodes()) {
      builder.at(origin.union(node.origin()));
      copy(node, node == heir ? root.name() : "");
    }
    return body.outputs().stream().map(this::map).toList();
  }

  /** The one node of the body that does what the root did; null if there is none. */
  private Node heir(Node root) {
    List<Node> alike =
        body.nodes().stream()
            .filter(n -> n.op().name().name().equals(root.op().name().name()))
            .filter(n -> n.results().size() == root.results().size())
            .toList();
    return alike.size() == 1 ? alike.getFirst() : null;
  }

  /** Gives a parameter that the patch brings a key that the model does not have yet. */
  private void admit(Value.Parameter parameter, String hint) {
    if (known.contains(parameter) || mapped.containsKey(parameter)) {
      return;
    }
    Value.Parameter admitted =
        new Value.Parameter(
            builder.freshName(hint),
            parameter.tensor(),
            parameter.kind(),
            parameter.storage(),
            parameter.derivation());
    known.add(admitted);
    mapped.put(parameter, admitted);
  }

  private Value map(Value value) {
    return mapped.getOrDefault(value, value);
  }

  private void copy(Node node, String name) {
    Map<Graph, Graph> regions = new IdentityHashMap<>();
    for (Graph region : node.op().regions()) {
      regions.put(region, copyRegion(builder, region, node.captures(region), mapped));
    }
    Op op = GraphRewriter.withRegions(node.op(), regions);
    List<Value> operands = node.inputs().stream().map(this::map).toList();
    List<ValueType> types =
        node.results().stream().map(r -> declared.getOrDefault(r, ValueType.UNKNOWN)).toList();
    if (name.isEmpty() && node.results().stream().noneMatch(valueNames::containsKey)) {
      note(node, builder.emit(op, operands, types), mapped);
      return;
    }
    String operator = node.op().name().name().toLowerCase(Locale.ROOT);
    List<String> names =
        node.results().stream().map(r -> valueNames.getOrDefault(r, operator)).toList();
    Node made = builder.add(name.isEmpty() ? operator : name, op, operands, names, types);
    note(node, List.copyOf(made.results()), mapped);
  }

  private static void note(Node node, List<Value> made, Map<Value, Value> mapped) {
    for (int i = 0; i < made.size(); i++) {
      mapped.put(node.result(i), made.get(i));
    }
  }

  /** Copies a region with new names for all that stands in it. */
  static Graph copyRegion(
      GraphBuilder builder, Graph region, List<Value> captures, Map<Value, Value> outer) {
    GraphBuilder inner = builder.newRegion(builder.freshName(region.name()));
    Map<Value, Value> mapped = new IdentityHashMap<>(outer);
    for (Value.Input input : region.inputs()) {
      String name = builder.freshName(input.name());
      mapped.put(input, inner.input(name, input.type(), input.contents().orElse(null)));
    }
    for (int i = 0; i < captures.size(); i++) {
      Value from = outer.getOrDefault(captures.get(i), captures.get(i));
      mapped.put(region.captures().get(i), from);
    }
    for (Node node : region.nodes()) {
      copyNode(inner, node, mapped);
    }
    return inner.build(region.outputs().stream().map(v -> mapped.getOrDefault(v, v)).toList());
  }

  /** Copies a node with new names, and notes what stands for its results. */
  static void copyNode(GraphBuilder builder, Node node, Map<Value, Value> mapped) {
    Map<Graph, Graph> regions = new IdentityHashMap<>();
    for (Graph region : node.op().regions()) {
      regions.put(region, copyRegion(builder, region, node.captures(region), mapped));
    }
    builder.at(node.origin());
    List<Value> made =
        builder.emit(
            GraphRewriter.withRegions(node.op(), regions),
            node.inputs().stream().map(v -> mapped.getOrDefault(v, v)).toList(),
            node.results().stream().map(Value::type).toList());
    note(node, made, mapped);
  }
}
