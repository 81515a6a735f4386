package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.List;

/** Python's stable sort, which asks nothing but {@code <}. */
final class Sorting {
  private record Keyed(PyObject key, PyObject value) {}

  private Sorting() {}

  /** {@return the elements in order of their keys} */
  static List<PyObject> sorted(
      Interpreter in, List<PyObject> elements, PyObject key, boolean reverse) {
    List<Keyed> all = new ArrayList<>();
    for (PyObject e : elements) {
      all.add(new Keyed(key == PyObject.NONE ? e : in.calls().call(key, e), e));
    }
    return merge(in, all, reverse).stream().map(Keyed::value).toList();
  }

  private static List<Keyed> merge(Interpreter in, List<Keyed> all, boolean reverse) {
    if (all.size() < 2) {
      return all;
    }
    List<Keyed> left = merge(in, all.subList(0, all.size() / 2), reverse);
    List<Keyed> right = merge(in, all.subList(all.size() / 2, all.size()), reverse);
    List<Keyed> out = new ArrayList<>(all.size());
    int i = 0;
    int j = 0;
    while (i < left.size() && j < right.size()) {
      in.count(1);
      Keyed l = left.get(i);
      Keyed r = right.get(j);
      boolean takeRight =
          reverse ? in.operators().less(l.key, r.key) : in.operators().less(r.key, l.key);
      out.add(takeRight ? right.get(j++) : left.get(i++));
    }
    out.addAll(left.subList(i, left.size()));
    out.addAll(right.subList(j, right.size()));
    return out;
  }
}
