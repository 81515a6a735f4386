package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parameters;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Evaluates expressions. */
final class ExpressionEvaluator {
  private final Interpreter in;

  ExpressionEvaluator(Interpreter in) {
    this.in = in;
  }

  PyObject evaluate(Expr expr, Environment env) {
    return switch (expr) {
      case Expr.Constant e -> Literals.of(e.value());
      case Expr.Name e -> name(e, env);
      case Expr.Attribute e -> {
        PyObject value = evaluate(e.value(), env);
        in.step(e.at());
        yield in.attributes().get(value, e.name());
      }
      case Expr.Call e -> call(e, env);
      case Expr.Binary e -> {
        PyObject left = evaluate(e.left(), env);
        PyObject right = evaluate(e.right(), env);
        in.step(e.at());
        yield in.operators().binary(e.operator(), left, right);
      }
      case Expr.Unary e -> {
        PyObject operand = evaluate(e.operand(), env);
        in.step(e.at());
        yield in.operators().unary(e.operator(), operand);
      }
      case Expr.Logical e -> logical(e, env);
      case Expr.Compare e -> compare(e, env);
      case Expr.Subscript e -> {
        PyObject value = evaluate(e.value(), env);
        PyObject index = evaluate(e.index(), env);
        in.step(e.at());
        yield in.operators().getItem(value, index);
      }
      case Expr.Slice e ->
          new PyObject.Slice(
              optional(e.lower(), env), optional(e.upper(), env), optional(e.step(), env));
      case Expr.Conditional e -> {
        PyObject test = evaluate(e.test(), env);
        in.step(e.at());
        yield in.operators().truth(test) ? evaluate(e.then(), env) : evaluate(e.otherwise(), env);
      }
      case Expr.Tuple e -> new PyTuple(elements(e.elements(), env));
      case Expr.ListDisplay e -> new PyList(elements(e.elements(), env));
      case Expr.SetDisplay e -> PySet.of(in, false, elements(e.elements(), env));
      case Expr.DictDisplay e -> dict(e, env);
      case Expr.Comprehension e -> comprehension(e, env);
      case Expr.Lambda e -> function("<lambda>", e.parameters(), null, e.body(), env, false);
      case Expr.JoinedString e -> PyObject.of(joined(e, env));
      case Expr.FormattedValue e -> PyObject.of(formatted(e, env));
      case Expr.Walrus e -> {
        PyObject value = evaluate(e.value(), env);
        env.assignOutside(e.target().id(), value);
        yield value;
      }
      case Expr.Yield e -> {
        PyObject value = e.value() == null ? PyObject.NONE : evaluate(e.value(), env);
        yield emit(e, env, value);
      }
      case Expr.YieldFrom e -> {
        in.operators().forEach(evaluate(e.value(), env), v -> emit(e, env, v));
        yield PyObject.NONE;
      }
      case Expr.Starred e -> {
        in.step(e.at());
        throw in.unsupported("'*' outside a call or a display");
      }
      case Expr.Await e -> {
        in.step(e.at());
        throw in.unsupported("'await' is outside the subset");
      }
    };
  }

  private PyObject emit(Expr at, Environment env, PyObject value) {
    in.step(at.at());
    if (env.generator == null) {
      throw in.raise("SyntaxError", "'yield' outside function");
    }
    return in.suspend(env.generator, value);
  }

  private PyObject optional(Expr expr, Environment env) {
    return expr == null ? PyObject.NONE : evaluate(expr, env);
  }

  private PyObject name(Expr.Name e, Environment env) {
    PyObject value = env.lookup(e.id());
    if (value == null) {
      in.step(e.at());
      if (env.isUnboundLocal(e.id())) {
        throw in.raise(
            "UnboundLocalError",
            "cannot access local variable '%s' where it is not associated with a value",
            e.id());
      }
      value = in.builtins().get(e.id());
      if (value == null) {
        throw in.raise("NameError", "name '%s' is not defined", e.id());
      }
    }
    if (value instanceof Poisoned poisoned) {
      throw poisoned.failure();
    }
    return value;
  }

  private PyObject call(Expr.Call e, Environment env) {
    if (e.function() instanceof Expr.Name(_, String id) && e.arguments().isEmpty()) {
      PyObject special = frameFunction(id, env);
      if (special != null) {
        return special;
      }
    }
    PyObject callee = evaluate(e.function(), env);
    Arguments arguments = arguments(e.arguments(), env);
    in.step(e.at());
    return in.calls().call(callee, arguments);
  }

