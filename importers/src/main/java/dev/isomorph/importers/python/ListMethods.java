package dev.isomorph.importers.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Constructors and methods of {@code list}, {@code tuple} and {@code range}. */
final class ListMethods {
  private ListMethods() {}

  static void install() {
    Types.LIST.constructor(
        PyNative.of("list", "iterable=()", (in, a) -> new PyList(in.operators().list(a[0]))));
    Types.TUPLE.constructor(
        PyNative.of("tuple", "iterable=()", (in, a) -> new PyTuple(in.operators().list(a[0]))));
    Types.RANGE.constructor(PyNative.of("range", "*args", ListMethods::range));
    Types.LIST
        .method(
            "__init__",
            "self, iterable=()",
            (in, a) -> {
              List<PyObject> values = in.operators().list(a[1]);
              list(a).clear();
              list(a).addAll(values);
              return PyObject.NONE;
            })
        .method(
            "append",
            "self, value",
            (in, a) -> {
              in.checkSize(list(a).size());
              list(a).add(a[1]);
              return PyObject.NONE;
            })
        .method(
            "extend",
            "self, iterable",
            (in, a) -> {
              List<PyObject> values = in.operators().list(a[1]);
              in.checkSize((long) list(a).size() + values.size());
              list(a).addAll(values);
              return PyObject.NONE;
            })
        .method(
            "insert",
            "self, index, value",
            (in, a) -> {
              long at = Values.longValue(in, a[1]);
              long from = at < 0 ? at + list(a).size() : at;
              list(a).add((int) Math.clamp(from, 0L, (long) list(a).size()), a[2]);
              return PyObject.NONE;
            })
        .method(
            "pop",
            "self, index=-1",
            (in, a) -> {
              PyObject value = in.operators().getItem(Values.list(a[0]), a[1]);
              in.operators().deleteItem(Values.list(a[0]), a[1]);
              return value;
            })
        .method(
            "remove",
            "self, value",
            (in, a) -> {
              list(a).remove(indexOf(in, list(a), a[1]));
              return PyObject.NONE;
            })
        .method(
            "clear",
            "self",
            (_, a) -> {
              list(a).clear();
              return PyObject.NONE;
            })
        .method(
            "reverse",
            "self",
            (_, a) -> {
              java.util.Collections.reverse(list(a));
              return PyObject.NONE;
            })
        .method(
            "sort",
            "self, *, key=None, reverse=False",
            (in, a) -> {
              List<PyObject> sorted = Sorting.sorted(in, list(a), a[1], in.operators().truth(a[2]));
              list(a).clear();
              list(a).addAll(sorted);
              return PyObject.NONE;
            })
        .method("copy", "self", (_, a) -> new PyList(list(a)))
        .method("index", "self, value, start=0", (in, a) -> PyObject.of(indexOf(in, list(a), a[1])))
        .method("count", "self, value", (in, a) -> PyObject.of(count(in, list(a), a[1])))
        .method("__len__", "self", (_, a) -> PyObject.of(list(a).size()))
        .method("__iter__", "self", (in, a) -> iterator(in, Values.list(a[0])))
        .method(
            "__getitem__",
            "self, index",
            (in, a) -> in.operators().getItem(Values.list(a[0]), a[1]))
        .method(
            "__setitem__",
            "self, index, value",
            (in, a) -> {
              in.operators().setItem(Values.list(a[0]), a[1], a[2]);
              return PyObject.NONE;
            });
    Types.TUPLE
        .method(
            "index",
            "self, value, start=0",
            (in, a) -> PyObject.of(indexOf(in, tuple(a).elements(), a[1])))
        .method(
            "count", "self, value", (in, a) -> PyObject.of(count(in, tuple(a).elements(), a[1])))
        .method("__len__", "self", (_, a) -> PyObject.of(tuple(a).elements().size()))
        .method("__iter__", "self", (in, a) -> iterator(in, tuple(a)))
        .method("__getitem__", "self, index", (in, a) -> in.operators().getItem(tuple(a), a[1]));
    Types.TUPLE
        .namespace()
        .put(
            "__new__",
            PyNative.of(
                "__new__",
                "cls, iterable=()",
                (in, a) ->
                    a[0] == Types.TUPLE
                        ? new PyTuple(in.operators().list(a[1]))
                        : new PyInstance((PyClass) a[0], new PyTuple(in.operators().list(a[1])))));
    Types.RANGE.method(
        "index",
        "self, value",
        (in, a) -> PyObject.of(indexOf(in, in.operators().list(a[0]), a[1])));
  }

  private static List<PyObject> list(PyObject[] a) {
    return Values.list(a[0]).elements();
  }

  private static PyTuple tuple(PyObject[] a) {
    return (PyTuple) Values.plain(a[0]);
  }

  static PyIterator iterator(Interpreter in, PyObject value) {
    return new PyIterator("iterator", in.operators().iterate(value));
  }

  private static int indexOf(Interpreter in, List<PyObject> elements, PyObject value) {
    for (int i = 0; i < elements.size(); i++) {
      if (Operators.identical(elements.get(i), value)
          || in.operators().equal(elements.get(i), value)) {
        return i;
      }
    }
    throw in.raise("ValueError", "%s is not in list", in.text().repr(value));
  }

  private static int count(Interpreter in, List<PyObject> elements, PyObject value) {
    return (int) elements.stream().filter(e -> in.operators().equal(e, value)).count();
  }

  private static PyObject range(Interpreter in, PyObject[] a) {
    List<PyObject> parts = new ArrayList<>(((PyTuple) a[0]).elements());
    if (parts.isEmpty() || parts.size() > 3) {
      throw in.raise("TypeError", "range expected 1 to 3 arguments, got %d", parts.size());
    }
    BigInteger first = Values.integer(in, parts.get(0));
    if (parts.size() == 1) {
      return new PyObject.Range(BigInteger.ZERO, first, BigInteger.ONE);
    }
    BigInteger step = parts.size() == 3 ? Values.integer(in, parts.get(2)) : BigInteger.ONE;
    if (step.signum() == 0) {
      throw in.raise("ValueError", "range() arg 3 must not be zero");
    }
    return new PyObject.Range(first, Values.integer(in, parts.get(1)), step);
  }
}
