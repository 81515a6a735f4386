package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.importers.python.syntax.Position;
import dev.isomorph.importers.python.syntax.Stmt;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;

/** Runs statements. */
final class StatementEvaluator {
  /** How a statement ends. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE,
    RETURN
  }

  private final Interpreter in;

  StatementEvaluator(Interpreter in) {
    this.in = in;
  }

  Flow run(List<Stmt> body, Environment env) {
    for (Stmt stmt : body) {
      Flow flow = run(stmt, env);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  Flow run(Stmt stmt, Environment env) {
    in.step(stmt.at());
    return switch (stmt) {
      case Stmt.Expression s -> {
        evaluate(s.value(), env);
        yield Flow.NEXT;
      }
      case Stmt.Assign s -> {
        PyObject value = evaluate(s.value(), env);
        s.targets().forEach(t -> assign(t, value, env));
        yield Flow.NEXT;
      }
      case Stmt.AugmentedAssign s -> {
        augment(s, env);
        yield Flow.NEXT;
      }
      case Stmt.AnnotatedAssign s -> {
        annotate(s, env);
        yield Flow.NEXT;
      }
      case Stmt.If s -> ifStatement(s, env);
      case Stmt.For s -> forStatement(s, env);
      case Stmt.While s -> whileStatement(s, env);
      case Stmt.Function s -> {
        env.assign(s.name(), define(s, env));
        yield Flow.NEXT;
      }
      case Stmt.ClassDefinition s -> {
        env.assign(s.name(), ClassDefinitions.define(in, s, env));
        yield Flow.NEXT;
      }
      case Stmt.Return s -> {
        env.returned = s.value() == null ? PyObject.NONE : evaluate(s.value(), env);
        yield Flow.RETURN;
      }
      case Stmt.Raise s -> throw raise(s, env);
      case Stmt.Try s -> tryStatement(s, env);
      case Stmt.With s -> with(s, 0, env);
      case Stmt.Assert s -> {
        PyObject test = evaluate(s.test(), env);
        in.step(s.at());
        if (!in.assume(test, true) && !in.operators().truth(test)) {
          String message = s.message() == null ? "" : in.text().str(evaluate(s.message(), env));
          throw in.raise("AssertionError", "%s", message);
        }
        yield Flow.NEXT;
      }
      case Stmt.Delete s -> {
        s.targets().forEach(t -> delete(t, env));
        yield Flow.NEXT;
      }
      case Stmt.Import s -> {
        in.imports().run(s, env);
        yield Flow.NEXT;
      }
      case Stmt.ImportFrom s -> {
        in.imports().run(s, env);
        yield Flow.NEXT;
      }
      case Stmt.Global _, Stmt.Nonlocal _, Stmt.Pass _ -> Flow.NEXT;
      case Stmt.Break _ -> Flow.BREAK;
      case Stmt.Continue _ -> Flow.CONTINUE;
      case Stmt.Unsupported s -> throw in.unsupported("%s is outside the subset", s.construct());
    };
  }

  private PyObject evaluate(Expr expr, Environment env) {
    return in.expressions().evaluate(expr, env);
  }

  void assign(Expr target, PyObject value, Environment env) {
    switch (target) {
      case Expr.Name t -> env.assign(t.id(), value);
      case Expr.Attribute t -> {
        PyObject object = evaluate(t.value(), env);
        in.step(t.at());
        in.attributes().set(object, t.name(), value);
      }
      case Expr.Subscript t -> {
        PyObject object = evaluate(t.value(), env);
        PyObject index = evaluate(t.index(), env);
        in.step(t.at());
        in.operators().setItem(object, index, value);
      }
      case Expr.Tuple t -> unpack(t.elements(), value, env);
      case Expr.ListDisplay t -> unpack(t.elements(), value, env);
      default -> throw new IllegalStateException("not a target: " + target);
    }
  }

  private void unpack(List<Expr> targets, PyObject value, Environment env) {
    List<PyObject> values = in.operators().list(value);
    int star = -1;
    for (int i = 0; i < targets.size(); i++) {
      if (targets.get(i) instanceof Expr.Starred) {
        star = i;
      }
    }
    int wanted = star < 0 ? targets.size() : targets.size() - 1;
    if (values.size() < wanted) {
      throw in.raise(
          "ValueError",
          "not enough values to unpack (expected %s%d, got %d)",
          star < 0 ? "" : "at least ",
          wanted,
          values.size());
    }
    if (star < 0 && values.size() > wanted) {
      throw in.raise("ValueError", "too many values to unpack (expected %d)", wanted);
    }
    int extra = values.size() - wanted;
    for (int i = 0, v = 0; i < targets.size(); i++) {
      if (i == star) {
        PyList rest = new PyList(values.subList(v, v + extra));
        assign(((Expr.Starred) targets.get(i)).value(), rest, env);
        v += extra;
      } else {
        assign(targets.get(i), values.get(v++), env);
      }
    }
  }

  private void augment(Stmt.AugmentedAssign s, Environment env) {
    switch (s.target()) {
      case Expr.Name t -> {
        PyObject old = evaluate(t, env);
        env.assign(t.id(), augmented(s, old, env));
      }
      case Expr.Attribute t -> {
        PyObject object = evaluate(t.value(), env);
        PyObject old = in.attributes().get(object, t.name());
        in.attributes().set(object, t.name(), augmented(s, old, env));
      }
      case Expr.Subscript t -> {
        PyObject object = evaluate(t.value(), env);
        PyObject index = evaluate(t.index(), env);
        PyObject old = in.operators().getItem(object, index);
        in.operators().setItem(object, index, augmented(s, old, env));
      }
      default -> throw new IllegalStateException("not a target: " + s.target());
    }
  }

  private PyObject augmented(Stmt.AugmentedAssign s, PyObject old, Environment env) {
    PyObject value = evaluate(s.value(), env);
    in.step(s.at());
    return in.operators().inPlace(s.operator(), old, value);
  }

  private void annotate(Stmt.AnnotatedAssign s, Environment env) {
    if (env.kind == Environment.Kind.CLASS && s.target() instanceof Expr.Name name) {
      PyObject all = env.variables.get("__annotations__");
      if (!(all instanceof PyDict)) {
        all = new PyDict();
        env.variables.put("__annotations__", all);
      }
      ((PyDict) all).put(name.id(), PyObject.of(annotationText(s.annotation())));
    }
    if (s.value() != null) {
      assign(s.target(), evaluate(s.value(), env), env);
    }
  }

  /** {@return the outermost name of an annotation; annotations themselves are not evaluated} */
  static String annotationText(Expr annotation) {
    return switch (annotation) {
      case Expr.Name n -> n.id();
      case Expr.Attribute a -> a.name();
      case Expr.Subscript s -> annotationText(s.value());
      case Expr.Constant(_, Expr.StringLiteral(String text)) -> text;
      case Expr.Constant(_, Expr.NoneLiteral()) -> "None";
      default -> "object";
    };
  }

