package dev.isomorph.verifier.report;

import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.Verdict.DivergentNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The verdict as lines for a terminal. */
public final class TextReport {
  private static final int MOST_NODES = 5;
  private static final double MANY_TIMES = 10;

  private TextReport() {}

  /**
   * {@return the lines}
   *
   * @param title what was compared with what
   */
  public static List<String> lines(String title, Verdict verdict) {
    List<String> lines = new ArrayList<>();
    List<String[]> table = new ArrayList<>();
    table.add(new String[] {"check", "by", "output", "sets", "max |Δ|", "max ULP", "of bound", ""});
    for (SummaryRow row : SummaryRow.of(verdict.rows())) {
      table.add(
          new String[] {
            row.check().name().toLowerCase(Locale.ROOT),
            row.engine(),
            row.output(),
            String.valueOf(row.sets()),
            number(row.maxAbs()),
            number(row.maxUlp()),
            percent(row.worst().ratio()),
            row.passed() ? "pass" : "FAIL"
          });
    }
    lines.add(title);
    lines.addAll(aligned(table));
    Verdict.LocalResult local = verdict.local();
    if (local.nodes() > 0) {
      lines.add(
          "nodes: %d of %d compared one by one, %d differ"
              .formatted(local.tested(), local.nodes(), local.divergent().size()));
    }
    for (Verdict.Accuracy accuracy : verdict.accuracy()) {
      lines.add(
          "accuracy: %s %.2f %% (%d of %d)"
              .formatted(
                  accuracy.engine(), 100 * accuracy.share(), accuracy.right(), accuracy.total()));
    }
    lines.addAll(explanation(verdict));
    lines.add(conclusion(verdict));
    return lines;
  }

  static List<String> explanation(Verdict verdict) {
    List<String> lines = new ArrayList<>();
    List<DivergentNode> divergent = verdict.local().divergent();
    for (int i = 0; i < Math.min(MOST_NODES, divergent.size()); i++) {
      DivergentNode node = divergent.get(i);
      lines.add(
          "%s: %s against %s%s: %s"
              .formatted(
                  i == 0 ? "first divergent operator" : "also divergent",
                  node.source(),
                  node.target(),
                  node.origin().isEmpty() ? "" : " from " + node.origin(),
                  node.detail()));
    }
    verdict.rows().stream()
        .filter(r -> !r.detail().isEmpty())
        .limit(MOST_NODES)
        .forEach(
            r ->
                lines.add(
                    "%s of '%s' with inputs '%s': %s; would pass with --rtol %s --atol %s"
                        .formatted(
                            r.check().name().toLowerCase(Locale.ROOT),
                            r.output(),
                            r.inputs(),
                            r.detail(),
                            number(r.smallestTolerance()),
                            number(r.smallestTolerance()))));
    if (!verdict.local().missing().isEmpty()) {
      lines.add("without a counterpart: " + String.join(", ", verdict.local().missing()));
    }
    verdict.doubts().forEach(doubt -> lines.add("inconclusive: " + doubt));
    for (Verdict.EngineUse engine : verdict.engines()) {
      if (!engine.ran()) {
        lines.add("not run: %s (%s)".formatted(engine.name(), engine.reason()));
      }
    }
    return lines;
  }

  private static String conclusion(Verdict verdict) {
    String witness =
        verdict
            .witness()
            .map(w -> "; the source was witnessed by " + w)
            .orElse("; target agrees with our reading of the source, the source was not run");
    return verdict.status() + (verdict.passed() ? witness : "");
  }

  /** {@return a number in few characters} */
  static String number(double value) {
    if (value == 0) {
      return "0";
    }
    if (Double.isNaN(value)) {
      return "n/a";
    }
    if (Double.isInfinite(value)) {
      return "∞";
    }
    double magnitude = Math.abs(value);
    return magnitude >= 0.01 && magnitude < 10_000
        ? String.format(Locale.ROOT, "%.3g", value)
        : String.format(Locale.ROOT, "%.1e", value);
  }

  static String percent(double ratio) {
    return Double.isInfinite(ratio)
        ? "∞"
        : ratio >= MANY_TIMES
            ? number(ratio) + " ×"
            : String.format(Locale.ROOT, "%.0f %%", 100 * ratio);
  }

  private static List<String> aligned(List<String[]> table) {
    int columns = table.getFirst().length;
    int[] widths = new int[columns];
    for (String[] row : table) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : table) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < columns; i++) {
        String pad = " ".repeat(widths[i] - row[i].length());
        boolean right = i >= 3 && i <= 6;
        line.append(right ? pad + row[i] : row[i] + pad).append("  ");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
