package dev.isomorph.verifier.convert;

import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.ir.Model;
import dev.isomorph.verifier.VerificationRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What to convert, to what, and how to prove it.
 *
 * @param input what to load
 * @param formats target formats, at least one
 * @param output a folder, or the output itself if there is one format and {@code outputIsFolder} is
 *     false
 * @param outputIsFolder whether outputs get names of their own inside {@code output}
 * @param export options for every target; its target path is not used
 * @param optimise what is done to the graph between reading and writing, for a target format; gives
 *     the model itself or a new one, which is closed here
 * @param verify whether each output is read back and proved
 * @param verification adds inputs, expected values, tolerances to the request that was made from
 *     both models
 * @param dryRun whether only to say what each target would refuse
 * @param progress receives one sentence per step
 */
public record ConversionRequest(
    ImportRequest input,
    List<String> formats,
    Path output,
    boolean outputIsFolder,
    ExportRequest export,
    BiFunction<Model, String, Model> optimise,
    boolean verify,
    UnaryOperator<VerificationRequest> verification,
    boolean dryRun,
    Consumer<String> progress) {
  public ConversionRequest {
    formats = List.copyOf(formats);
    if (formats.isEmpty()) {
      throw new IllegalArgumentException("no target format");
    }
  }
}
