package dev.isomorph.importers.python;

/**
 * A function that is written in Java.
 *
 * @param name its name, for messages
 * @param signature its parameters
 * @param body what it does with the bound arguments, one per parameter
 */
public record PyNative(String name, Signature signature, Body body) implements PyObject {
  /** The code. */
  @FunctionalInterface
  public interface Body {
    PyObject call(Interpreter in, PyObject[] arguments);
  }

  /** {@return a function with parameters as in Python source, such as {@code "x, *, dim=None"}} */
  public static PyNative of(String name, String parameters, Body body) {
    return new PyNative(name, Signature.parse(parameters), body);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
