package dev.isomorph.formats.tensorflow;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;

/**
 * Decompresses raw Snappy blocks.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/format_description.txt">Snappy
 *     compressed format description</a>
 */
final class Snappy {
  private final byte[] in;
  private final long most;
  private int at;

  private Snappy(byte[] in, long most) {
    this.in = in;
    this.most = most;
  }

  /**
   * {@return the decompressed bytes}
   *
   * @param most the largest size that is allowed
   */
  static byte[] decompress(byte[] in, long most) {
    try {
      return new Snappy(in, most).decompress();
    } catch (IndexOutOfBoundsException _) {
      // Every literal and copy is within both arrays, or the block is broken: the arrays check
      // that.
      throw broken("a literal or copy leaves its block");
    }
  }

  private byte[] decompress() {
    long size = 0;
    for (int shift = 0; ; shift += 7) {
      int b = in[at++];
      size |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        break;
      }
      if (shift >= 28) {
        throw broken("the size has more than five bytes");
      }
    }
    if (size > most) {
      throw broken("the size " + size + " is beyond what is allowed");
    }
    byte[] out = new byte[(int) size];
    int made = 0;
    while (at < in.length) {
      int tag = in[at++] & 0xFF;
      if ((tag & 3) == 0) {
        int length = literalLength(tag >> 2);
        System.arraycopy(in, at, out, made, length);
        at += length;
        made += length;
      } else {
        int length;
        int offset;
        if ((tag & 3) == 1) {
          length = (tag >> 2 & 7) + 4;
          offset = (tag >> 5) << 8 | in[at++] & 0xFF;
        } else {
          length = (tag >> 2) + 1;
          offset = little((tag & 3) == 2 ? 2 : 4);
        }
        if (offset <= 0) {
          throw broken("a copy has the offset " + offset);
        }
        for (int i = 0; i < length; i++, made++) {
          out[made] = out[made - offset];
        }
      }
    }
    if (made != out.length) {
      throw broken("the block has " + made + " bytes instead of " + out.length);
    }
    return out;
  }

  private int literalLength(int code) {
    int length = code < 60 ? code + 1 : little(code - 59) + 1;
    if (length < 1) {
      throw broken("a literal of " + length + " bytes");
    }
    return length;
  }

  private int little(int width) {
    int value = 0;
    for (int i = 0; i < width; i++) {
      value |= (in[at++] & 0xFF) << 8 * i;
    }
    return value;
  }

  private static IsomorphException broken(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "a Snappy block is broken: %s", what)
        .toException();
  }
}
