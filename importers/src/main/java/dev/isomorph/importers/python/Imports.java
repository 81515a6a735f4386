package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.importers.python.syntax.Parser;
import dev.isomorph.importers.python.syntax.Stmt;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Import statements. A module that is not there raises {@code ImportError} inside a try statement
 * that catches it; elsewhere its name may stand as long as nobody uses it.
 */
public final class Imports {
  private final Interpreter in;
  private final ModuleSources sources;
  private final Map<String, PyModule> modules = new HashMap<>();

  Imports(Interpreter in, ModuleSources sources) {
    this.in = in;
    this.sources = sources;
  }

  void run(Stmt.Import s, Environment env) {
    for (Stmt.Alias alias : s.names()) {
      PyObject module = load(alias.name(), env, true);
      String top = alias.name().split("\\.", 2)[0];
      if (alias.as() != null) {
        env.assign(alias.as(), module);
      } else {
        env.assign(top, top.equals(alias.name()) ? module : load(top, env, true));
      }
    }
  }

  void run(Stmt.ImportFrom s, Environment env) {
    if (s.module().equals("__future__")) {
      return;
    }
    String name = absolute(s, env);
    PyObject module = load(name, env, s.level() == 0);
    if (s.names().getFirst().name().equals("*")) {
      importAll(module, env);
      return;
    }
    for (Stmt.Alias alias : s.names()) {
      PyObject value = member(module, name, alias.name(), env);
      env.assign(alias.as() == null ? alias.name() : alias.as(), value);
    }
  }

  private String absolute(Stmt.ImportFrom s, Environment env) {
    if (s.level() == 0) {
      return s.module();
    }
    PyObject own = env.module.variables.get("__package__");
    String base = own instanceof PyObject.Str text ? text.value() : "";
    for (int i = 1; i < s.level(); i++) {
      int dot = base.lastIndexOf('.');
      if (base.isEmpty()) {
        throw in.raise("ImportError", "attempted relative import beyond top-level package");
      }
      base = dot < 0 ? "" : base.substring(0, dot);
    }
    return base.isEmpty() || s.module().isEmpty() ? base + s.module() : base + "." + s.module();
  }

  private void importAll(PyObject module, Environment env) {
    if (!(module instanceof PyModule m)) {
      throw in.unsupported("'import *' from a module that is not part of the subset");
    }
    PyObject listed = m.get("__all__");
    List<PyObject> names =
        listed != null
            ? in.operators().list(listed)
            : m.namespace().keys().stream().filter(k -> !Values.str(k).startsWith("_")).toList();
    for (PyObject key : names) {
      String name = Values.string(in, key);
      env.assign(name, member(m, m.name(), name, env));
    }
  }

  private PyObject member(PyObject module, String moduleName, String name, Environment env) {
    if (module instanceof Unavailable u) {
      return u.attribute(in, name);
    }
    PyModule m = (PyModule) module;
    PyObject value = m.namespace().get(name);
    if (value == null) {
      value = find(moduleName.isEmpty() ? name : moduleName + "." + name).orElse(null);
    }
    if (value == null) {
      value = m.get(name);
    }
    if (value != null) {
      return value;
    }
    if (env.module.importGuards > 0 || !isBuiltIn(m)) {
      throw in.raise("ImportError", "cannot import name '%s' from '%s'", name, m.name());
    }
    return new Unavailable(m.name() + "." + name, in.place());
  }

  private static boolean isBuiltIn(PyModule m) {
    return m.get("__library__") == PyObject.TRUE;
  }

  private PyObject load(String name, Environment env, boolean mayBeMissing) {
    if (name.isEmpty()) {
      return new PyModule("");
    }
    Optional<PyModule> found = find(name);
    if (found.isPresent()) {
      return found.get();
    }
    if (env.module.importGuards > 0 || !mayBeMissing) {
      throw in.raise("ModuleNotFoundError", "No module named '%s'", name);
    }
    return new Unavailable(name, in.place());
  }

  /** {@return a top-level module, or {@code ImportError}} */
  PyObject importTop(String name, boolean raise) {
    return find(name)
        .orElseThrow(() -> in.raise("ModuleNotFoundError", "No module named '%s'", name));
  }