  /** {@return what the built-ins give that look at their caller, or {@code null}} */
  private PyObject frameFunction(String id, Environment env) {
    if (!id.equals("super") && !id.equals("locals") && !id.equals("globals")) {
      return null;
    }
    if (env.lookup(id) != null) {
      return null;
    }
    if (id.equals("globals")) {
      return env.module.variables;
    }
    if (id.equals("locals")) {
      PyDict copy = new PyDict();
      copy.putAll(env.variables);
      return copy;
    }
    Environment e = env;
    while (e != null && (e.classCell == null || e.receiver == null)) {
      e = e.enclosing;
    }
    if (e == null || e.classCell.value == null) {
      throw in.raise("RuntimeError", "super(): no arguments");
    }
    return Builtins.superOf(in, e.classCell.value, e.receiver);
  }

  Arguments arguments(List<Expr.Argument> source, Environment env) {
    List<PyObject> positional = new ArrayList<>(source.size());
    Map<String, PyObject> keywords = new LinkedHashMap<>();
    for (Expr.Argument a : source) {
      if (a.stars() == 1) {
        in.operators().forEach(evaluate(a.value(), env), positional::add);
      } else if (a.stars() == 2) {
        in.operators()
            .mappingItems(evaluate(a.value(), env))
            .forEach(pair -> addKeyword(keywords, Values.string(in, pair.key()), pair.value()));
      } else if (a.name() != null) {
        addKeyword(keywords, a.name(), evaluate(a.value(), env));
      } else {
        positional.add(evaluate(a.value(), env));
      }
    }
    return new Arguments(positional, keywords);
  }

  private void addKeyword(Map<String, PyObject> keywords, String name, PyObject value) {
    if (keywords.put(name, value) != null) {
      throw in.raise("TypeError", "got multiple values for keyword argument '%s'", name);
    }
  }

  private PyObject logical(Expr.Logical e, Environment env) {
    PyObject value = PyObject.NONE;
    for (int i = 0; i < e.operands().size(); i++) {
      value = evaluate(e.operands().get(i), env);
      if (i < e.operands().size() - 1) {
        in.step(e.at());
        if (in.operators().truth(value) != e.isAnd()) {
          return value;
        }
      }
    }
    return value;
  }

  private PyObject compare(Expr.Compare e, Environment env) {
    PyObject left = evaluate(e.left(), env);
    PyObject result = PyObject.TRUE;
    for (int i = 0; i < e.operators().size(); i++) {
      PyObject right = evaluate(e.others().get(i), env);
      in.step(e.at());
      result = in.operators().compare(e.operators().get(i), left, right);
      if (i < e.operators().size() - 1 && !in.operators().truth(result)) {
        return result;
      }
      left = right;
    }
    return result;
  }

  private List<PyObject> elements(List<Expr> source, Environment env) {
    List<PyObject> all = new ArrayList<>(source.size());
    for (Expr e : source) {
      if (e instanceof Expr.Starred s) {
        in.operators().forEach(evaluate(s.value(), env), all::add);
      } else {
        all.add(evaluate(e, env));
      }
    }
    return all;
  }

  private PyDict dict(Expr.DictDisplay e, Environment env) {
    PyDict dict = new PyDict();
    for (Expr.Entry entry : e.entries()) {
      if (entry.key() == null) {
        in.operators()
            .mappingItems(evaluate(entry.value(), env))
            .forEach(pair -> dict.put(in, pair.key(), pair.value()));
      } else {
        PyObject key = evaluate(entry.key(), env);
        dict.put(in, key, evaluate(entry.value(), env));
      }
    }
    return dict;
  }

  private PyObject comprehension(Expr.Comprehension e, Environment env) {
    Environment inner = Environment.ofComprehension(env, Scope.ofComprehension(e));
    PyObject first = evaluate(e.clauses().getFirst().iterable(), env);
    in.step(e.at());
    switch (e.kind()) {
      case LIST -> {
        PyList list = new PyList();
        clauses(e, 0, first, inner, v -> list.elements().add(evaluate(v.element(), inner)));
        return list;
      }
      case SET -> {
        PySet set = new PySet(false);
        clauses(e, 0, first, inner, v -> set.add(in, evaluate(v.element(), inner)));
        return set;
      }
      case DICT -> {
        PyDict dict = new PyDict();
        clauses(
            e,
            0,
            first,
            inner,
            v -> {
              PyObject key = evaluate(v.element(), inner);
              dict.put(in, key, evaluate(v.value(), inner));
            });
        return dict;
      }
      case GENERATOR -> {
        Iterator<PyObject> source = in.operators().iterate(first);
        return e.clauses().size() == 1
            ? new PyIterator("generator", new SimpleGenerator(e, source, inner))
            : nestedGenerator(e, source, inner);
      }
    }
    throw new IllegalStateException();
  }

