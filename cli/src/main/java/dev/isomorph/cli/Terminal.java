package dev.isomorph.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.io.PrintStream;

/** Where a command prints: people's text, or one JSON document. Not safe for many threads. */
final class Terminal {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;

  Terminal(PrintStream out, PrintStream err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  /** Prints a line of people's text; nothing with {@code --json}. */
  void println(String line) {
    if (!json) {
      out.println(line);
    }
  }

  /** {@return whether progress should be drawn: only for people, and only on a terminal} */
  boolean showsProgress() {
    return !json && System.console() != null && System.console().isTerminal();
  }

  /** Shows what is being done, in one line that the next step replaces; only on a terminal. */
  void step(String sentence) {
    if (showsProgress()) {
      err.print("\r\u001b[K" + sentence + " …");
      err.flush();
    }
  }

  /** Takes the last step's line away. */
  void clearProgress() {
    if (showsProgress()) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  /** Prints where a fault of our own came from. */
  void stackTrace(Throwable fault) {
    fault.printStackTrace(err);
  }

  /** Prints diagnostics, and the JSON document if one is asked for; returns the exit status. */
  int finish(String command, Outcome outcome) {
    if (json) {
      out.println(document(command, outcome));
    } else {
      outcome.diagnostics().forEach(d -> err.println(d.render()));
    }
    return outcome.exit();
  }

  private static String document(String command, Outcome outcome) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schema", "isomorph/1");
    root.put("command", command);
    root.put("status", outcome.status());
    root.put("exit", outcome.exit());
    ArrayNode errors = root.putArray("errors");
    outcome.diagnostics().forEach(d -> errors.add(json(d)));
    root.set("result", outcome.result());
    try {
      return MAPPER.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@return a diagnostic as JSON; what is not known is null} */
  static ObjectNode json(Diagnostic diagnostic) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("severity", diagnostic.severity().name().toLowerCase(java.util.Locale.ROOT));
    node.put("code", diagnostic.code().name());
    node.put("message", diagnostic.message());
    putText(node, "file", diagnostic.file());
    putText(node, "entry", diagnostic.entry());
    diagnostic
        .knownOffset()
        .ifPresentOrElse(o -> node.put("offset", o), () -> node.putNull("offset"));
    putText(node, "node", diagnostic.node());
    putText(node, "origin", diagnostic.origin());
    putText(node, "expected", diagnostic.expected());
    putText(node, "actual", diagnostic.actual());
    putText(node, "help", diagnostic.help());
    return node;
  }

  private static void putText(ObjectNode node, String field, String text) {
    if (text.isEmpty()) {
      node.putNull(field);
    } else {
      node.put(field, text);
    }
  }
}
