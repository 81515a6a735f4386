package dev.isomorph.exporters.onnx;

import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.ir.Model;
import java.util.Map;

/** Puts back what the importer keeps of a model file beside its graph. */
final class ModelMetadata {
  private ModelMetadata() {}

  static void write(Model model, ModelProto.Builder proto) {
    for (Map.Entry<String, String> entry : model.metadata().entrySet()) {
      String value = entry.getValue();
      switch (entry.getKey()) {
        case "onnx.domain" -> proto.setDomain(value);
        case "onnx.doc_string" -> proto.setDocString(value);
        case "onnx.graph.doc_string" -> proto.getGraphBuilder().setDocString(value);
        case "onnx.model_version" -> version(value, proto);
        default -> proto.addMetadataPropsBuilder().setKey(entry.getKey()).setValue(value);
      }
    }
  }

  private static void version(String text, ModelProto.Builder proto) {
    if (text.matches("-?\\d{1,18}")) {
      proto.setModelVersion(Long.parseLong(text));
    }
  }
}
