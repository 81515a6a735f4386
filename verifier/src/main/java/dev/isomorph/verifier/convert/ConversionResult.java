package dev.isomorph.verifier.convert;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.verifier.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a conversion came to, target by target.
 *
 * @param source what was read, as one line
 * @param targets one per format, in the order asked for
 * @param diagnostics warnings and notes of reading
 */
public record ConversionResult(String source, List<Target> targets, List<Diagnostic> diagnostics) {
  public ConversionResult {
    targets = List.copyOf(targets);
    diagnostics = List.copyOf(diagnostics);
  }

  /**
   * What one target came to.
   *
   * @param format the target format
   * @param path where it was or would be written
   * @param report what was written; absent if nothing was
   * @param verdict whether it is the same function; absent if that was not asked, or not possible
   * @param receipt where the proof was written
   * @param diagnostics errors, warnings and notes about this target
   */
  public record Target(
      String format,
      Path path,
      Optional<ExportReport> report,
      Optional<Verdict> verdict,
      Optional<Path> receipt,
      List<Diagnostic> diagnostics) {
    public Target {
      diagnostics = List.copyOf(diagnostics);
    }

    /** {@return whether anything stopped this target} */
    public boolean hasErrors() {
      return diagnostics.stream().anyMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
    }
  }
}