  /** {@return a module by its dotted name, evaluated; its packages are evaluated before it} */
  public Optional<PyModule> find(String name) {
    PyModule known = modules.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    int dot = name.lastIndexOf('.');
    PyModule parent = null;
    if (dot > 0) {
      Optional<PyModule> outer = find(name.substring(0, dot));
      if (outer.isEmpty()) {
        return Optional.empty();
      }
      parent = outer.get();
      known = modules.get(name);
      if (known != null) {
        return Optional.of(known);
      }
    }
    Optional<PyModule> made = sources.builtIn(in, name);
    if (made.isPresent()) {
      made.get().namespace().put("__library__", PyObject.TRUE);
      modules.put(name, made.get());
    } else {
      Optional<ModuleSources.Found> source = sources.find(name);
      if (source.isEmpty()) {
        return Optional.empty();
      }
      made = Optional.of(evaluate(name, source.get()));
    }
    if (parent != null) {
      parent.namespace().put(name.substring(dot + 1), made.get());
    }
    return made;
  }

  /** {@return the module that a source makes, evaluated now} */
  public PyModule evaluate(String name, ModuleSources.Found source) {
    PyModule module = new PyModule(name);
    modules.put(name, module);
    int dot = name.lastIndexOf('.');
    String owner = source.isPackage() ? name : dot < 0 ? "" : name.substring(0, dot);
    module.namespace().put("__package__", PyObject.of(owner));
    if (source.library()) {
      module.namespace().put("__library__", PyObject.TRUE);
      module.fallback(missing -> sources.missing(name, missing));
    }
    if (source.file() == null) {
      return module;
    }
    module.namespace().put("__file__", PyObject.of(source.file().name()));
    Environment env = Environment.ofModule(module.namespace(), source.file(), source.library());
    List<Stmt> body = Parser.parseFile(source.file(), in.limits());
    int depth = in.depth();
    in.enter("<module>", source.file(), source.library());
    try {
      for (Stmt stmt : body) {
        topLevel(stmt, env, source.library());
      }
    } finally {
      in.unwind(depth);
    }
    return module;
  }

  /**
   * Runs a statement of a module. Where one of the user's fails, as training code may, the names
   * that it would bind give the reason to whoever uses them.
   */
  private void topLevel(Stmt stmt, Environment env, boolean library) {
    int depth = in.depth();
    int guards = env.importGuards;
    try {
      in.statements().run(stmt, env);
    } catch (PyRaise raised) {
      if (library || stmt instanceof Stmt.ImportFrom || stmt instanceof Stmt.Import) {
        throw raised;
      }
      in.unwind(depth);
      poison(stmt, env, in.uncaught(raised));
    } catch (IsomorphException e) {
      boolean mayGoOn =
          e.code().kind() == ErrorCode.Kind.UNSUPPORTED || e.code() == ErrorCode.USAGE_SHAPE_NEEDED;
      if (library || !mayGoOn) {
        throw e;
      }
      in.unwind(depth);
      poison(stmt, env, e);
    } finally {
      env.importGuards = guards;
    }
  }

  private void poison(Stmt stmt, Environment env, IsomorphException failure) {
    for (String name : Scope.of(new Parameters(List.of()), List.of(stmt)).locals()) {
      env.variables.put(name, new Poisoned(name, failure));
    }
    Diagnostic first = failure.diagnostics().getFirst();
    in.report(
        Diagnostic.note(
                first.code(),
                "a statement at module level was left out, because it could not be evaluated: %s",
                first.message().replace("%", "%%"))
            .inFile(first.file())
            .from(first.origin()));
  }

  /** {@return an attribute of a module, its submodules included, or {@code null}} */
  PyObject moduleAttribute(PyModule module, String name) {
    PyObject value = module.namespace().get(name);
    if (value instanceof Poisoned p) {
      throw p.failure();
    }
    if (value == null && !name.startsWith("__") && !module.name().isEmpty()) {
      value = modules.get(module.name() + "." + name);
      if (value == null && isBuiltIn(module)) {
        value = find(module.name() + "." + name).orElse(null);
      }
    }
    return value != null ? value : module.get(name);
  }
}
