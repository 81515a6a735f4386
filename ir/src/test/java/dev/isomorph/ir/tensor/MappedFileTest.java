package dev.isomorph.ir.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
  @TempDir Path folder;

  @Test
  void aNewFileRenamedOverAMappedOneDoesNotChangeIt() throws IOException {
    Path file = Files.write(folder.resolve("m.bin"), new byte[] {1, 2, 3});
    try (TensorArena arena = TensorArena.open("m")) {
      MemorySegment bytes = arena.map(file);
      Path next = Files.write(folder.resolve("next.bin"), new byte[] {9});
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
      arena.checkFilesUnchanged();
      assertEquals(3, bytes.get(ValueLayout.JAVA_BYTE, 2));
      Files.delete(file);
      arena.checkFilesUnchanged();
    }
  }

  @Test
  void aFileThatGrowsInPlaceIsReported() throws IOException {
    Path file = Files.write(folder.resolve("m.bin"), new byte[] {1, 2, 3});
    try (TensorArena arena = TensorArena.open("m")) {
      arena.map(file);
      Files.write(file, new byte[] {4}, StandardOpenOption.APPEND);
      IsomorphException e = assertThrows(IsomorphException.class, arena::checkFilesUnchanged);
      assertEquals(
          "error[FILE_CHANGED] " + file + "\n  the file was changed while 'm' was in use",
          String.join("\n", e.getMessage().lines().limit(2).toList()));
    }
  }
}
