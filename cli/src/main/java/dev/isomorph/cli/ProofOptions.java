package dev.isomorph.cli;

import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.VerificationRequest;
import dev.isomorph.verifier.report.Baseline;
import dev.isomorph.verifier.report.Receipt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that hold a verdict against an earlier one. */
final class ProofOptions {
  @Option(
      names = "--receipt",
      paramLabel = "F",
      description = "The proof as a file: checked again if it exists, with its seed; else written.")
  private Path receipt;

  @Option(
      names = "--baseline",
      paramLabel = "F.json",
      description = "Fail if an error is more than twice what this file recorded.")
  private Path baseline;

  @Option(
      names = "--write-baseline",
      paramLabel = "F.json",
      description = "Record the errors for --baseline.")
  private Path writeBaseline;

  private Optional<Receipt.Claim> claim = Optional.empty();
  private Optional<Baseline> recorded = Optional.empty();

  /** {@return the request as the receipt wants it}; reads receipt and baseline before the work. */
  VerificationRequest apply(VerificationRequest request) {
    recorded = Optional.ofNullable(baseline).map(Baseline::read);
    if (receipt == null || !Files.exists(receipt)) {
      return request;
    }
    claim = Optional.of(Receipt.read(receipt));
    return request.withSeed(claim.get().seed());
  }

  /** {@return what does not hold any more, as sentences}; writes what there is to write. */
  List<String> finish(String name, Path source, Path target, Verdict verdict, Terminal terminal) {
    List<String> broken = new ArrayList<>();
    if (claim.isPresent()) {
      List<String> contradictions = claim.get().contradictions(source, target, verdict);
      terminal.println("receipt " + receipt + (contradictions.isEmpty() ? " holds" : " is broken"));
      broken.addAll(contradictions);
    } else if (receipt != null) {
      Receipt.write(receipt, name, source, target, verdict);
      terminal.println("receipt in " + receipt);
    }
    if (recorded.isPresent()) {
      List<String> worse = recorded.get().worse(verdict);
      terminal.println("baseline " + baseline + (worse.isEmpty() ? " holds" : " is exceeded"));
      broken.addAll(worse);
    }
    broken.forEach(sentence -> terminal.println("  " + sentence));
    if (writeBaseline != null) {
      ReportFiles.replace(writeBaseline, Baseline.of(verdict).json());
      terminal.println("baseline in " + writeBaseline);
    }
    return broken;
  }
}
