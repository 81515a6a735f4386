package dev.isomorph.verifier.report;

import dev.isomorph.verifier.Verdict;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Verdicts as GitHub-flavoured Markdown, for the summary of a CI job. */
public final class MarkdownReport {
  private MarkdownReport() {}

  /**
   * {@return the text}
   *
   * @param title what was compared
   * @param verdicts by target
   */
  public static String of(String title, SequencedMap<String, Verdict> verdicts) {
    StringBuilder out = new StringBuilder("### Parity of ").append(escaped(title)).append("\n\n");
    out.append("| target | verdict | check | by | output | max abs | max ULP | of bound |\n");
    out.append("|---|---|---|---|---|--:|--:|--:|\n");
    for (Map.Entry<String, Verdict> entry : verdicts.entrySet()) {
      for (SummaryRow row : SummaryRow.of(entry.getValue().rows())) {
        out.append("| ").append(escaped(entry.getKey()));
        out.append(" | ").append(row.passed() ? "pass" : "**FAIL**");
        out.append(" | ").append(row.check().name().toLowerCase(Locale.ROOT));
        out.append(" | ").append(escaped(row.engine()));
        out.append(" | ").append(escaped(row.output()));
        out.append(" | ").append(TextReport.number(row.maxAbs()));
        out.append(" | ").append(TextReport.number(row.maxUlp()));
        out.append(" | ").append(TextReport.percent(row.worst().ratio())).append(" |\n");
      }
    }
    verdicts.forEach(
        (target, verdict) -> {
          out.append("\n**").append(escaped(target)).append(": ").append(verdict.status());
          out.append("**\n");
          TextReport.explanation(verdict)
              .forEach(line -> out.append("- ").append(escaped(line)).append('\n'));
        });
    return out.append('\n').toString();
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
  }
}
