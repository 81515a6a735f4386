package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.gpu.driver.CubinCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CubinCacheTest {
  private static final String KEY = CubinCache.key(List.of("a"));

  @Test
  void keysTellPartsApart() {
    assertNotEquals(CubinCache.key(List.of("ab", "c")), CubinCache.key(List.of("a", "bc")));
    assertNotEquals(CubinCache.key(List.of("a")), CubinCache.key(List.of("a", "")));
    assertEquals(64, KEY.length());
  }

  @Test
  void whatIsStoredComesBack(@TempDir Path folder) throws IOException {
    CubinCache cache = new CubinCache(folder.resolve("made/when/needed"));
    assertTrue(cache.get(KEY).isEmpty());
    assertTrue(cache.put(KEY, new byte[] {1, 2, 3}));
    assertTrue(cache.put(KEY, new byte[] {1, 2, 3}));
    assertArrayEquals(new byte[] {1, 2, 3}, cache.get(KEY).orElseThrow());
    try (var files = Files.list(folder.resolve("made/when/needed"))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void damagedEntriesAreNotUsed(@TempDir Path folder) throws IOException {
    CubinCache cache = new CubinCache(folder);
    cache.put(KEY, new byte[] {1, 2, 3});
    Path file = folder.resolve(KEY + ".cubin");
    byte[] stored = Files.readAllBytes(file);
    for (int length = 0; length < stored.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(stored, length));
      assertEquals(Optional.empty(), cache.get(KEY));
    }
    stored[stored.length - 1] ^= 1;
    Files.write(file, stored);
    assertEquals(Optional.empty(), cache.get(KEY));
  }

  @Test
  void aFolderThatCannotBeMadeIsNoError(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    CubinCache cache = new CubinCache(file.resolve("cache"));
    assertFalse(cache.put(KEY, new byte[] {1}));
    assertTrue(cache.get(KEY).isEmpty());
  }
}
