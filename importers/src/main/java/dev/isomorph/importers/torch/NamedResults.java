package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyNative;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Types;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.List;

/** Tuples with named elements, as {@code max} and {@code sort} return them. */
final class NamedResults {
  private NamedResults() {}

  /**
   * {@return a tuple of tensors}
   *
   * @param parts names and {@link Value}s in turn
   */
  static PyObject of(TorchTrace trace, String operator, Object... parts) {
    PyDict namespace = new PyDict();
    List<PyObject> elements = new ArrayList<>();
    for (int i = 0; i < parts.length; i += 2) {
      int index = i / 2;
      elements.add(trace.tensor((Value) parts[i + 1]));
      namespace.put(
          (String) parts[i],
          new PyObject.Property(
              PyNative.of(
                  (String) parts[i],
                  "self",
                  (_, a) -> ((PyTuple) Values.plain(a[0])).elements().get(index)),
              null,
              null));
    }
    PyClass type =
        new PyClass("torch.return_types." + operator, List.of(Types.TUPLE), namespace, null);
    return new PyInstance(type, new PyTuple(elements));
  }
}
