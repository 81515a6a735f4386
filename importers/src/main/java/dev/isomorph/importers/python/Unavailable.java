package dev.isomorph.importers.python;

/**
 * A module, or something inside one, that is not part of the subset. It may be named, so that a
 * file's unused imports do no harm; using it is refused.
 *
 * @param name what the user calls it
 * @param place where it was imported
 */
public record Unavailable(String name, String place) implements HostObject {
  private static final PyClass TYPE =
      new PyClass("unavailable", java.util.List.of(Types.OBJECT), new PyDict(), null);

  /** {@return the error of using it} */
  RuntimeException refuse(Interpreter in, String how) {
    return in.unsupported(
        "'%s' is %s, but it is not part of the subset%s",
        name, how, place.isEmpty() ? "" : " (imported at " + place + ")");
  }

  @Override
  public PyClass type(Interpreter in) {
    return TYPE;
  }

  @Override
  public PyObject attribute(Interpreter in, String attribute) {
    return attribute.startsWith("__") ? null : new Unavailable(name + "." + attribute, place);
  }

  @Override
  public PyObject call(Interpreter in, Arguments arguments) {
    throw refuse(in, "called");
  }

  @Override
  public PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    throw refuse(in, "used with '" + operator + "'");
  }

  @Override
  public PyObject compare(Interpreter in, String operator, PyObject other) {
    throw refuse(in, "compared");
  }

  @Override
  public PyObject getItem(Interpreter in, PyObject index) {
    return new Unavailable(name + "[…]", place);
  }

  @Override
  public java.util.Iterator<PyObject> iterate(Interpreter in) {
    throw refuse(in, "iterated");
  }

  @Override
  public boolean truth(Interpreter in) {
    throw refuse(in, "used as a condition");
  }

  @Override
  public String repr(Interpreter in) {
    return "<" + name + ">";
  }
}
