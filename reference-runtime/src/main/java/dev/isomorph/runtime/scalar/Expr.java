package dev.isomorph.runtime.scalar;

import java.util.List;

/** An expression of the scalar language: a tree without names. Immutable, compared by value. */
public sealed interface Expr {

  /** What an expression's value is. */
  enum Type {
    /** A number of the row's kind. */
    NUMBER,
    /** A truth value. */
    TRUTH
  }

  /** {@return what the value is} */
  Type type();

  /**
   * A number written in the table.
   *
   * @param value exact in a double
   */
  record Literal(double value) implements Expr {
    @Override
    public Type type() {
      return Type.NUMBER;
    }
  }

  /**
   * An operand.
   *
   * @param index its place in the row's parameters
   */
  record Param(int index, Type type) implements Expr {}

  /**
   * An attribute: one number for all elements.
   *
   * @param index its place in the row's attributes
   */
  record Attribute(int index) implements Expr {
    @Override
    public Type type() {
      return Type.NUMBER;
    }
  }

  /**
   * A primitive function of other expressions.
   *
   * @param operands as many as the function's arity
   */
  record Apply(Fn fn, List<Expr> operands, Type type) implements Expr {
    public Apply {
      operands = List.copyOf(operands);
    }
  }
}
