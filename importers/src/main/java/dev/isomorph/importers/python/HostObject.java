package dev.isomorph.importers.python;

import java.util.Iterator;
import java.util.List;

/**
 * A value of another layer: a tensor, an element type, a symbolic number. Each method is asked
 * before Python's own rules; {@code null} means that the object has nothing to say.
 */
public non-sealed interface HostObject extends PyObject {
  /** {@return its class, for {@code isinstance} and method look-up} */
  PyClass type(Interpreter in);

  default PyObject attribute(Interpreter in, String name) {
    return null;
  }

  /** {@return whether the attribute was set} */
  default boolean setAttribute(Interpreter in, String name, PyObject value) {
    return false;
  }

  default PyObject call(Interpreter in, Arguments arguments) {
    return null;
  }

  /**
   * @param operator as written in source
   * @param reflected whether this is the right operand
   */
  default PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    return null;
  }

  /** {@return the result of {@code self op= other}, or {@code null} to use the plain operator} */
  default PyObject inPlace(Interpreter in, String operator, PyObject other) {
    return null;
  }

  default PyObject unary(Interpreter in, String operator) {
    return null;
  }

  default PyObject compare(Interpreter in, String operator, PyObject other) {
    return null;
  }

  default PyObject getItem(Interpreter in, PyObject index) {
    return null;
  }

  /** {@return whether the element was set} */
  default boolean setItem(Interpreter in, PyObject index, PyObject value) {
    return false;
  }

  /** {@return the elements, or {@code null} if it cannot be iterated} */
  default Iterator<PyObject> iterate(Interpreter in) {
    return null;
  }

  /** {@return the elements when it behaves as a tuple, else {@code null}} */
  default List<PyObject> sequence() {
    return null;
  }

  /** {@return its length, or -1} */
  default long length(Interpreter in) {
    return -1;
  }

  default boolean truth(Interpreter in) {
    return true;
  }

  /** {@return the plain number that it converts to for {@code kind} int, float or bool} */
  default PyObject convert(Interpreter in, String kind) {
    return null;
  }

  default Object hashKey(Interpreter in) {
    return this;
  }

  /** {@return the text that {@code repr} gives} */
  String repr(Interpreter in);
}
