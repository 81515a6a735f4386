package dev.isomorph.exporters;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.util.List;

/** Writes models in one format. Stateless and safe for many threads. */
public interface ModelExporter {
  /** {@return the name on the command line: {@code onnx}, {@code saved-model}, …} */
  String format();

  /**
   * {@return the name of the output within a folder, for a model of this stem: {@code
   * STEM_saved_model}}
   */
  String fileName(String stem);

  /**
   * {@return every reason why the model cannot be written with these options; empty if it can}.
   * Writes nothing.
   */
  List<Diagnostic> refusals(Model model, ExportRequest request);

  /**
   * Writes a model; the output appears when it is complete.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException with all {@link #refusals}, or if the
   *     output exists or cannot be written
   */
  ExportReport export(Model model, ExportRequest request);
}
