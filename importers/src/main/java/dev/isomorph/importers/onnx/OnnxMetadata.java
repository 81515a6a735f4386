package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.ModelProto;
import java.util.function.BiConsumer;

/**
 * What a model file says about itself beside its graph. Fields of {@code ModelProto} stand under
 * keys that start with {@code onnx.}, so that the exporter can put them back.
 */
final class OnnxMetadata {
  private OnnxMetadata() {}

  static void read(ModelProto proto, BiConsumer<String, String> metadata) {
    put("onnx.domain", proto.getDomain(), metadata);
    put("onnx.doc_string", proto.getDocString(), metadata);
    put("onnx.graph.doc_string", proto.getGraph().getDocString(), metadata);
    if (proto.hasModelVersion()) {
      metadata.accept("onnx.model_version", Long.toString(proto.getModelVersion()));
    }
    proto.getMetadataPropsList().forEach(p -> metadata.accept(p.getKey(), p.getValue()));
  }

  private static void put(String key, String value, BiConsumer<String, String> metadata) {
    if (!value.isEmpty()) {
      metadata.accept(key, value);
    }
  }
}
