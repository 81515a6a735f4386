package dev.isomorph.ir.shape;

import java.util.Locale;

/** Reads the text form of a {@link Dim}: sums of products of numbers, symbols and calls. */
final class DimParser {
  private static final int MAX_DEPTH = 64;

  private final String text;
  private int at;
  private int depth;

  private DimParser(String text) {
    this.text = text;
  }

  static Dim parse(String text) {
    DimParser parser = new DimParser(text);
    Dim dim;
    try {
      dim = parser.sum();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is no dim: " + e.getMessage(), e);
    }
    parser.skipSpaces();
    if (parser.at < text.length()) {
      throw parser.error("end");
    }
    return dim;
  }

  private Dim sum() {
    if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException("dim expression is nested too deeply");
    }
    Dim result = take('-') ? product().times(-1) : product();
    while (true) {
      if (take('+')) {
        result = result.plus(product());
      } else if (take('-')) {
        result = result.minus(product());
      } else {
        depth--;
        return result;
      }
    }
  }

  private Dim product() {
    Dim result = atom();
    while (take('*')) {
      result = result.times(atom());
    }
    return result;
  }

  private Dim atom() {
    if (take('(')) {
      Dim inner = sum();
      expect(')');
      return inner;
    }
    skipSpaces();
    int start = at;
    while (at < text.length() && " ,()[]*+-".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    if (word.isEmpty()) {
      throw error("a number or a name");
    }
    if (Character.isDigit(word.charAt(0))) {
      try {
        return Dim.of(Long.parseLong(word));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + word + "' is no dim", e);
      }
    }
    if (at < text.length() && text.charAt(at) == '(') {
      at++;
      Dim left = sum();
      expect(',');
      Dim right = sum();
      expect(')');
      if (word.equals("ceildiv")) {
        return left.ceilDiv(right);
      }
      for (Dim.Operator operator : Dim.Operator.values()) {
        if (operator.name().toLowerCase(Locale.ROOT).equals(word)) {
          return Dim.apply(operator, left, right);
        }
      }
      throw new IllegalArgumentException("'" + word + "' is no function of dims");
    }
    return Dim.symbol(word);
  }

  private boolean take(char c) {
    skipSpaces();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!take(c)) {
      throw error("'" + c + "'");
    }
  }

  private void skipSpaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private IllegalArgumentException error(String expected) {
    return new IllegalArgumentException(
        "'" + text + "' is no dim: expected " + expected + " at character " + (at + 1));
  }
}
