package dev.isomorph.importers.python.syntax;

/** The backslash escapes of string and bytes literals. */
final class StringEscapes {
  private StringEscapes() {}

  /** {@return the end of the escape that starts with the backslash at {@code pos}} */
  static int end(String text, int pos) {
    char c = text.charAt(pos + 1);
    int limit =
        switch (c) {
          case 'x' -> pos + 4;
          case 'u' -> pos + 6;
          case 'U' -> pos + 10;
          case 'N' -> {
            int close = text.indexOf('}', pos);
            yield close < 0 ? pos + 2 : close + 1;
          }
          default -> {
            int i = pos + 1;
            while (i < text.length() && i < pos + 4 && isOctal(text.charAt(i))) {
              i++;
            }
            yield Math.max(i, pos + 2);
          }
        };
    return Math.min(limit, text.length());
  }

  /** {@return the text with escapes replaced; unknown escapes stay as they are} */
  static String decode(SourceFile file, Position at, String body, boolean bytes) {
    if (body.indexOf('\\') < 0) {
      return body;
    }
    StringBuilder out = new StringBuilder(body.length());
    int i = 0;
    while (i < body.length()) {
      char c = body.charAt(i);
      if (c != '\\' || i + 1 >= body.length()) {
        out.append(c);
        i++;
        continue;
      }
      char kind = body.charAt(i + 1);
      if (bytes && (kind == 'u' || kind == 'U' || kind == 'N')) {
        out.append(c).append(kind);
        i += 2;
        continue;
      }
      int end = end(body, i);
      String escape = body.substring(i, end);
      switch (kind) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(kind);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case 'x', 'u', 'U' -> out.appendCodePoint(hex(file, at, escape));
        case 'N' -> out.appendCodePoint(named(file, at, escape));
        default -> {
          if (isOctal(kind)) {
            out.append((char) (Integer.parseInt(escape.substring(1), 8) & (bytes ? 0xFF : 0x1FF)));
          } else {
            out.append(escape);
          }
        }
      }
      i = end;
    }
    return out.toString();
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private static int hex(SourceFile file, Position at, String escape) {
    int wanted = escape.charAt(1) == 'x' ? 2 : escape.charAt(1) == 'u' ? 4 : 8;
    String digits = escape.substring(2);
    if (digits.length() != wanted || !digits.matches("[0-9a-fA-F]+")) {
      throw file.syntaxError(at, "truncated escape '%s' in a string", escape);
    }
    long point = Long.parseLong(digits, 16);
    if (point > Character.MAX_CODE_POINT) {
      throw file.syntaxError(at, "illegal Unicode character '%s' in a string", escape);
    }
    return (int) point;
  }

  private static int named(SourceFile file, Position at, String escape) {
    if (escape.length() < 4 || escape.charAt(2) != '{') {
      throw file.syntaxError(at, "malformed \\N character escape in a string");
    }
    try {
      return Character.codePointOf(escape.substring(3, escape.length() - 1));
    } catch (IllegalArgumentException _) {
      throw file.syntaxError(at, "unknown Unicode character name '%s' in a string", escape);
    }
  }
}
