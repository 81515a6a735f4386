package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Brings nodes into an order in which every value is made before it is used. */
final class NodeOrder {
  private NodeOrder() {}

  /**
   * {@return the nodes in the file's order as far as that is possible}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#MODEL_INVALID} that names
   *     a cycle
   */
  static List<NodeProto> sorted(List<NodeProto> nodes) {
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        makers.putIfAbsent(output, i);
      }
    }
    makers.remove("");
    List<Set<Integer>> needs = new ArrayList<>(nodes.size());
    List<List<Integer>> users = new ArrayList<>(nodes.size());
    boolean inOrder = true;
    for (int i = 0; i < nodes.size(); i++) {
      users.add(new ArrayList<>(1));
    }
    for (int i = 0; i < nodes.size(); i++) {
      Set<Integer> mine = new LinkedHashSet<>();
      for (String name : uses(nodes.get(i))) {
        Integer maker = makers.get(name);
        if (maker != null && mine.add(maker)) {
          users.get(maker).add(i);
          inOrder &= maker < i;
        }
      }
      needs.add(mine);
    }
    return inOrder ? nodes : sort(nodes, needs, users);
  }

  private static List<NodeProto> sort(
      List<NodeProto> nodes, List<Set<Integer>> needs, List<List<Integer>> users) {
    int[] missing = needs.stream().mapToInt(Set::size).toArray();
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < missing.length; i++) {
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<NodeProto> sorted = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      int next = ready.poll();
      sorted.add(nodes.get(next));
      for (int user : users.get(next)) {
        if (--missing[user] == 0) {
          ready.add(user);
        }
      }
    }
    if (sorted.size() < nodes.size()) {
      throw cycle(nodes, needs, missing);
    }
    return sorted;
  }

  private static RuntimeException cycle(
      List<NodeProto> nodes, List<Set<Integer>> needs, int[] missing) {
    int at = 0;
    while (missing[at] == 0) {
      at++;
    }
    List<Integer> path = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    while (seen.add(at)) {
      path.add(at);
      at = needs.get(at).stream().filter(n -> missing[n] > 0).findFirst().orElseThrow();
    }
    List<Integer> loop = new ArrayList<>(path.subList(path.indexOf(at), path.size()).reversed());
    Collections.rotate(loop, -loop.indexOf(Collections.min(loop)));
    List<String> names = new ArrayList<>();
    for (int node : loop) {
      names.add(describe(nodes.get(node)));
    }
    names.add(names.getFirst());
    return Diagnostic.error(
            ErrorCode.MODEL_INVALID,
            "the graph has a cycle: %s",
            String.join(" → ", names.size() > 12 ? shortened(names) : names))
        .toException();
  }

  private static List<String> shortened(List<String> names) {
    List<String> some = new ArrayList<>(names.subList(0, 10));
    some.add("… " + (names.size() - 11) + " more …");
    some.add(names.getLast());
    return some;
  }

  /** {@return name and operator of a node, for messages} */
  static String describe(NodeProto node) {
    return "\"" + nameOf(node) + "\" (" + node.getOpType() + ")";
  }

  /** {@return the node's name, or for one without name its first output's} */
  static String nameOf(NodeProto node) {
    if (!node.getName().isEmpty()) {
      return node.getName();
    }
    return node.getOutputList().stream()
        .filter(o -> !o.isEmpty())
        .findFirst()
        .orElse(node.getOpType());
  }

  /** {@return the names that a node and its subgraphs use of what is around them} */
  static Set<String> uses(NodeProto node) {
    Set<String> names = new LinkedHashSet<>(node.getInputList());
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        names.addAll(free(attribute.getG()));
      }
    }
    names.remove("");
    return names;
  }

  private static Set<String> free(GraphProto graph) {
    Set<String> names = new LinkedHashSet<>();
    graph.getNodeList().forEach(n -> names.addAll(uses(n)));
    graph.getOutputList().forEach(o -> names.add(o.getName()));
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(names::remove);
    }
    graph.getInputList().stream().map(ValueInfoProto::getName).forEach(names::remove);
    graph.getInitializerList().stream().map(TensorProto::getName).forEach(names::remove);
    graph.getSparseInitializerList().forEach(s -> names.remove(s.getValues().getName()));
    return names;
  }
}
