package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph ops}: what is covered. */
@Command(
    name = "ops",
    description = "Shows which operators are covered, as a table.",
    footer = {"", "Examples:", "  isomorph ops", "  isomorph ops onnx --markdown > operators.md"})
final class OpsCommand extends IsomorphCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIALECT",
      defaultValue = "onnx",
      description = "Whose operators; default onnx.")
  private String dialect;

  @Option(names = "--markdown", description = "Print the table in Markdown.")
  private boolean markdown;

  @Override
  Outcome execute(Terminal terminal) {
    OperatorCoverage coverage = OperatorCoverage.of(dialect);
    (markdown ? coverage.markdown() : coverage.lines()).forEach(terminal::println);
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("dialect", dialect);
    ArrayNode operators = result.putArray("operators");
    for (List<String> row : coverage.rows()) {
      ObjectNode entry = operators.addObject();
      List<String> names = new ArrayList<>(coverage.columns());
      for (int i = 0; i < names.size(); i++) {
        entry.put(names.get(i), row.get(i));
      }
    }
    return Outcome.ok(result);
  }
}
