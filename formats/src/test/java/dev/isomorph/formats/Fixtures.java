package dev.isomorph.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.function.Executable;

/** Files that real frameworks wrote, and what they read in them. */
public final class Fixtures {
  private Fixtures() {}

  /** A row of {@code digests.tsv}: what a framework says that a tensor of a file is. */
  public record Row(String file, String name, String type, String sha256) {}

  /** {@return the path of a test resource, such as {@code numpy/scalar.npy}} */
  public static Path path(String name) {
    var url = Fixtures.class.getResource(name);
    assertNotNull(url, name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@return file → tensor name → row of a folder's {@code digests.tsv}} */
  public static Map<String, Map<String, Row>> digests(String folder) {
    Map<String, Map<String, Row>> files = new LinkedHashMap<>();
    for (String line : lines(path(folder + "/digests.tsv"))) {
      String[] f = line.split("\t", -1);
      Row row = new Row(f[0], f[1], f[2] + f[3], f[4]);
      files.computeIfAbsent(row.file, _ -> new LinkedHashMap<>()).put(row.name, row);
    }
    assertFalse(files.isEmpty());
    return files;
  }

  private static Iterable<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks type, shape and every stored bit. */
  public static void assertMatches(Row expected, Tensor actual) {
    String where = expected.file + " " + expected.name;
    assertEquals(expected.type, actual.typeText(), where);
    assertEquals(expected.sha256, TensorDigest.sha256(actual), where);
  }

  /** Checks the whole text of an error. */
  public static void assertFails(String expected, Executable action) {
    IsomorphException e = assertThrows(IsomorphException.class, action);
    assertEquals(expected.strip(), e.getMessage().strip());
  }

  /** {@return bytes in native memory of an arena, as a mapped file would be} */
  public static MemorySegment map(byte[] bytes, TensorArena arena) {
    MemorySegment segment = arena.allocate(bytes.length).asSlice(0, bytes.length);
    MemorySegment.copy(bytes, 0, segment, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment.asReadOnly();
  }
}
