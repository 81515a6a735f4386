package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The built-in functions. */
final class Builtins {
  private Builtins() {}

  static void install(PyDict scope) {
    for (PyClass c :
        List.of(
            Types.OBJECT,
            Types.TYPE,
            Types.INT,
            Types.BOOL,
            Types.FLOAT,
            Types.COMPLEX,
            Types.STR,
            Types.BYTES,
            Types.TUPLE,
            Types.LIST,
            Types.DICT,
            Types.SET,
            Types.FROZENSET,
            Types.SLICE,
            Types.RANGE,
            Types.SUPER,
            Types.PROPERTY,
            Types.STATIC_METHOD,
            Types.CLASS_METHOD)) {
      scope.put(c.name(), c);
    }
    Types.exceptions().forEach(scope::put);
    scope.put("IOError", Types.exception("OSError"));
    scope.put("EnvironmentError", Types.exception("OSError"));
    scope.put("NotImplemented", PyObject.NOT_IMPLEMENTED);
    scope.put("Ellipsis", PyObject.ELLIPSIS);
    scope.put("__debug__", PyObject.TRUE);
    FUNCTIONS.forEach(f -> scope.put(f.name(), f));
  }

  private static final List<PyNative> FUNCTIONS =
      List.of(
          PyNative.of("len", "x", (in, a) -> PyObject.of(in.operators().length(a[0]))),
          PyNative.of(
              "print", "*args, sep=' ', end='\\n', file=None, flush=False", Builtins::print),
          PyNative.of("repr", "x", (in, a) -> PyObject.of(in.text().repr(a[0]))),
          PyNative.of("ascii", "x", (in, a) -> PyObject.of(in.text().repr(a[0]))),
          PyNative.of(
              "format",
              "x, spec=''",
              (in, a) -> PyObject.of(in.text().format(a[0], Values.string(in, a[1])))),
          PyNative.of("abs", "x", Builtins::abs),
          PyNative.of("round", "x, ndigits=None", Builtins::round),
          PyNative.of(
              "divmod",
              "a, b",
              (in, a) ->
                  PyObject.tuple(
                      in.operators().binary("//", a[0], a[1]),
                      in.operators().binary("%", a[0], a[1]))),
          PyNative.of("pow", "base, exp, mod=None", Builtins::pow),
          PyNative.of("sum", "iterable, start=0", Builtins::sum),
          PyNative.of("min", "*args, key=None, default=...", (in, a) -> extreme(in, "min", a)),
          PyNative.of("max", "*args, key=None, default=...", (in, a) -> extreme(in, "max", a)),
          PyNative.of("any", "iterable", (in, a) -> anyOrAll(in, a[0], true)),
          PyNative.of("all", "iterable", (in, a) -> anyOrAll(in, a[0], false)),
          PyNative.of(
              "sorted",
              "iterable, *, key=None, reverse=False",
              (in, a) ->
                  new PyList(
                      Sorting.sorted(
                          in, in.operators().list(a[0]), a[1], in.operators().truth(a[2])))),
          PyNative.of("reversed", "sequence", Builtins::reversed),
          PyNative.of("enumerate", "iterable, start=0", Builtins::enumerate),
          PyNative.of("zip", "*iterables, strict=False", Builtins::zip),
          PyNative.of("map", "function, *iterables", Builtins::map),
          PyNative.of("filter", "function, iterable", Builtins::filter),
          PyNative.of("iter", "x, sentinel=...", Builtins::iter),
          PyNative.of("next", "iterator, *default", Builtins::next),
          PyNative.of("isinstance", "x, types", (in, a) -> PyObject.of(isInstance(in, a[0], a[1]))),
          PyNative.of("issubclass", "c, types", (in, a) -> PyObject.of(isSubclass(in, a[0], a[1]))),
          PyNative.of("callable", "x", (in, a) -> PyObject.of(in.calls().isCallable(a[0]))),
          PyNative.of("getattr", "x, name, *default", Builtins::getattr),
          PyNative.of(
              "hasattr",
              "x, name",
              (in, a) -> PyObject.of(getOrNull(in, a[0], Values.string(in, a[1])) != null)),
          PyNative.of(
              "setattr",
              "x, name, value",
              (in, a) -> {
                in.attributes().set(a[0], Values.string(in, a[1]), a[2]);
                return PyObject.NONE;
              }),
          PyNative.of(
              "delattr",
              "x, name",
              (in, a) -> {
                in.attributes().delete(a[0], Values.string(in, a[1]));
                return PyObject.NONE;
              }),
          PyNative.of("vars", "x", (in, a) -> in.attributes().get(a[0], "__dict__")),
          PyNative.of("dir", "x", Builtins::dir),
          PyNative.of("id", "x", (_, a) -> PyObject.of(System.identityHashCode(a[0]))),
          PyNative.of("hash", "x", (in, a) -> PyObject.of(HashKeys.of(in, a[0]).hashCode())),
          PyNative.of("ord", "c", (in, a) -> PyObject.of(Values.string(in, a[0]).codePointAt(0))),
          PyNative.of(
              "chr", "i", (in, a) -> PyObject.of(Character.toString(Values.intValue(in, a[0])))),
          PyNative.of("bin", "x", (in, a) -> PyObject.of(FormatSpec.format(in, a[0], "#b"))),
          PyNative.of("hex", "x", (in, a) -> PyObject.of(FormatSpec.format(in, a[0], "#x"))),
          PyNative.of("oct", "x", (in, a) -> PyObject.of(FormatSpec.format(in, a[0], "#o"))),
          PyNative.of(
              "__import__",
              "name, *args",
              (in, a) -> in.imports().importTop(Values.string(in, a[0]), true)),
          refused("open"),
          refused("eval"),
          refused("exec"),
          refused("compile"),
          refused("input"));

