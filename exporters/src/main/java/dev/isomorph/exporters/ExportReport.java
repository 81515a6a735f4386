package dev.isomorph.exporters;

import java.nio.file.Path;
import java.util.List;

/**
 * What an export did.
 *
 * @param format the target format
 * @param version what the target calls its version: {@code opset 17, IR 8}; empty if it has none
 * @param files what was written; the one to open comes first
 * @param narrowings constants that lost precision
 * @param ledger what became of the stored tensors
 * @param notes sentences for the user
 */
public record ExportReport(
    String format,
    String version,
    List<Path> files,
    List<Narrowing> narrowings,
    List<LedgerEntry> ledger,
    List<String> notes) {
  public ExportReport {
    files = List.copyOf(files);
    narrowings = List.copyOf(narrowings);
    ledger = List.copyOf(ledger);
    notes = List.copyOf(notes);
  }
}
