package dev.isomorph.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.util.List;

/**
 * What a command came to.
 *
 * @param status one word: {@code ok}, {@code failed}, {@code inconclusive}, …
 * @param exit the exit status
 * @param diagnostics errors, warnings and notes, in the order in which they are shown
 * @param result the command's own result, for {@code --json}
 */
record Outcome(String status, int exit, List<Diagnostic> diagnostics, JsonNode result) {
  Outcome {
    diagnostics = List.copyOf(diagnostics);
  }

  static Outcome ok(JsonNode result) {
    return new Outcome("ok", 0, List.of(), result);
  }

  /** {@return what errors come to: the first error's kind decides the exit status} */
  static Outcome failed(List<Diagnostic> diagnostics) {
    int exit =
        diagnostics.stream()
            .filter(d -> d.severity() == Diagnostic.Severity.ERROR)
            .findFirst()
            .map(d -> d.code().kind().exit())
            .orElseThrow(() -> new IllegalArgumentException("no error among the diagnostics"));
    return new Outcome("error", exit, diagnostics, JsonNodeFactory.instance.nullNode());
  }
}
