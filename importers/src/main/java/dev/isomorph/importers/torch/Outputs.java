package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What {@code forward} returned, taken apart: tensors in order, named by where they stood. */
final class Outputs {
  private final TorchTrace trace;
  private final List<Value> values = new ArrayList<>();
  private final List<Signature.Port> ports = new ArrayList<>();
  private final Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<String> names = new HashSet<>();

  Outputs(TorchTrace trace, PyObject result) {
    this.trace = trace;
    add("output", result);
    if (values.isEmpty()) {
      throw trace.in().unsupported("forward returned no tensor");
    }
  }

  List<Value> values() {
    return values;
  }

  List<Signature.Port> ports() {
    return ports;
  }

  private void add(String path, PyObject value) {
    PyObject plain = Values.plain(value);
    switch (plain) {
      case TensorRef t -> add(path, t.value());
      case PyTuple t -> all(path, t.elements());
      case PyList l -> all(path, l.elements());
      case PyDict d -> {
        String prefix = path.equals("output") ? "" : path + ".";
        for (PyObject key : d.keys()) {
          add(prefix + trace.in().text().str(key), trace.in().operators().getItem(d, key));
        }
      }
      case PyObject.None _ -> {}
      case SymInt s -> add(path, s.value());
      case SymFloat f -> add(path, f.value());
      case PyObject.Str _ -> {}
      case PyInstance i when i.attributes().size() > 0 -> {
        for (PyObject key : i.attributes().keys()) {
          String name = trace.in().text().str(key);
          add(path.equals("output") ? name : path + "." + name, i.attributes().get(name));
        }
      }
      default -> {
        if (Values.isInteger(plain) || plain instanceof PyObject.Float) {
          add(path, Operands.scalar(trace, plain, Operands.numberType(plain)));
        } else {
          throw trace
              .in()
              .unsupported(
                  "forward returned a '%s'",
                  dev.isomorph.importers.python.Types.of(trace.in(), value).name());
        }
      }
    }
  }

  private void all(String path, List<PyObject> elements) {
    for (int i = 0; i < elements.size(); i++) {
      add(path + "_" + i, elements.get(i));
    }
  }

  private void add(String path, Value value) {
    // A graph's output is a node's result of its own, so that every output keeps its name.
    boolean own = value instanceof Value.Result && seen.add(value);
    Value out = own ? value : trace.graph().identity(value);
    String name = path;
    for (int i = 1; !names.add(name); i++) {
      name = path + "_" + i;
    }
    values.add(out);
    ports.add(new Signature.Port(name, out.type()));
  }
}
