package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.VerificationRequest;
import dev.isomorph.verifier.VerificationRequest.Side;
import dev.isomorph.verifier.Verifier;
import dev.isomorph.verifier.report.TextReport;
import dev.isomorph.verifier.report.VerdictJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph verify}: whether two models are the same function. */
@Command(
    name = "verify",
    description = {
      "Decides whether two models are the same function, and names the first operator that"
          + " differs.",
      "With one model: whether our reading of it agrees with its own framework, or with --expected."
    },
    footer = {
      "",
      "Examples:",
      "  isomorph verify trained.onnx converted_saved_model",
      "  isomorph verify net.onnx --inputs x.npy --expected y.npy",
      "  isomorph verify net.onnx net.int8.onnx --baseline errors.json --junit parity.xml",
      "  isomorph verify net.onnx out/net_saved_model --receipt out/net_saved_model.parity.json"
    })
final class VerifyCommand extends IsomorphCommand {
  @Parameters(index = "0", paramLabel = "A", description = "The model that is right by definition.")
  private Path a;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "B",
      description = "The model to be judged.")
  private Path b;

  @Mixin private InputOptions input;

  @Mixin private WeightsOption weights;

  @Mixin private ParityOptions parity;

  @Option(
      names = "--map",
      paramLabel = "A=B",
      description = "An input or output of B that stands for one of A under another name.")
  private Map<String, String> names = new LinkedHashMap<>();

  @Option(names = "--rtol", paramLabel = "R", description = "Relative tolerance for engines.")
  private Double rtol;

  @Option(names = "--atol", paramLabel = "A", description = "Absolute tolerance for engines.")
  private Double atol;

  @Option(names = "--engine", paramLabel = "E", description = "Use this engine alone; repeatable.")
  private List<String> engines = new ArrayList<>();

  @Option(
      names = "--require-witness",
      description = "Fail when the source was not run by its own framework.")
  private boolean requireWitness;

  @Mixin private ProofOptions proof;

  @Mixin private ReportOptions reports;

  @Override
  Outcome execute(Terminal terminal) {
    Diagnostics reading = new Diagnostics();
    try (TensorArena arena = TensorArena.open("inputs");
        Model source = Importers.load(weights.apply(input.request(a)).reportingTo(reading));
        Model target =
            b == null ? null : Importers.load(ImportRequest.of(b).reportingTo(reading))) {
      VerificationRequest request =
          VerificationRequest.of(source)
              .withFile(Side.SOURCE, source.source().format(), a)
              .withNames(names)
              .withEngines(engines)
              .requiringWitness(requireWitness)
              .withTolerance(optional(rtol), optional(atol));
      if (target != null) {
        request = request.withTarget(target).withFile(Side.TARGET, target.source().format(), b);
      }
      Verdict verdict = Verifier.verify(proof.apply(parity.apply(request, arena)));
      return outcome(verdict, source, reading, terminal);
    }
  }

  private Outcome outcome(Verdict verdict, Model source, Diagnostics reading, Terminal terminal) {
    terminal.clearProgress();
    String title = b == null ? a.toString() : a + " against " + b;
    TextReport.lines(title, verdict).forEach(terminal::println);
    List<String> broken = proof.finish(source.name(), a, b == null ? a : b, verdict, terminal);
    SequencedMap<String, Verdict> verdicts = new LinkedHashMap<>();
    verdicts.put(String.valueOf(b == null ? a : b), verdict);
    reports.write(title, verdicts, terminal);
    List<Diagnostic> diagnostics = new ArrayList<>(reading.all());
    diagnostics.addAll(verdict.notes());
    String status =
        switch (verdict.status()) {
          case PASS -> broken.isEmpty() ? "ok" : "failed";
          case FAIL -> "failed";
          case INCONCLUSIVE -> "inconclusive";
        };
    ObjectNode json = VerdictJson.of(verdict);
    broken.forEach(json.putArray("broken")::add);
    int exit = verdict.passed() && broken.isEmpty() ? 0 : 1;
    return new Outcome(status, exit, diagnostics, json);
  }

  private static OptionalDouble optional(Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