  private boolean test(Expr test, Environment env) {
    PyObject value = evaluate(test, env);
    in.step(test.at());
    return in.operators().truth(value);
  }

  private Flow ifStatement(Stmt.If s, Environment env) {
    return ifStatement(s, 0, env);
  }

  private Flow ifStatement(Stmt.If s, int index, Environment env) {
    if (index == s.branches().size()) {
      return run(s.otherwise(), env);
    }
    Stmt.Branch branch = s.branches().get(index);
    PyObject test = evaluate(branch.test(), env);
    in.step(branch.at());
    Branching branching = in.branching(test);
    if (branching != null) {
      return bothArms(branching, s, index, test, env);
    }
    boolean onlyRaises = branch.body().getFirst() instanceof Stmt.Raise;
    if (onlyRaises && in.assume(test, false)) {
      return ifStatement(s, index + 1, env);
    }
    return in.operators().truth(test) ? run(branch.body(), env) : ifStatement(s, index + 1, env);
  }

  private Flow bothArms(Branching branching, Stmt.If s, int index, PyObject test, Environment env) {
    Set<String> names = Scope.of(new Parameters(List.of()), List.of(s)).locals();
    SequencedMap<String, PyObject> before = variables(names, env);
    Position at = s.branches().get(index).at();
    Branching.Arm joined =
        branching.join(
            in,
            test,
            () -> arm(at, () -> run(s.branches().get(index).body(), env), names, before, env),
            () -> arm(at, () -> ifStatement(s, index + 1, env), names, before, env));
    restore(joined.variables(), env);
    env.returned = joined.returned();
    return joined.returned() == null ? Flow.NEXT : Flow.RETURN;
  }

