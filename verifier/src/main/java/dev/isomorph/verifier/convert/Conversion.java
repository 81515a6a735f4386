package dev.isomorph.verifier.convert;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.exporters.WeightsExporter;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.VerificationRequest;
import dev.isomorph.verifier.VerificationRequest.Side;
import dev.isomorph.verifier.Verifier;
import dev.isomorph.verifier.report.Receipt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a model, writes it in other formats, reads each back and proves that it is the same
 * function. A target that fails does not keep the others from being written.
 */
public final class Conversion {
  private final ConversionRequest request;
  private final Diagnostics reading = new Diagnostics();

  private Conversion(ConversionRequest request) {
    this.request = request;
  }

  /**
   * {@return what became of each target}
   *
   * @throws IsomorphException if the input cannot be read; what goes wrong with one target stands
   *     in its result
   */
  public static ConversionResult run(ConversionRequest request) {
    return new Conversion(request).run();
  }

  private ConversionResult run() {
    List<ModelExporter> exporters = request.formats().stream().map(Exporters::find).toList();
    ImportRequest input = request.input().reportingTo(reading);
    boolean weightsOnly =
        request.input().source().isEmpty()
            && exporters.stream().allMatch(WeightsExporter.class::isInstance);
    return weightsOnly ? weights(input, exporters) : graph(input, exporters);
  }

  private ConversionResult weights(ImportRequest input, List<ModelExporter> exporters) {
    step("reading " + input.path());
    try (Weights weights = Importers.loadWeights(input)) {
      List<ConversionResult.Target> targets = new ArrayList<>();
      for (ModelExporter exporter : exporters) {
        Path path = path(exporter);
        targets.add(
            attempt(
                exporter,
                path,
                diagnostics -> {
                  step("writing " + path);
                  ExportReport report =
                      ((WeightsExporter) exporter).export(weights, export(path, diagnostics));
                  return new Written(Optional.of(report), Optional.empty(), Optional.empty());
                }));
      }
      String source =
          "%s: %d tensors".formatted(weights.source().format(), weights.parameters().size());
      return new ConversionResult(source, targets, reading.all());
    }
  }

  private ConversionResult graph(ImportRequest input, List<ModelExporter> exporters) {
    step("reading " + input.path());
    try (Model source = Importers.load(input)) {
      List<ConversionResult.Target> targets = new ArrayList<>();
      for (ModelExporter exporter : exporters) {
        Path path = path(exporter);
        targets.add(
            attempt(exporter, path, diagnostics -> convert(source, exporter, path, diagnostics)));
      }
      source
          .assumptions()
          .forEach(a -> reading.accept(Diagnostic.note(ErrorCode.USAGE_SHAPE_NEEDED, "%s", a)));
      String line =
          "%s: %d operators, %d tensors"
              .formatted(
                  source.source().format(),
                  source.signature().graph().nodes().size(),
                  source.parameters().size());
      return new ConversionResult(line, targets, reading.all());
    }
  }

  private record Written(
      Optional<ExportReport> report, Optional<Verdict> verdict, Optional<Path> receipt) {}

  /** One target's work; its warnings and notes go to the given collection. */
  @FunctionalInterface
  private interface Attempt {
    Written run(Diagnostics diagnostics);
  }

  private ConversionResult.Target attempt(ModelExporter exporter, Path path, Attempt attempt) {
    Diagnostics diagnostics = new Diagnostics();
    Written written = new Written(Optional.empty(), Optional.empty(), Optional.empty());
    try {
      written = attempt.run(diagnostics);
    } catch (IsomorphException e) {
      e.diagnostics().forEach(diagnostics);
    }
    return new ConversionResult.Target(
        exporter.format(),
        path,
        written.report,
        written.verdict,
        written.receipt,
        diagnostics.all());
  }

  private Written convert(
      Model source, ModelExporter exporter, Path path, Diagnostics diagnostics) {
    Model optimised = request.optimise().apply(source, exporter.format());
    try {
      return convert(source, optimised, exporter, path, diagnostics);
    } finally {
      if (optimised != source) {
        optimised.close();
      }
    }
  }

  private Written convert(
      Model source, Model optimised, ModelExporter exporter, Path path, Diagnostics diagnostics) {
    ExportRequest export = export(path, diagnostics);
    if (request.dryRun()) {
      exporter.refusals(optimised, export).forEach(diagnostics);
      return new Written(Optional.empty(), Optional.empty(), Optional.empty());
    }
    step("writing " + path);
    ExportReport report = exporter.export(optimised, export);
    boolean provable = request.verify() && !(exporter instanceof WeightsExporter);
    if (!provable) {
      return new Written(Optional.of(report), Optional.empty(), Optional.empty());
    }
    Path opened = report.files().getFirst();
    step("proving " + path);
    try (Model target = Importers.load(ImportRequest.of(opened).reportingTo(diagnostics))) {
      VerificationRequest verification =
          VerificationRequest.of(source, target)
              .withFile(Side.SOURCE, source.source().format(), request.input().path())
              .withFile(Side.TARGET, exporter.format(), opened);
      Verdict verdict = Verifier.verify(request.verification().apply(verification));
      verdict.notes().forEach(diagnostics);
      Path receipt =
          Receipt.write(
              Receipt.pathFor(path), source.name(), request.input().path(), path, verdict);
      return new Written(Optional.of(report), Optional.of(verdict), Optional.of(receipt));
    }
  }

  private ExportRequest export(Path path, Diagnostics diagnostics) {
    ExportRequest common = request.export();
    return new ExportRequest(
        path, common.replace(), common.opset(), common.externalData(), diagnostics);
  }

  private Path path(ModelExporter exporter) {
    return request.outputIsFolder()
        ? request.output().resolve(exporter.fileName(stem(request.input().path())))
        : request.output();
  }

  /**
   * {@return the file's name without its extension, or the folder's name without {@code
   * _saved_model}}
   */
  public static String stem(Path input) {
    String name = String.valueOf(input.toAbsolutePath().normalize().getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    for (String suffix : List.of("_saved_model", "_torch", ".safetensors.index")) {
      if (stem.endsWith(suffix) && stem.length() > suffix.length()) {
        stem = stem.substring(0, stem.length() - suffix.length());
      }
    }
    return stem;
  }

  private void step(String sentence) {
    request.progress().accept(sentence);
  }
}
