package dev.isomorph.importers.python.syntax;

import java.util.List;

/**
 * A lexical element.
 *
 * @param kind what it is
 * @param text the name, keyword, operator, or the literal's text
 * @param at where it starts
 * @param value a literal's value: as in {@link Expr.Constant}, or {@code List<Part>} for a
 *     formatted string
 */
record Token(Kind kind, String text, Position at, Object value) {
  enum Kind {
    NAME,
    NUMBER,
    STRING,
    FORMATTED,
    OPERATOR,
    NEWLINE,
    INDENT,
    DEDENT,
    END
  }

  /** A piece of a formatted string. */
  sealed interface Part {}

  /** Text between fields. */
  record Text(String text) implements Part {}

  /**
   * A replacement field.
   *
   * @param tokens the expression's tokens, closed by {@link Kind#END}
   * @param debug the source text of {@code {expr=}}, or {@code null}
   * @param conversion {@code 'r'}, {@code 's'}, {@code 'a'}, or 0
   * @param spec the format specification, or {@code null}
   */
  record Field(List<Token> tokens, String debug, char conversion, List<Part> spec)
      implements Part {}

  boolean is(String operatorOrKeyword) {
    return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrKeyword);
  }

  /** {@return how messages call it} */
  String describe() {
    return switch (kind) {
      case NEWLINE -> "end of line";
      case INDENT -> "indented line";
      case DEDENT -> "end of block";
      case END -> "end of file";
      case STRING, FORMATTED -> "string";
      case NAME, NUMBER, OPERATOR -> "'" + text + "'";
    };
  }
}
