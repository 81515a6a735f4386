package dev.isomorph.importers.python.syntax;

import java.math.BigInteger;
import java.util.List;

/** A Python expression. */
public sealed interface Expr {
  /** {@return where it starts} */
  Position at();

  /** The value of {@code None}, {@code True}, numbers, strings, bytes and {@code ...}. */
  sealed interface Literal {}

  record NoneLiteral() implements Literal {}

  record EllipsisLiteral() implements Literal {}

  record BoolLiteral(boolean value) implements Literal {}

  record IntLiteral(BigInteger value) implements Literal {}

  record FloatLiteral(double value) implements Literal {}

  /** {@code 3j}: the imaginary part. */
  record ImaginaryLiteral(double value) implements Literal {}

  record StringLiteral(String value) implements Literal {}

  /** Bytes, one per character {@code 0..255}. */
  record BytesLiteral(String value) implements Literal {}

  record Constant(Position at, Literal value) implements Expr {}

  record Name(Position at, String id) implements Expr {}

  /** {@code f"…"}: parts are {@link StringLiteral} constants and {@link FormattedValue}s. */
  record JoinedString(Position at, List<Expr> parts) implements Expr {}

  /**
   * One replacement field of a formatted string.
   *
   * @param conversion {@code 'r'}, {@code 's'}, {@code 'a'}, or 0
   * @param spec the format specification, or {@code null}
   */
  record FormattedValue(Position at, Expr value, char conversion, JoinedString spec)
      implements Expr {}

  /**
   * An arithmetic or bitwise operation.
   *
   * @param operator as written: {@code + - * / // % ** @ << >> & | ^}
   */
  record Binary(Position at, String operator, Expr left, Expr right) implements Expr {}

  /**
   * @param operator {@code + - ~ not}
   */
  record Unary(Position at, String operator, Expr operand) implements Expr {}

  /** {@code a and b and c}, or the same with {@code or}. */
  record Logical(Position at, boolean isAnd, List<Expr> operands) implements Expr {}

  /**
   * {@code a < b <= c}: as many operators as further operands.
   *
   * @param operators {@code < <= > >= == != in}, {@code not in}, {@code is}, {@code is not}
   */
  record Compare(Position at, Expr left, List<String> operators, List<Expr> others)
      implements Expr {}

  record Call(Position at, Expr function, List<Argument> arguments) implements Expr {}

  /**
   * @param name the keyword, or {@code null}
   * @param stars 0, 1 for {@code *value}, 2 for {@code **value}
   */
  record Argument(String name, int stars, Expr value) {}

  record Attribute(Position at, Expr value, String name) implements Expr {}

  record Subscript(Position at, Expr value, Expr index) implements Expr {}

  /** {@code lower:upper:step} inside a subscript; absent parts are {@code null}. */
  record Slice(Position at, Expr lower, Expr upper, Expr step) implements Expr {}

  record Lambda(Position at, Parameters parameters, Expr body) implements Expr {}

  record Conditional(Position at, Expr test, Expr then, Expr otherwise) implements Expr {}

  record Tuple(Position at, List<Expr> elements) implements Expr {}

  record ListDisplay(Position at, List<Expr> elements) implements Expr {}

  record SetDisplay(Position at, List<Expr> elements) implements Expr {}

  record DictDisplay(Position at, List<Entry> entries) implements Expr {}

  /**
   * @param key the key, or {@code null} for {@code **value}
   */
  record Entry(Expr key, Expr value) {}

  /**
   * @param element the element, or a dictionary's key
   * @param value a dictionary's value, else {@code null}
   */
  record Comprehension(Position at, Kind kind, Expr element, Expr value, List<Clause> clauses)
      implements Expr {
    /** What it makes. */
    public enum Kind {
      LIST,
      SET,
      DICT,
      GENERATOR
    }
  }

  /** {@code for target in iterable if … if …}. */
  record Clause(Expr target, Expr iterable, List<Expr> conditions, boolean isAsync) {}

  /** {@code name := value}. */
  record Walrus(Position at, Name target, Expr value) implements Expr {}

  record Starred(Position at, Expr value) implements Expr {}

  record Await(Position at, Expr value) implements Expr {}

  /**
   * @param value the value, or {@code null}
   */
  record Yield(Position at, Expr value) implements Expr {}

  record YieldFrom(Position at, Expr value) implements Expr {}
}
