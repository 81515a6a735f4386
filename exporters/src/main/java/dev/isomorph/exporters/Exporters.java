package dev.isomorph.exporters;

import dev.isomorph.exporters.onnx.OnnxExporter;
import dev.isomorph.exporters.tensorflow.SavedModelExporter;
import dev.isomorph.exporters.torch.TorchExporter;
import dev.isomorph.exporters.weights.WeightFileExporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.List;
import java.util.stream.Collectors;

/** Writes models in every supported format. Stateless and safe for many threads. */
public final class Exporters {
  private static final List<ModelExporter> ALL =
      List.of(
          new OnnxExporter(),
          new SavedModelExporter(),
          new TorchExporter(),
          WeightFileExporter.safetensors(),
          WeightFileExporter.npz());

  private Exporters() {}

  /** {@return all exporters, in the order in which they are listed to users} */
  public static List<ModelExporter> all() {
    return ALL;
  }

  /**
   * {@return the exporter of a format}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#USAGE} if there is none
   */
  public static ModelExporter find(String format) {
    return ALL.stream()
        .filter(e -> e.format().equals(format))
        .findFirst()
        .orElseThrow(
            () ->
                Diagnostic.error(ErrorCode.USAGE, "there is no target format '%s'", format)
                    .expected(
                        ALL.stream().map(ModelExporter::format).collect(Collectors.joining(", ")),
                        format)
                    .toException());
  }

  /**
   * Writes a model.
   *
   * @param format the target's name, such as {@code onnx}
   * @throws dev.isomorph.ir.diagnostic.IsomorphException as {@link ModelExporter#export}
   */
  public static ExportReport export(Model model, String format, ExportRequest request) {
    return find(format).export(model, request);
  }

  /**
   * Writes weights without a graph.
   *
   * @param format the target's name, such as {@code safetensors}
   * @throws dev.isomorph.ir.diagnostic.IsomorphException as {@link WeightsExporter#export}; {@link
   *     ErrorCode#USAGE_SOURCE_NEEDED} if the format holds graphs
   */
  public static ExportReport export(Weights weights, String format, ExportRequest request) {
    if (find(format) instanceof WeightsExporter exporter) {
      return exporter.export(weights, request);
    }
    throw Diagnostic.error(
            ErrorCode.USAGE_SOURCE_NEEDED,
            "'%s' holds weights and no graph, but the target %s needs one",
            weights.name(),
            format)
        .help("give the Python source with --source model.py:ClassName, or convert to safetensors")
        .toException();
  }
}
