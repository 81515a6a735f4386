package dev.isomorph.importers;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.formats.sniff.Sniffer;
import dev.isomorph.importers.onnx.OnnxImporter;
import dev.isomorph.importers.tensorflow.GraphDefImporter;
import dev.isomorph.importers.tensorflow.SavedModelImporter;
import dev.isomorph.importers.torch.TorchImporter;
import dev.isomorph.importers.weights.WeightFiles;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.nio.file.Path;
import java.util.List;

/**
 * Loads models of every supported format. The format is recognised by content. Stateless and safe
 * for many threads.
 *
 * <pre>{@code
 * try (Model model = Importers.load(Path.of("digits.onnx"))) { … }
 * }</pre>
 */
public final class Importers {
  private static final List<ModelImporter> ALL =
      List.of(
          new OnnxImporter(),
          new SavedModelImporter(),
          new GraphDefImporter(),
          new TorchImporter());

  private Importers() {}

  /**
   * {@return the model in a file or folder}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException as {@link #load(ImportRequest)}
   */
  public static Model load(Path path) {
    return load(ImportRequest.of(path));
  }

  /**
   * {@return the model that is asked for; the caller closes it}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the file is missing, in no known
   *     format, malformed, or with all that is unsupported in it
   */
  public static Model load(ImportRequest request) {
    Sniffed sniffed = sniff(request);
    return importer(sniffed).load(request, sniffed);
  }

  /**
   * {@return the named tensors of a file or folder, whether it also holds a graph or not; the
   * caller closes them}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException as {@link #load(ImportRequest)}
   */
  public static Weights loadWeights(ImportRequest request) {
    Sniffed sniffed = sniff(request);
    return WeightFiles.reads(sniffed.kind())
        ? WeightFiles.read(request, sniffed)
        : importer(sniffed).loadWeights(request, sniffed);
  }

  private static Sniffed sniff(ImportRequest request) {
    Sniffed sniffed = Sniffer.sniff(request.path(), request.limits());
    FormatKind.Family family = sniffed.kind().family();
    if (family == FormatKind.Family.WRONG || family == FormatKind.Family.FOREIGN) {
      throw sniffed.toError("a model").toException();
    }
    return sniffed;
  }

  /** {@return all importers} */
  public static List<ModelImporter> all() {
    return ALL;
  }

  private static ModelImporter importer(Sniffed sniffed) {
    return ALL.stream()
        .filter(i -> i.accepts(sniffed.kind()))
        .findFirst()
        .orElseThrow(
            () ->
                (WeightFiles.reads(sniffed.kind())
                        ? ModelImporter.noGraph(sniffed)
                        : Diagnostic.error(
                                ErrorCode.UNSUPPORTED_FEATURE,
                                "this is %s, which cannot be imported",
                                sniffed.description())
                            .inFile(sniffed.path().toString()))
                    .toException());
  }
}
