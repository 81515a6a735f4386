package dev.isomorph.formats.tensorflow;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** TensorFlow's checksums: CRC-32C, masked so that a checksum of checksums stays meaningful. */
final class Crc {
  private static final int MASK_DELTA = 0xA282EAD8;
  private static final long STEP = 1 << 26;

  private Crc() {}

  /** {@return the stored form of a checksum} */
  static int masked(CRC32C crc) {
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  /** {@return the stored form of the checksum of {@code bytes}} */
  static int masked(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    update(crc, bytes);
    return masked(crc);
  }

  /** Adds bytes to a checksum. */
  static void update(CRC32C crc, MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at += STEP) {
      crc.update(bytes.asSlice(at, Math.min(STEP, bytes.byteSize() - at)).asByteBuffer());
    }
  }
}
