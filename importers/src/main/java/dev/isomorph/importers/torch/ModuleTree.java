package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PySet;
import dev.isomorph.importers.python.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The tensors and children of an {@code nn.Module}, by their paths. */
final class ModuleTree {
  /**
   * A tensor of the tree.
   *
   * @param key its key in a state dict
   * @param owner the module that holds it
   * @param name its name there
   * @param trainable whether it is a parameter, not a buffer
   * @param persistent whether a state dict holds it
   */
  record Entry(
      String key,
      PyInstance owner,
      String name,
      TensorRef tensor,
      boolean trainable,
      boolean persistent) {}

  /** A module of the tree. */
  record Child(String path, PyInstance module) {}

  private final List<Entry> entries = new ArrayList<>();
  private final List<Child> modules = new ArrayList<>();
  private final Set<PyInstance> open = Collections.newSetFromMap(new IdentityHashMap<>());

  ModuleTree(PyInstance root) {
    walk("", root);
  }

  /** {@return whether a value is an initialised {@code nn.Module}} */
  static boolean isModule(PyObject value) {
    return value instanceof PyInstance i && space(i, "_modules") != null;
  }

  List<Entry> entries() {
    return entries;
  }

  List<Child> modules() {
    return modules;
  }

  private static PyDict space(PyInstance module, String name) {
    return module.attributes().get(name) instanceof PyDict d ? d : null;
  }

  private void walk(String path, PyInstance module) {
    if (!open.add(module)) {
      return;
    }
    modules.add(new Child(path, module));
    String prefix = path.isEmpty() ? "" : path + ".";
    tensors(prefix, module, "_parameters");
    tensors(prefix, module, "_buffers");
    PyDict children = space(module, "_modules");
    for (PyObject name : children.keys()) {
      String key = ((PyObject.Str) name).value();
      if (children.get(key) instanceof PyInstance child && isModule(child)) {
        walk(prefix + key, child);
      }
    }
    open.remove(module);
  }

  private void tensors(String prefix, PyInstance module, String space) {
    PyDict held = space(module, space);
    for (PyObject name : held.keys()) {
      String key = ((PyObject.Str) Values.plain(name)).value();
      if (held.get(key) instanceof TensorRef t) {
        boolean trainable = space.equals("_parameters");
        entries.add(
            new Entry(
                prefix + key, module, key, t, trainable, trainable || persistent(module, name)));
      }
    }
  }

  private static boolean persistent(PyInstance module, PyObject name) {
    return !(module.attributes().get("_non_persistent_buffers_set") instanceof PySet set)
        || set.elements().stream().noneMatch(name::equals);
  }
}
