package dev.isomorph.importers.python.syntax;

/** What may stand on the left of an assignment. */
final class Targets {
  private Targets() {}

  /** {@return {@code target}, checked} */
  static Expr check(TokenReader in, Expr target) {
    switch (target) {
      case Expr.Name _, Expr.Attribute _, Expr.Subscript _ -> {}
      case Expr.Starred starred -> check(in, starred.value());
      case Expr.Tuple tuple -> tuple.elements().forEach(e -> check(in, e));
      case Expr.ListDisplay list -> list.elements().forEach(e -> check(in, e));
      default -> throw in.error(target.at(), "cannot assign to %s", describe(target));
    }
    return target;
  }

  private static String describe(Expr target) {
    return switch (target) {
      case Expr.Call _ -> "function call";
      case Expr.Constant _, Expr.JoinedString _ -> "literal";
      case Expr.Compare _ -> "comparison";
      case Expr.Conditional _ -> "conditional expression";
      case Expr.Lambda _ -> "lambda";
      default -> "expression";
    };
  }
}
