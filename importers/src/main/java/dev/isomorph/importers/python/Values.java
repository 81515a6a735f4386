package dev.isomorph.importers.python;

import java.math.BigInteger;

/** Conversions between Python's values and Java's, with Python's errors. */
public final class Values {
  private Values() {}

  /** {@return the value of the built-in type that an instance extends, or the value itself} */
  public static PyObject plain(PyObject value) {
    return value instanceof PyInstance i && i.payload() != null ? i.payload() : value;
  }

  public static boolean isInteger(PyObject value) {
    return plain(value) instanceof PyObject.Int || value instanceof PyObject.Bool;
  }

  static boolean isReal(PyObject value) {
    return isInteger(value) || plain(value) instanceof PyObject.Float;
  }

  static boolean isNumber(PyObject value) {
    return isReal(value) || plain(value) instanceof PyObject.Complex;
  }

  /** {@return the integer that may be used as an index} */
  public static BigInteger integer(Interpreter in, PyObject value) {
    return switch (plain(value)) {
      case PyObject.Int i -> i.value();
      case PyObject.Bool b -> b.value() ? BigInteger.ONE : BigInteger.ZERO;
      case HostObject h when h.convert(in, "index") instanceof PyObject.Int i -> i.value();
      case PyInstance i when i.type().lookup("__index__") instanceof PyFunction f ->
          integer(in, in.calls().call(new PyObject.Method(i, f)));
      default ->
          throw in.raise(
              "TypeError",
              "'%s' object cannot be interpreted as an integer",
              Types.of(in, value).name());
    };
  }

  /** {@return the integer, saturated to 64 bits} */
  public static long longValue(Interpreter in, PyObject value) {
    BigInteger big = integer(in, value);
    return big.bitLength() < 64
        ? big.longValue()
        : big.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
  }

  /** {@return the integer as a Java int, or {@code OverflowError}} */
  public static int intValue(Interpreter in, PyObject value) {
    BigInteger big = integer(in, value);
    if (big.bitLength() > 31) {
      throw in.raise("OverflowError", "Python int too large to convert");
    }
    return big.intValue();
  }

  /** {@return the real number} */
  public static double doubleValue(Interpreter in, PyObject value) {
    return switch (plain(value)) {
      case PyObject.Float f -> f.value();
      case PyObject.Int i -> {
        double d = i.value().doubleValue();
        if (Double.isInfinite(d)) {
          throw in.raise("OverflowError", "int too large to convert to float");
        }
        yield d;
      }
      case PyObject.Bool b -> b.value() ? 1 : 0;
      case HostObject h when h.convert(in, "float") instanceof PyObject.Float f -> f.value();
      case PyInstance i when i.type().lookup("__float__") instanceof PyFunction f ->
          doubleValue(in, in.calls().call(new PyObject.Method(i, f)));
      default ->
          throw in.raise("TypeError", "must be real number, not %s", Types.of(in, value).name());
    };
  }

  /** {@return the text of a string} */
  public static String string(Interpreter in, PyObject value) {
    if (plain(value) instanceof PyObject.Str s) {
      return s.value();
    }
    throw in.raise("TypeError", "expected str, got %s", Types.of(in, value).name());
  }

  static PyList list(PyObject value) {
    return (PyList) plain(value);
  }

  static PyDict dict(PyObject value) {
    return (PyDict) plain(value);
  }

  static PySet set(PyObject value) {
    return (PySet) plain(value);
  }

  static String str(PyObject value) {
    return ((PyObject.Str) plain(value)).value();
  }
}
