package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dictionary in insertion order, by identity. Keys are equal as Python's are: {@code 1}, {@code
 * 1.0} and {@code True} are one key. Also the namespace of modules, classes and instances.
 */
public final class PyDict implements PyObject {
  private record Entry(PyObject key, PyObject value) {}

  private final Map<Object, Entry> entries = new LinkedHashMap<>();

  /** {@return the value under a name, or {@code null}} */
  public PyObject get(String name) {
    Entry entry = entries.get(name);
    return entry == null ? null : entry.value;
  }

  /** Binds a name. */
  public void put(String name, PyObject value) {
    entries.put(name, new Entry(PyObject.of(name), value));
  }

  /** {@return what was bound to the name, or {@code null}} */
  public PyObject remove(String name) {
    Entry removed = entries.remove(name);
    return removed == null ? null : removed.value;
  }

  PyObject get(Interpreter in, PyObject key) {
    Entry entry = entries.get(HashKeys.of(in, key));
    return entry == null ? null : entry.value;
  }

  void put(Interpreter in, PyObject key, PyObject value) {
    Object hash = HashKeys.of(in, key);
    Entry old = entries.get(hash);
    entries.put(hash, new Entry(old == null ? key : old.key, value));
  }

  PyObject remove(Interpreter in, PyObject key) {
    Entry removed = entries.remove(HashKeys.of(in, key));
    return removed == null ? null : removed.value;
  }

  /** Copies every entry of another dictionary into this one. */
  public void putAll(PyDict other) {
    if (other != this) {
      other.entries.forEach(
          (hash, entry) -> {
            Entry old = entries.get(hash);
            entries.put(hash, old == null ? entry : new Entry(old.key, entry.value));
          });
    }
  }

  /** Moves an existing key to the end, or to the front. */
  void move(Interpreter in, PyObject key, boolean last) {
    Object hash = HashKeys.of(in, key);
    Entry entry = entries.remove(hash);
    if (last) {
      entries.put(hash, entry);
    } else {
      Map<Object, Entry> others = new LinkedHashMap<>(entries);
      entries.clear();
      entries.put(hash, entry);
      entries.putAll(others);
    }
  }

  public int size() {
    return entries.size();
  }

  public void clear() {
    entries.clear();
  }

  /** {@return a copy of the keys, in order} */
  public List<PyObject> keys() {
    List<PyObject> keys = new ArrayList<>(entries.size());
    entries.values().forEach(e -> keys.add(e.key));
    return keys;
  }

  /** {@return a copy of the values, in order} */
  public List<PyObject> values() {
    List<PyObject> values = new ArrayList<>(entries.size());
    entries.values().forEach(e -> values.add(e.value));
    return values;
  }

  /** {@return a copy of the pairs, in order} */
  public List<PyObject> items() {
    List<PyObject> items = new ArrayList<>(entries.size());
    entries.values().forEach(e -> items.add(PyObject.tuple(e.key, e.value)));
    return items;
  }
}
