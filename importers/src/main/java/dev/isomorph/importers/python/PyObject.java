package dev.isomorph.importers.python;

import java.math.BigInteger;
import java.util.List;

/**
 * A value of the evaluator. Records compare by value and stand for Python's immutable values;
 * classes compare by identity. {@link HostObject} is the door for values of other layers: tensors,
 * element types, symbolic numbers.
 */
public sealed interface PyObject
    permits PyObject.None,
        PyObject.Bool,
        PyObject.Int,
        PyObject.Float,
        PyObject.Complex,
        PyObject.Str,
        PyObject.Bytes,
        PyObject.Slice,
        PyObject.Range,
        PyObject.Special,
        PyObject.Method,
        PyObject.Super,
        PyObject.Property,
        PyObject.StaticMethod,
        PyObject.ClassMethod,
        PyTuple,
        PyList,
        PyDict,
        PySet,
        PyFunction,
        PyNative,
        PyClass,
        PyInstance,
        PyModule,
        PyIterator,
        HostObject {

  PyObject NONE = new None();
  Bool TRUE = new Bool(true);
  Bool FALSE = new Bool(false);
  PyObject ELLIPSIS = new Special("Ellipsis");
  PyObject NOT_IMPLEMENTED = new Special("NotImplemented");

  record None() implements PyObject {}

  record Bool(boolean value) implements PyObject {}

  /** An integer of any size. */
  record Int(BigInteger value) implements PyObject {
    @Override
    public String toString() {
      return value.toString();
    }
  }

  record Float(double value) implements PyObject {}

  record Complex(double real, double imaginary) implements PyObject {}

  record Str(String value) implements PyObject {
    @Override
    public String toString() {
      return value;
    }
  }

  /** Bytes, one per character {@code 0..255}. */
  record Bytes(String value) implements PyObject {}

  record Slice(PyObject start, PyObject stop, PyObject step) implements PyObject {}

  record Range(BigInteger start, BigInteger stop, BigInteger step) implements PyObject {
    /** {@return the number of elements} */
    public BigInteger length() {
      BigInteger span = step.signum() > 0 ? stop.subtract(start) : start.subtract(stop);
      if (span.signum() <= 0) {
        return BigInteger.ZERO;
      }
      BigInteger width = step.abs();
      return span.add(width).subtract(BigInteger.ONE).divide(width);
    }

    /** {@return the element at an index that is within the length} */
    public Int at(long index) {
      return new Int(start.add(step.multiply(BigInteger.valueOf(index))));
    }
  }

  /** {@code Ellipsis} and {@code NotImplemented}. */
  record Special(String name) implements PyObject {}

  /** A function bound to its receiver. */
  record Method(PyObject receiver, PyObject function) implements PyObject {}

  /**
   * What {@code super(after, receiver)} makes.
   *
   * @param type the class in whose resolution order {@code after} stands
   */
  record Super(PyClass after, PyClass type, PyObject receiver) implements PyObject {}

  /** A property; absent parts are {@code null}. */
  record Property(PyObject getter, PyObject setter, PyObject deleter) implements PyObject {}

  record StaticMethod(PyObject function) implements PyObject {}

  record ClassMethod(PyObject function) implements PyObject {}

  static Bool of(boolean value) {
    return value ? TRUE : FALSE;
  }

  static Int of(long value) {
    return new Int(BigInteger.valueOf(value));
  }

  static Float of(double value) {
    return new Float(value);
  }

  static Str of(String value) {
    return new Str(value);
  }

  static PyTuple tuple(PyObject... elements) {
    return new PyTuple(List.of(elements));
  }
}
