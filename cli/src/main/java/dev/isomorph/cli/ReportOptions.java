package dev.isomorph.cli;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.convert.ConversionResult.Target;
import dev.isomorph.verifier.report.MarkdownReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  /** Writes the reports of a conversion that were asked for. */
  void write(String title, List<Target> targets, Terminal terminal) {
    SequencedMap<String, Verdict> verdicts = new LinkedHashMap<>();
    targets.forEach(t -> t.verdict().ifPresent(v -> verdicts.put(t.format(), v)));
    write(title, verdicts, terminal);
  }

  /** Writes the reports that were asked for. */
  void write(String title, SequencedMap<String, Verdict> verdicts, Terminal terminal) {
    if (markdown != null) {
      append(markdown, MarkdownReport.of(title, verdicts));
      terminal.println("summary in " + markdown);
    }
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(
          file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "the report cannot be written: %s", e.getMessage())
          .inFile(file.toString())
          .toException();
    }
  }
}
