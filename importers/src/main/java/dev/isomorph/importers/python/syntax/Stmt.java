package dev.isomorph.importers.python.syntax;

import java.util.List;

/** A Python statement. */
public sealed interface Stmt {
  /** {@return where it starts} */
  Position at();

  record Expression(Position at, Expr value) implements Stmt {}

  /** {@code a = b = value}: several targets, left to right. */
  record Assign(Position at, List<Expr> targets, Expr value) implements Stmt {}

  /**
   * @param operator without the {@code =}
   */
  record AugmentedAssign(Position at, Expr target, String operator, Expr value) implements Stmt {}

  /**
   * @param value the value, or {@code null}
   */
  record AnnotatedAssign(Position at, Expr target, Expr annotation, Expr value) implements Stmt {}

  /** {@code if} with its {@code elif}s; {@code otherwise} may be empty. */
  record If(Position at, List<Branch> branches, List<Stmt> otherwise) implements Stmt {}

  record Branch(Position at, Expr test, List<Stmt> body) {}

  record For(
      Position at,
      Expr target,
      Expr iterable,
      List<Stmt> body,
      List<Stmt> otherwise,
      boolean isAsync)
      implements Stmt {}

  record While(Position at, Expr test, List<Stmt> body, List<Stmt> otherwise) implements Stmt {}

  /**
   * @param returns the annotation, or {@code null}
   * @param isGenerator whether the body yields
   */
  record Function(
      Position at,
      String name,
      Parameters parameters,
      List<Stmt> body,
      List<Expr> decorators,
      Expr returns,
      boolean isAsync,
      boolean isGenerator)
      implements Stmt {}

  record ClassDefinition(
      Position at,
      String name,
      List<Expr.Argument> arguments,
      List<Stmt> body,
      List<Expr> decorators)
      implements Stmt {}

  /**
   * @param value the value, or {@code null}
   */
  record Return(Position at, Expr value) implements Stmt {}

  /**
   * @param exception the exception, or {@code null} to raise the current one again
   * @param cause after {@code from}, or {@code null}
   */
  record Raise(Position at, Expr exception, Expr cause) implements Stmt {}

  record Try(
      Position at,
      List<Stmt> body,
      List<Handler> handlers,
      List<Stmt> otherwise,
      List<Stmt> cleanup)
      implements Stmt {}

  /**
   * @param type the exception class or tuple, or {@code null} for a bare {@code except}
   * @param name after {@code as}, or {@code null}
   */
  record Handler(Position at, Expr type, String name, List<Stmt> body) {}

  record With(Position at, List<Item> items, List<Stmt> body, boolean isAsync) implements Stmt {}

  /**
   * @param target after {@code as}, or {@code null}
   */
  record Item(Expr context, Expr target) {}

  /**
   * @param message the message, or {@code null}
   */
  record Assert(Position at, Expr test, Expr message) implements Stmt {}

  record Delete(Position at, List<Expr> targets) implements Stmt {}

  record Global(Position at, List<String> names) implements Stmt {}

  record Nonlocal(Position at, List<String> names) implements Stmt {}

  record Import(Position at, List<Alias> names) implements Stmt {}

  /**
   * @param module the module's dotted name, possibly empty
   * @param level leading dots
   * @param names what is imported; {@code *} alone for everything
   */
  record ImportFrom(Position at, String module, int level, List<Alias> names) implements Stmt {}

  /**
   * @param as the name it is bound to, or {@code null}
   */
  record Alias(Position at, String name, String as) {}

  record Pass(Position at) implements Stmt {}

  record Break(Position at) implements Stmt {}

  record Continue(Position at) implements Stmt {}

  /** A statement that is recognised, but outside the subset: refused when it is reached. */
  record Unsupported(Position at, String construct) implements Stmt {}
}