  private static PyNative refused(String name) {
    return PyNative.of(
        name,
        "*args, **kwargs",
        (in, _) -> {
          throw in.unsupported(
              "'%s()' is outside the subset: a model's source touches nothing", name);
        });
  }

  static boolean isBuiltIn(PyClass c) {
    return c.namespace().get("__module__") == null;
  }

  static PyObject superOf(Interpreter in, PyClass after, PyObject receiver) {
    PyClass type =
        receiver instanceof PyClass c && c.isSubclassOf(after) ? c : Types.of(in, receiver);
    if (!type.isSubclassOf(after)) {
      throw in.raise("TypeError", "super(type, obj): obj must be an instance or subtype of type");
    }
    return new PyObject.Super(after, type, receiver);
  }

  private static PyObject print(Interpreter in, PyObject[] a) {
    String separator = a[1] == PyObject.NONE ? " " : Values.string(in, a[1]);
    String end = a[2] == PyObject.NONE ? "\n" : Values.string(in, a[2]);
    List<String> parts = new ArrayList<>();
    ((PyTuple) a[0]).elements().forEach(v -> parts.add(in.text().str(v)));
    in.print(String.join(separator, parts) + end);
    return PyObject.NONE;
  }

  private static PyObject abs(Interpreter in, PyObject[] a) {
    PyObject special = in.calls().callSpecial(a[0], "__abs__");
    if (special != null) {
      return special;
    }
    return switch (Values.plain(a[0])) {
      case PyObject.Float f -> PyObject.of(Math.abs(f.value()));
      case PyObject.Complex c -> PyObject.of(Math.hypot(c.real(), c.imaginary()));
      case HostObject h when h.unary(in, "abs") != null -> h.unary(in, "abs");
      default -> new PyObject.Int(Values.integer(in, a[0]).abs());
    };
  }

  private static PyObject round(Interpreter in, PyObject[] a) {
    PyObject special = in.calls().callSpecial(a[0], "__round__");
    if (special != null) {
      return special;
    }
    PyObject value = Values.plain(a[0]);
    if (value instanceof HostObject h && h.unary(in, "round") != null && a[1] == PyObject.NONE) {
      return h.unary(in, "round");
    }
    int digits = a[1] == PyObject.NONE ? 0 : Values.intValue(in, a[1]);
    if (Values.isInteger(value)) {
      if (digits >= 0) {
        return new PyObject.Int(Values.integer(in, value));
      }
      BigDecimal rounded =
          new BigDecimal(Values.integer(in, value)).setScale(digits, RoundingMode.HALF_EVEN);
      return new PyObject.Int(rounded.toBigInteger());
    }
    double d = Values.doubleValue(in, value);
    if (!Double.isFinite(d)) {
      if (a[1] == PyObject.NONE) {
        throw in.raise(
            Double.isNaN(d) ? "ValueError" : "OverflowError",
            "cannot convert float %s to integer",
            Double.isNaN(d) ? "NaN" : "infinity");
      }
      return value;
    }
    if (Math.abs(digits) > 400) {
      return digits > 0 ? value : PyObject.of(0.0);
    }
    BigDecimal rounded = new BigDecimal(d).setScale(digits, RoundingMode.HALF_EVEN);
    return a[1] == PyObject.NONE
        ? new PyObject.Int(rounded.toBigInteger())
        : PyObject.of(Math.copySign(rounded.doubleValue(), d));
  }

