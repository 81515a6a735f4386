package dev.isomorph.exporters;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.diagnostic.Diagnostic;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Where and how to write. Immutable: {@code ExportRequest.to(path).withOpset(13)}.
 *
 * @param target the file or folder to write
 * @param replace whether an existing output may be replaced
 * @param opset the version of ONNX's operator set; empty for the default of {@code OnnxExporter}
 * @param externalData whether weights go into a file of their own also where they need not
 * @param diagnostics receives warnings and notes; errors are thrown
 */
public record ExportRequest(
    Path target,
    boolean replace,
    OptionalInt opset,
    boolean externalData,
    Consumer<Diagnostic> diagnostics) {
  public ExportRequest {
    requireNonNull(target, "target is null");
    requireNonNull(opset, "opset is null");
    requireNonNull(diagnostics, "diagnostics is null");
  }

  /** {@return a request with nothing else said: an existing output is not replaced} */
  public static ExportRequest to(Path target) {
    return new ExportRequest(target, false, OptionalInt.empty(), false, _ -> {});
  }

  /** {@return this, allowed to replace an existing output or not} */
  public ExportRequest replacing(boolean allowed) {
    return new ExportRequest(target, allowed, opset, externalData, diagnostics);
  }

  /** {@return this with a version of ONNX's operator set} */
  public ExportRequest withOpset(int version) {
    return new ExportRequest(target, replace, OptionalInt.of(version), externalData, diagnostics);
  }

  /** {@return this with the weights in a file of their own, or not} */
  public ExportRequest withExternalData(boolean external) {
    return new ExportRequest(target, replace, opset, external, diagnostics);
  }

  /** {@return this with a receiver of warnings and notes} */
  public ExportRequest reportingTo(Consumer<Diagnostic> receiver) {
    return new ExportRequest(target, replace, opset, externalData, receiver);
  }
}
