package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * String tensors of a bundle: the lengths as varints, a checksum of the lengths, the bytes. Both
 * checksums take a length as four bytes, or eight where four do not suffice, whatever its varint.
 */
final class BundleStrings {
  private BundleStrings() {}

  /**
   * {@return the elements}
   *
   * @param check gets the checksum of the whole, to be compared with the entry's
   */
  static List<ByteString> read(MemorySegment bytes, int count, IntConsumer check) {
    CRC32C crc = new CRC32C();
    long at = 0;
    long[] lengths = new long[count];
    for (int i = 0; i < count; i++) {
      int shift = 0;
      byte b;
      do {
        if (at >= bytes.byteSize() || shift > 63) {
          throw truncated("the lengths of strings");
        }
        b = bytes.get(ValueLayout.JAVA_BYTE, at++);
        lengths[i] |= (long) (b & 0x7F) << shift;
        shift += 7;
      } while (b < 0);
      crc.update(fixed(lengths[i]));
    }
    if (bytes.byteSize() - at < 4) {
      throw truncated("the checksum of lengths");
    }
    int expected = bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at);
    if (expected != Crc.masked(crc)) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_CHECKSUM, "the lengths of strings have another checksum")
          .expected("%08x".formatted(expected), "%08x".formatted(Crc.masked(crc)))
          .toException();
    }
    Crc.update(crc, bytes.asSlice(at));
    check.accept(Crc.masked(crc));
    at += 4;
    List<ByteString> values = new ArrayList<>(count);
    for (long length : lengths) {
      if (length < 0 || length > bytes.byteSize() - at || length > Integer.MAX_VALUE - 8) {
        throw truncated("a string of " + Long.toUnsignedString(length) + " bytes");
      }
      values.add(ByteString.copyFrom(bytes.asSlice(at, length).asByteBuffer()));
      at += length;
    }
    if (at != bytes.byteSize()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "bytes are left after the last string")
          .expected(at + " bytes", bytes.byteSize())
          .toException();
    }
    return values;
  }

  private static IsomorphException truncated(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s leaves the tensor's bytes", what)
        .toException();
  }

  private static byte[] fixed(long length) {
    ByteBuffer out = ByteBuffer.allocate(length >>> 32 == 0 ? 4 : 8).order(ByteOrder.LITTLE_ENDIAN);
    return (out.capacity() == 4 ? out.putInt((int) length) : out.putLong(length)).array();
  }

  /** What a string tensor is in the data file, and its checksum. */
  record Written(byte[] bytes, int crc) {}

  /** {@return the stored form of a string tensor} */
  static Written write(List<ByteString> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CRC32C crc = new CRC32C();
    for (ByteString value : values) {
      SortedTable.writeVarint(value.size(), out);
      crc.update(fixed(value.size()));
    }
    byte[] checksum =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(Crc.masked(crc)).array();
    crc.update(checksum);
    out.writeBytes(checksum);
    for (ByteString value : values) {
      byte[] bytes = value.toByteArray();
      crc.update(bytes);
      out.writeBytes(bytes);
    }
    return new Written(out.toByteArray(), Crc.masked(crc));
  }
}
