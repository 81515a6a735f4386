package dev.isomorph.formats.safetensors;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.assertMatches;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.Fuzz;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.TensorDigest;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void readsWhatTheLibraryWrites() {
    Fixtures.digests("safetensors")
        .forEach(
            (file, rows) -> {
              SafetensorsFile read =
                  SafetensorsFile.open(path("safetensors/" + file), arena, LIMITS);
              assertEquals(rows.size(), read.entries().size());
              rows.forEach((name, row) -> assertMatches(row, read.tensor(name)));
            });
    SafetensorsFile file =
        SafetensorsFile.open(path("safetensors/dtypes.safetensors"), arena, LIMITS);
    assertEquals(Map.of("format", "pt", "note", "näh"), file.metadata());
    assertTrue(((Storage.Dense) file.tensor("float32").storage()).segment().isMapped());
  }

  @Test
  void tiedTensorsStayTied() {
    List<NamedTensor> tensors =
        SafetensorsFile.open(path("safetensors/tied.safetensors"), arena, LIMITS).tensors();
    assertEquals(
        List.of("embed.weight", "head.weight"), tensors.stream().map(NamedTensor::name).toList());
    assertTrue(tensors.get(0).isTiedTo(tensors.get(1)));
    assertSame(tensors.get(0).identity(), tensors.get(1).identity());
  }

  @Test
  void readsShardsInTheOrderOfTheIndex() {
    List<NamedTensor> tensors =
        SafetensorsIndex.read(path("safetensors/model.safetensors.index.json"), arena, LIMITS);
    assertEquals(List.of("a", "b", "c"), tensors.stream().map(NamedTensor::name).toList());
    Fixtures.digests("safetensors")
        .forEach(
            (file, rows) -> {
              if (file.startsWith("model-")) {
                tensors.stream()
                    .filter(t -> rows.containsKey(t.name()))
                    .forEach(t -> assertMatches(rows.get(t.name()), t.tensor()));
              }
            });
  }

  @Test
  void writesEveryTypeAndReadsItBack(@TempDir Path folder) {
    Map<String, NamedTensor> written = new LinkedHashMap<>();
    for (DType dtype : DType.values()) {
      if (SafetensorsType.of(dtype).isPresent()) {
        byte[] bytes = new byte[(int) dtype.byteSize(6)];
        new java.util.Random(dtype.ordinal()).nextBytes(bytes);
        Tensor tensor = Tensor.of(dtype, new long[] {3, 2}, Fixtures.map(bytes, arena), arena);
        written.put(dtype.toString(), NamedTensor.of(dtype.toString(), tensor));
      }
    }
    assertEquals(20, written.size());
    Tensor matrix = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    written.put("transposed", NamedTensor.of("transposed", LazyTensors.transpose(matrix, 1, 0)));
    written.put("empty", NamedTensor.of("empty", Tensor.of(new float[0], 0, 3)));
    written.put("scalar", NamedTensor.of("scalar", Tensor.scalar(DType.F64, 2.5)));
    written.put("tied", written.get("f32").alias("tied"));
    Path file = folder.resolve("all.safetensors");
    SafetensorsWriter.write(file, List.copyOf(written.values()), Map.of("note", "grün"));
    SafetensorsFile read = SafetensorsFile.open(file, arena, LIMITS);
    assertEquals(Map.of("format", "pt", "note", "grün", "tied", "f32"), read.metadata());
    assertEquals(written.size() - 1, read.entries().size());
    assertEquals(written.size(), read.tensors().size());
    for (NamedTensor t : read.tensors()) {
      assertTrue(t.tensor().contentEquals(written.get(t.name()).tensor().dense()), t.name());
    }
    for (SafetensorsFile.Entry e : read.entries()) {
      long width = Math.max(1, SafetensorsType.byName(e.type()).orElseThrow().bits() / 8);
      assertEquals(0, e.begin() % width, e.name());
    }
  }

  @Test
  void theSameInputGivesTheSameBytes(@TempDir Path folder) throws IOException {
    List<NamedTensor> tensors =
        SafetensorsFile.open(path("safetensors/dtypes.safetensors"), arena, LIMITS).tensors();
    SafetensorsWriter.write(folder.resolve("a"), tensors, Map.of("note", "näh"));
    SafetensorsWriter.write(folder.resolve("b"), tensors.reversed(), Map.of("note", "näh"));
    assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("b")));
  }

  @Test
  void writesShards(@TempDir Path folder) {
    Tensor four = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    NamedTensor a = NamedTensor.of("a", four);
    List<NamedTensor> tensors =
        List.of(
            a,
            NamedTensor.of("b", four),
            NamedTensor.of("c", Tensor.of(new float[9], 9)),
            a.alias("z"));
    Path index = SafetensorsWriter.writeSharded(folder, "model", tensors, Map.of(), 32);
    assertEquals("model.safetensors.index.json", index.getFileName().toString());
    List<NamedTensor> read = SafetensorsIndex.read(index, arena, LIMITS);
    assertEquals(List.of("a", "b", "c", "z"), read.stream().map(NamedTensor::name).toList());
    assertTrue(read.get(0).isTiedTo(read.get(3)));
    assertTrue(Files.exists(folder.resolve("model-00002-of-00002.safetensors")));
    assertEquals(
        folder.resolve("small.safetensors"),
        SafetensorsWriter.writeSharded(folder, "small", tensors, Map.of(), 1000));
  }

  @Test
  void namesEveryTensorThatTheFormatCannotHold(@TempDir Path folder) {
    Path file = folder.resolve("x.safetensors");
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %1$s › a
          safetensors files cannot hold tensors of type i4
        error[UNSUPPORTED_DTYPE] %1$s › b
          safetensors files cannot hold f4e2m1[1]: its elements fill no whole number of bytes
        """
            .formatted(file),
        () ->
            SafetensorsWriter.write(
                file,
                List.of(
                    NamedTensor.of("a", Tensor.of(DType.I4, new double[] {1, 2}, 2)),
                    NamedTensor.of("b", Tensor.of(DType.F4E2M1, new double[] {1}, 1))),
                Map.of()));
    assertTrue(Files.notExists(file));
  }

  @Test
  void refusesHostileHeaders() {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    fails(
        "{" + a + ",\"b\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
        8,
        """
        error[FORMAT_INVALID] b at byte 118
          the data of the tensor overlaps the one before it
          expected: data from byte 122
          actual:   from byte 118
        """);
    fails(
        "{" + a + ",\"b\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[9,10]}}",
        10,
        """
        error[FORMAT_INVALID] b at byte 124
          the data of the tensor leaves a hole before it
          expected: data from byte 123
          actual:   from byte 124
        """);
    fails(
        "{" + a + "}",
        7,
        """
        error[FORMAT_TRUNCATED] at byte 69
          the file ends before its tensors do
          expected: 70 bytes
          actual:   69
        """);
    fails(
        "{" + a + "}",
        9,
        """
        error[FORMAT_INVALID] at byte 70
          the file goes on after its last tensor
          expected: 70 bytes
          actual:   71
        """);
    fails(
        "{" + a + "," + a + "}",
        8,
        """
        error[FORMAT_INVALID] at byte 65
          the JSON is not valid: 'Duplicate field 'a''
        """);
    fails(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}}",
        8,
        """
        error[FORMAT_INVALID] a at byte 82
          the shape [9223372036854775807, 2] is impossible
        """);
    fails(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        8,
        """
        error[FORMAT_INVALID] at byte 37
          the JSON has an impossible number in 'shape' of 'a'
        """);
    fails(
        "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        8,
        """
        error[UNSUPPORTED_DTYPE] a
          the element type 'F33' is not known
        """);
    fails(
        "{\"__metadata__\":{\"a\":1}}",
        0,
        """
        error[FORMAT_INVALID] at byte 29
          the value of 'a' in __metadata__ is of the wrong kind
          expected: a string
          actual:   an integer
        """);
    fails(
        "[".repeat(300),
        0,
        """
        error[FORMAT_INVALID] at byte 8
          the header is of the wrong kind
          expected: a JSON object
          actual:   a JSON array
        """);
    assertFails(
        """
        error[FORMAT_LIMIT]
          the safetensors header is beyond what is allowed
          expected: at most 100000000
          actual:   -1
        """,
        () ->
            SafetensorsFile.parse(
                Fixtures.map(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{'}, arena),
                arena,
                LIMITS));
  }

  @Test
  void shardsStayInTheirFolder(@TempDir Path folder) throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\": {\"a\": \"../secret.safetensors\"}}");
    assertFails(
        """
        error[FORMAT_UNSAFE_PATH] %s
          the name '../secret.safetensors' leaves its folder
          expected: a relative path that stays inside its folder
          actual:   '../secret.safetensors'
        """
            .formatted(index),
        () -> SafetensorsIndex.read(index, arena, LIMITS));
    Files.writeString(index, "{\"weight_map\": {\"a\": \"gone.safetensors\"}}");
    assertFails(
        """
        error[FILE_NOT_FOUND] %s
          there is no such file
        """
            .formatted(folder.resolve("gone.safetensors")),
        () -> SafetensorsIndex.read(index, arena, LIMITS));
    Files.copy(path("safetensors/tied.safetensors"), folder.resolve("t.safetensors"));
    Files.writeString(
        index, "{\"weight_map\": {\"x\": \"t.safetensors\", \"head.weight\": \"t.safetensors\"}}");
    assertFails(
        """
        error[FORMAT_INVALID] %1$s › x
          the shard 't.safetensors' lacks a tensor that the index puts there
        error[FORMAT_INVALID] %1$s › embed.weight
          the shard 't.safetensors' holds a tensor that the index does not name
        """
            .formatted(index),
        () -> SafetensorsIndex.read(index, arena, LIMITS));
  }

  @Test
  void takesAnyBytes() throws IOException {
    Fuzz.run(
        List.of(
            Files.readAllBytes(path("safetensors/dtypes.safetensors")),
            Files.readAllBytes(path("safetensors/tied.safetensors"))),
        (file, owner) ->
            SafetensorsFile.parse(file, owner, Fuzz.LIMITS)
                .tensors()
                .forEach(t -> assertEquals(64, TensorDigest.sha256(t.tensor()).length())));
  }

  private void fails(String json, int data, String expected) {
    byte[] raw = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + raw.length + data).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(raw.length).put(raw);
    assertFails(
        expected, () -> SafetensorsFile.parse(Fixtures.map(file.array(), arena), arena, LIMITS));
  }
}
