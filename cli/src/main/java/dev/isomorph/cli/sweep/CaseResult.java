package dev.isomorph.cli.sweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a case, or one of its targets, came to.
 *
 * @param status {@code passed}, {@code mismatch}, {@code unsupported}, {@code malformed}, {@code
 *     error} or {@code timeout}
 * @param maxAbs largest absolute difference
 * @param maxUlp largest difference in units of the expected value's last place
 * @param detail what is wrong, or empty
 * @param to the targets' results by format
 */
record CaseResult(
    String status,
    double maxAbs,
    double maxUlp,
    String detail,
    SequencedMap<String, CaseResult> to) {
  CaseResult {
    to = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(to));
  }

  static CaseResult of(String status, String detail) {
    return new CaseResult(status, Double.NaN, Double.NaN, detail, new LinkedHashMap<>());
  }

  /** {@return the result of an error that was thrown} */
  static CaseResult of(IsomorphException e) {
    Diagnostic first = e.diagnostics().getFirst();
    String status =
        switch (first.code().kind()) {
          case MALFORMED -> "malformed";
          case UNSUPPORTED -> "unsupported";
          case USAGE, MISSING, OUTPUT, INTERNAL -> "error";
        };
    return of(status, e.getMessage());
  }

  CaseResult with(SequencedMap<String, CaseResult> targets) {
    return new CaseResult(status, maxAbs, maxUlp, detail, targets);
  }

  boolean passed() {
    return status.equals("passed") && to.values().stream().allMatch(CaseResult::passed);
  }

  ObjectNode toJson(String name, double seconds) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", name);
    node.put("status", status);
    ObjectNode targets = node.putObject("to");
    to.forEach(
        (format, result) -> {
          ObjectNode target = targets.putObject(format);
          target.put("status", result.status);
          put(target, "max_abs", result.maxAbs);
          put(target, "max_ulp", result.maxUlp);
          target.put("detail", result.detail);
        });
    put(node, "max_abs", maxAbs);
    put(node, "max_ulp", maxUlp);
    node.put("seconds", Math.round(seconds * 1000) / 1000.0);
    node.put("detail", detail);
    return node;
  }

  private static void put(ObjectNode node, String field, double value) {
    if (Double.isFinite(value)) {
      node.put(field, value);
    } else {
      node.putNull(field);
    }
  }
}
