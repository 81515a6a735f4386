package dev.isomorph.importers.python;

import java.util.function.Function;

/** A module: a namespace, with names that are made when they are asked for. */
public final class PyModule implements PyObject {
  private final String name;
  private final PyDict namespace = new PyDict();
  private Function<String, PyObject> fallback = _ -> null;

  public PyModule(String name) {
    this.name = name;
    namespace.put("__name__", PyObject.of(name));
  }

  public String name() {
    return name;
  }

  public PyDict namespace() {
    return namespace;
  }

  /** Sets what makes a name that the namespace does not hold; it may return {@code null}. */
  public void fallback(Function<String, PyObject> fallback) {
    this.fallback = fallback;
  }

  /** {@return what a name is bound to, or {@code null}} */
  public PyObject get(String name) {
    PyObject value = namespace.get(name);
    return value != null ? value : fallback.apply(name);
  }
}
