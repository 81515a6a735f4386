package dev.isomorph.importers.python;

import java.util.List;

/** An immutable sequence; compares by value. */
public record PyTuple(List<PyObject> elements) implements PyObject {
  public static final PyTuple EMPTY = new PyTuple(List.of());

  public PyTuple {
    elements = List.copyOf(elements);
  }
}
