package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A mutable sequence, by identity. */
public final class PyList implements PyObject {
  private final List<PyObject> elements;

  public PyList() {
    this.elements = new ArrayList<>();
  }

  public PyList(Collection<? extends PyObject> elements) {
    this.elements = new ArrayList<>(elements);
  }

  /** {@return the elements themselves: changes are changes of the list} */
  public List<PyObject> elements() {
    return elements;
  }
}
