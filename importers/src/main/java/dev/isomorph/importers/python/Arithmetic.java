package dev.isomorph.importers.python;

import dev.isomorph.ir.diagnostic.ErrorCode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic on built-in values, as Python defines it. */
final class Arithmetic {
  /** Most bits of an integer. */
  private static final long BITS = 1 << 20;

  private final Interpreter in;

  Arithmetic(Interpreter in) {
    this.in = in;
  }

  /** {@return the result, or {@code null} if the types do not go together} */
  PyObject binary(String op, PyObject a, PyObject b) {
    if (Values.isInteger(a) && Values.isInteger(b)) {
      boolean logical =
          a instanceof PyObject.Bool && b instanceof PyObject.Bool && "&|^".contains(op);
      PyObject result = integers(op, Values.integer(in, a), Values.integer(in, b));
      return logical ? PyObject.of(((PyObject.Int) result).value().signum() != 0) : result;
    }
    if (Values.isReal(a) && Values.isReal(b)) {
      return floats(op, Values.doubleValue(in, a), Values.doubleValue(in, b));
    }
    if (Values.isNumber(a) && Values.isNumber(b)) {
      return complexes(op, complex(a), complex(b));
    }
    return switch (op) {
      case "+" -> add(a, b);
      case "*" -> Values.isInteger(b) ? repeat(a, b) : Values.isInteger(a) ? repeat(b, a) : null;
      case "%" -> a instanceof PyObject.Str s ? PyObject.of(in.text().percent(s.value(), b)) : null;
      case "|" -> {
        if (isTypeForm(a) && isTypeForm(b)) {
          yield new PyTuple(List.of(a, b));
        }
        if (a instanceof PyDict x && b instanceof PyDict y) {
          PyDict merged = new PyDict();
          merged.putAll(x);
          merged.putAll(y);
          yield merged;
        }
        yield SetMethods.binary(in, op, a, b);
      }
      case "&", "-", "^" -> SetMethods.binary(in, op, a, b);
      default -> null;
    };
  }

  private static boolean isTypeForm(PyObject value) {
    return value instanceof PyClass
        || value instanceof PyObject.None
        || value instanceof PyTuple t && t.elements().stream().allMatch(Arithmetic::isTypeForm);
  }

  private PyObject add(PyObject a, PyObject b) {
    return switch (a) {
      case PyObject.Str x when b instanceof PyObject.Str y -> {
        in.checkSize((long) x.value().length() + y.value().length());
        yield PyObject.of(x.value() + y.value());
      }
      case PyObject.Bytes x when b instanceof PyObject.Bytes y ->
          new PyObject.Bytes(x.value() + y.value());
      case PyList x when b instanceof PyList y -> new PyList(joined(x.elements(), y.elements()));
      case PyTuple x when b instanceof PyTuple y -> new PyTuple(joined(x.elements(), y.elements()));
      default -> null;
    };
  }

