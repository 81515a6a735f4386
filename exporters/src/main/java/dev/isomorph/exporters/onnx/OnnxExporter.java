package dev.isomorph.exporters.onnx;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.formats.onnx.OnnxWriter;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Writes ONNX models. Names of nodes, values, inputs and outputs are the graph's; weights flow from
 * where they are to the file region by region; the same model gives the same bytes. A model with
 * state has an extra input and output for each: the input's default is the value before the first
 * call. Stateless and safe for many threads.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/IR.html">the ONNX IR specification</a>
 */
public final class OnnxExporter implements ModelExporter {
  private static final String PRODUCER = "isomorph";

  /** What was encoded for one opset, ready to be written or refused. */
  private record Encoded(int opset, boolean decomposed, GraphProto graph, GraphEncoder encoder) {}

  @Override
  public String format() {
    return "onnx";
  }

  @Override
  public String fileName(String stem) {
    return stem + ".onnx";
  }

  @Override
  public List<Diagnostic> refusals(Model model, ExportRequest request) {
    try {
      return encode(model, model.signature(), request.opset()).encoder.errors();
    } catch (IsomorphException e) {
      return e.diagnostics();
    }
  }

  @Override
  public ExportReport export(Model model, ExportRequest request) {
    OnnxExportOptions options =
        new OnnxExportOptions(
            request.opset(), OptionalInt.empty(), request.externalData(), request.replace());
    return export(model, model.signature(), options, request.target());
  }

  /**
   * Writes one signature of a model.
   *
   * @param target the file; external data goes to {@code <file>.data} beside it
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_TARGET} with everything that the opset
   *     cannot say; {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static ExportReport export(
      Model model, Signature signature, OnnxExportOptions options, Path target) {
    Encoded encoded = encode(model, signature, options.opset());
    GraphEncoder encoder = encoded.encoder;
    if (!encoder.errors().isEmpty()) {
      throw new IsomorphException(encoder.errors());
    }
    int ir = options.irVersion().orElse(Opsets.ir(encoded.opset, encoder.dtypes()));
    ModelProto.Builder proto =
        ModelProto.newBuilder().setIrVersion(ir).setProducerName(PRODUCER).setGraph(encoded.graph);
    encoder
        .domains()
        .forEach(
            (domain, version) ->
                proto.addOpsetImportBuilder().setDomain(domain).setVersion(version));
    ModelMetadata.write(model, proto);
    List<String> notes = new ArrayList<>(encoder.notes());
    if (model.signatures().size() > 1) {
      notes.add(
          "an ONNX file holds one signature: '%s' of %d was written"
              .formatted(signature.name(), model.signatures().size()));
    }
    OnnxWriter.write(
        target,
        proto.build(),
        encoder.large(),
        options.externalData() ? OnnxWriter.DataPlacement.EXTERNAL : OnnxWriter.DataPlacement.AUTO,
        options.replace());
    List<Path> files = new ArrayList<>(List.of(target));
    Path data = target.resolveSibling(target.getFileName() + ".data");
    if (Files.exists(data)) {
      files.add(data);
    }
    return new ExportReport(
        "onnx",
        "opset " + encoded.opset + ", IR " + ir,
        files,
        encoder.narrowings(),
        encoder.ledger(),
        notes);
  }

  private static Encoded encode(Model model, Signature signature, OptionalInt asked) {
    if (asked.isPresent()) {
      int opset = asked.getAsInt();
      if (opset < Opsets.OLDEST || opset > Opsets.NEWEST) {
        throw Diagnostic.error(ErrorCode.USAGE, "opset %d cannot be written", opset)
            .expected(Opsets.OLDEST + " to " + Opsets.NEWEST, opset)
            .toException();
      }
      return encode(model, signature, opset);
    }
    boolean own = model.source().format().equals("onnx");
    Encoded best = null;
    for (int opset : Opsets.candidates(model)) {
      Encoded encoded = encode(model, signature, opset);
      boolean says = encoded.encoder.errors().isEmpty();
      if (says && (own || !encoded.decomposed)) {
        return encoded;
      }
      boolean better = best == null || says && !best.encoder.errors().isEmpty();
      best = better ? encoded : best;
    }
    return best;
  }

  private static Encoded encode(Model model, Signature signature, int opset) {
    Expander expander = new Expander(node -> mustExpand(node, opset));
    Graph graph = expander.run(signature.graph());
    GraphEncoder encoder = new GraphEncoder(model, opset, expander.names());
    return new Encoded(opset, expander.decomposed(), encoder.encode(signature, graph), encoder);
  }

  private static boolean mustExpand(Node node, int opset) {
    if (node.op() instanceof CompositeCall call) {
      return !Sayable.is(call, opset);
    }
    return Decompositions.applies(node, opset);
  }
}
