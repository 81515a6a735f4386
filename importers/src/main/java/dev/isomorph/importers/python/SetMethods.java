package dev.isomorph.importers.python;

import java.util.Map;

/** Constructors and methods of {@code set} and {@code frozenset}. */
final class SetMethods {
  private static final Map<String, String> NAMED =
      Map.of("union", "|", "intersection", "&", "difference", "-", "symmetric_difference", "^");

  private SetMethods() {}

  static void install() {
    Types.SET.constructor(
        PyNative.of(
            "set", "iterable=()", (in, a) -> PySet.of(in, false, in.operators().list(a[0]))));
    Types.FROZENSET.constructor(
        PyNative.of(
            "frozenset", "iterable=()", (in, a) -> PySet.of(in, true, in.operators().list(a[0]))));
    for (PyClass type : java.util.List.of(Types.SET, Types.FROZENSET)) {
      NAMED.forEach(
          (name, op) ->
              type.method(
                  name,
                  "self, *others",
                  (in, a) -> {
                    PyObject result = a[0];
                    for (PyObject other : ((PyTuple) a[1]).elements()) {
                      PySet set = PySet.of(in, false, in.operators().list(other));
                      result = binary(in, op, Values.plain(result), set);
                    }
                    return result == a[0] ? copy(in, a) : result;
                  }));
      type.method("copy", "self", SetMethods::copy)
          .method(
              "issubset",
              "self, other",
              (in, a) -> PyObject.of(other(in, a).hashes().containsAll(Values.set(a[0]).hashes())))
          .method(
              "issuperset",
              "self, other",
              (in, a) -> PyObject.of(Values.set(a[0]).hashes().containsAll(other(in, a).hashes())))
          .method(
              "isdisjoint",
              "self, other",
              (in, a) ->
                  PyObject.of(
                      java.util.Collections.disjoint(
                          Values.set(a[0]).hashes(), other(in, a).hashes())));
    }
    Types.SET
        .method(
            "add",
            "self, value",
            (in, a) -> {
              Values.set(a[0]).add(in, a[1]);
              return PyObject.NONE;
            })
        .method(
            "update",
            "self, *others",
            (in, a) -> {
              for (PyObject other : ((PyTuple) a[1]).elements()) {
                in.operators().forEach(other, v -> Values.set(a[0]).add(in, v));
              }
              return PyObject.NONE;
            })
        .method(
            "discard",
            "self, value",
            (in, a) -> {
              Values.set(a[0]).remove(in, a[1]);
              return PyObject.NONE;
            })
        .method(
            "remove",
            "self, value",
            (in, a) -> {
              if (!Values.set(a[0]).remove(in, a[1])) {
                throw in.raise("KeyError", "%s", in.text().repr(a[1]));
              }
              return PyObject.NONE;
            })
        .method(
            "pop",
            "self",
            (in, a) -> {
              PySet set = Values.set(a[0]);
              if (set.size() == 0) {
                throw in.raise("KeyError", "pop from an empty set");
              }
              PyObject first = set.elements().getFirst();
              set.remove(in, first);
              return first;
            })
        .method(
            "clear",
            "self",
            (_, a) -> {
              Values.set(a[0]).clear();
              return PyObject.NONE;
            });
  }

  private static PyObject copy(Interpreter in, PyObject[] a) {
    PySet set = Values.set(a[0]);
    return PySet.of(in, set.frozen(), set.elements());
  }

  private static PySet other(Interpreter in, PyObject[] a) {
    return PySet.of(in, false, in.operators().list(a[1]));
  }

  /** {@return the result, or {@code null} if these are no sets} */
  static PyObject binary(Interpreter in, String op, PyObject a, PyObject b) {
    if (!(a instanceof PySet x) || !(b instanceof PySet y)) {
      return null;
    }
    PySet made = new PySet(x.frozen());
    for (PyObject e : x.elements()) {
      boolean other = y.contains(in, e);
      if (op.equals("|") || op.equals("&") && other || "-^".contains(op) && !other) {
        made.add(in, e);
      }
    }
    for (PyObject e : y.elements()) {
      if (op.equals("|") || op.equals("^") && !x.contains(in, e)) {
        made.add(in, e);
      }
    }
    return made;
  }

  static PyObject inPlace(Interpreter in, String op, PySet target, PySet other) {
    PyObject result = binary(in, op, target, other);
    if (result instanceof PySet set) {
      target.clear();
      set.elements().forEach(e -> target.add(in, e));
      return target;
    }
    return in.operators().binary(op, target, other);
  }
}
