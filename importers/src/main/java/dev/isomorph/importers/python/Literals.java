package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;

/** Values of literals. */
final class Literals {
  private Literals() {}

  static PyObject of(Expr.Literal literal) {
    return switch (literal) {
      case Expr.NoneLiteral _ -> PyObject.NONE;
      case Expr.EllipsisLiteral _ -> PyObject.ELLIPSIS;
      case Expr.BoolLiteral b -> PyObject.of(b.value());
      case Expr.IntLiteral i -> new PyObject.Int(i.value());
      case Expr.FloatLiteral f -> PyObject.of(f.value());
      case Expr.ImaginaryLiteral c -> new PyObject.Complex(0, c.value());
      case Expr.StringLiteral s -> PyObject.of(s.value());
      case Expr.BytesLiteral b -> new PyObject.Bytes(b.value());
    };
  }
}
