package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.SourceFile;

/** The variables of a module, class body, function call or comprehension. */
final class Environment {
  /** What kind of code the variables belong to. */
  enum Kind {
    MODULE,
    CLASS,
    FUNCTION,
    COMPREHENSION
  }

  final Kind kind;
  final PyDict variables;
  final Environment enclosing;
  final Environment module;
  final Scope scope;

  /** The source of a module. */
  SourceFile file;

  /** Whether a module is part of Isomorph, not of the user's source. */
  boolean library;

  /** How many try statements with a handler for import errors are around the code being run. */
  int importGuards;

  /** The first argument of the call being run, for {@code super()}. */
  PyObject receiver;

  /** Set by a return statement. */
  PyObject returned;

  /** The exception that an except block handles, for a bare raise. */
  PyRaise handled;

  /** Where the values of a generator go; {@code null} outside one. */
  Generator generator;

  /** The class in whose body this code stands, for {@code super()}; {@code null} outside one. */
  ClassCell classCell;

  /** A class that may still be under construction. */
  static final class ClassCell {
    PyClass value;
  }

  private Environment(Kind kind, PyDict variables, Environment enclosing, Scope scope) {
    this.kind = kind;
    this.variables = variables;
    this.enclosing = enclosing;
    this.module = kind == Kind.MODULE ? this : enclosing.module;
    this.scope = scope;
  }

  static Environment ofModule(PyDict namespace, SourceFile file, boolean library) {
    Environment made = new Environment(Kind.MODULE, namespace, null, Scope.MODULE);
    made.file = file;
    made.library = library;
    return made;
  }

  static Environment ofClass(PyDict namespace, Environment enclosing) {
    Environment made = new Environment(Kind.CLASS, namespace, enclosing, Scope.MODULE);
    made.classCell = new ClassCell();
    return made;
  }

  static Environment ofCall(Environment closure, Scope scope) {
    return new Environment(Kind.FUNCTION, new PyDict(), closure, scope);
  }

  static Environment ofComprehension(Environment enclosing, Scope scope) {
    Environment made = new Environment(Kind.COMPREHENSION, new PyDict(), enclosing, scope);
    made.receiver = enclosing.receiver;
    made.generator = enclosing.generator;
    made.classCell = enclosing.classCell;
    return made;
  }

  /** {@return what a name is bound to here, around, or in the module; else {@code null}} */
  PyObject lookup(String name) {
    if (scope.globals().contains(name)) {
      return module.variables.get(name);
    }
    for (Environment e = this; e != null; e = e.enclosing) {
      boolean visible = e == this || e.kind != Kind.CLASS || isComprehensionIn(e);
      if (visible) {
        PyObject value = e.variables.get(name);
        if (value != null) {
          return value;
        }
        if (e == this && e.kind == Kind.FUNCTION && scope.locals().contains(name)) {
          return null;
        }
      }
    }
    return null;
  }

  private boolean isComprehensionIn(Environment classBody) {
    return kind == Kind.COMPREHENSION && enclosing == classBody;
  }

  boolean isUnboundLocal(String name) {
    return kind == Kind.FUNCTION && scope.locals().contains(name);
  }

  void assign(String name, PyObject value) {
    target(name).variables.put(name, value);
  }

  PyObject delete(String name) {
    return target(name).variables.remove(name);
  }

  /** Binds the target of {@code :=}, which is in the code around comprehensions. */
  void assignOutside(String name, PyObject value) {
    Environment e = this;
    while (e.kind == Kind.COMPREHENSION) {
      e = e.enclosing;
    }
    e.assign(name, value);
  }

  private Environment target(String name) {
    if (scope.globals().contains(name)) {
      return module;
    }
    if (scope.nonlocals().contains(name)) {
      for (Environment e = enclosing; e != null; e = e.enclosing) {
        if (e.kind == Kind.FUNCTION && e.scope.locals().contains(name)) {
          return e;
        }
      }
    }
    return this;
  }
}
