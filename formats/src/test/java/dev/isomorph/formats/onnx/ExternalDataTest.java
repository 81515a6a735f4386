package dev.isomorph.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.proto.StringStringEntryProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path root;
  private final TensorArena arena = TensorArena.open("m");
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(root.resolve("model"));
    Files.write(folder.resolve("data"), new byte[] {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
    Files.createDirectory(folder.resolve("sub"));
    Files.write(root.resolve("secret"), new byte[64]);
  }

  @AfterEach
  void unmap() {
    arena.close();
  }

  private Tensor read(String... keysAndValues) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(2)
            .addDims(8)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      proto.addExternalData(
          StringStringEntryProto.newBuilder()
              .setKey(keysAndValues[i])
              .setValue(keysAndValues[i + 1]));
    }
    return OnnxTensors.of("m.onnx", arena, new LargeFields(), folder, Limits.defaults())
        .toTensor(proto.build());
  }

  private IsomorphException refusal(String... keysAndValues) {
    return assertThrows(IsomorphException.class, () -> read(keysAndValues));
  }

  @Test
  void readsWhatOnnxWrote() {
    OnnxFile file =
        OnnxFile.read(OnnxTensorsTest.resource("external/model.onnx"), arena, Limits.defaults());
    Tensor a = file.tensor(file.model().getGraph().getInitializer(0));
    Tensor b = file.tensor(file.model().getGraph().getInitializer(1));
    assertEquals("f32[20,30]", a.typeText());
    assertArrayEquals(LongStream.range(0, 600).asDoubleStream().toArray(), a.toDoubles());
    assertArrayEquals(LongStream.range(-250, 250).toArray(), b.toLongs());
  }

  @ParameterizedTest
  @ValueSource(strings = {"data", "./data", "sub/../data", "link"})
  void readsFilesInTheFolder(String location) throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), Path.of("data"));
    long[] values = read("location", location, "offset", "4", "length", "8").toLongs();
    assertArrayEquals(new long[] {1, 2, 3, 4, 5, 6, 7, 8}, values);
    assertArrayEquals(new long[] {0, 0, 0, 0, 1, 2, 3, 4}, read("location", location).toLongs());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "sub/../../secret",
        "/etc/passwd",
        "C:\\secret",
        "C:secret",
        "..\\secret",
        "",
        ".",
        "a\0b",
        "sub/link/secret",
        "soft",
        "hard",
        "sub"
      })
  void neverLeavesTheFolder(String location) throws IOException {
    Files.createSymbolicLink(folder.resolve("soft"), root.resolve("secret"));
    Files.createSymbolicLink(folder.resolve("sub/link"), root);
    Files.createLink(folder.resolve("hard"), root.resolve("secret"));
    assertEquals(ErrorCode.FORMAT_UNSAFE_PATH, refusal("location", location).code());
  }

  @Test
  void saysWhatIsWrongAndWhatToDo() {
    assertEquals(
        """
        error[FORMAT_UNSAFE_PATH] m.onnx › tensor 'w' › external data '../secret'
          the path '../secret' leaves the model's folder
          help:     put the file into the model's folder and name it without '..' or links\
        """,
        refusal("location", "../secret").getMessage());
    assertEquals(
        """
        error[FILE_NOT_FOUND] m.onnx › tensor 'w' › external data 'gone'
          there is no such file beside the model
          help:     copy it to %s\
        """
            .formatted(folder),
        refusal("location", "gone").getMessage());
  }

  @Test
  void refusesRangesBeyondTheFile() {
    for (String offset : new String[] {"5", "12", "13", "9223372036854775807"}) {
      assertEquals(
          ErrorCode.FORMAT_TRUNCATED, refusal("location", "data", "offset", offset).code(), offset);
    }
    for (String offset : new String[] {"-1", "x", "", "9223372036854775808"}) {
      assertEquals(
          ErrorCode.FORMAT_INVALID, refusal("location", "data", "offset", offset).code(), offset);
    }
    assertEquals(
        """
        error[FORMAT_INVALID] m.onnx › tensor 'w' › external data 'data'
          the external data's length is not the tensor's size
          expected: 8 bytes
          actual:   7\
        """,
        refusal("location", "data", "length", "7").getMessage());
  }

  @Test
  void refusesUnknownAndRepeatedKeys() {
    assertTrue(
        refusal("location", "data", "url", "x").getMessage().contains("the unknown key 'url'"));
    assertTrue(
        refusal("location", "data", "location", "x").getMessage().contains("two keys 'location'"));
    assertTrue(refusal("offset", "0").getMessage().contains("without a 'location'"));
  }

  @Test
  void verifiesAChecksumWhenThereIsOne() {
    String sha1 = "b8a44f4a4dd8cc8d6d8a1cf1b2a5ce14bd1b8b0d";
    IsomorphException e = refusal("location", "data", "checksum", sha1);
    assertEquals(ErrorCode.FORMAT_CHECKSUM, e.code());
    String actual = e.diagnostics().getFirst().actual();
    assertEquals(8, read("location", "data", "checksum", actual).size());
  }

  @Test
  void aModelWithoutAFolderHasNone() {
    TensorProto proto =
        TensorProto.newBuilder()
            .setDataType(2)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("d"))
            .build();
    OnnxTensors decoder =
        OnnxTensors.of("m.onnx", arena, new LargeFields(), null, Limits.defaults());
    assertEquals(
        ErrorCode.USAGE,
        assertThrows(IsomorphException.class, () -> decoder.toTensor(proto)).code());
  }
}
