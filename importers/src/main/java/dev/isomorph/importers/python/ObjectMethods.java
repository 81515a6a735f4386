package dev.isomorph.importers.python;

/** Methods of {@code object}, {@code type}, exceptions, functions and iterators. */
final class ObjectMethods {
  private ObjectMethods() {}

  static void install() {
    Types.OBJECT
        .method("__init__", "self, *args, **kwargs", (_, _) -> PyObject.NONE)
        .method("__repr__", "self", (in, a) -> PyObject.of(in.text().repr(a[0])))
        .method("__str__", "self", (in, a) -> PyObject.of(in.text().repr(a[0])))
        .method("__hash__", "self", (in, a) -> PyObject.of(HashKeys.of(in, a[0]).hashCode()))
        .method("__eq__", "self, other", (_, a) -> same(a[0], a[1]))
        .method(
            "__ne__",
            "self, other",
            (_, a) -> a[0] == a[1] ? PyObject.FALSE : PyObject.NOT_IMPLEMENTED)
        .method(
            "__setattr__",
            "self, name, value",
            (in, a) -> {
              in.attributes().setPlain(a[0], Values.string(in, a[1]), a[2]);
              return PyObject.NONE;
            })
        .method(
            "__getattribute__",
            "self, name",
            (in, a) -> {
              String name = Values.string(in, a[1]);
              PyObject value = in.attributes().find(a[0], name);
              if (value == null) {
                throw in.raise("AttributeError", "no attribute '%s'", name);
              }
              return value;
            })
        .method(
            "__delattr__",
            "self, name",
            (in, a) -> {
              in.attributes().deletePlain(a[0], Values.string(in, a[1]));
              return PyObject.NONE;
            })
        .method(
            "__new__",
            "cls, *args, **kwargs",
            (in, a) ->
                in.calls()
                    .allocate(
                        (PyClass) a[0],
                        new Arguments(((PyTuple) a[1]).elements(), java.util.Map.of())))
        .method("__init_subclass__", "*args, **kwargs", (_, _) -> PyObject.NONE)
        .method("__sizeof__", "self", (_, _) -> PyObject.of(0));
    Types.OBJECT.constructor(null);
    Types.TYPE
        .method(
            "__new__",
            "mcs, name, bases, namespace, **kwargs",
            (in, a) ->
                ClassDefinitions.build(
                    in,
                    Values.string(in, a[1]),
                    (PyTuple) a[2],
                    (PyDict) a[3],
                    a[0] == Types.TYPE ? null : (PyClass) a[0]))
        .method("__init__", "cls, *args, **kwargs", (_, _) -> PyObject.NONE)
        .method(
            "__call__",
            "cls, *args, **kwargs",
            (in, a) ->
                in.calls()
                    .instantiate(
                        (PyClass) a[0],
                        new Arguments(((PyTuple) a[1]).elements(), keywords((PyDict) a[2]))))
        .method(
            "__subclasses__",
            "cls",
            (in, _) -> {
              throw in.unsupported("__subclasses__() is outside the subset");
            });
    Types.TYPE.constructor(
        PyNative.of(
            "type",
            "value, bases=None, namespace=None, /, **kwargs",
            (in, a) ->
                a[1] == PyObject.NONE
                    ? Types.of(in, a[0])
                    : ClassDefinitions.build(
                        in, Values.string(in, a[0]), (PyTuple) a[1], (PyDict) a[2], null)));
    Types.exception("BaseException")
        .method(
            "__init__",
            "self, *args, **kwargs",
            (_, a) -> {
              ((PyInstance) a[0]).attributes().put("args", a[1]);
              return PyObject.NONE;
            })
        .method("__str__", "self", (in, a) -> PyObject.of(message(in, (PyInstance) a[0])))
        .method(
            "__repr__",
            "self",
            (in, a) -> {
              PyInstance e = (PyInstance) a[0];
              PyObject args = e.attributes().get("args");
              String text = args == null ? "()" : in.text().repr(args);
              return PyObject.of(e.type().name() + text.replaceFirst(",\\)$", ")"));
            })
        .method("with_traceback", "self, tb", (_, a) -> a[0]);
    for (PyClass iterator : java.util.List.of(Types.ITERATOR, Types.GENERATOR)) {
      iterator
          .method("__iter__", "self", (_, a) -> a[0])
          .method(
              "__next__",
              "self",
              (in, a) -> {
                var source = ((PyIterator) a[0]).source();
                if (!source.hasNext()) {
                  throw in.raise("StopIteration", "");
                }
                return source.next();
              })
          .method("close", "self", (_, _) -> PyObject.NONE);
    }
    Types.SUPER.constructor(
        PyNative.of(
            "super", "type, receiver", (in, a) -> Builtins.superOf(in, (PyClass) a[0], a[1])));
    Types.PROPERTY.constructor(
        PyNative.of(
            "property",
            "fget=None, fset=None, fdel=None, doc=None",
            (_, a) -> new PyObject.Property(part(a[0]), part(a[1]), part(a[2]))));
    Types.STATIC_METHOD.constructor(
        PyNative.of("staticmethod", "function", (_, a) -> new PyObject.StaticMethod(a[0])));
    Types.CLASS_METHOD.constructor(
        PyNative.of("classmethod", "function", (_, a) -> new PyObject.ClassMethod(a[0])));
    Types.SLICE.constructor(
        PyNative.of(
            "slice",
            "*args",
            (_, a) -> {
              var parts = ((PyTuple) a[0]).elements();
              return switch (parts.size()) {
                case 1 -> new PyObject.Slice(PyObject.NONE, parts.get(0), PyObject.NONE);
                case 2 -> new PyObject.Slice(parts.get(0), parts.get(1), PyObject.NONE);
                default -> new PyObject.Slice(parts.get(0), parts.get(1), parts.get(2));
              };
            }));
  }

  private static PyObject same(PyObject a, PyObject b) {
    return a == b ? PyObject.TRUE : PyObject.NOT_IMPLEMENTED;
  }

  private static PyObject part(PyObject value) {
    return value == PyObject.NONE ? null : value;
  }

  static java.util.Map<String, PyObject> keywords(PyDict dict) {
    java.util.Map<String, PyObject> map = new java.util.LinkedHashMap<>();
    dict.keys().forEach(k -> map.put(Values.str(k), dict.get(Values.str(k))));
    return map;
  }

  private static String message(Interpreter in, PyInstance e) {
    if (!(e.attributes().get("args") instanceof PyTuple args) || args.elements().isEmpty()) {
      return "";
    }
    if (args.elements().size() > 1) {
      return in.text().repr(args);
    }
    PyObject only = args.elements().getFirst();
    return e.type().isSubclassOf(Types.exception("KeyError"))
            && !(only instanceof PyObject.Str s && s.value().contains(" "))
        ? in.text().repr(only)
        : in.text().str(only);
  }
}
