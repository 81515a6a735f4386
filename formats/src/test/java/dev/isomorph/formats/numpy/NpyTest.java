package dev.isomorph.formats.numpy;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.assertMatches;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.Fuzz;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.TensorDigest;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");
  private final List<Diagnostic> notes = new ArrayList<>();

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void readsWhatNumpyWrites() {
    Map<String, Map<String, Fixtures.Row>> files = Fixtures.digests("numpy");
    int arrays = 0;
    for (Map.Entry<String, Map<String, Fixtures.Row>> file : files.entrySet()) {
      Path path = path("numpy/" + file.getKey());
      if (file.getKey().endsWith(".npy")) {
        assertMatches(file.getValue().get(""), Npy.read(path, arena, LIMITS));
        arrays++;
      } else {
        Map<String, Tensor> read = new TreeMap<>();
        Npz.read(path, arena, LIMITS, notes::add).forEach(t -> read.put(t.name(), t.tensor()));
        assertEquals(file.getValue().keySet(), read.keySet());
        file.getValue().values().forEach(row -> assertMatches(row, read.get(row.name())));
        arrays += read.size();
      }
    }
    assertEquals(14 * 4 + 4 + 6, arrays);
    assertEquals(List.of(), notes);
  }

  @Test
  void mapsLittleEndianArrays() {
    Tensor tensor = Npy.read(path("numpy/f4_little.npy"), arena, LIMITS);
    assertTrue(assertInstanceOf(Storage.Dense.class, tensor.storage()).segment().isMapped());
    Tensor stored =
        Npz.read(path("numpy/stored.npz"), arena, LIMITS, notes::add).getFirst().tensor();
    assertTrue(assertInstanceOf(Storage.Dense.class, stored.storage()).segment().isMapped());
  }

  @Test
  void readsText() {
    List<String> expected = List.of("ab", "", "grün", "x", "yz", "🙂");
    Tensor text = Npy.read(path("numpy/text.npy"), arena, LIMITS);
    assertEquals("string[2,3]", text.typeText());
    assertEquals(expected, text.strings());
    assertEquals(expected, Npy.read(path("numpy/text_fortran_big.npy"), arena, LIMITS).strings());
    assertEquals(
        List.of("abc", "", "z"), Npy.read(path("numpy/bytes.npy"), arena, LIMITS).strings());
  }

  @Test
  void rawElementsNeedTheirTypeNamed() {
    Path file = path("numpy/bfloat16.npy");
    MemorySegment bytes = arena.map(file);
    Tensor tensor = Npy.read(bytes, arena, Optional.of(DType.BF16), LIMITS);
    assertEquals("[0.0, 1.0, 2.0, 3.0]", java.util.Arrays.toString(tensor.toDoubles()));
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %s at byte 128
          the array holds raw bytes: NumPy did not store what type they have
          expected: a type of NumPy's own
          actual:   V2
          help:     bfloat16 and float8 arrays are stored so; save them as float32
        """
            .formatted(file),
        () -> Npy.read(file, arena, LIMITS));
  }

  @Test
  void refusesObjectsAndRecords() {
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %s at byte 10
          the array holds Python objects as a pickle, which is never executed
          expected: b1, c16, c8, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, S, U
          actual:   '|O'
        """
            .formatted(path("numpy/objects.npy")),
        () -> Npy.read(path("numpy/objects.npy"), arena, LIMITS));
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %s at byte 20
          the array's elements are structured records, which no tensor can hold
        """
            .formatted(path("numpy/records.npy")),
        () -> Npy.read(path("numpy/records.npy"), arena, LIMITS));
  }

  @Test
  void refusesDamage() {
    assertFails(
        """
        error[FORMAT_TRUNCATED] at byte 128
          the array's data end too early
          expected: 6 elements of 4 bytes
          actual:   8 bytes
        """,
        () -> read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 8)));
    assertFails(
        """
        error[FORMAT_INVALID] at byte 128
          the array's shape [9223372036854775807, 9] is impossible
        """,
        () ->
            read(
                npy(
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }",
                    8)));
    assertFails(
        """
        error[FORMAT_INVALID] at byte 32
          the npy header has an unknown key 'evil'
        """,
        () -> read(npy("{'descr': 'f', 'evil': False}", 8)));
    assertFails(
        """
        error[FORMAT_INVALID] at byte 0
          the bytes do not begin as an npy file does
        """,
        () -> read("no npy".getBytes(StandardCharsets.US_ASCII)));
    assertFails(
        """
        error[FORMAT_LIMIT]
          the npy header is beyond what is allowed
          expected: at most 65536
          actual:   4294967295
        """,
        () -> read(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1, '{'}));
  }

  @Test
  void writesEveryTypeAndReadsItBack(@TempDir Path folder) throws IOException {
    List<NamedTensor> all = new ArrayList<>();
    for (DType dtype : DType.values()) {
      if (dtype == DType.STRING || dtype.isPacked()) {
        continue;
      }
      byte[] bytes = new byte[(int) dtype.byteSize(6)];
      new java.util.Random(dtype.ordinal()).nextBytes(bytes);
      Tensor tensor = Tensor.of(dtype, new long[] {2, 1, 3}, Fixtures.map(bytes, arena), arena);
      Path file = folder.resolve(dtype + ".npy");
      Npy.write(file, tensor);
      assertTrue(
          tensor.contentEquals(Npy.read(arena.map(file), arena, Optional.of(dtype), LIMITS)));
      boolean numpyHasIt =
          dtype.kind() != DType.Kind.FLOAT || "f16 f32 f64".contains(dtype.shortName());
      if (numpyHasIt) {
        all.add(NamedTensor.of("group/" + dtype, tensor));
      }
    }
    Path npz = folder.resolve("all.npz");
    Npz.write(npz, all);
    List<NamedTensor> read = Npz.read(npz, arena, LIMITS, notes::add);
    assertEquals(all.size(), read.size());
    for (int i = 0; i < all.size(); i++) {
      assertEquals(all.get(i).name(), read.get(i).name());
      assertTrue(all.get(i).tensor().contentEquals(read.get(i).tensor()));
    }
    ZipArchive zip = ZipArchive.open(arena.map(npz), arena, LIMITS);
    zip.entries().forEach(e -> assertEquals(0, e.dataOffset() % 64, e.name()));
    zip.entries().forEach(zip::verify);
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".partial")));
    }
  }

  @Test
  void namesEveryTensorThatNumpyCannotHold(@TempDir Path folder) {
    Tensor packed = Tensor.of(DType.I4, new double[] {1, -2}, 2);
    Path file = folder.resolve("x.npz");
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %1$s › a
          npy files cannot hold elements of type i4
          help:     cast the tensor to a type that NumPy has
        error[UNSUPPORTED_DTYPE] %1$s › b
          npy files cannot hold elements of type string
          help:     cast the tensor to a type that NumPy has
        """
            .formatted(file),
        () ->
            Npz.write(
                file,
                List.of(
                    NamedTensor.of("a", packed), NamedTensor.of("b", Tensor.of(List.of("x"), 1)))));
    assertTrue(Files.notExists(file));
  }

  @Test
  void takesAnyBytes() throws IOException {
    List<byte[]> arrays = new ArrayList<>();
    for (String name :
        List.of("f4_big_fortran", "scalar", "text", "bytes", "vector_v3", "bfloat16")) {
      arrays.add(Files.readAllBytes(path("numpy/" + name + ".npy")));
    }
    Fuzz.run(
        arrays,
        (file, owner) -> digest(Npy.read(file, owner, Optional.of(DType.BF16), Fuzz.LIMITS)));
    List<byte[]> archives =
        List.of(
            Files.readAllBytes(path("numpy/stored.npz")),
            Files.readAllBytes(path("numpy/deflated.npz")));
    Fuzz.run(
        archives,
        (file, owner) ->
            Npz.read(ZipArchive.open(file, owner, Fuzz.LIMITS), Fuzz.LIMITS, _ -> {})
                .forEach(t -> digest(t.tensor())));
  }

  private static void digest(Tensor tensor) {
    assertEquals(64, TensorDigest.sha256(tensor).length());
  }

  private void read(byte[] file) {
    Npy.read(Fixtures.map(file, arena), arena, Optional.empty(), LIMITS);
  }

  private static byte[] npy(String header, int data) {
    byte[] file = new byte[128 + data];
    java.util.Arrays.fill(file, 10, 128, (byte) ' ');
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    System.arraycopy(magic, 0, file, 0, 10);
    System.arraycopy(header.getBytes(StandardCharsets.US_ASCII), 0, file, 10, header.length());
    return file;
  }
}
