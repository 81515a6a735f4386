package dev.isomorph.cli;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.infer.InferenceRules;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.runtime.cpu.KernelRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What is known of each operator of a dialect, as a table.
 *
 * @param dialect whose operators
 * @param columns what the columns are
 * @param rows a row per operator
 */
record OperatorCoverage(String dialect, List<String> columns, List<List<String>> rows) {
  private static final String YES = "yes";
  private static final String NO = "no";

  private static final Map<String, Supplier<OperatorCoverage>> DIALECTS =
      new TreeMap<>(Map.of("onnx", OperatorCoverage::onnx));

  OperatorCoverage {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /**
   * {@return the table of a dialect}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#USAGE} if there is none
   */
  static OperatorCoverage of(String dialect) {
    Supplier<OperatorCoverage> coverage = DIALECTS.get(dialect);
    if (coverage == null) {
      throw Diagnostic.error(ErrorCode.USAGE, "there is no dialect '%s'", dialect)
          .expected(String.join(", ", DIALECTS.keySet()), dialect)
          .toException();
    }
    return coverage.get();
  }

  private static OperatorCoverage onnx() {
    List<List<String>> rows = new ArrayList<>();
    for (OpName name : OperatorTable.NAMES) {
      OperatorSchema schema = OperatorTable.schema(name).orElseThrow();
      Class<? extends Op> type = record(name);
      rows.add(
          List.of(
              name.toString(),
              String.valueOf(schema.since()),
              InferenceRules.has(type) ? YES : NO,
              KernelRegistry.standard().supports(type) ? YES : NO,
              schema.function() ? YES : NO));
    }
    return new OperatorCoverage(
        "onnx", List.of("operator", "since", "inference", "cpu", "function"), rows);
  }

  private static Class<? extends Op> record(OpName name) {
    try {
      return Class.forName(OperatorTable.class.getPackageName() + "." + name.name() + "Op")
          .asSubclass(Op.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the operator table and its records disagree", e);
    }
  }

  /** {@return a sentence per column that counts what is covered} */
  List<String> summary() {
    List<String> sentences = new ArrayList<>();
    for (int column = 0; column < columns.size(); column++) {
      int index = column;
      boolean flags =
          rows.stream().allMatch(r -> r.get(index).equals(YES) || r.get(index).equals(NO));
      if (flags) {
        long covered = rows.stream().filter(r -> r.get(index).equals(YES)).count();
        sentences.add("%s: %d of %d".formatted(columns.get(column), covered, rows.size()));
      }
    }
    return sentences;
  }

  List<String> lines() {
    List<List<String>> table = new ArrayList<>();
    table.add(columns);
    table.addAll(rows);
    List<String> lines = new ArrayList<>(Texts.table(table));
    lines.add("");
    lines.add(String.join(", ", summary()));
    return lines;
  }

  /** {@return the table in GitHub-flavoured Markdown} */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("| " + String.join(" | ", columns) + " |");
    lines.add("|" + "---|".repeat(columns.size()));
    rows.forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
    lines.add("");
    lines.add(String.join(", ", summary()) + ".");
    return lines;
  }
}
