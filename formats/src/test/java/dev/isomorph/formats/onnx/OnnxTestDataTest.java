package dev.isomorph.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.proto.MapProto;
import dev.isomorph.formats.onnx.proto.SequenceProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxTestDataTest {
  private static final TypeProto TENSOR =
      TypeProto.newBuilder().setTensorType(TypeProto.Tensor.getDefaultInstance()).build();
  private static final TypeProto SEQUENCE =
      TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.getDefaultInstance()).build();
  private static final TypeProto OPTIONAL =
      TypeProto.newBuilder().setOptionalType(TypeProto.Optional.getDefaultInstance()).build();
  private static final TypeProto MAP =
      TypeProto.newBuilder().setMapType(TypeProto.Map.getDefaultInstance()).build();

  @TempDir Path folder;
  private final TensorArena arena = TensorArena.open("test data");

  private Datum read(Path file, TypeProto type) {
    return OnnxTestData.read(file, type, arena, Limits.defaults());
  }

  private static TypeProto type(String name) {
    return Stream.of(TENSOR, SEQUENCE, OPTIONAL, MAP)
        .filter(t -> t.getValueCase().name().startsWith(name))
        .findFirst()
        .orElseThrow();
  }

  private static String text(Datum value) {
    return switch (value) {
      case SequenceValue s -> s.elements().stream().map(OnnxTestDataTest::text).toList().toString();
      case OptionalValue o ->
          "optional(" + o.element().map(OnnxTestDataTest::text).orElse("") + ")";
      case MapValue m ->
          m.entries().entrySet().stream()
              .map(e -> e.getKey() + "=" + text(e.getValue()))
              .toList()
              .toString();
      default -> value.toString();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tensor|TENSOR|f32[2][1.5, -2.0]",
        "sequence|SEQUENCE|[f32[2][1.5, -2.0], i64[1,3][3, 4, 5]]",
        "nested|SEQUENCE|[[f32[2][1.5, -2.0]], [i64[1,3][3, 4, 5], i64[1,3][3, 4, 5]]]",
        "optional|OPTIONAL|optional(f32[2][1.5, -2.0])",
        "absent|OPTIONAL|optional()",
        "optional_sequence|OPTIONAL|optional([f32[2][1.5, -2.0]])",
        "map|MAP|[-3=f32[2][1.5, -2.0], 5=f32[2][3.0, -4.0]]"
      })
  void readsWhatOnnxWroteAndWritesItBack(String name, String type, String expected) {
    Datum value = read(OnnxTensorsTest.resource(name + ".pb"), type(type));
    assertEquals(expected, text(value));
    Path copy = folder.resolve("copy.pb");
    OnnxTestData.write(copy, "x", value, false);
    assertEquals(expected, text(read(copy, type(type))));
  }

  @Test
  void refusesAMapWithTooFewValues() throws IOException {
    byte[] map =
        MapProto.newBuilder()
            .setKeyType(7)
            .addKeys(1)
            .setValues(SequenceProto.newBuilder().setElemType(1))
            .build()
            .toByteArray();
    Path file = Files.write(folder.resolve("m.pb"), map);
    IsomorphException e = assertThrows(IsomorphException.class, () -> read(file, MAP));
    assertTrue(e.getMessage().contains("a map has not as many values as keys"), e.getMessage());
  }

  @Test
  void refusesTypesWithoutATestDataForm() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () -> read(folder.resolve("x.pb"), TypeProto.getDefaultInstance()));
    assertEquals(ErrorCode.UNSUPPORTED_FEATURE, e.code());
  }
}
