package dev.isomorph.formats.numpy;

import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.List;

/**
 * The dictionary at the head of an npy file: {@code {'descr': '<f4', 'fortran_order': False,
 * 'shape': (2, 3), }}. Only the literals that NumPy writes there are read.
 *
 * @param descr element type and byte order
 * @param fortranOrder whether the first axis varies fastest
 * @param shape the dims
 */
record NpyHeader(String descr, boolean fortranOrder, long[] shape) {
  private static final int HIGHEST_RANK = 64;

  static NpyHeader parse(String text, long offset) {
    return new Parser(text, offset).header();
  }

  private static final class Parser {
    private final String text;
    private final long offset;
    private int at;

    Parser(String text, long offset) {
      this.text = text;
      this.offset = offset;
    }

    NpyHeader header() {
      String descr = null;
      Boolean fortran = null;
      long[] shape = null;
      expect('{');
      while (!accept('}')) {
        String key = string();
        expect(':');
        switch (key) {
          case "descr" -> descr = descr();
          case "fortran_order" -> fortran = bool();
          case "shape" -> shape = tuple();
          default -> throw bad("an unknown key " + Text.quote(key));
        }
        if (!accept(',')) {
          expect('}');
          break;
        }
      }
      if (peek() != 0) {
        throw bad("text after the dictionary");
      }
      if (descr == null || fortran == null || shape == null) {
        throw bad("a missing key: 'descr', 'fortran_order' and 'shape' are needed");
      }
      return new NpyHeader(descr, fortran, shape);
    }

    private String descr() {
      if (peek() == '[') {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_DTYPE,
                "the array's elements are structured records, which no tensor can hold")
            .at(offset + at)
            .toException();
      }
      return string();
    }

    private long[] tuple() {
      List<Long> dims = new ArrayList<>();
      expect('(');
      while (!accept(')')) {
        dims.add(integer());
        if (dims.size() > HIGHEST_RANK) {
          throw bad("more than " + HIGHEST_RANK + " axes");
        }
        if (!accept(',')) {
          expect(')');
          if (dims.size() == 1) {
            throw bad("a shape that is no tuple");
          }
          break;
        }
      }
      return dims.stream().mapToLong(Long::longValue).toArray();
    }

    private long integer() {
      peek();
      int from = at;
      while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
        at++;
      }
      String digits = text.substring(from, at);
      // Python 2 wrote long integers with a suffix.
      if (at < text.length() && text.charAt(at) == 'L') {
        at++;
      }
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw bad("a dim that is no integer");
      }
    }

    private boolean bool() {
      peek();
      for (boolean value : new boolean[] {true, false}) {
        String word = value ? "True" : "False";
        if (text.startsWith(word, at)) {
          at += word.length();
          return value;
        }
      }
      throw bad("'fortran_order' that is neither True nor False");
    }

    private String string() {
      char quote = peek();
      if (quote != '\'' && quote != '"') {
        throw bad("something that is no string");
      }
      int end = text.indexOf(quote, at + 1);
      if (end < 0) {
        throw bad("a string without an end");
      }
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }

    private char peek() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean accept(char c) {
      if (peek() != c) {
        return false;
      }
      at++;
      return true;
    }

    private void expect(char c) {
      if (!accept(c)) {
        throw bad(
            peek() == 0
                ? "an end where '" + c + "' belongs"
                : "something else where '" + c + "' belongs");
      }
    }

    private IsomorphException bad(String what) {
      return Diagnostic.error(ErrorCode.FORMAT_INVALID, "the npy header has %s", what)
          .at(offset + at)
          .toException();
    }
  }
}
