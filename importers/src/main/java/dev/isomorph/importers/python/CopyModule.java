package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The {@code copy} module. */
final class CopyModule {
  private CopyModule() {}

  static PyModule make() {
    PyModule m = new PyModule("copy");
    m.namespace().put("copy", PyNative.of("copy", "x", (in, a) -> copy(in, a[0])));
    m.namespace()
        .put(
            "deepcopy",
            PyNative.of("deepcopy", "x, memo=None", (in, a) -> new Deep(in).copy(a[0])));
    return m;
  }

  private static PyObject copy(Interpreter in, PyObject value) {
    PyObject own = in.calls().callSpecial(value, "__copy__");
    if (own != null) {
      return own;
    }
    return switch (value) {
      case PyList l -> new PyList(l.elements());
      case PyDict d -> {
        PyDict made = new PyDict();
        made.putAll(d);
        yield made;
      }
      case PySet s -> PySet.of(in, s.frozen(), s.elements());
      case PyInstance i -> {
        PyObject payload = i.payload() == null ? null : copy(in, i.payload());
        PyInstance made = new PyInstance(i.type(), payload);
        made.attributes().putAll(i.attributes());
        yield made;
      }
      default -> value;
    };
  }

  private static final class Deep {
    private final Interpreter in;
    private final Map<PyObject, PyObject> memo = new IdentityHashMap<>();

    Deep(Interpreter in) {
      this.in = in;
    }

    PyObject copy(PyObject value) {
      PyObject known = memo.get(value);
      if (known != null) {
        return known;
      }
      in.count(1);
      return switch (value) {
        case PyList l -> {
          PyList made = new PyList();
          memo.put(l, made);
          l.elements().forEach(e -> made.elements().add(copy(e)));
          yield made;
        }
        case PyTuple t -> {
          List<PyObject> made = new ArrayList<>();
          t.elements().forEach(e -> made.add(copy(e)));
          yield new PyTuple(made);
        }
        case PyDict d -> {
          PyDict made = new PyDict();
          memo.put(d, made);
          d.keys().forEach(k -> made.put(in, copy(k), copy(d.get(in, k))));
          yield made;
        }
        case PySet s -> PySet.of(in, s.frozen(), s.elements().stream().map(this::copy).toList());
        case PyInstance i -> instance(i);
        case PyObject.Method m -> new PyObject.Method(copy(m.receiver()), m.function());
        case HostObject h -> {
          PyObject made = h.convert(in, "deepcopy");
          PyObject result = made == null ? h : made;
          memo.put(h, result);
          yield result;
        }
        default -> value;
      };
    }

    private PyObject instance(PyInstance i) {
      PyObject hook = i.type().lookup("__deepcopy__");
      if (hook instanceof PyFunction) {
        return in.calls().callSpecial(i, "__deepcopy__", new PyDict());
      }
      PyObject payload = i.payload() == null ? null : copy(i.payload());
      PyInstance made = new PyInstance(i.type(), payload);
      memo.put(i, made);
      for (PyObject name : i.attributes().keys()) {
        made.attributes().put(Values.str(name), copy(i.attributes().get(Values.str(name))));
      }
      return made;
    }
  }
}