  private static PyObject pow(Interpreter in, PyObject[] a) {
    if (a[2] == PyObject.NONE) {
      return in.operators().binary("**", a[0], a[1]);
    }
    BigInteger mod = Values.integer(in, a[2]);
    if (mod.signum() <= 0) {
      throw in.raise("ValueError", "pow() 3rd argument must be positive");
    }
    return new PyObject.Int(Values.integer(in, a[0]).modPow(Values.integer(in, a[1]), mod));
  }

  private static PyObject sum(Interpreter in, PyObject[] a) {
    PyObject[] total = {a[1]};
    in.operators().forEach(a[0], v -> total[0] = in.operators().binary("+", total[0], v));
    return total[0];
  }

  private static PyObject extreme(Interpreter in, String name, PyObject[] a) {
    List<PyObject> given = ((PyTuple) a[0]).elements();
    List<PyObject> all = given.size() == 1 ? in.operators().list(given.getFirst()) : given;
    if (all.isEmpty()) {
      if (a[2] != PyObject.ELLIPSIS) {
        return a[2];
      }
      throw in.raise("ValueError", "%s() arg is an empty sequence", name);
    }
    PyObject best = null;
    PyObject bestKey = null;
    for (PyObject value : all) {
      PyObject key = a[1] == PyObject.NONE ? value : in.calls().call(a[1], value);
      if (best == null) {
        best = value;
        bestKey = key;
        continue;
      }
      if (a[1] == PyObject.NONE && (key instanceof HostObject || bestKey instanceof HostObject)) {
        HostObject host = (HostObject) (key instanceof HostObject ? key : bestKey);
        PyObject combined = host.binary(in, name, host == key ? bestKey : key, host == key);
        if (combined != null) {
          best = combined;
          bestKey = combined;
          continue;
        }
      }
      boolean better =
          name.equals("min")
              ? in.operators().less(key, bestKey)
              : in.operators().less(bestKey, key);
      if (better) {
        best = value;
        bestKey = key;
      }
    }
    return best;
  }

  private static PyObject anyOrAll(Interpreter in, PyObject iterable, boolean any) {
    Iterator<PyObject> all = in.operators().iterate(iterable);
    while (all.hasNext()) {
      in.count(1);
      if (in.operators().truth(all.next()) == any) {
        return PyObject.of(any);
      }
    }
    return PyObject.of(!any);
  }

  private static PyObject reversed(Interpreter in, PyObject[] a) {
    PyObject special = in.calls().callSpecial(a[0], "__reversed__");
    if (special != null) {
      return special;
    }
    if (a[0] instanceof PyInstance i && i.payload() == null) {
      List<PyObject> all = new ArrayList<>();
      for (long n = in.operators().length(a[0]) - 1; n >= 0; n--) {
        all.add(in.operators().getItem(a[0], PyObject.of(n)));
      }
      return new PyIterator("iterator", all.iterator());
    }
    return new PyIterator("iterator", in.operators().list(a[0]).reversed().iterator());
  }

  private static PyObject enumerate(Interpreter in, PyObject[] a) {
    Iterator<PyObject> source = in.operators().iterate(a[0]);
    long[] index = {Values.longValue(in, a[1])};
    return lazy(source::hasNext, () -> PyObject.tuple(PyObject.of(index[0]++), source.next()));
  }

  private static PyObject zip(Interpreter in, PyObject[] a) {
    List<Iterator<PyObject>> sources = new ArrayList<>();
    ((PyTuple) a[0]).elements().forEach(v -> sources.add(in.operators().iterate(v)));
    boolean strict = in.operators().truth(a[1]);
    return lazy(
        () -> {
          long alive = 0;
          for (Iterator<PyObject> s : sources) {
            if (s.hasNext()) {
              alive++;
            } else if (!strict) {
              return false;
            }
          }
          if (strict && alive > 0 && alive < sources.size()) {
            throw in.raise("ValueError", "zip() arguments have different lengths");
          }
          return alive > 0;
        },
        () -> new PyTuple(sources.stream().map(Iterator::next).toList()));
  }

  private static PyObject map(Interpreter in, PyObject[] a) {
    List<Iterator<PyObject>> sources = new ArrayList<>();
    ((PyTuple) a[1]).elements().forEach(v -> sources.add(in.operators().iterate(v)));
    return lazy(
        () -> sources.stream().allMatch(Iterator::hasNext),
        () -> in.calls().call(a[0], sources.stream().map(Iterator::next).toArray(PyObject[]::new)));
  }

