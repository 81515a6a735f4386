package dev.isomorph.exporters.onnx;

import java.util.OptionalInt;

/**
 * How an ONNX file is written.
 *
 * @param opset the version of ONNX's operator set; empty for an ONNX source's own, else the lowest
 *     from 17 up that can say the graph
 * @param irVersion the version of the file format; empty for the lowest that the content needs
 * @param externalData whether weights go to a file of their own also where they need not
 * @param replace whether existing files may be replaced
 */
public record OnnxExportOptions(
    OptionalInt opset, OptionalInt irVersion, boolean externalData, boolean replace) {
  /** All defaults; existing files are not replaced. */
  public static final OnnxExportOptions DEFAULTS =
      new OnnxExportOptions(OptionalInt.empty(), OptionalInt.empty(), false, false);

  /** {@return this with another opset} */
  public OnnxExportOptions withOpset(int version) {
    return new OnnxExportOptions(OptionalInt.of(version), irVersion, externalData, replace);
  }

  /** {@return this with weights in a file of their own, or not} */
  public OnnxExportOptions withExternalData(boolean external) {
    return new OnnxExportOptions(opset, irVersion, external, replace);
  }

  /** {@return this, allowed to replace existing files or not} */
  public OnnxExportOptions replacing(boolean allowed) {
    return new OnnxExportOptions(opset, irVersion, externalData, allowed);
  }
}
