package dev.isomorph.importers.python;

import java.util.List;

/** Constructor and methods of {@code dict}. */
final class DictMethods {
  private DictMethods() {}

  static void install() {
    Types.DICT.constructor(
        PyNative.of(
            "dict",
            "source=None, /, **kwargs",
            (in, a) -> {
              PyDict made = new PyDict();
              update(in, made, a[0], (PyDict) a[1]);
              return made;
            }));
    Types.DICT
        .method(
            "__init__",
            "self, source=None, /, **kwargs",
            (in, a) -> {
              update(in, dict(a), a[1], (PyDict) a[2]);
              return PyObject.NONE;
            })
        .method(
            "update",
            "self, source=None, /, **kwargs",
            (in, a) -> {
              update(in, dict(a), a[1], (PyDict) a[2]);
              return PyObject.NONE;
            })
        .method(
            "get",
            "self, key, default=None",
            (in, a) -> {
              PyObject found = dict(a).get(in, a[1]);
              return found == null ? a[2] : found;
            })
        .method(
            "setdefault",
            "self, key, default=None",
            (in, a) -> {
              PyObject found = dict(a).get(in, a[1]);
              if (found == null) {
                dict(a).put(in, a[1], a[2]);
              }
              return found == null ? a[2] : found;
            })
        .method("keys", "self", (_, a) -> new PyList(dict(a).keys()))
        .method("values", "self", (_, a) -> new PyList(dict(a).values()))
        .method("items", "self", (_, a) -> new PyList(dict(a).items()))
        .method(
            "pop",
            "self, key, *default",
            (in, a) -> {
              PyObject removed = dict(a).remove(in, a[1]);
              List<PyObject> fallback = ((PyTuple) a[2]).elements();
              if (removed == null && fallback.isEmpty()) {
                return in.operators().getItem(dict(a), a[1]);
              }
              return removed == null ? fallback.getFirst() : removed;
            })
        .method(
            "popitem",
            "self, last=True",
            (in, a) -> {
              if (dict(a).size() == 0) {
                throw in.raise("KeyError", "popitem(): dictionary is empty");
              }
              boolean last = in.operators().truth(a[1]);
              List<PyObject> keys = dict(a).keys();
              PyObject key = last ? keys.getLast() : keys.getFirst();
              return PyObject.tuple(key, dict(a).remove(in, key));
            })
        .method(
            "move_to_end",
            "self, key, last=True",
            (in, a) -> {
              in.operators().getItem(dict(a), a[1]);
              dict(a).move(in, a[1], in.operators().truth(a[2]));
              return PyObject.NONE;
            })
        .method(
            "clear",
            "self",
            (_, a) -> {
              dict(a).clear();
              return PyObject.NONE;
            })
        .method(
            "copy",
            "self",
            (_, a) -> {
              PyDict made = new PyDict();
              made.putAll(dict(a));
              return a[0] instanceof PyInstance i ? new PyInstance(i.type(), made) : made;
            })
        .method("__len__", "self", (_, a) -> PyObject.of(dict(a).size()))
        .method("__iter__", "self", (in, a) -> ListMethods.iterator(in, dict(a)))
        .method("__contains__", "self, key", (in, a) -> PyObject.of(dict(a).get(in, a[1]) != null))
        .method(
            "__setitem__",
            "self, key, value",
            (in, a) -> {
              dict(a).put(in, a[1], a[2]);
              return PyObject.NONE;
            })
        .method(
            "__delitem__",
            "self, key",
            (in, a) -> {
              in.operators().deleteItem(dict(a), a[1]);
              return PyObject.NONE;
            })
        .method(
            "__getitem__",
            "self, key",
            (in, a) -> {
              PyObject found = dict(a).get(in, a[1]);
              if (found == null) {
                found = in.calls().callSpecial(a[0], "__missing__", a[1]);
              }
              return found == null ? in.operators().getItem(dict(a), a[1]) : found;
            });
    Types.DICT
        .namespace()
        .put(
            "fromkeys",
            new PyObject.StaticMethod(
                PyNative.of(
                    "fromkeys",
                    "iterable, value=None",
                    (in, a) -> {
                      PyDict made = new PyDict();
                      in.operators().forEach(a[0], k -> made.put(in, k, a[1]));
                      return made;
                    })));
  }

  private static PyDict dict(PyObject[] a) {
    return Values.dict(a[0]);
  }

  private static void update(Interpreter in, PyDict target, PyObject source, PyDict keywords) {
    boolean mapping =
        Values.plain(source) instanceof PyDict || in.attributes().find(source, "keys") != null;
    if (mapping) {
      in.operators().mappingItems(source).forEach(p -> target.put(in, p.key(), p.value()));
    } else if (source != PyObject.NONE) {
      in.operators()
          .forEach(
              source,
              pair -> {
                List<PyObject> parts = in.operators().list(pair);
                if (parts.size() != 2) {
                  throw in.raise(
                      "ValueError",
                      "dictionary update sequence element has length %d; 2 is required",
                      parts.size());
                }
                target.put(in, parts.get(0), parts.get(1));
              });
    }
    target.putAll(keywords);
  }
}
