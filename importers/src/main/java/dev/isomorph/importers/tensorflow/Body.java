package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.FunctionDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.OpDef;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes of a main graph or of one function.
 *
 * @param name the function's name; empty for the main graph
 * @param nodes by name, in the file's order
 * @param arguments names of the function's arguments
 * @param results what the function returns
 * @param effects nodes that the function runs for what they do
 */
record Body(
    String name,
    Map<String, NodeDef> nodes,
    List<String> arguments,
    List<Edge> results,
    List<String> effects) {

  static Body ofGraph(List<NodeDef> nodes) {
    return new Body("", byName(nodes, "the graph"), List.of(), List.of(), List.of());
  }

  static Body ofFunction(FunctionDef function) {
    String name = function.getSignature().getName();
    List<Edge> results = new ArrayList<>();
    for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
      String from = function.getRetMap().get(output.getName());
      if (from == null) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID, "a function does not say where a result comes from")
            .inEntry("function " + name)
            .expected("a result for '" + output.getName() + "'", function.getRetMap().keySet())
            .toException();
      }
      results.add(Edge.parse(from));
    }
    return new Body(
        name,
        byName(function.getNodeDefList(), "function " + name),
        function.getSignature().getInputArgList().stream().map(OpDef.ArgDef::getName).toList(),
        results,
        List.copyOf(function.getControlRetMap().values()));
  }

  private static Map<String, NodeDef> byName(List<NodeDef> nodes, String where) {
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    for (NodeDef node : nodes) {
      if (byName.put(node.getName(), node) != null) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "two nodes have one name")
            .inEntry(where)
            .atNode(node.getName())
            .toException();
      }
    }
    return byName;
  }

  /** {@return where the body stands, for messages} */
  String place() {
    return name.isEmpty() ? "the main graph" : "function " + name;
  }
}
