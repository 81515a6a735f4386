package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads, without running it, what a graph's restoring would do: which tensor of the bundle is
 * assigned to which variable.
 */
final class Restoring {
  private static final Set<String> ASSIGNMENTS = Set.of("Assign", "AssignVariableOp");
  private static final Set<String> SAME = Set.of("Identity", "NoOp");
  private static final int MAX_STEPS = 64;

  private final Function<TensorProto, Tensor> decoder;

  private Restoring(Function<TensorProto, Tensor> decoder) {
    this.decoder = decoder;
  }

  /** {@return keys of the bundle by the names of the variables' nodes in the main graph} */
  static Map<String, String> keys(
      MetaGraphDef graph, Body main, Functions functions, Function<TensorProto, Tensor> decoder) {
    String name = graph.getSaverDef().getRestoreOpName();
    NodeDef restore = main.nodes().get(Edge.parse(name).node());
    if (name.isEmpty() || restore == null) {
      return Map.of();
    }
    Restoring restoring = new Restoring(decoder);
    Optional<Body> function = functions.called(restore);
    if (function.isEmpty()) {
      return restoring.assignments(main);
    }
    Map<String, String> keys = new HashMap<>();
    Map<String, String> inside = restoring.assignments(function.get());
    List<String> operands = restore.getInputList();
    for (int i = 0; i < function.get().arguments().size() && i < operands.size(); i++) {
      String key = inside.get(function.get().arguments().get(i));
      if (key != null) {
        keys.put(Edge.parse(operands.get(i)).node(), key);
      }
    }
    return keys;
  }

  /** {@return keys by the name of the node or argument that stands for the variable} */
  private Map<String, String> assignments(Body body) {
    Map<String, String> keys = new HashMap<>();
    for (NodeDef node : body.nodes().values()) {
      if (ASSIGNMENTS.contains(node.getOp()) && node.getInputCount() >= 2) {
        Edge value = source(body, Edge.parse(node.getInput(1)));
        NodeDef from = body.nodes().get(value.node());
        if (from != null && from.getOp().equals("RestoreV2")) {
          Edge handle = source(body, Edge.parse(node.getInput(0)));
          keys.put(handle.node(), key(body, from, value.index()));
        }
      }
    }
    return keys;
  }

  private static Edge source(Body body, Edge edge) {
    Edge at = edge;
    for (int i = 0; i < MAX_STEPS; i++) {
      NodeDef node = body.nodes().get(at.node());
      if (node == null || !SAME.contains(node.getOp()) || node.getInputCount() == 0) {
        return at;
      }
      at = Edge.parse(node.getInput(0));
    }
    return at;
  }

  private String key(Body body, NodeDef restore, int index) {
    String slice = string(body, restore, 2, index);
    if (!slice.isEmpty()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "a variable is restored from a part of a tensor")
          .atNode(restore.getName())
          .expected("no slice", slice)
          .toException();
    }
    return string(body, restore, 1, index);
  }

  private String string(Body body, NodeDef restore, int operand, int index) {
    NodeDef names =
        operand < restore.getInputCount()
            ? body.nodes().get(Edge.parse(restore.getInput(operand)).node())
            : null;
    AttrValue value = names == null ? null : names.getAttrMap().get("value");
    List<String> strings = value == null ? List.of() : decoder.apply(value.getTensor()).strings();
    if (index >= strings.size()) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the names of restored tensors are no constant of strings")
          .atNode(restore.getName())
          .toException();
    }
    return strings.get(index);
  }
}
