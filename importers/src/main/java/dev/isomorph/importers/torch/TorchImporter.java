package dev.isomorph.importers.torch;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.formats.sniff.Sniffer;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.ModelImporter;
import dev.isomorph.importers.weights.WeightFiles;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads weight files whose network stands in Python source. */
public final class TorchImporter implements ModelImporter {
  @Override
  public boolean accepts(FormatKind kind) {
    return kind == FormatKind.TORCH_SOURCE || WeightFiles.reads(kind);
  }

  @Override
  public Model load(ImportRequest request, Sniffed sniffed) {
    ImportRequest.PythonSource source =
        request
            .source()
            .or(() -> ownSource(sniffed))
            .orElseThrow(() -> ModelImporter.noGraph(sniffed).toException());
    try (Weights weights = loadWeights(request, sniffed)) {
      return TorchSourceImporter.load(
          new TorchSource(
              source.file(),
              source.expression(),
              request.sourceRoots(),
              weights,
              request.inputs(),
              request.limits(),
              request.diagnostics()));
    }
  }

  @Override
  public Weights loadWeights(ImportRequest request, Sniffed sniffed) {
    return sniffed.kind() == FormatKind.TORCH_SOURCE
        ? WeightFiles.read(request, weightsIn(sniffed.path(), request))
        : WeightFiles.read(request, sniffed);
  }

  private static Optional<ImportRequest.PythonSource> ownSource(Sniffed sniffed) {
    return sniffed.kind() == FormatKind.TORCH_SOURCE
        ? Optional.of(new ImportRequest.PythonSource(sniffed.path().resolve("model.py"), ""))
        : Optional.empty();
  }

  private static Sniffed weightsIn(Path folder, ImportRequest request) {
    Path safetensors = folder.resolve("model.safetensors");
    return Sniffer.sniff(
        Files.exists(safetensors) ? safetensors : folder.resolve("model.pt"), request.limits());
  }
}