  private Branching.Arm arm(
      Position at,
      Supplier<Flow> body,
      Set<String> names,
      SequencedMap<String, PyObject> before,
      Environment env) {
    env.returned = null;
    Flow flow = body.get();
    in.step(at);
    if (flow == Flow.BREAK || flow == Flow.CONTINUE) {
      throw in.unsupported("'break' or 'continue' under a condition on the values of a tensor");
    }
    SequencedMap<String, PyObject> after = variables(names, env);
    restore(before, env);
    return new Branching.Arm(flow == Flow.RETURN ? env.returned : null, after);
  }

  private static SequencedMap<String, PyObject> variables(Set<String> names, Environment env) {
    SequencedMap<String, PyObject> all = new LinkedHashMap<>();
    names.stream().sorted().forEach(n -> all.put(n, env.variables.get(n)));
    return all;
  }

  private static void restore(SequencedMap<String, PyObject> variables, Environment env) {
    variables.forEach(
        (name, value) -> {
          if (value == null) {
            env.variables.remove(name);
          } else {
            env.variables.put(name, value);
          }
        });
  }

  private Flow forStatement(Stmt.For s, Environment env) {
    if (s.isAsync()) {
      throw in.unsupported("'async for' is outside the subset");
    }
    PyObject iterable = evaluate(s.iterable(), env);
    in.step(s.at());
    Iterator<PyObject> values = in.operators().iterate(iterable);
    while (values.hasNext()) {
      assign(s.target(), values.next(), env);
      in.step(s.at());
      Flow flow = run(s.body(), env);
      if (flow == Flow.BREAK) {
        return Flow.NEXT;
      }
      if (flow == Flow.RETURN) {
        return flow;
      }
      in.step(s.at());
    }
    return run(s.otherwise(), env);
  }

  private Flow whileStatement(Stmt.While s, Environment env) {
    while (test(s.test(), env)) {
      Flow flow = run(s.body(), env);
      if (flow == Flow.BREAK) {
        return Flow.NEXT;
      }
      if (flow == Flow.RETURN) {
        return flow;
      }
    }
    return run(s.otherwise(), env);
  }

  private PyObject define(Stmt.Function s, Environment env) {
    List<PyObject> decorators = new ArrayList<>();
    s.decorators().forEach(d -> decorators.add(evaluate(d, env)));
    if (s.isAsync()) {
      return new Unavailable("async function '" + s.name() + "'", in.place());
    }
    PyObject made =
        in.expressions().function(s.name(), s.parameters(), s.body(), null, env, s.isGenerator());
    if (env.kind == Environment.Kind.CLASS) {
      if (s.name().equals("__new__")) {
        made = new PyObject.StaticMethod(made);
      } else if (s.name().equals("__init_subclass__") || s.name().equals("__class_getitem__")) {
        made = new PyObject.ClassMethod(made);
      }
    }
    for (PyObject decorator : decorators.reversed()) {
      in.step(s.at());
      made = in.calls().call(decorator, made);
    }
    return made;
  }

  private RuntimeException raise(Stmt.Raise s, Environment env) {
    if (s.exception() == null) {
      for (Environment e = env; e != null; e = e.enclosing) {
        if (e.handled != null) {
          return e.handled;
        }
      }
      return in.raise("RuntimeError", "No active exception to reraise");
    }
    PyObject value = evaluate(s.exception(), env);
    if (s.cause() != null) {
      evaluate(s.cause(), env);
    }
    in.step(s.at());
    if (value instanceof PyClass c) {
      value = in.calls().call(c);
    }
    if (value instanceof PyInstance i && i.type().isSubclassOf(Types.exception("BaseException"))) {
      return new PyRaise(i, in.place());
    }
    return in.raise("TypeError", "exceptions must derive from BaseException");
  }

