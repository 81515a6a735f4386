package dev.isomorph.importers.python.syntax;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text of one Python file, line ends normalised to {@code \n}.
 *
 * @param name how messages call the file
 * @param text the text
 */
public record SourceFile(String name, String text) {
  private static final Pattern COOKIE =
      Pattern.compile("^[ \\t\\f]*#.*?coding[:=][ \\t]*([-_.a-zA-Z0-9]+)");
  private static final Map<String, Charset> CHARSETS =
      Map.of(
          "utf-8", StandardCharsets.UTF_8,
          "utf8", StandardCharsets.UTF_8,
          "ascii", StandardCharsets.US_ASCII,
          "us-ascii", StandardCharsets.US_ASCII,
          "latin-1", StandardCharsets.ISO_8859_1,
          "latin1", StandardCharsets.ISO_8859_1,
          "iso-8859-1", StandardCharsets.ISO_8859_1,
          "iso-8859-15", Charset.forName("ISO-8859-15"));

  public SourceFile {
    text = text.replace("\r\n", "\n").replace('\r', '\n');
  }

  /**
   * Decodes a file as Python does: a byte order mark means UTF-8, else a coding comment in the
   * first two lines names the encoding, else it is UTF-8.
   *
   * @throws IsomorphException {@link ErrorCode#SOURCE_SYNTAX} if the bytes are not valid in the
   *     encoding; {@link ErrorCode#UNSUPPORTED_CONSTRUCT} if the encoding is not known
   */
  public static SourceFile decode(String name, byte[] bytes) {
    int start =
        bytes.length >= 3
                && bytes[0] == (byte) 0xEF
                && bytes[1] == (byte) 0xBB
                && bytes[2] == (byte) 0xBF
            ? 3
            : 0;
    Charset charset = start > 0 ? StandardCharsets.UTF_8 : declaredCharset(name, bytes);
    try {
      String text =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, start, bytes.length - start))
              .toString();
      return new SourceFile(name, text);
    } catch (CharacterCodingException _) {
      throw Diagnostic.error(ErrorCode.SOURCE_SYNTAX, "the source is not valid %s", charset)
          .inFile(name)
          .help("save the file as UTF-8, or declare its encoding in the first line")
          .toException();
    }
  }

  private static Charset declaredCharset(String name, byte[] bytes) {
    String head =
        new String(bytes, 0, Math.min(bytes.length, 400), StandardCharsets.ISO_8859_1)
            .replace("\r\n", "\n");
    String[] lines = head.split("\n", 3);
    for (int i = 0; i < Math.min(2, lines.length); i++) {
      Matcher cookie = COOKIE.matcher(lines[i]);
      if (cookie.find()) {
        String wanted = cookie.group(1).toLowerCase(Locale.ROOT).replace('_', '-');
        Charset charset = CHARSETS.get(wanted);
        if (charset == null) {
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_CONSTRUCT, "source encoding '%s' is not known", wanted)
              .inFile(name)
              .from(name + ":" + (i + 1))
              .help("save the file as UTF-8")
              .toException();
        }
        return charset;
      }
    }
    return StandardCharsets.UTF_8;
  }

  /** {@return {@code name:line:column}} */
  public String place(Position at) {
    return name + ":" + at;
  }

  /** {@return a syntax error at a place of this file} */
  IsomorphException syntaxError(Position at, String format, Object... args) {
    return Diagnostic.error(ErrorCode.SOURCE_SYNTAX, format, args)
        .inFile(name)
        .from(place(at))
        .toException();
  }
}
