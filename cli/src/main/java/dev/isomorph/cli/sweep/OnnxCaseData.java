package dev.isomorph.cli.sweep;

import dev.isomorph.formats.onnx.OnnxTestData;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Values in the layout of ONNX's backend tests: {@code input_0.pb}, {@code output_0.pb}, …
 *
 * @param inputs by the model's names
 * @param expected by output position
 */
record OnnxCaseData(SequencedMap<String, Datum> inputs, SequencedMap<Integer, Datum> expected) {

  /**
   * {@return the values in a folder, or in its first {@code test_data_set_*}}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#USAGE_NOTHING_TO_COMPARE}
   *     if there is no output
   */
  static OnnxCaseData read(Path given, Signature signature, TensorArena arena) {
    Path set = given.resolve("test_data_set_0");
    Path folder = Files.isDirectory(set) ? set : given;
    SequencedMap<String, Datum> inputs = new LinkedHashMap<>();
    List<Signature.Port> ports = signature.inputs();
    for (int i = 0; i < ports.size(); i++) {
      Path file = folder.resolve("input_" + i + ".pb");
      if (Files.exists(file)) {
        inputs.put(ports.get(i).name(), read(file, ports.get(i).type(), arena));
      }
    }
    SequencedMap<Integer, Datum> expected = new LinkedHashMap<>();
    for (int i = 0; i < signature.outputs().size(); i++) {
      Path file = folder.resolve("output_" + i + ".pb");
      if (Files.exists(file)) {
        expected.put(i, read(file, signature.outputs().get(i).type(), arena));
      }
    }
    if (expected.isEmpty()) {
      throw Diagnostic.error(ErrorCode.USAGE_NOTHING_TO_COMPARE, "the folder holds no output_0.pb")
          .inFile(given.toString())
          .toException();
    }
    return new OnnxCaseData(inputs, expected);
  }

  private static Datum read(Path file, ValueType type, TensorArena arena) {
    return OnnxTestData.read(file, proto(type), arena, Limits.defaults());
  }

  private static TypeProto proto(ValueType type) {
    return switch (type) {
      case ValueType.SequenceType s ->
          TypeProto.newBuilder()
              .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(proto(s.element())))
              .build();
      case ValueType.OptionalType o ->
          TypeProto.newBuilder()
              .setOptionalType(TypeProto.Optional.newBuilder().setElemType(proto(o.element())))
              .build();
      case ValueType.MapType m ->
          TypeProto.newBuilder()
              .setMapType(
                  TypeProto.Map.newBuilder()
                      .setKeyType(m.key().onnxCode())
                      .setValueType(proto(m.value())))
              .build();
      case ValueType.TensorType t ->
          TypeProto.newBuilder()
              .setTensorType(TypeProto.Tensor.newBuilder().setElemType(t.dtype().onnxCode()))
              .build();
      case ValueType.Unknown _ ->
          TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder()).build();
    };
  }
}
