package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Copies the nodes of a patch or of a region into a graph under construction. What replaces a
 * result gets the result's name, and the node that makes it the node's; all others get new ones.
 */
final class Splicer {
  private final GraphBuilder builder;
  private final Map<Value, Value> mapped = new IdentityHashMap<>();
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

  /** Copies the body and returns what replaces the results of {@code root}, in order. */
  List<Value> splice(Node root) {
    Map<Value, Value.Result> names = new IdentityHashMap<>();
    for (int i = 0; i < root.results().size(); i++) {
      names.putIfAbsent(body.outputs().get(i), root.result(i));
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
      copy(node, names, root);
    }
    return body.outputs().stream().map(this::map).toList();
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

  private void copy(Node node, Map<Value, Value.Result> names, Node root) {
    Map<Graph, Graph> regions = new IdentityHashMap<>();
    for (Graph region : node.op().regions()) {
      regions.put(region, copyRegion(builder, region, node.captures(region), mapped));
    }
    Op op = GraphRewriter.withRegions(node.op(), regions);
    List<Value> operands = node.inputs().stream().map(this::map).toList();
    if (node.results().stream().noneMatch(names::containsKey)) {
      List<Value> made = builder.emit(op, operands, node.results().size());
      note(node, made, mapped);
      return;
    }
    List<String> resultNames = new ArrayList<>();
    List<ValueType> declared = new ArrayList<>();
    String operator = node.op().name().name().toLowerCase(Locale.ROOT);
    String nodeName = operator;
    for (Value.Result result : node.results()) {
      Value.Result stands = names.get(result);
      if (stands != null && stands.index() == 0) {
        nodeName = root.name();
      }
      resultNames.add(stands == null ? operator + "." + result.index() : stands.name());
      declared.add(stands == null ? ValueType.UNKNOWN : stands.type());
    }
    note(
        node,
        List.copyOf(builder.add(nodeName, op, operands, resultNames, declared).results()),
        mapped);
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