  private Flow tryStatement(Stmt.Try s, Environment env) {
    Flow flow;
    int depth = in.depth();
    boolean guards = s.handlers().stream().anyMatch(StatementEvaluator::catchesImportErrors);
    env.module.importGuards += guards ? 1 : 0;
    boolean guarded = guards;
    try {
      flow = run(s.body(), env);
      env.module.importGuards -= guarded ? 1 : 0;
      guarded = false;
      if (flow == Flow.NEXT) {
        flow = run(s.otherwise(), env);
      }
    } catch (PyRaise raised) {
      in.unwind(depth);
      env.module.importGuards -= guarded ? 1 : 0;
      guarded = false;
      Stmt.Handler handler = handlerFor(s, raised, env);
      if (handler == null) {
        cleanUp(s, env);
        throw raised;
      }
      try {
        flow = handle(handler, raised, env);
      } catch (PyRaise another) {
        in.unwind(depth);
        cleanUp(s, env);
        throw another;
      }
    } finally {
      env.module.importGuards -= guarded ? 1 : 0;
    }
    PyObject returned = env.returned;
    Flow last = run(s.cleanup(), env);
    if (last != Flow.NEXT) {
      return last;
    }
    env.returned = returned;
    return flow;
  }

  private static boolean catchesImportErrors(Stmt.Handler handler) {
    return switch (handler.type()) {
      case null -> true;
      case Expr.Name n -> isImportError(n);
      case Expr.Tuple t -> t.elements().stream().anyMatch(StatementEvaluator::isImportError);
      default -> false;
    };
  }

  private static boolean isImportError(Expr e) {
    return e instanceof Expr.Name(_, String id)
        && (id.equals("ImportError")
            || id.equals("ModuleNotFoundError")
            || id.equals("Exception")
            || id.equals("BaseException"));
  }

  private void cleanUp(Stmt.Try s, Environment env) {
    Flow flow = run(s.cleanup(), env);
    if (flow != Flow.NEXT) {
      throw in.unsupported("a 'finally' block that leaves its function or loop");
    }
  }

  private Stmt.Handler handlerFor(Stmt.Try s, PyRaise raised, Environment env) {
    for (Stmt.Handler handler : s.handlers()) {
      if (handler.type() == null
          || Builtins.isInstance(in, raised.exception(), evaluate(handler.type(), env))) {
        return handler;
      }
    }
    return null;
  }

  private Flow handle(Stmt.Handler handler, PyRaise raised, Environment env) {
    if (handler.name() != null) {
      env.assign(handler.name(), raised.exception());
    }
    PyRaise outer = env.handled;
    env.handled = raised;
    try {
      return run(handler.body(), env);
    } finally {
      env.handled = outer;
      if (handler.name() != null) {
        env.delete(handler.name());
      }
    }
  }

  private Flow with(Stmt.With s, int index, Environment env) {
    if (s.isAsync()) {
      throw in.unsupported("'async with' is outside the subset");
    }
    if (index == s.items().size()) {
      return run(s.body(), env);
    }
    Stmt.Item item = s.items().get(index);
    PyObject context = evaluate(item.context(), env);
    in.step(s.at());
    PyObject exit = in.attributes().get(context, "__exit__");
    PyObject value = in.calls().call(in.attributes().get(context, "__enter__"));
    if (item.target() != null) {
      assign(item.target(), value, env);
    }
    int depth = in.depth();
    Flow flow;
    try {
      flow = with(s, index + 1, env);
    } catch (PyRaise raised) {
      in.unwind(depth);
      PyInstance e = raised.exception();
      PyObject suppress = in.calls().call(exit, e.type(), e, PyObject.NONE);
      if (!in.operators().truth(suppress)) {
        throw raised;
      }
      return Flow.NEXT;
    }
    in.calls().call(exit, PyObject.NONE, PyObject.NONE, PyObject.NONE);
    return flow;
  }

  private void delete(Expr target, Environment env) {
    switch (target) {
      case Expr.Name t -> {
        if (env.delete(t.id()) == null) {
          throw in.raise("NameError", "name '%s' is not defined", t.id());
        }
      }
      case Expr.Attribute t -> in.attributes().delete(evaluate(t.value(), env), t.name());
      case Expr.Subscript t ->
          in.operators().deleteItem(evaluate(t.value(), env), evaluate(t.index(), env));
      case Expr.Tuple t -> t.elements().forEach(e -> delete(e, env));
      default -> throw new IllegalStateException("not a target: " + target);
    }
  }
}
