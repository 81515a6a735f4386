package dev.isomorph.formats.pickle;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** The text encodings of pickles: UTF-8 with surrogates, and the escapes of protocol 0. */
final class PythonText {
  private PythonText() {}

  /**
   * {@return the text of UTF-8 bytes; lone surrogates may be encoded, as Python's {@code
   * surrogatepass} does; empty when the bytes are no such text}
   */
  static Optional<String> utf8(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException _) {
      return withSurrogates(bytes);
    }
  }

  private static Optional<String> withSurrogates(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    int from = 0;
    for (int i = 0; i + 2 < bytes.length; i++) {
      boolean surrogate =
          bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0 && (bytes[i + 2] & 0xC0) == 0x80;
      if (surrogate) {
        if (!append(out, bytes, from, i)) {
          return Optional.empty();
        }
        out.append((char) (0xD000 | (bytes[i + 1] & 0x3F) << 6 | bytes[i + 2] & 0x3F));
        i += 2;
        from = i + 1;
      }
    }
    return from > 0 && append(out, bytes, from, bytes.length)
        ? Optional.of(out.toString())
        : Optional.empty();
  }

  private static boolean append(StringBuilder out, byte[] bytes, int from, int to) {
    try {
      out.append(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from)));
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  /**
   * {@return the bytes of a quoted byte string as {@code repr} writes it; empty when it is none}
   */
  static Optional<byte[]> quoted(String line) {
    int n = line.length();
    if (n < 2
        || line.charAt(0) != line.charAt(n - 1)
        || (line.charAt(0) != '\'' && line.charAt(0) != '"')) {
      return Optional.empty();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 1; i < n - 1; i++) {
      char c = line.charAt(i);
      if (c != '\\') {
        out.write(c);
        continue;
      }
      if (++i == n - 1) {
        return Optional.empty();
      }
      switch (line.charAt(i)) {
        case 'n' -> out.write('\n');
        case 't' -> out.write('\t');
        case 'r' -> out.write('\r');
        case 'a' -> out.write(7);
        case 'b' -> out.write('\b');
        case 'f' -> out.write('\f');
        case 'v' -> out.write(11);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int end = i;
          while (end < n - 1 && end < i + 3 && line.charAt(end) >= '0' && line.charAt(end) <= '7') {
            end++;
          }
          out.write(Integer.parseInt(line, i, end, 8));
          i = end - 1;
        }
        case 'x' -> {
          if (i + 2 >= n - 1 || !isHex(line, i + 1, i + 3)) {
            return Optional.empty();
          }
          out.write(HexFormat.fromHexDigits(line, i + 1, i + 3));
          i += 2;
        }
        default -> out.write(line.charAt(i));
      }
    }
    return Optional.of(out.toByteArray());
  }

  /** {@return the text of a {@code raw-unicode-escape} line; empty when an escape is broken} */
  static Optional<String> rawUnicode(String line) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      int digits = i + 1 < line.length() && c == '\\' ? escapeDigits(line.charAt(i + 1)) : 0;
      if (digits == 0) {
        out.append(c);
        continue;
      }
      if (i + 2 + digits > line.length() || !isHex(line, i + 2, i + 2 + digits)) {
        return Optional.empty();
      }
      int point = (int) HexFormat.fromHexDigitsToLong(line, i + 2, i + 2 + digits);
      if (!Character.isValidCodePoint(point)) {
        return Optional.empty();
      }
      out.appendCodePoint(point);
      i += 1 + digits;
    }
    return Optional.of(out.toString());
  }

  private static int escapeDigits(char kind) {
    return kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** {@return whether bytes are well-formed UTF-8}, found out piece by piece. */
  static boolean isUtf8(MemorySegment bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer out = CharBuffer.allocate(1 << 16);
    ByteBuffer in = bytes.asByteBuffer();
    while (true) {
      CoderResult result = decoder.decode(in, out.clear(), true);
      if (result.isError()) {
        return false;
      }
      if (result.isUnderflow()) {
        return true;
      }
    }
  }
}
