package dev.isomorph.importers;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;

/** Reads models of one family of formats. Stateless and safe for many threads. */
public interface ModelImporter {
  /** {@return whether this reads files of the kind} */
  boolean accepts(FormatKind kind);

  /**
   * {@return the model}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the file is unreadable or malformed, or
   *     with all that is unsupported in it
   */
  Model load(ImportRequest request, Sniffed sniffed);

  /**
   * {@return the named tensors alone, without a graph}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the file is unreadable or malformed
   */
  default Weights loadWeights(ImportRequest request, Sniffed sniffed) {
    try (Model model = load(request, sniffed)) {
      return Weights.of(model);
    }
  }

  /** {@return the refusal of a weight file where a graph is needed} */
  static Diagnostic noGraph(Sniffed sniffed) {
    return Diagnostic.error(
            ErrorCode.USAGE_SOURCE_NEEDED,
            "this is %s: it holds weights and no graph, for what is computed with them stands in"
                + " its Python source",
            sniffed.description())
        .inFile(sniffed.path().toString())
        .help("give it with --source model.py:ClassName");
  }
}
