package dev.isomorph.importers.torch;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.ModelImporter;
import dev.isomorph.importers.weights.WeightFiles;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;

/** Reads weight files whose network stands in Python source. */
public final class TorchImporter implements ModelImporter {
  @Override
  public boolean accepts(FormatKind kind) {
    return WeightFiles.reads(kind);
  }

  @Override
  public Model load(ImportRequest request, Sniffed sniffed) {
    ImportRequest.PythonSource source =
        request.source().orElseThrow(() -> ModelImporter.noGraph(sniffed).toException());
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
    return WeightFiles.read(request, sniffed);
  }
}
