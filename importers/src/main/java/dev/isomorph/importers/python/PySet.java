package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A set, by identity. It iterates in insertion order, which is one of the orders that Python may
 * choose.
 */
public final class PySet implements PyObject {
  private final Map<Object, PyObject> elements = new LinkedHashMap<>();
  private final boolean frozen;

  public PySet(boolean frozen) {
    this.frozen = frozen;
  }

  static PySet of(Interpreter in, boolean frozen, Collection<PyObject> elements) {
    PySet set = new PySet(frozen);
    elements.forEach(e -> set.add(in, e));
    return set;
  }

  boolean frozen() {
    return frozen;
  }

  void add(Interpreter in, PyObject element) {
    elements.putIfAbsent(HashKeys.of(in, element), element);
  }

  boolean contains(Interpreter in, PyObject element) {
    return elements.containsKey(HashKeys.of(in, element));
  }

  boolean remove(Interpreter in, PyObject element) {
    return elements.remove(HashKeys.of(in, element)) != null;
  }

  void clear() {
    elements.clear();
  }

  int size() {
    return elements.size();
  }

  /** {@return the canonical keys, for comparison} */
  Set<Object> hashes() {
    return elements.keySet();
  }

  /** {@return a copy of the elements} */
  public List<PyObject> elements() {
    return new ArrayList<>(elements.values());
  }
}
