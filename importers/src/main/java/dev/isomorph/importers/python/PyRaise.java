package dev.isomorph.importers.python;

/** A Python exception on its way to its handler. */
final class PyRaise extends RuntimeException {
  private final transient PyInstance exception;
  private final String place;

  /**
   * @param place file and line of the user's source that raised it
   */
  PyRaise(PyInstance exception, String place) {
    super(exception.type().name(), null, false, false);
    this.exception = exception;
    this.place = place;
  }

  PyInstance exception() {
    return exception;
  }

  String place() {
    return place;
  }
}
