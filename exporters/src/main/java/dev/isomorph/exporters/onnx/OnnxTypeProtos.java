package dev.isomorph.exporters.onnx;

import dev.isomorph.formats.onnx.proto.TensorShapeProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;

/** Types of the graph as {@code TypeProto}s. */
final class OnnxTypeProtos {
  private OnnxTypeProtos() {}

  static ValueInfoProto info(String name, ValueType type, String doc) {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
    if (!(type instanceof ValueType.Unknown)) {
      info.setType(type(type));
    }
    if (!doc.isEmpty()) {
      info.setDocString(doc);
    }
    return info.build();
  }

  static TypeProto type(ValueType type) {
    TypeProto.Builder proto = TypeProto.newBuilder();
    switch (type) {
      case ValueType.TensorType tensor -> {
        proto.getTensorTypeBuilder().setElemType(tensor.dtype().onnxCode());
        if (tensor.shape().isRanked()) {
          proto.getTensorTypeBuilder().setShape(shape(tensor.shape()));
        }
      }
      case ValueType.SequenceType sequence ->
          proto.getSequenceTypeBuilder().setElemType(type(sequence.element()));
      case ValueType.OptionalType optional ->
          proto.getOptionalTypeBuilder().setElemType(type(optional.element()));
      case ValueType.MapType map ->
          proto
              .getMapTypeBuilder()
              .setKeyType(map.key().onnxCode())
              .setValueType(type(map.value()));
      case ValueType.Unknown _ -> {}
    }
    return proto.build();
  }

  private static TensorShapeProto shape(Shape shape) {
    TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
    for (Dim dim : shape.dims()) {
      if (dim.isKnown()) {
        proto.addDimBuilder().setDimValue(dim.known());
      } else {
        proto.addDimBuilder().setDimParam(dim.toString());
      }
    }
    return proto.build();
  }
}
