package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.tensorflow.proto.TensorSliceProto;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The keys under which a bundle holds the parts of a partitioned variable: TensorFlow's {@code
 * EncodeTensorNameSlice}, made of "ordered codes", whose bytes sort like the values.
 */
final class SliceKeys {
  private SliceKeys() {}

  /** {@return the key of one slice of a tensor} */
  static ByteString key(String name, TensorSliceProto slice) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    number(0, out);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      out.write(b);
      if (b == 0) {
        out.write(0xFF);
      } else if (b == (byte) 0xFF) {
        out.write(0);
      }
    }
    out.write(0);
    out.write(1);
    number(slice.getExtentCount(), out);
    for (TensorSliceProto.Extent extent : slice.getExtentList()) {
      signed(extent.getStart(), out);
      signed(extent.hasLength() ? extent.getLength() : -1, out);
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  /** A count of bytes, then the big-endian bytes without leading zeros. */
  private static void number(long value, ByteArrayOutputStream out) {
    int width = Math.ceilDiv(64 - Long.numberOfLeadingZeros(value), 8);
    out.write(width);
    for (int i = width - 1; i >= 0; i--) {
      out.write((int) (value >>> 8 * i));
    }
  }

  /**
   * As many leading ones as there are bytes, a zero, then the value in big-endian two's complement;
   * all bits of a negative number are inverted, so that it sorts before.
   */
  private static void signed(long value, ByteArrayOutputStream out) {
    long magnitude = value < 0 ? ~value : value;
    int bits = 64 - Long.numberOfLeadingZeros(magnitude);
    int width = Math.min(Math.max(1, Math.ceilDiv(bits + 1, 7)), 10);
    byte[] bytes = new byte[width];
    for (int i = 0; i < width && i < 8; i++) {
      bytes[width - 1 - i] = (byte) (magnitude >>> 8 * i);
    }
    for (int i = 0; i < width; i++) {
      bytes[i / 8] |= (byte) (0x80 >>> i % 8);
    }
    for (byte b : bytes) {
      out.write(value < 0 ? ~b : b);
    }
  }
}
