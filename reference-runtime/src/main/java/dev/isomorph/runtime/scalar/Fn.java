package dev.isomorph.runtime.scalar;

import static dev.isomorph.runtime.scalar.Fn.Rule.BITS;
import static dev.isomorph.runtime.scalar.Fn.Rule.COMPARE;
import static dev.isomorph.runtime.scalar.Fn.Rule.LOGIC;
import static dev.isomorph.runtime.scalar.Fn.Rule.NUMBER;
import static dev.isomorph.runtime.scalar.Fn.Rule.REAL;
import static dev.isomorph.runtime.scalar.Fn.Rule.TEST;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The primitive functions of the scalar language. Their meaning on floats is that of IEEE 754 and
 * of {@link Math}, with one rounding each; integers are 64 bits wide, signed unless the operand
 * type is {@code u64}, and wrap to the result type's width when they are stored.
 */
public enum Fn {
  NEG("neg", 1, NUMBER),
  ABS("abs", 1, NUMBER),
  /** −1, 0 or 1; NaN stays NaN. */
  SIGN("sign", 1, NUMBER),
  FLOOR("floor", 1, REAL),
  CEIL("ceil", 1, REAL),
  /** To nearest, ties to even. */
  RINT("rint", 1, REAL),
  SQRT("sqrt", 1, REAL),
  EXP("exp", 1, REAL),
  EXPM1("expm1", 1, REAL),
  LOG("log", 1, REAL),
  LOG1P("log1p", 1, REAL),
  ERF("erf", 1, REAL),
  ERFC("erfc", 1, REAL),
  SIN("sin", 1, REAL),
  COS("cos", 1, REAL),
  TAN("tan", 1, REAL),
  ASIN("asin", 1, REAL),
  ACOS("acos", 1, REAL),
  ATAN("atan", 1, REAL),
  SINH("sinh", 1, REAL),
  COSH("cosh", 1, REAL),
  TANH("tanh", 1, REAL),
  ASINH("asinh", 1, REAL),
  ACOSH("acosh", 1, REAL),
  ATANH("atanh", 1, REAL),
  BITNOT("bitnot", 1, BITS),
  NOT("not", 1, LOGIC),
  ISNAN("isnan", 1, TEST),
  ISINF("isinf", 1, TEST),

  ADD("add", 2, NUMBER),
  SUB("sub", 2, NUMBER),
  MUL("mul", 2, NUMBER),
  /** Integers truncate towards zero; an integer divided by zero is an error. */
  DIV("div", 2, NUMBER),
  /** {@code a − floor(a / b)·b}: the sign of {@code b}. An integer zero divisor is an error. */
  MOD("mod", 2, NUMBER),
  /** {@code a − trunc(a / b)·b}: the sign of {@code a}. An integer zero divisor is an error. */
  FMOD("fmod", 2, NUMBER),
  /**
   * Floats as {@link Math#pow}, but {@code pow(1, y)} and {@code pow(−1, ±∞)} are 1, as C and NumPy
   * say. Integers wrap; a negative exponent truncates.
   */
  POW("pow", 2, NUMBER),
  /** NaN if either is NaN; −0 is less than +0. */
  MIN("min", 2, NUMBER),
  /** NaN if either is NaN; −0 is less than +0. */
  MAX("max", 2, NUMBER),
  BITAND("bitand", 2, BITS),
  BITOR("bitor", 2, BITS),
  BITXOR("bitxor", 2, BITS),
  /** A distance of the width or more gives 0. */
  SHL("shl", 2, BITS),
  /** Arithmetic for signed types. A distance of the width or more leaves only the sign. */
  SHR("shr", 2, BITS),
  LT("lt", 2, COMPARE),
  LE("le", 2, COMPARE),
  GT("gt", 2, COMPARE),
  GE("ge", 2, COMPARE),
  EQ("eq", 2, COMPARE),
  NE("ne", 2, COMPARE),
  AND("and", 2, LOGIC),
  OR("or", 2, LOGIC),
  XOR("xor", 2, LOGIC),

  /** {@code c ? a : b}: the condition is a truth value, the others are of one type. */
  SELECT("select", 3, NUMBER);

  /** How operand and result types go together. */
  public enum Rule {
    /** Numbers of the row's kind to a number. */
    NUMBER,
    /** Floats to a float. */
    REAL,
    /** Integers to an integer. */
    BITS,
    /** Truth values to a truth value. */
    LOGIC,
    /** Two numbers, or two truth values, to a truth value. */
    COMPARE,
    /** A float to a truth value. */
    TEST
  }

  private static final Map<String, Fn> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Fn::text, Function.identity()));

  private final String text;
  private final int arity;
  private final Rule rule;

  Fn(String text, int arity, Rule rule) {
    this.text = text;
    this.arity = arity;
    this.rule = rule;
  }

  /** {@return the name in the scalar language} */
  public String text() {
    return text;
  }

  /** {@return the number of operands} */
  public int arity() {
    return arity;
  }

  /** {@return how types go together} */
  public Rule rule() {
    return rule;
  }

  /** {@return the function with this name in the scalar language} */
  public static Optional<Fn> byName(String text) {
    return Optional.ofNullable(BY_NAME.get(text));
  }
}
