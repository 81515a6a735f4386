package dev.isomorph.importers.python;

/** An instance of a class that was defined in source, by identity. */
public final class PyInstance implements PyObject {
  private PyClass type;
  private final PyDict attributes = new PyDict();
  private final PyObject payload;

  /**
   * @param payload the value of the built-in type that the class extends, or {@code null}
   */
  public PyInstance(PyClass type, PyObject payload) {
    this.type = type;
    this.payload = payload;
  }

  public PyClass type() {
    return type;
  }

  void type(PyClass type) {
    this.type = type;
  }

  /** {@return the instance's own attributes: its {@code __dict__}} */
  public PyDict attributes() {
    return attributes;
  }

  /** {@return the value of the built-in type that the class extends, or {@code null}} */
  public PyObject payload() {
    return payload;
  }
}
