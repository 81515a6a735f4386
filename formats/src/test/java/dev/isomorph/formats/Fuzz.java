package dev.isomorph.formats;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Feeds damaged files to a reader: cut at every byte, then mutated at random from a fixed seed for
 * {@code isomorph.fuzz.seconds} (2 by default). A reader may succeed or throw {@link
 * IsomorphException}, never with {@link ErrorCode#INTERNAL}; anything else fails the test and
 * prints the file.
 */
public final class Fuzz {
  private static final long[] EVIL = {
    0, 1, -1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000L, Long.MAX_VALUE
  };

  /** Bounds small enough that nothing which the fuzzer makes may take seconds. */
  public static final Limits LIMITS =
      new Limits(1 << 20, 1000, 16 << 20, 64, 200_000, 1 << 22, 1 << 20, 1000, 1_000_000);

  private Fuzz() {}

  /** A reader that must take any bytes. */
  public interface Reader {
    /** Reads everything, tensors included. */
    void read(MemorySegment file, TensorArena arena);
  }

  /** Runs a reader on damaged forms of the seeds. */
  public static void run(List<byte[]> seeds, Reader reader) {
    for (byte[] seed : seeds) {
      one(seed, reader);
      int step = Math.max(1, seed.length / 4096);
      for (int length = 0; length < seed.length; length += step) {
        one(Arrays.copyOf(seed, length), reader);
      }
    }
    long seconds = Long.getLong("isomorph.fuzz.seconds", 2);
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    Random random = new Random(20260101);
    long runs = 0;
    while (System.nanoTime() < end) {
      one(mutate(seeds, random), reader);
      runs++;
    }
    assertTrue(runs > 0, "the time was too short for a single run");
  }

  private static void one(byte[] file, Reader reader) {
    try (TensorArena arena = TensorArena.open("fuzz")) {
      reader.read(Fixtures.map(file, arena), arena);
    } catch (IsomorphException e) {
      if (e.code() == ErrorCode.INTERNAL) {
        throw new AssertionError(HexFormat.of().formatHex(file), e);
      }
    } catch (Throwable e) {
      throw new AssertionError(HexFormat.of().formatHex(file), e);
    }
  }

  private static byte[] mutate(List<byte[]> seeds, Random random) {
    byte[] file = seeds.get(random.nextInt(seeds.size())).clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && file.length > 0; i++) {
      int at = random.nextInt(file.length);
      switch (random.nextInt(6)) {
        case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> file[at] = (byte) random.nextInt(256);
        case 2 -> {
          long value = EVIL[random.nextInt(EVIL.length)];
          for (int k = 0; k < 1 << random.nextInt(4) && at + k < file.length; k++) {
            file[at + k] = (byte) (value >>> 8 * k);
          }
        }
        case 3 -> {
          int n = Math.min(1 + random.nextInt(16), file.length - at);
          byte[] shorter = Arrays.copyOf(file, file.length - n);
          System.arraycopy(file, at + n, shorter, at, file.length - at - n);
          file = shorter;
        }
        case 4 -> {
          int n = 1 + random.nextInt(16);
          byte[] longer = Arrays.copyOf(file, file.length + n);
          System.arraycopy(file, at, longer, at + n, file.length - at);
          file = longer;
        }
        default -> {
          byte[] other = seeds.get(random.nextInt(seeds.size()));
          int from = random.nextInt(other.length);
          int n = Math.min(Math.min(other.length - from, file.length - at), 1 + random.nextInt(64));
          System.arraycopy(other, from, file, at, n);
        }
      }
    }
    return file;
  }
}
