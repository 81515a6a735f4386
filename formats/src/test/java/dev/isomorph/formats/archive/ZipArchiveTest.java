package dev.isomorph.formats.archive;

import static dev.isomorph.formats.Fixtures.assertFails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipArchiveTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void readsWhatTheJdkWrites() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.putNextEntry(new ZipEntry("a/text"));
      out.write("hello ".repeat(1000).getBytes(StandardCharsets.UTF_8));
      out.closeEntry();
      out.putNextEntry(new ZipEntry("a/empty"));
      out.closeEntry();
    }
    ZipArchive zip = open(bytes.toByteArray());
    assertEquals("hello ".repeat(1000), text(zip, "a/text"));
    assertEquals("", text(zip, "a/empty"));
    zip.entries().forEach(zip::verify);
    assertEquals(java.util.Set.of("text", "empty"), zip.below("a/").keySet());
  }

  @Test
  void writesWhatTheJdkReadsAligned(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("x.zip");
    OutputFile.write(
        file,
        out -> {
          ZipWriter zip = new ZipWriter(out);
          for (int i = 0; i < 70; i++) {
            zip.add("näme" + "x".repeat(i), "content " + i);
          }
          assertThrows(IllegalArgumentException.class, () -> zip.add("näme", "again"));
          zip.finish();
        });
    try (ZipFile jdk = new ZipFile(file.toFile())) {
      assertEquals(70, jdk.size());
      assertEquals(
          "content 7",
          new String(
              jdk.getInputStream(jdk.getEntry("nämexxxxxxx")).readAllBytes(),
              StandardCharsets.UTF_8));
    }
    try (ZipInputStream stream = new ZipInputStream(Files.newInputStream(file))) {
      int n = 0;
      while (stream.getNextEntry() != null) {
        assertEquals("content " + n++, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      }
      assertEquals(70, n);
    }
    ZipArchive own = ZipArchive.open(arena.map(file), arena, LIMITS);
    own.entries().forEach(e -> assertEquals(0, e.dataOffset() % 64));
    own.entries().forEach(own::verify);
  }

  @Test
  void anUnfinishedOutputLeavesNothing(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("sub/x.zip");
    assertThrows(
        IllegalStateException.class,
        () ->
            OutputFile.write(
                file,
                out -> {
                  out.write((byte) 1);
                  throw new IllegalStateException("half way");
                }));
    try (var left = Files.list(folder.resolve("sub"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void refusesUnsafeNames() throws IOException {
    for (String name : new String[] {"../x", "a/../../x", "/etc/passwd", "C:x", "a\\b", "a\0b"}) {
      byte[] zip = zip(name, "x");
      IsomorphException e = assertThrows(IsomorphException.class, () -> open(zip), name);
      assertTrue(e.getMessage().startsWith("error[FORMAT_UNSAFE_PATH] at byte "), e.getMessage());
    }
    assertFails(
        """
        error[FORMAT_UNSAFE_PATH] at byte 34
          the name '../x' leaves its folder
          expected: a relative path that stays inside its folder
          actual:   '../x'
        """,
        () -> open(zip("../x", "")));
  }

  @Test
  void refusesDuplicatesAndOverlaps() throws IOException {
    byte[] twice = zip("aa", "1", "ab", "2");
    replace(twice, "ab", "aa");
    assertFails(
        """
        error[FORMAT_INVALID] at byte 33
          the archive has two entries 'aa'
        """,
        () -> open(twice));
    byte[] overlapping = zip("a", "1".repeat(200), "b", "2");
    // The second entry's header offset in the central directory now points at the first.
    int central =
        indexOf(
            overlapping,
            new byte[] {'P', 'K', 1, 2},
            indexOf(overlapping, new byte[] {'P', 'K', 1, 2}, 0) + 1);
    overlapping[central + 42] = 0;
    assertFails(
        """
        error[FORMAT_INVALID] at byte 0
          the entry 'b' has another name in its local header
        """,
        () -> open(overlapping));
  }

  @Test
  void refusesBombs() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.putNextEntry(new ZipEntry("bomb"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        out.write(zeros);
      }
      out.closeEntry();
    }
    ZipArchive zip = open(bytes.toByteArray());
    IsomorphException e = assertThrows(IsomorphException.class, () -> zip.require("bomb"));
    assertTrue(
        e.getMessage()
            .startsWith(
                "error[FORMAT_LIMIT] bomb at byte 34\n  a compressed entry would inflate beyond"),
        e.getMessage());
  }

  @Test
  void noticesDamage() throws IOException {
    byte[] plain = zip("a", "x".repeat(5000));
    byte[] cut = java.util.Arrays.copyOf(plain, plain.length - 1);
    assertFails(
        """
        error[FORMAT_TRUNCATED] at byte %d
          the zip archive has no end record: it is cut or damaged
        """
            .formatted(cut.length),
        () -> open(cut));
    plain[35] ^= 1;
    ZipArchive zip = open(plain);
    IsomorphException e = assertThrows(IsomorphException.class, () -> zip.require("a"));
    assertTrue(e.getMessage().contains("FORMAT_"), e.getMessage());
  }

  @Test
  void readsTar() throws IOException {
    byte[] tar = new byte[2048];
    System.arraycopy("folder/pickle".getBytes(StandardCharsets.UTF_8), 0, tar, 0, 13);
    System.arraycopy("00000000005".getBytes(StandardCharsets.UTF_8), 0, tar, 124, 11);
    tar[156] = '0';
    System.arraycopy("hello".getBytes(StandardCharsets.UTF_8), 0, tar, 512, 5);
    sum(tar);
    assertTrue(TarArchive.looksLikeTar(Fixtures.map(tar, arena)));
    TarArchive archive = TarArchive.open(Fixtures.map(tar, arena), LIMITS);
    assertArrayEquals(
        "hello".getBytes(StandardCharsets.UTF_8),
        archive.require("folder/pickle").toArray(ValueLayout.JAVA_BYTE));
    tar[156] = '2';
    sum(tar);
    assertFails(
        """
        error[FORMAT_UNSAFE_PATH] at byte 0
          the tar entry 'folder/pickle' is no plain file but of type '2'
        """,
        () -> TarArchive.open(Fixtures.map(tar, arena), LIMITS));
  }

  private static void sum(byte[] tar) {
    java.util.Arrays.fill(tar, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar[i] & 0xFF;
    }
    System.arraycopy(
        String.format("%06o\0 ", sum).getBytes(StandardCharsets.UTF_8), 0, tar, 148, 8);
  }

  private ZipArchive open(byte[] bytes) {
    return ZipArchive.open(Fixtures.map(bytes, arena), arena, LIMITS);
  }

  private static String text(ZipArchive zip, String name) {
    return new String(zip.require(name).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private static byte[] zip(String... namesAndContents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
        ZipEntry entry = new ZipEntry(namesAndContents[i]);
        if (content.length < 1000) {
          java.util.zip.CRC32 crc = new java.util.zip.CRC32();
          crc.update(content);
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(content.length);
          entry.setCrc(crc.getValue());
        }
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static void replace(byte[] in, String from, String to) {
    byte[] a = from.getBytes(StandardCharsets.UTF_8);
    for (int at = indexOf(in, a, 0); at >= 0; at = indexOf(in, a, at + 1)) {
      System.arraycopy(to.getBytes(StandardCharsets.UTF_8), 0, in, at, a.length);
    }
  }

  private static int indexOf(byte[] in, byte[] what, int from) {
    for (int at = from; at <= in.length - what.length; at++) {
      if (java.util.Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    return -1;
  }
}