  private List<PyObject> joined(List<PyObject> a, List<PyObject> b) {
    in.checkSize((long) a.size() + b.size());
    List<PyObject> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  private PyObject repeat(PyObject sequence, PyObject times) {
    long n = Math.max(0, Values.longValue(in, times));
    return switch (sequence) {
      case PyObject.Str s -> {
        in.checkSize(product(s.value().length(), n));
        yield PyObject.of(s.value().repeat((int) n));
      }
      case PyObject.Bytes s -> {
        in.checkSize(product(s.value().length(), n));
        yield new PyObject.Bytes(s.value().repeat((int) n));
      }
      case PyList l -> new PyList(repeated(l.elements(), n));
      case PyTuple t -> new PyTuple(repeated(t.elements(), n));
      default -> null;
    };
  }

  private static long product(long length, long times) {
    return length == 0 || times == 0 ? 0 : times > Long.MAX_VALUE / length ? -1 : length * times;
  }

  private List<PyObject> repeated(List<PyObject> elements, long times) {
    long size = product(elements.size(), times);
    in.checkSize(size);
    in.count(size);
    List<PyObject> all = new ArrayList<>((int) size);
    if (size > 0) {
      for (long i = 0; i < times; i++) {
        all.addAll(elements);
      }
    }
    return all;
  }

  private PyObject integers(String op, BigInteger a, BigInteger b) {
    return switch (op) {
      case "+" -> new PyObject.Int(a.add(b));
      case "-" -> new PyObject.Int(a.subtract(b));
      case "*" -> {
        checkBits((long) a.bitLength() + b.bitLength());
        yield new PyObject.Int(a.multiply(b));
      }
      case "/" -> PyObject.of(trueDivide(a, b));
      case "//" -> new PyObject.Int(floorDivide(a, b)[0]);
      case "%" -> new PyObject.Int(floorDivide(a, b)[1]);
      case "**" -> power(a, b);
      case "&" -> new PyObject.Int(a.and(b));
      case "|" -> new PyObject.Int(a.or(b));
      case "^" -> new PyObject.Int(a.xor(b));
      case "<<" -> {
        checkShift(b);
        checkBits(a.signum() == 0 ? 0 : a.bitLength() + b.longValue());
        yield new PyObject.Int(a.shiftLeft(b.intValue()));
      }
      case ">>" -> {
        checkShift(b);
        yield new PyObject.Int(a.shiftRight((int) Math.min(b.longValue(), 1L << 30)));
      }
      default -> null;
    };
  }

  private void checkShift(BigInteger by) {
    if (by.signum() < 0) {
      throw in.raise("ValueError", "negative shift count");
    }
    if (by.bitLength() > 40) {
      checkBits(Long.MAX_VALUE);
    }
  }

  private void checkBits(long bits) {
    if (bits > BITS) {
      throw in.unsupported(
          ErrorCode.FORMAT_LIMIT, "the source makes an integer of more than %d bits", BITS);
    }
  }

  private double trueDivide(BigInteger a, BigInteger b) {
    if (b.signum() == 0) {
      throw in.raise("ZeroDivisionError", "division by zero");
    }
    if (a.bitLength() <= 53 && b.bitLength() <= 53) {
      return a.doubleValue() / b.doubleValue();
    }
    return new BigDecimal(a).divide(new BigDecimal(b), new MathContext(800)).doubleValue();
  }

  /** {@return quotient rounded down, and the remainder, which has the divisor's sign} */
  BigInteger[] floorDivide(BigInteger a, BigInteger b) {
    if (b.signum() == 0) {
      throw in.raise("ZeroDivisionError", "integer division or modulo by zero");
    }
    BigInteger[] parts = a.divideAndRemainder(b);
    if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
      return new BigInteger[] {parts[0].subtract(BigInteger.ONE), parts[1].add(b)};
    }
    return parts;
  }

  private PyObject power(BigInteger a, BigInteger b) {
    if (b.signum() < 0) {
      return floats("**", a.doubleValue(), b.doubleValue());
    }
    if (a.abs().bitLength() > 1) {
      checkBits(b.bitLength() > 40 ? Long.MAX_VALUE : a.bitLength() * b.longValue());
    }
    if (b.bitLength() > 31) {
      boolean odd = b.testBit(0);
      return new PyObject.Int(a.signum() < 0 && !odd ? a.negate() : a);
    }
    return new PyObject.Int(a.pow(b.intValue()));
  }

  private PyObject floats(String op, double a, double b) {
    return switch (op) {
      case "+" -> PyObject.of(a + b);
      case "-" -> PyObject.of(a - b);
      case "*" -> PyObject.of(a * b);
      case "/" -> {
        if (b == 0) {
          throw in.raise("ZeroDivisionError", "float division by zero");
        }
        yield PyObject.of(a / b);
      }
      case "//" -> PyObject.of(floorDivide(a, b)[0]);
      case "%" -> PyObject.of(floorDivide(a, b)[1]);
      case "**" -> power(a, b);
      default -> null;
    };
  }

