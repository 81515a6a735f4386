package dev.isomorph.ir;

import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;

/**
 * Splits the text form into words, numbers, strings and punctuation. {@code #} starts a comment.
 */
final class TextLexer {
  /** A place in the text. */
  record Mark(int line, int column) {}

  private final String text;
  private int at;

  TextLexer(String text) {
    this.text = text;
  }

  boolean atEnd() {
    skip();
    return at == text.length();
  }

  boolean peek(String symbol) {
    skip();
    return text.startsWith(symbol, at);
  }

  boolean take(String symbol) {
    if (peek(symbol)) {
      at += symbol.length();
      return true;
    }
    return false;
  }

  void expect(String symbol) {
    if (!take(symbol)) {
      throw error("'" + symbol + "'");
    }
  }

  boolean takeWord(String word) {
    skip();
    int end = at + word.length();
    boolean found =
        text.startsWith(word, at) && (end == text.length() || !isNameCharacter(text.charAt(end)));
    if (found) {
      at = end;
    }
    return found;
  }

  String name() {
    skip();
    if (at < text.length() && text.charAt(at) == '"') {
      return string();
    }
    int start = at;
    while (at < text.length() && isNameCharacter(text.charAt(at))) {
      at++;
    }
    if (start == at) {
      throw error("a name");
    }
    return text.substring(start, at);
  }

  String operator() {
    skip();
    if (at < text.length() && text.charAt(at) == '"') {
      return string();
    }
    int start = at;
    while (at < text.length() && (isNameCharacter(text.charAt(at)) || text.charAt(at) == ':')) {
      at++;
    }
    if (start == at) {
      throw error("an operator");
    }
    return text.substring(start, at);
  }

  long integer() {
    return scalar() instanceof Long value ? value : fail("an integer");
  }

  private long fail(String expected) {
    throw error(expected);
  }

  /** Reads a type as text: a word, then brackets that match. */
  String type() {
    skip();
    int start = at;
    if (take("?")) {
      return "?";
    }
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw error("a type");
    }
    if (at < text.length() && "[(".indexOf(text.charAt(at)) >= 0) {
      int depth = 0;
      do {
        char c = text.charAt(at++);
        depth += "[(".indexOf(c) >= 0 ? 1 : "])".indexOf(c) >= 0 ? -1 : 0;
      } while (depth > 0 && at < text.length());
    }
    return text.substring(start, at);
  }

  boolean peekType() {
    skip();
    int end = at;
    while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
      end++;
    }
    return end < text.length()
        && text.charAt(end) == '['
        && DType.byName(text.substring(at, end)).isPresent();
  }

  /** Reads a {@link Long}, a {@link Double} or a {@link String}. */
  Object scalar() {
    skip();
    if (at < text.length() && text.charAt(at) == '"') {
      return string();
    }
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    String word = text.substring(start, at);
    try {
      if (word.matches("[+-]?\\d+")) {
        return Long.valueOf(word);
      }
      return word.endsWith("f") ? (double) Float.parseFloat(word) : Double.parseDouble(word);
    } catch (NumberFormatException e) {
      at = start;
      throw error("a number or a string");
    }
  }

  private String string() {
    at++;
    StringBuilder out = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        switch (escaped) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'u' -> {
            if (at + 4 > text.length()) {
              throw error("four hexadecimal digits");
            }
            out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
            at += 4;
          }
          default -> out.append(escaped);
        }
      } else {
        out.append(c);
      }
    }
    if (at == text.length()) {
      throw error("'\"'");
    }
    at++;
    return out.toString();
  }

  Mark mark() {
    int line = 1;
    int start = 0;
    for (int i = 0; i < at; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        start = i + 1;
      }
    }
    return new Mark(line, at - start + 1);
  }

  IsomorphException error(String expected) {
    Mark mark = mark();
    int end = Math.min(text.length(), at + 20);
    String found = at == text.length() ? "the end" : text.substring(at, end).split("\n", -1)[0];
    return TextParser.error(expected, mark.line, mark.column, found);
  }

  private static boolean isNameCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '/';
  }

  private void skip() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        while (at < text.length() && text.charAt(at) != '\n') {
          at++;
        }
      } else if (Character.isWhitespace(c)) {
        at++;
      } else {
        return;
      }
    }
  }
}
