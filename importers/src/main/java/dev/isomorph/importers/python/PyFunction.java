package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.importers.python.syntax.Stmt;
import java.util.List;

/** A function or lambda that was defined in source, with its closure. */
public final class PyFunction implements PyObject {
  private final String name;
  private final Signature signature;
  private final List<Stmt> body;
  private final Expr expression;
  private final boolean generator;
  private final Environment closure;
  private final Scope scope;
  private final Environment.ClassCell owner;
  private final SourceFile file;
  private final boolean library;
  private final PyDict attributes = new PyDict();

  PyFunction(
      String name,
      Signature signature,
      List<Stmt> body,
      Expr expression,
      boolean generator,
      Environment closure,
      Scope scope,
      Environment.ClassCell owner,
      SourceFile file,
      boolean library) {
    this.name = name;
    this.signature = signature;
    this.body = body;
    this.expression = expression;
    this.generator = generator;
    this.closure = closure;
    this.scope = scope;
    this.owner = owner;
    this.file = file;
    this.library = library;
  }

  public String name() {
    return name;
  }

  Signature signature() {
    return signature;
  }

  /** {@return its parameters, the receiver included} */
  public dev.isomorph.importers.python.syntax.Parameters parameters() {
    return signature.parameters();
  }

  /** {@return the statements, or {@code null} for a lambda} */
  List<Stmt> body() {
    return body;
  }

  /** {@return the expression of a lambda} */
  Expr expression() {
    return expression;
  }

  boolean isGenerator() {
    return generator;
  }

  Environment closure() {
    return closure;
  }

  Scope scope() {
    return scope;
  }

  /** {@return the source that defines it} */
  SourceFile file() {
    return file;
  }

  /** {@return whether it is part of Isomorph, not of the user's source} */
  boolean isLibrary() {
    return library;
  }

  /** {@return the class in whose body it was defined, or {@code null}; for {@code super()}} */
  Environment.ClassCell owner() {
    return owner;
  }

  PyDict attributes() {
    return attributes;
  }
}