  double[] floorDivide(double a, double b) {
    if (b == 0) {
      throw in.raise("ZeroDivisionError", "float floor division by zero");
    }
    double remainder = a % b;
    double quotient = (a - remainder) / b;
    if (remainder != 0) {
      if (b < 0 != remainder < 0) {
        remainder += b;
        quotient -= 1;
      }
    } else {
      remainder = Math.copySign(0.0, b);
    }
    double floor = Math.copySign(0.0, a / b);
    if (quotient != 0) {
      floor = Math.floor(quotient);
      if (quotient - floor > 0.5) {
        floor += 1;
      }
    }
    return new double[] {floor, remainder};
  }

  private PyObject power(double a, double b) {
    if (a == 0 && b < 0) {
      throw in.raise("ZeroDivisionError", "0.0 cannot be raised to a negative power");
    }
    if (a == 1 || b == 0) {
      return PyObject.of(1.0);
    }
    if (a < 0 && !Double.isInfinite(a) && !Double.isInfinite(b) && b != Math.rint(b)) {
      return complexes("**", new double[] {a, 0}, new double[] {b, 0});
    }
    double result = a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
    if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw in.raise("OverflowError", "(34, 'Numerical result out of range')");
    }
    return PyObject.of(result);
  }

  private double[] complex(PyObject value) {
    return value instanceof PyObject.Complex c
        ? new double[] {c.real(), c.imaginary()}
        : new double[] {Values.doubleValue(in, value), 0};
  }

  private PyObject complexes(String op, double[] a, double[] b) {
    return switch (op) {
      case "+" -> new PyObject.Complex(a[0] + b[0], a[1] + b[1]);
      case "-" -> new PyObject.Complex(a[0] - b[0], a[1] - b[1]);
      case "*" -> new PyObject.Complex(a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]);
      case "/" -> {
        double norm = b[0] * b[0] + b[1] * b[1];
        if (norm == 0) {
          throw in.raise("ZeroDivisionError", "complex division by zero");
        }
        yield new PyObject.Complex(
            (a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm);
      }
      case "**" -> {
        if (b[1] == 0 && b[0] == Math.rint(b[0]) && Math.abs(b[0]) <= 100) {
          yield integerPower(a, (int) b[0]);
        }
        double modulus = Math.hypot(a[0], a[1]);
        if (modulus == 0) {
          yield new PyObject.Complex(b[0] == 0 && b[1] == 0 ? 1 : 0, 0);
        }
        double angle = Math.atan2(a[1], a[0]);
        double size = Math.pow(modulus, b[0]) * Math.exp(-b[1] * angle);
        double turn = b[0] * angle + b[1] * Math.log(modulus);
        yield new PyObject.Complex(size * Math.cos(turn), size * Math.sin(turn));
      }
      default -> null;
    };
  }

  private PyObject integerPower(double[] base, int exponent) {
    PyObject result = new PyObject.Complex(1, 0);
    for (int i = 0; i < Math.abs(exponent); i++) {
      result = complexes("*", complex(result), base);
    }
    return exponent < 0 ? complexes("/", new double[] {1, 0}, complex(result)) : result;
  }

  /** {@return the result, or {@code null}} */
  PyObject unary(String op, PyObject a) {
    if (Values.isInteger(a)) {
      BigInteger value = Values.integer(in, a);
      return new PyObject.Int(
          op.equals("-") ? value.negate() : op.equals("+") ? value : value.not());
    }
    if (op.equals("~")) {
      return null;
    }
    return switch (a) {
      case PyObject.Float f -> PyObject.of(op.equals("-") ? -f.value() : f.value());
      case PyObject.Complex c ->
          op.equals("-") ? new PyObject.Complex(-c.real(), -c.imaginary()) : c;
      default -> null;
    };
  }
}
