package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.OnnxFile;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.OperatorSetIdProto;
import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.ModelImporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OperatorHistory;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads ONNX models of every opset. Names of nodes, values, inputs and outputs are the file's;
 * older operators become those of the newest opset; weights stay in the mapped file. Operators that
 * are neither ONNX's, nor the model's own functions, nor known composites are refused, all at once.
 * Stateless and safe for many threads.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/IR.html">the ONNX IR specification</a>
 */
public final class OnnxImporter implements ModelImporter {
  @Override
  public boolean accepts(FormatKind kind) {
    return kind == FormatKind.ONNX
        || kind == FormatKind.ONNX_TEXT
        || kind == FormatKind.ONNX_TEST_CASE;
  }

  @Override
  public Model load(ImportRequest request, Sniffed sniffed) {
    Path file =
        sniffed.kind() == FormatKind.ONNX_TEST_CASE
            ? sniffed.path().resolve("model.onnx")
            : sniffed.path();
    return load(file, request.limits(), request.allowOpaque(), request.diagnostics());
  }

  /**
   * {@return the model of a file}
   *
   * @throws IsomorphException as {@link #load(Path, Limits, boolean, Consumer)}
   */
  public static Model load(Path file, Limits limits, Consumer<Diagnostic> diagnostics) {
    return load(file, limits, false, diagnostics);
  }

  /**
   * {@return the model of a file}
   *
   * @param allowOpaque whether operators of unknown meaning are kept instead of refused
   * @param diagnostics receives warnings and notes
   * @throws IsomorphException if the file is missing or malformed, or with every error of its graph
   *     and every operator that is not known
   */
  public static Model load(
      Path file, Limits limits, boolean allowOpaque, Consumer<Diagnostic> diagnostics) {
    TensorArena arena = TensorArena.open(String.valueOf(file.getFileName()));
    try {
      OnnxFile onnx = OnnxFile.read(file, arena, limits);
      return model(onnx, arena, allowOpaque, diagnostics);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(file.toString()));
    } finally {
      arena.release();
    }
  }

  private static Model model(
      OnnxFile file, TensorArena arena, boolean allowOpaque, Consumer<Diagnostic> diagnostics) {
    ModelProto proto = file.model();
    Map<String, Integer> opsets = opsets(proto);
    ImportSession session = new ImportSession(file, opsets, allowOpaque, diagnostics);
    if (proto.getTrainingInfoCount() > 0) {
      session.note("the model has training information, which is dropped");
    }
    if (proto.getConfigurationCount() > 0) {
      session.note("the model has device configurations, which are dropped");
    }
    GraphLowering.Lowered lowered =
        new GraphLowering(session, new NodeLowering(session, opsets, Map.of()))
            .graph(proto.getGraph());
    Model.Builder model =
        Model.builder(String.valueOf(file.path().getFileName()))
            .source(new Model.Source("onnx", file.path().toString(), version(proto, opsets)))
            .signature(lowered.signature())
            .arena(arena);
    lowered.parameters().forEach(model::unused);
    lowered.assumptions().forEach(model::assumption);
    OnnxMetadata.read(proto, model::metadata);
    return model.build();
  }

  private static String version(ModelProto proto, Map<String, Integer> opsets) {
    StringBuilder text = new StringBuilder();
    text.append("opset ").append(opsets.getOrDefault("", 0));
    text.append(", IR ").append(proto.getIrVersion());
    if (!proto.getProducerName().isEmpty()) {
      text.append(", ").append(proto.getProducerName());
      text.append(proto.getProducerVersion().isEmpty() ? "" : " " + proto.getProducerVersion());
    }
    return text.toString();
  }

  private static Map<String, Integer> opsets(ModelProto proto) {
    Map<String, Integer> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      String domain = new OpName(opset.getDomain(), "").domain();
      String shown = domain.isEmpty() ? "ai.onnx" : domain;
      long version = opset.getVersion();
      int newest = OperatorHistory.NEWEST.getOrDefault(domain, Integer.MAX_VALUE);
      if (version < 1) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID, "the model imports version %d of '%s'", version, shown)
            .toException();
      }
      if (version > newest) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_FEATURE,
                "the model imports version %d of '%s', which is newer than what is known",
                version,
                shown)
            .expected("at most " + newest, version)
            .toException();
      }
      Integer other = opsets.put(domain, (int) version);
      if (other != null && other != version) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID,
                "the model imports two versions of '%s': %d and %d",
                shown,
                other,
                version)
            .toException();
      }
    }
    if (opsets.isEmpty()) {
      if (proto.getIrVersion() >= 3) {
        throw Diagnostic.error(ErrorCode.MODEL_INVALID, "the model imports no operator set")
            .toException();
      }
      opsets.put("", 1);
    }
    return opsets;
  }
}
