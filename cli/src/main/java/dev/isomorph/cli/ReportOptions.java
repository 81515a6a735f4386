package dev.isomorph.cli;

import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.convert.ConversionResult.Target;
import dev.isomorph.verifier.report.HtmlReport;
import dev.isomorph.verifier.report.JunitReport;
import dev.isomorph.verifier.report.MarkdownReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/** Options for reports as files. */
final class ReportOptions {
  @Option(
      names = "--markdown",
      paramLabel = "F.md",
      description =
          "Append a summary in GitHub-flavoured Markdown; in a workflow, $GITHUB_STEP_SUMMARY.")
  private Path markdown;

  @Option(
      names = "--report",
      paramLabel = "F.html",
      description = "Write a page with the verdicts, the graph and the weight ledger.")
  private Path report;

  @Option(names = "--junit", paramLabel = "F.xml", description = "Write the checks as JUnit XML.")
  private Path junit;

  /** Writes the reports of a conversion that were asked for. */
  void write(String title, List<Target> targets, Terminal terminal) {
    SequencedMap<String, Verdict> verdicts = new LinkedHashMap<>();
    targets.forEach(t -> t.verdict().ifPresent(v -> verdicts.put(t.format(), v)));
    write(title, verdicts, terminal);
  }

  /** Writes the reports that were asked for. */
  void write(String title, SequencedMap<String, Verdict> verdicts, Terminal terminal) {
    if (markdown != null) {
      ReportFiles.append(markdown, MarkdownReport.of(title, verdicts));
      terminal.println("summary in " + markdown);
    }
    if (report != null) {
      ReportFiles.replace(report, HtmlReport.of(title, verdicts));
      terminal.println("report in " + report);
    }
    if (junit != null) {
      ReportFiles.replace(junit, JunitReport.of(title, verdicts));
      terminal.println("JUnit results in " + junit);
    }
  }
}
