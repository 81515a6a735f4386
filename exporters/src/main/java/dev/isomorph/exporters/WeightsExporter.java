package dev.isomorph.exporters;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.util.List;

/** Writes named tensors without a graph in one format. Stateless and safe for many threads. */
public interface WeightsExporter extends ModelExporter {
  /** {@return every reason why these weights cannot be written; empty if they can} */
  List<Diagnostic> refusals(Weights weights, ExportRequest request);

  /**
   * Writes weights under their original keys.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException with all {@link #refusals}, or if the
   *     output exists or cannot be written
   */
  ExportReport export(Weights weights, ExportRequest request);

  @Override
  default List<Diagnostic> refusals(Model model, ExportRequest request) {
    try (Weights weights = Weights.of(model)) {
      return refusals(weights, request);
    }
  }

  @Override
  default ExportReport export(Model model, ExportRequest request) {
    try (Weights weights = Weights.of(model)) {
      return export(weights, request);
    }
  }
}
