package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;

/**
 * Where an operand comes from. A main graph writes {@code node}, {@code node:1} or {@code ^node}; a
 * function's body writes {@code argument}, {@code node:output:0} or {@code ^node}.
 *
 * @param node the node, or the function's argument
 * @param output the name of the operator's output; empty where the text has none
 * @param index the position, among all results or within a named output
 * @param control whether only the order of execution is meant
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/node_def.proto">node_def.proto</a>
 */
record Edge(String node, String output, int index, boolean control) {
  static Edge parse(String text) {
    if (text.startsWith("^")) {
      return new Edge(text.substring(1), "", 0, true);
    }
    String[] parts = text.split(":", -1);
    try {
      return switch (parts.length) {
        case 1 -> new Edge(parts[0], "", 0, false);
        case 2 -> new Edge(parts[0], "", index(parts[1]), false);
        case 3 -> new Edge(parts[0], parts[1], index(parts[2]), false);
        default -> throw invalid(text);
      };
    } catch (NumberFormatException e) {
      throw invalid(text);
    }
  }

  private static int index(String text) {
    int index = Integer.parseInt(text);
    if (index < 0) {
      throw new NumberFormatException(text);
    }
    return index;
  }

  private static RuntimeException invalid(String text) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "an input of a node cannot be read")
        .expected("node, node:index or node:output:index", text)
        .toException();
  }
}