  private static PyObject filter(Interpreter in, PyObject[] a) {
    Iterator<PyObject> source = in.operators().iterate(a[1]);
    PyObject[] ahead = new PyObject[1];
    return lazy(
        () -> {
          while (ahead[0] == null && source.hasNext()) {
            PyObject value = source.next();
            PyObject test = a[0] == PyObject.NONE ? value : in.calls().call(a[0], value);
            if (in.operators().truth(test)) {
              ahead[0] = value;
            }
          }
          return ahead[0] != null;
        },
        () -> {
          PyObject value = ahead[0];
          ahead[0] = null;
          return value;
        });
  }

  private static PyIterator lazy(
      java.util.function.BooleanSupplier hasNext, java.util.function.Supplier<PyObject> next) {
    return new PyIterator(
        "iterator",
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return hasNext.getAsBoolean();
          }

          @Override
          public PyObject next() {
            return next.get();
          }
        });
  }

  private static PyObject iter(Interpreter in, PyObject[] a) {
    if (a[1] != PyObject.ELLIPSIS) {
      throw in.unsupported("iter() with a sentinel is outside the subset");
    }
    return a[0] instanceof PyIterator ? a[0] : ListMethods.iterator(in, a[0]);
  }

  private static PyObject next(Interpreter in, PyObject[] a) {
    List<PyObject> fallback = ((PyTuple) a[1]).elements();
    if (a[0] instanceof PyInstance && fallback.isEmpty()) {
      return in.calls().callSpecial(a[0], "__next__");
    }
    if (!(a[0] instanceof PyIterator) && !(a[0] instanceof PyInstance)) {
      throw in.raise("TypeError", "'%s' object is not an iterator", Types.of(in, a[0]).name());
    }
    Iterator<PyObject> source = in.operators().iterate(a[0]);
    if (source.hasNext()) {
      return source.next();
    }
    if (fallback.isEmpty()) {
      throw in.raise("StopIteration", "");
    }
    return fallback.getFirst();
  }

  static boolean isInstance(Interpreter in, PyObject value, PyObject types) {
    return switch (types) {
      case PyTuple t -> t.elements().stream().anyMatch(e -> isInstance(in, value, e));
      case PyObject.None _ -> value == PyObject.NONE;
      case PyClass c ->
          c.instanceCheck() != null && c.instanceCheck().test(value)
              || Types.of(in, value).isSubclassOf(c)
              || c == Types.OBJECT;
      case Unavailable u -> throw u.refuse(in, "used in isinstance()");
      case HostObject h -> {
        PyObject result = h.binary(in, "isinstance", value, true);
        if (result == null) {
          throw in.raise("TypeError", "isinstance() arg 2 must be a type");
        }
        yield in.operators().truth(result);
      }
      default -> throw in.raise("TypeError", "isinstance() arg 2 must be a type");
    };
  }

  private static boolean isSubclass(Interpreter in, PyObject value, PyObject types) {
    if (types instanceof PyTuple t) {
      return t.elements().stream().anyMatch(e -> isSubclass(in, value, e));
    }
    if (value instanceof PyClass c && types instanceof PyClass other) {
      return c.isSubclassOf(other);
    }
    throw in.raise("TypeError", "issubclass() arg 1 must be a class");
  }

  /** {@return the attribute, or {@code null} where {@code AttributeError} would be raised} */
  static PyObject getOrNull(Interpreter in, PyObject value, String name) {
    int depth = in.depth();
    try {
      return in.attributes().get(value, name);
    } catch (PyRaise raised) {
      if (!raised.exception().type().isSubclassOf(Types.exception("AttributeError"))) {
        throw raised;
      }
      in.unwind(depth);
      return null;
    }
  }

  private static PyObject getattr(Interpreter in, PyObject[] a) {
    List<PyObject> fallback = ((PyTuple) a[2]).elements();
    String name = Values.string(in, a[1]);
    if (fallback.isEmpty()) {
      return in.attributes().get(a[0], name);
    }
    PyObject value = getOrNull(in, a[0], name);
    return value == null ? fallback.getFirst() : value;
  }

  private static PyObject dir(Interpreter in, PyObject[] a) {
    PySet names = new PySet(false);
    if (a[0] instanceof PyInstance i) {
      i.attributes().keys().forEach(k -> names.add(in, k));
    }
    if (a[0] instanceof PyModule m) {
      m.namespace().keys().forEach(k -> names.add(in, k));
    } else {
      PyClass type = a[0] instanceof PyClass c ? c : Types.of(in, a[0]);
      type.order().forEach(c -> c.namespace().keys().forEach(k -> names.add(in, k)));
    }
    return new PyList(Sorting.sorted(in, names.elements(), PyObject.NONE, false));
  }
}
