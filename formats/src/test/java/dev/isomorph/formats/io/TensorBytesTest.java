package dev.isomorph.formats.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBytesTest {
  @TempDir Path folder;

  private byte[] written(Tensor tensor) throws IOException {
    Path file = folder.resolve("out");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      TensorBytes.write(tensor, out);
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void copiesMappedTensors() throws IOException {
    byte[] bytes = random(1_000_000);
    Path source = Files.write(folder.resolve("in"), bytes);
    try (TensorArena arena = TensorArena.open("in")) {
      var map = arena.map(source);
      for (int size : new int[] {0, 5, 999_993}) {
        Tensor tensor = Tensor.of(DType.U8, new long[] {size}, map.asSlice(7, size), arena);
        assertArrayEquals(Arrays.copyOfRange(bytes, 7, 7 + size), written(tensor));
      }
    }
  }

  @Test
  void makesLazyTensorsRegionByRegion() throws IOException {
    Tensor source = Tensor.of(new float[3_000_000], 3000, 1000);
    Tensor lazy = LazyTensors.transpose(source, 1, 0);
    int[] most = {0};
    TensorBytes.visit(lazy, region -> most[0] = Math.max(most[0], (int) region.byteSize()));
    assertEquals(4 << 20, most[0]);
    assertArrayEquals(lazy.segment().toArray(ValueLayout.JAVA_BYTE), written(lazy));
  }

  @Test
  void packedTypesAreCutAtWholeBytes() throws IOException {
    Tensor part = Tensor.of(DType.I4, new long[] {600_001}, Tensor.allocate(300_001));
    assertEquals(300_001, written(part).length);
  }

  @Test
  void aSourceThatWasCutIsAnError() throws IOException {
    Path source = Files.write(folder.resolve("in"), random(1_000_000));
    try (TensorArena arena = TensorArena.open("in")) {
      Tensor tensor = Tensor.of(DType.U8, new long[] {1_000_000}, arena.map(source), arena);
      try (FileChannel cut = FileChannel.open(source, StandardOpenOption.WRITE)) {
        cut.truncate(500_000);
      }
      IsomorphException e = assertThrows(IsomorphException.class, () -> written(tensor));
      assertEquals(ErrorCode.FILE_CHANGED, e.code());
    }
  }
}
