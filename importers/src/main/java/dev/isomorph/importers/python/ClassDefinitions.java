package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Stmt;
import java.util.ArrayList;
import java.util.List;

/** Class statements and metaclasses. */
final class ClassDefinitions {
  private ClassDefinitions() {}

  static PyObject define(Interpreter in, Stmt.ClassDefinition s, Environment env) {
    List<PyObject> decorators = new ArrayList<>();
    for (Expr d : s.decorators()) {
      decorators.add(in.expressions().evaluate(d, env));
    }
    Arguments arguments = in.expressions().arguments(s.arguments(), env);
    PyDict keywords = Arguments.dict(arguments.keywords());
    PyObject metaclass = keywords.remove("metaclass");
    PyDict namespace = new PyDict();
    namespace.put("__module__", env.module.variables.get("__name__"));
    namespace.put("__qualname__", PyObject.of(s.name()));
    Environment body = Environment.ofClass(namespace, env);
    in.statements().run(s.body(), body);
    PyTuple bases = new PyTuple(arguments.positional());
    PyClass meta = metaclass(in, metaclass, bases);
    PyObject made;
    if (meta == null) {
      made = build(in, s.name(), bases, namespace, null);
    } else {
      List<PyObject> all = List.of(PyObject.of(s.name()), bases, namespace);
      made =
          in.calls()
              .call(
                  meta,
                  new Arguments(
                      all,
                      arguments.keywords().entrySet().stream()
                          .filter(e -> !e.getKey().equals("metaclass"))
                          .collect(
                              java.util.stream.Collectors.toMap(
                                  java.util.Map.Entry::getKey, java.util.Map.Entry::getValue))));
    }
    if (made instanceof PyClass c) {
      body.classCell.value = c;
      afterCreation(in, c, keywords);
    }
    for (PyObject decorator : decorators.reversed()) {
      in.step(s.at());
      made = in.calls().call(decorator, made);
    }
    return made;
  }

  private static void afterCreation(Interpreter in, PyClass c, PyDict keywords) {
    for (PyObject name : c.namespace().keys()) {
      PyObject value = c.namespace().get(Values.str(name));
      if (value instanceof PyInstance i
          && i.type().lookup("__set_name__") instanceof PyFunction f) {
        in.calls().call(new PyObject.Method(i, f), c, name);
      }
    }
    PyObject hook = c.lookupAfter(c, "__init_subclass__");
    if (hook instanceof PyObject.ClassMethod m) {
      java.util.Map<String, PyObject> given = new java.util.LinkedHashMap<>();
      keywords.keys().forEach(k -> given.put(Values.str(k), keywords.get(Values.str(k))));
      in.calls().call(m.function(), new Arguments(List.of(c), given));
    }
  }

  /** {@return the most derived metaclass, or {@code null} for {@code type}} */
  private static PyClass metaclass(Interpreter in, PyObject explicit, PyTuple bases) {
    PyClass found = explicit instanceof PyClass c && c != Types.TYPE ? c : null;
    for (PyObject base : bases.elements()) {
      if (base instanceof PyClass c && c.metaclass() != null) {
        if (found == null || c.metaclass().isSubclassOf(found)) {
          found = c.metaclass();
        } else if (!found.isSubclassOf(c.metaclass())) {
          throw in.raise("TypeError", "metaclass conflict");
        }
      }
    }
    return found;
  }

  /** Makes a class through its metaclass's {@code __new__} and {@code __init__}. */
  static PyObject callMetaclass(Interpreter in, PyClass meta, Arguments arguments) {
    PyObject custom = meta.lookup("__new__");
    PyObject made;
    if (custom instanceof PyObject.StaticMethod m) {
      made = in.calls().call(m.function(), arguments.prepend(meta));
    } else {
      made =
          build(
              in,
              Values.string(in, arguments.positional().get(0)),
              (PyTuple) arguments.positional().get(1),
              (PyDict) arguments.positional().get(2),
              meta);
    }
    if (made instanceof PyClass && meta.lookup("__init__") instanceof PyFunction init) {
      in.calls().call(init, arguments.prepend(made));
    }
    return made;
  }

  static PyClass build(
      Interpreter in, String name, PyTuple bases, PyDict namespace, PyClass metaclass) {
    List<PyClass> classes = new ArrayList<>();
    for (PyObject base : bases.elements()) {
      switch (base) {
        case PyClass c -> {
          if (c == Types.BOOL || c == Types.RANGE || c == Types.SLICE || c == Types.FUNCTION) {
            throw in.raise("TypeError", "type '%s' is not an acceptable base type", c.name());
          }
          classes.add(c);
        }
        case Unavailable u -> throw u.refuse(in, "extended by a class");
        default ->
            throw in.unsupported(
                "class '%s' extends a value of type '%s'", name, Types.of(in, base).name());
      }
    }
    if (classes.isEmpty()) {
      classes.add(Types.OBJECT);
    }
    if (namespace.get("__module__") == null) {
      namespace.put("__module__", PyObject.of("__main__"));
    }
    if (namespace.get("__getattribute__") != null) {
      throw in.unsupported("class '%s' defines __getattribute__", name);
    }
    try {
      return new PyClass(name, classes, namespace, metaclass);
    } catch (IllegalArgumentException e) {
      throw in.raise("TypeError", "class '%s': %s", name, e.getMessage());
    }
  }
}
