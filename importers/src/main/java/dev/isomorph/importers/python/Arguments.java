package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The arguments of a call. */
public record Arguments(List<PyObject> positional, Map<String, PyObject> keywords) {
  public static final Arguments NONE = new Arguments(List.of(), Map.of());

  public static Arguments of(PyObject... positional) {
    return new Arguments(List.of(positional), Map.of());
  }

  /** {@return these arguments after {@code first}} */
  public Arguments prepend(PyObject first) {
    List<PyObject> all = new ArrayList<>(positional.size() + 1);
    all.add(first);
    all.addAll(positional);
    return new Arguments(all, keywords);
  }

  /** {@return these arguments with the keywords as a dictionary, for {@code **kwargs}} */
  static PyDict dict(Map<String, PyObject> keywords) {
    PyDict dict = new PyDict();
    keywords.forEach(dict::put);
    return dict;
  }
}
