package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/** Constructors and methods of {@code int}, {@code float}, {@code bool}, {@code complex}. */
final class NumberMethods {
  private NumberMethods() {}

  static void install() {
    Types.INT.constructor(PyNative.of("int", "x=0, base=None", (in, a) -> toInt(in, a[0], a[1])));
    Types.FLOAT.constructor(PyNative.of("float", "x=0.0", (in, a) -> toFloat(in, a[0])));
    Types.BOOL.constructor(
        PyNative.of("bool", "x=False", (in, a) -> PyObject.of(in.operators().truth(a[0]))));
    Types.COMPLEX.constructor(
        PyNative.of(
            "complex",
            "real=0, imag=0",
            (in, a) ->
                a[0] instanceof PyObject.Complex c
                    ? c
                    : new PyObject.Complex(
                        Values.doubleValue(in, a[0]), Values.doubleValue(in, a[1]))));
    Types.INT
        .method(
            "bit_length",
            "self",
            (in, a) -> PyObject.of(Values.integer(in, a[0]).abs().bitLength()))
        .method(
            "bit_count", "self", (in, a) -> PyObject.of(Values.integer(in, a[0]).abs().bitCount()))
        .method("conjugate", "self", (_, a) -> a[0])
        .method("is_integer", "self", (_, _) -> PyObject.TRUE)
        .method("item", "self", (_, a) -> a[0]);
    Types.FLOAT
        .method(
            "is_integer",
            "self",
            (in, a) -> {
              double d = Values.doubleValue(in, a[0]);
              return PyObject.of(Double.isFinite(d) && d == Math.rint(d));
            })
        .method("conjugate", "self", (_, a) -> a[0])
        .method("item", "self", (_, a) -> a[0]);
    Types.FLOAT
        .namespace()
        .put(
            "fromhex",
            new PyObject.StaticMethod(
                PyNative.of(
                    "fromhex",
                    "text",
                    (in, a) -> PyObject.of(Double.parseDouble(Values.string(in, a[0]))))));
  }

  private static PyObject toInt(Interpreter in, PyObject value, PyObject base) {
    PyObject plain = Values.plain(value);
    switch (plain) {
      case PyObject.Int i -> {
        return i;
      }
      case PyObject.Bool b -> {
        return PyObject.of(b.value() ? 1 : 0);
      }
      case PyObject.Float f -> {
        if (Double.isNaN(f.value())) {
          throw in.raise("ValueError", "cannot convert float NaN to integer");
        }
        if (Double.isInfinite(f.value())) {
          throw in.raise("OverflowError", "cannot convert float infinity to integer");
        }
        return new PyObject.Int(new BigDecimal(f.value()).toBigInteger());
      }
      case PyObject.Str s -> {
        return parse(in, s.value(), base == PyObject.NONE ? 10 : Values.intValue(in, base));
      }
      case HostObject h -> {
        PyObject made = h.convert(in, "int");
        if (made != null) {
          return made;
        }
      }
      default -> {
        PyObject made = in.calls().callSpecial(value, "__int__");
        if (made != null) {
          return made;
        }
      }
    }
    return new PyObject.Int(Values.integer(in, value));
  }

  private static PyObject parse(Interpreter in, String text, int base) {
    String digits = text.strip().replace("_", "").toLowerCase(Locale.ROOT);
    String sign = digits.startsWith("-") ? "-" : "";
    digits = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
    int radix = base;
    for (var prefix : java.util.Map.of("0x", 16, "0o", 8, "0b", 2).entrySet()) {
      if (digits.startsWith(prefix.getKey()) && (base == 0 || base == prefix.getValue())) {
        digits = digits.substring(2);
        radix = prefix.getValue();
      }
    }
    try {
      in.checkSize(digits.length() > 4300 ? -1 : 0);
      return new PyObject.Int(new BigInteger(sign + digits, radix == 0 ? 10 : radix));
    } catch (NumberFormatException _) {
      throw in.raise(
          "ValueError",
          "invalid literal for int() with base %d: %s",
          base,
          in.text().repr(PyObject.of(text)));
    }
  }

  private static PyObject toFloat(Interpreter in, PyObject value) {
    PyObject plain = Values.plain(value);
    if (plain instanceof PyObject.Str s) {
      String text = s.value().strip().replace("_", "").toLowerCase(Locale.ROOT);
      String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
      double sign = text.startsWith("-") ? -1 : 1;
      switch (digits) {
        case "inf", "infinity" -> {
          return PyObject.of(sign * Double.POSITIVE_INFINITY);
        }
        case "nan" -> {
          return PyObject.of(Double.NaN);
        }
        default -> {
          if (digits.matches("(\\d+\\.?\\d*|\\.\\d+)(e[-+]?\\d+)?")) {
            return PyObject.of(sign * Double.parseDouble(digits));
          }
          throw in.raise(
              "ValueError", "could not convert string to float: %s", in.text().repr(plain));
        }
      }
    }
    if (value instanceof HostObject h) {
      PyObject made = h.convert(in, "symbolic float");
      if (made != null) {
        return made;
      }
    }
    return PyObject.of(Values.doubleValue(in, value));
  }
}
