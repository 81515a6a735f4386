package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.op.OperatorTable;
import picocli.CommandLine.Command;

/** {@code isomorph ops}: what is covered. */
@Command(name = "ops", description = "Shows which operators are covered, as a table.")
final class OpsCommand extends IsomorphCommand {
  @Override
  Outcome execute(Terminal terminal) {
    ArrayNode operators = JsonNodeFactory.instance.arrayNode();
    terminal.println("%-28s %5s".formatted("operator", "since"));
    for (OpName name : OperatorTable.NAMES) {
      OperatorSchema schema = OperatorTable.schema(name).orElseThrow();
      terminal.println("%-28s %5d".formatted(name, schema.since()));
      ObjectNode row = operators.addObject();
      row.put("operator", name.toString());
      row.put("since", schema.since());
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("operators", operators);
    return Outcome.ok(result);
  }
}
