package dev.isomorph.formats.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * Feeds a reader with broken variants of a good file. Whatever the bytes are, a reader returns or
 * throws {@link IsomorphException}. The time is half a second for each call, or {@code
 * -Disomorph.fuzz.seconds}; the variants come from a fixed seed.
 */
public final class Fuzz {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("isomorph.fuzz.seconds", "0.5"));

  private Fuzz() {}

  /** A reader under test; it should look at all that it read. */
  @FunctionalInterface
  public interface Reader {
    /** Reads the file, which is made anew for each call. */
    void read(Path file) throws IOException;
  }

  /** Reads the file cut at every offset. */
  public static void truncate(byte[] good, Path file, Reader reader) throws IOException {
    for (int length = 0; length < good.length; length++) {
      check(Arrays.copyOf(good, length), file, reader, "cut to " + length + " bytes");
    }
  }

  /** Reads the file with single bits flipped: every one, of a large file every seventh. */
  public static void flipBits(byte[] good, Path file, Reader reader) throws IOException {
    for (int bit = 0; bit < good.length * 8; bit += good.length > 1024 ? 7 : 1) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      check(bad, file, reader, "bit " + bit + " flipped");
    }
  }

  /** Reads random variants for the given time. */
  public static void mutate(byte[] good, Path file, Reader reader) throws IOException {
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    long seed = 0;
    while (System.nanoTime() < end) {
      check(mutated(good, new SplittableRandom(seed)), file, reader, "seed " + seed);
      seed++;
    }
    assertTrue(seed > 10, "too few variants were tried: " + seed);
  }

  private static byte[] mutated(byte[] good, SplittableRandom random) {
    byte[] bad = good.clone();
    for (int n = random.nextInt(1, 6); n > 0 && bad.length > 0; n--) {
      int at = random.nextInt(bad.length);
      switch (random.nextInt(6)) {
        case 0 -> bad[at] = (byte) random.nextInt();
        case 1 -> bad[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bad[at] = (byte) (random.nextBoolean() ? 0xFF : 0x80);
        case 3 -> bad = Arrays.copyOf(bad, at);
        case 4 -> {
          int from = random.nextInt(bad.length);
          int length = Math.min(random.nextInt(1, 64), bad.length - Math.max(at, from));
          System.arraycopy(bad.clone(), from, bad, at, length);
        }
        default -> {
          int length = Math.min(random.nextInt(1, 12), bad.length - at);
          byte[] shorter = Arrays.copyOf(bad, bad.length - length);
          System.arraycopy(bad, at + length, shorter, at, bad.length - at - length);
          bad = shorter;
        }
      }
    }
    return bad;
  }

  private static void check(byte[] bytes, Path file, Reader reader, String what)
      throws IOException {
    // A new file each time: what is mapped must not change.
    Files.deleteIfExists(file);
    Files.write(file, bytes);
    try {
      reader.read(file);
    } catch (IsomorphException _) {
      // The one right way to refuse.
    } catch (RuntimeException | Error e) {
      String shown = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 4096));
      throw new AssertionError(what + ": " + e + "\n" + shown, e);
    }
  }
}