  private PyObject nestedGenerator(
      Expr.Comprehension e, Iterator<PyObject> source, Environment inner) {
    PyObject[] first = {new PyIterator("iterator", source)};
    Generator[] self = new Generator[1];
    self[0] =
        new Generator(
            () -> {
              int depth = in.depth();
              in.enter("<genexpr>", env(inner).file, env(inner).library);
              try {
                clauses(
                    e, 0, first[0], inner, v -> in.suspend(self[0], evaluate(v.element(), inner)));
              } finally {
                in.unwind(depth);
              }
            });
    in.register(self[0]);
    return new PyIterator("generator", self[0]);
  }

  private static Environment env(Environment e) {
    return e.module;
  }

  /** A generator expression with one clause, which needs no thread. */
  private final class SimpleGenerator implements Iterator<PyObject> {
    private final Expr.Comprehension e;
    private final Iterator<PyObject> source;
    private final Environment env;
    private PyObject ahead;

    SimpleGenerator(Expr.Comprehension e, Iterator<PyObject> source, Environment env) {
      this.e = e;
      this.source = source;
      this.env = env;
    }

    @Override
    public boolean hasNext() {
      while (ahead == null && source.hasNext()) {
        in.statements().assign(e.clauses().getFirst().target(), source.next(), env);
        if (conditionsHold(e.clauses().getFirst(), env)) {
          ahead = evaluate(e.element(), env);
        }
      }
      return ahead != null;
    }

    @Override
    public PyObject next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      PyObject value = ahead;
      ahead = null;
      return value;
    }
  }

  private void clauses(
      Expr.Comprehension e,
      int index,
      PyObject iterable,
      Environment env,
      Consumer<Expr.Comprehension> emit) {
    Expr.Clause clause = e.clauses().get(index);
    if (clause.isAsync()) {
      throw in.unsupported("'async for' is outside the subset");
    }
    in.operators()
        .forEach(
            iterable,
            value -> {
              in.step(e.at());
              in.statements().assign(clause.target(), value, env);
              if (conditionsHold(clause, env)) {
                if (index + 1 < e.clauses().size()) {
                  PyObject next = evaluate(e.clauses().get(index + 1).iterable(), env);
                  clauses(e, index + 1, next, env, emit);
                } else {
                  emit.accept(e);
                }
              }
            });
  }

  private boolean conditionsHold(Expr.Clause clause, Environment env) {
    for (Expr condition : clause.conditions()) {
      PyObject value = evaluate(condition, env);
      in.step(condition.at());
      if (!in.operators().truth(value)) {
        return false;
      }
    }
    return true;
  }

  PyFunction function(
      String name,
      Parameters parameters,
      List<dev.isomorph.importers.python.syntax.Stmt> body,
      Expr expression,
      Environment env,
      boolean generator) {
    PyObject[] defaults = new PyObject[parameters.all().size()];
    for (int i = 0; i < defaults.length; i++) {
      Expr initial = parameters.all().get(i).initial();
      defaults[i] = initial == null ? null : evaluate(initial, env);
    }
    Scope scope = body == null ? Scope.of(parameters, expression) : Scope.of(parameters, body);
    Environment closure = env;
    while (closure.kind == Environment.Kind.CLASS) {
      closure = closure.enclosing;
    }
    return new PyFunction(
        name,
        new Signature(parameters, defaults),
        body,
        expression,
        generator,
        closure,
        scope,
        env.classCell,
        env.module.file,
        env.module.library);
  }

  private String joined(Expr.JoinedString e, Environment env) {
    StringBuilder out = new StringBuilder();
    for (Expr part : e.parts()) {
      switch (part) {
        case Expr.Constant(_, Expr.StringLiteral(String text)) -> out.append(text);
        case Expr.FormattedValue value -> out.append(formatted(value, env));
        default -> throw new IllegalStateException("unexpected part of a formatted string");
      }
    }
    return out.toString();
  }

  private String formatted(Expr.FormattedValue e, Environment env) {
    PyObject value = evaluate(e.value(), env);
    in.step(e.at());
    PyObject shown =
        switch (e.conversion()) {
          case 'r', 'a' -> PyObject.of(in.text().repr(value));
          case 's' -> PyObject.of(in.text().str(value));
          default -> value;
        };
    return in.text().format(shown, e.spec() == null ? "" : joined(e.spec(), env));
  }
}
