package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.List;

/** Indexing and slicing of built-in values. */
final class Subscripts {
  private final Interpreter in;

  Subscripts(Interpreter in) {
    this.in = in;
  }

  PyObject get(PyObject value, PyObject index) {
    PyObject special = in.calls().callSpecial(value, "__getitem__", index);
    if (special != null) {
      return special;
    }
    PyObject plain = Values.plain(value);
    PyObject found =
        switch (plain) {
          case PyList l ->
              index instanceof PyObject.Slice s
                  ? new PyList(slice(l.elements(), s))
                  : l.elements().get(position(index, l.elements().size(), "list"));
          case PyTuple t ->
              index instanceof PyObject.Slice s
                  ? new PyTuple(slice(t.elements(), s))
                  : t.elements().get(position(index, t.elements().size(), "tuple"));
          case PyDict d -> fromDict(value, d, index);
          case PyObject.Str s -> fromString(s.value(), index);
          case PyObject.Bytes b ->
              index instanceof PyObject.Slice s
                  ? new PyObject.Bytes(sliceText(b.value(), s))
                  : PyObject.of(b.value().charAt(position(index, b.value().length(), "bytes")));
          case PyObject.Range r -> fromRange(r, index);
          case PyClass c -> {
            PyObject hook = c.lookup("__class_getitem__");
            yield hook instanceof PyObject.ClassMethod m
                ? in.calls().call(m.function(), c, index)
                : c;
          }
          case HostObject h -> h.getItem(in, index);
          default -> null;
        };
    if (found == null) {
      throw in.raise("TypeError", "'%s' object is not subscriptable", Types.of(in, value).name());
    }
    return found;
  }

  private PyObject fromDict(PyObject owner, PyDict dict, PyObject key) {
    PyObject found = dict.get(in, key);
    if (found == null) {
      found = in.calls().callSpecial(owner, "__missing__", key);
    }
    if (found == null) {
      PyInstance error = new PyInstance(Types.exception("KeyError"), null);
      error.attributes().put("args", PyObject.tuple(key));
      throw new PyRaise(error, in.place());
    }
    return found;
  }

  private PyObject fromString(String text, PyObject index) {
    int[] points = text.codePoints().toArray();
    if (index instanceof PyObject.Slice s) {
      return PyObject.of(sliceText(text, s));
    }
    int at = position(index, points.length, "string");
    return PyObject.of(Character.toString(points[at]));
  }

  private String sliceText(String text, PyObject.Slice s) {
    int[] points = text.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    for (int i : positions(s, points.length)) {
      out.appendCodePoint(points[i]);
    }
    return out.toString();
  }

  private PyObject fromRange(PyObject.Range r, PyObject index) {
    int length = Values.intValue(in, new PyObject.Int(r.length()));
    if (index instanceof PyObject.Slice s) {
      long[] parts = bounds(s, length);
      var step = r.step().multiply(java.math.BigInteger.valueOf(parts[2]));
      return new PyObject.Range(r.at(parts[0]).value(), r.at(parts[1]).value(), step);
    }
    return r.at(position(index, length, "range object"));
  }

  private int position(PyObject index, int size, String what) {
    if (!Values.isInteger(index)
        && !(index instanceof PyInstance)
        && !(index instanceof HostObject)) {
      throw in.raise(
          "TypeError",
          "%s indices must be integers or slices, not %s",
          what,
          Types.of(in, index).name());
    }
    long at = Values.longValue(in, index);
    if (at < 0) {
      at += size;
    }
    if (at < 0 || at >= size) {
      throw in.raise("IndexError", "%s index out of range", what);
    }
    return (int) at;
  }

  /** {@return start, stop and step within a sequence of {@code size} elements} */
  private long[] bounds(PyObject.Slice s, long size) {
    long step = s.step() == PyObject.NONE ? 1 : Values.longValue(in, s.step());
    if (step == 0) {
      throw in.raise("ValueError", "slice step cannot be zero");
    }
    long lowest = step > 0 ? 0 : -1;
    long highest = step > 0 ? size : size - 1;
    long start = bound(s.start(), size, lowest, highest, step > 0 ? lowest : highest);
    long stop = bound(s.stop(), size, lowest, highest, step > 0 ? highest : lowest);
    return new long[] {start, stop, step};
  }

  private long bound(PyObject value, long size, long lowest, long highest, long absent) {
    if (value == PyObject.NONE) {
      return absent;
    }
    long at = Values.longValue(in, value);
    if (at < 0) {
      at += size;
    }
    return Math.clamp(at, lowest, highest);
  }

  private List<Integer> positions(PyObject.Slice s, int size) {
    long[] b = bounds(s, size);
    List<Integer> all = new ArrayList<>();
    for (long i = b[0]; b[2] > 0 ? i < b[1] : i > b[1]; i += b[2]) {
      in.count(1);
      all.add((int) i);
      if (b[2] > size || b[2] < -size) {
        break;
      }
    }
    return all;
  }

  private List<PyObject> slice(List<PyObject> elements, PyObject.Slice s) {
    List<PyObject> all = new ArrayList<>();
    positions(s, elements.size()).forEach(i -> all.add(elements.get(i)));
    return all;
  }

  void set(PyObject value, PyObject index, PyObject element) {
    if (in.calls().callSpecial(value, "__setitem__", index, element) != null) {
      return;
    }
    switch (Values.plain(value)) {
      case PyList l when index instanceof PyObject.Slice s -> setSlice(l, s, element);
      case PyList l -> {
        int at = position(index, l.elements().size(), "list assignment");
        l.elements().set(at, element);
      }
      case PyDict d -> d.put(in, index, element);
      case HostObject h when h.setItem(in, index, element) -> {}
      default ->
          throw in.raise(
              "TypeError",
              "'%s' object does not support item assignment",
              Types.of(in, value).name());
    }
  }

  private void setSlice(PyList list, PyObject.Slice s, PyObject element) {
    List<PyObject> values = in.operators().list(element);
    long[] b = bounds(s, list.elements().size());
    if (b[2] == 1) {
      int from = (int) b[0];
      List<PyObject> part = list.elements().subList(from, (int) Math.max(b[0], b[1]));
      part.clear();
      list.elements().addAll(from, values);
      return;
    }
    List<Integer> positions = positions(s, list.elements().size());
    if (positions.size() != values.size()) {
      throw in.raise(
          "ValueError",
          "attempt to assign sequence of size %d to extended slice of size %d",
          values.size(),
          positions.size());
    }
    for (int i = 0; i < values.size(); i++) {
      list.elements().set(positions.get(i), values.get(i));
    }
  }

  void delete(PyObject value, PyObject index) {
    if (in.calls().callSpecial(value, "__delitem__", index) != null) {
      return;
    }
    switch (Values.plain(value)) {
      case PyList l when index instanceof PyObject.Slice s ->
          positions(s, l.elements().size()).stream()
              .sorted(java.util.Comparator.reverseOrder())
              .forEach(i -> l.elements().remove((int) i));
      case PyList l -> l.elements().remove(position(index, l.elements().size(), "list"));
      case PyDict d -> {
        fromDict(value, d, index);
        d.remove(in, index);
      }
      default ->
          throw in.raise(
              "TypeError", "'%s' object doesn't support item deletion", Types.of(in, value).name());
    }
  }
}
