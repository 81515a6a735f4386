package dev.isomorph.formats.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.onnx.proto.MapProto;
import dev.isomorph.formats.onnx.proto.OptionalProto;
import dev.isomorph.formats.onnx.proto.SequenceProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MappedMessages;
import dev.isomorph.formats.protobuf.MessageWriter;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Values in files of their own: the {@code input_0.pb} and {@code output_0.pb} of ONNX's backend
 * tests. A file holds a {@code TensorProto}, {@code SequenceProto}, {@code OptionalProto} or {@code
 * MapProto}, and does not say which: the model's type of the input or output does.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md">ONNX backend
 *     test</a>
 */
public final class OnnxTestData {
  private final OnnxTensors tensors;

  private OnnxTestData(OnnxTensors tensors) {
    this.tensors = tensors;
  }

  /**
   * {@return the value in a file}
   *
   * @param type the type that the model declares for it
   * @param arena owns the file's map
   * @throws IsomorphException if the file is missing, empty, cut or not of this type
   */
  public static Datum read(Path file, TypeProto type, TensorArena arena, Limits limits) {
    Message.Builder builder =
        switch (type.getValueCase()) {
          case TENSOR_TYPE -> TensorProto.newBuilder();
          case SEQUENCE_TYPE -> SequenceProto.newBuilder();
          case OPTIONAL_TYPE -> OptionalProto.newBuilder();
          case MAP_TYPE -> MapProto.newBuilder();
          case SPARSE_TENSOR_TYPE, OPAQUE_TYPE, VALUE_NOT_SET ->
              throw Diagnostic.error(
                      ErrorCode.UNSUPPORTED_FEATURE, "test data of type %s", type.getValueCase())
                  .inFile(file.toString())
                  .toException();
        };
    LargeFields large = new LargeFields();
    Message message =
        MappedMessages.read(file, builder, arena, OnnxFile.KEPT, large, limits).buildPartial();
    OnnxTestData reader =
        new OnnxTestData(OnnxTensors.of(file.toString(), arena, large, null, limits));
    try {
      return reader.datum(message);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(file.toString()));
    }
  }

  private Datum datum(Message message) {
    return switch (message) {
      case TensorProto tensor -> tensors.toTensor(tensor);
      case SequenceProto sequence -> sequence(sequence);
      case OptionalProto optional -> optional(optional);
      case MapProto map -> map(map);
      default -> throw new IllegalStateException(message.getDescriptorForType().getName());
    };
  }

  private SequenceValue sequence(SequenceProto proto) {
    List<? extends Message> elements =
        switch (proto.getElemType()) {
          case 0, SequenceProto.DataType.TENSOR_VALUE -> proto.getTensorValuesList();
          case SequenceProto.DataType.SEQUENCE_VALUE -> proto.getSequenceValuesList();
          case SequenceProto.DataType.MAP_VALUE -> proto.getMapValuesList();
          case SequenceProto.DataType.OPTIONAL_VALUE -> proto.getOptionalValuesList();
          default -> throw unsupported("sequence", proto.getElemType());
        };
    List<Datum> values = new ArrayList<>();
    for (Message element : elements) {
      values.add(datum(element));
    }
    return new SequenceValue(values);
  }

  private OptionalValue optional(OptionalProto proto) {
    Message element =
        switch (proto.getElemType()) {
          case OptionalProto.DataType.UNDEFINED_VALUE -> null;
          case OptionalProto.DataType.TENSOR_VALUE ->
              proto.hasTensorValue() ? proto.getTensorValue() : null;
          case OptionalProto.DataType.SEQUENCE_VALUE ->
              proto.hasSequenceValue() ? proto.getSequenceValue() : null;
          case OptionalProto.DataType.MAP_VALUE -> proto.hasMapValue() ? proto.getMapValue() : null;
          case OptionalProto.DataType.OPTIONAL_VALUE ->
              proto.hasOptionalValue() ? proto.getOptionalValue() : null;
          default -> throw unsupported("optional", proto.getElemType());
        };
    return new OptionalValue(Optional.ofNullable(element).map(this::datum));
  }

  private MapValue map(MapProto proto) {
    List<Object> keys = new ArrayList<>(proto.getKeysList());
    if (proto.getKeyType() == TensorProto.DataType.STRING_VALUE) {
      keys.clear();
      proto.getStringKeysList().forEach(k -> keys.add(k.toStringUtf8()));
    }
    List<Datum> values = sequence(proto.getValues()).elements();
    if (keys.size() != values.size()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a map has not as many values as keys")
          .expected(keys.size() + " values", values.size())
          .toException();
    }
    Map<Object, Datum> entries = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      if (entries.put(keys.get(i), values.get(i)) != null) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a map has the key %s twice", keys.get(i))
            .toException();
      }
    }
    return new MapValue(entries);
  }

  private static IsomorphException unsupported(String what, int elementType) {
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_FEATURE, "%s with elements of kind %d", what, elementType)
        .toException();
  }

  /**
   * Writes a value to a file of its own. An empty sequence is written as one of tensors.
   *
   * @param name the value's name, may be empty
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void write(Path file, String name, Datum value, boolean replace) {
    LargeFields large = new LargeFields();
    Message message = toProto(name, value, large);
    try (AtomicOutput output = AtomicOutput.file(file, replace)) {
      try (FileChannel channel = FileChannel.open(output.path(), StandardOpenOption.WRITE)) {
        MessageWriter.write(message, large, channel);
      } catch (IOException e) {
        throw AtomicOutput.failed(file, e);
      }
      output.commit();
    }
  }

  private static Message toProto(String name, Datum value, LargeFields large) {
    return switch (value) {
      case Tensor tensor -> OnnxWriter.toProto(name, tensor, large);
      case SequenceValue sequence -> sequence(name, sequence, large);
      case OptionalValue optional -> optional(name, optional, large);
      case MapValue map -> map(name, map, large);
    };
  }

  private static SequenceProto sequence(String name, SequenceValue value, LargeFields large) {
    SequenceProto.Builder out = SequenceProto.newBuilder().setName(name);
    out.setElemType(SequenceProto.DataType.TENSOR_VALUE);
    for (Datum element : value.elements()) {
      switch (toProto("", element, large)) {
        case TensorProto p -> out.addTensorValues(p);
        case SequenceProto p ->
            out.setElemType(SequenceProto.DataType.SEQUENCE_VALUE).addSequenceValues(p);
        case MapProto p -> out.setElemType(SequenceProto.DataType.MAP_VALUE).addMapValues(p);
        case OptionalProto p ->
            out.setElemType(SequenceProto.DataType.OPTIONAL_VALUE).addOptionalValues(p);
        case Message p -> throw new IllegalStateException(p.getDescriptorForType().getName());
      }
    }
    return out.build();
  }

  private static OptionalProto optional(String name, OptionalValue value, LargeFields large) {
    OptionalProto.Builder out = OptionalProto.newBuilder().setName(name);
    if (value.element().isEmpty()) {
      return out.setElemType(OptionalProto.DataType.UNDEFINED_VALUE).build();
    }
    switch (toProto("", value.element().get(), large)) {
      case TensorProto p -> out.setElemType(OptionalProto.DataType.TENSOR_VALUE).setTensorValue(p);
      case SequenceProto p ->
          out.setElemType(OptionalProto.DataType.SEQUENCE_VALUE).setSequenceValue(p);
      case MapProto p -> out.setElemType(OptionalProto.DataType.MAP_VALUE).setMapValue(p);
      case OptionalProto p ->
          out.setElemType(OptionalProto.DataType.OPTIONAL_VALUE).setOptionalValue(p);
      case Message p -> throw new IllegalStateException(p.getDescriptorForType().getName());
    }
    return out.build();
  }

  private static MapProto map(String name, MapValue value, LargeFields large) {
    MapProto.Builder out = MapProto.newBuilder().setName(name);
    boolean strings = value.entries().keySet().stream().anyMatch(String.class::isInstance);
    out.setKeyType((strings ? DType.STRING : DType.I64).onnxCode());
    for (Object key : value.entries().keySet()) {
      if (key instanceof Long number) {
        out.addKeys(number);
      } else {
        out.addStringKeys(ByteString.copyFromUtf8((String) key));
      }
    }
    List<Datum> values = List.copyOf(value.entries().values());
    return out.setValues(sequence("", new SequenceValue(values), large)).build();
  }
}
