package dev.isomorph.importers.python;

import java.util.Iterator;

/** An iterator, generators included: single use, by identity. */
public final class PyIterator implements PyObject {
  private final Iterator<PyObject> source;
  private final String typeName;

  public PyIterator(String typeName, Iterator<PyObject> source) {
    this.typeName = typeName;
    this.source = source;
  }

  Iterator<PyObject> source() {
    return source;
  }

  String typeName() {
    return typeName;
  }
}
