package dev.isomorph.importers.onnx;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** {@code AttributeProto}s in generic form. */
record OnnxAttributes(
    Function<TensorProto, Tensor> tensors,
    Function<GraphProto, Graph> regions,
    Function<TypeProto, ValueType> types) {

  /**
   * {@return the value of an attribute}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if its kind is none that operators have
   */
  Attribute convert(AttributeProto proto) {
    return switch (kind(proto)) {
      case INT -> new Attribute.Int(proto.getI());
      case FLOAT -> new Attribute.Float(proto.getF());
      case STRING -> new Attribute.Text(text(proto.getName(), proto.getS()));
      case INTS -> new Attribute.Ints(proto.getIntsList());
      case FLOATS ->
          new Attribute.Floats(proto.getFloatsList().stream().map(Float::doubleValue).toList());
      case STRINGS ->
          new Attribute.Texts(
              proto.getStringsList().stream().map(s -> text(proto.getName(), s)).toList());
      case TENSOR -> new Attribute.TensorValue(tensors.apply(proto.getT()));
      case GRAPH -> new Attribute.Region(regions.apply(proto.getG()));
      case TYPE_PROTO -> new Attribute.Type(types.apply(proto.getTp()));
      default ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_ATTRIBUTE,
                  "attribute '%s' is of the kind %s, which no known operator has",
                  proto.getName(),
                  kind(proto))
              .toException();
    };
  }

  /** {@return the kind; files of the first IR versions do not write it} */
  private static AttributeProto.AttributeType kind(AttributeProto proto) {
    if (proto.hasType() && proto.getType() != AttributeProto.AttributeType.UNDEFINED) {
      return proto.getType();
    }
    if (proto.hasF()) {
      return AttributeProto.AttributeType.FLOAT;
    } else if (proto.hasI()) {
      return AttributeProto.AttributeType.INT;
    } else if (proto.hasS()) {
      return AttributeProto.AttributeType.STRING;
    } else if (proto.hasT()) {
      return AttributeProto.AttributeType.TENSOR;
    } else if (proto.hasG()) {
      return AttributeProto.AttributeType.GRAPH;
    } else if (proto.getFloatsCount() > 0) {
      return AttributeProto.AttributeType.FLOATS;
    } else if (proto.getStringsCount() > 0) {
      return AttributeProto.AttributeType.STRINGS;
    }
    return AttributeProto.AttributeType.INTS;
  }

  private static String text(String name, ByteString bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asReadOnlyByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "attribute '%s' is not UTF-8 text", name)
          .toException();
    }
  }
}
