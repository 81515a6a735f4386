package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The {@code math} module. */
final class MathModule {
  private MathModule() {}

  static PyModule make() {
    PyModule m = new PyModule("math");
    m.namespace().put("pi", PyObject.of(Math.PI));
    m.namespace().put("e", PyObject.of(Math.E));
    m.namespace().put("tau", PyObject.of(2 * Math.PI));
    m.namespace().put("inf", PyObject.of(Double.POSITIVE_INFINITY));
    m.namespace().put("nan", PyObject.of(Double.NaN));
    real(m, "sqrt", Math::sqrt);
    real(m, "exp", Math::exp);
    real(m, "expm1", Math::expm1);
    real(m, "log1p", Math::log1p);
    real(m, "log10", Math::log10);
    real(m, "sin", Math::sin);
    real(m, "cos", Math::cos);
    real(m, "tan", Math::tan);
    real(m, "asin", Math::asin);
    real(m, "acos", Math::acos);
    real(m, "atan", Math::atan);
    real(m, "sinh", Math::sinh);
    real(m, "cosh", Math::cosh);
    real(m, "tanh", Math::tanh);
    real(m, "fabs", Math::abs);
    real(m, "cbrt", Math::cbrt);
    real(m, "radians", x -> x * (Math.PI / 180));
    real(m, "degrees", x -> x * (180 / Math.PI));
    function(m, "log2", "x", (in, a) -> PyObject.of(log2(in, positive(in, a[0]))));
    function(m, "log", "x, base=None", MathModule::log);
    function(
        m,
        "pow",
        "x, y",
        (in, a) -> in.operators().binary("**", number(in, a[0]), number(in, a[1])));
    function(
        m, "atan2", "y, x", (in, a) -> PyObject.of(Math.atan2(real(in, a[0]), real(in, a[1]))));
    function(m, "fmod", "x, y", (in, a) -> PyObject.of(real(in, a[0]) % real(in, a[1])));
    function(
        m,
        "copysign",
        "x, y",
        (in, a) -> PyObject.of(Math.copySign(real(in, a[0]), real(in, a[1]))));
    function(m, "floor", "x", (in, a) -> rounded(in, a[0], "floor", RoundingMode.FLOOR));
    function(m, "ceil", "x", (in, a) -> rounded(in, a[0], "ceil", RoundingMode.CEILING));
    function(m, "trunc", "x", (in, a) -> rounded(in, a[0], "trunc", RoundingMode.DOWN));
    function(m, "isnan", "x", (in, a) -> PyObject.of(Double.isNaN(real(in, a[0]))));
    function(m, "isinf", "x", (in, a) -> PyObject.of(Double.isInfinite(real(in, a[0]))));
    function(m, "isfinite", "x", (in, a) -> PyObject.of(Double.isFinite(real(in, a[0]))));
    function(m, "isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", MathModule::isClose);
    function(
        m,
        "hypot",
        "*xs",
        (in, a) -> {
          double sum = 0;
          for (PyObject x : ((PyTuple) a[0]).elements()) {
            sum = Math.hypot(sum, real(in, x));
          }
          return PyObject.of(sum);
        });
    function(
        m,
        "gcd",
        "*xs",
        (in, a) -> {
          BigInteger gcd = BigInteger.ZERO;
          for (PyObject x : ((PyTuple) a[0]).elements()) {
            gcd = gcd.gcd(Values.integer(in, x));
          }
          return new PyObject.Int(gcd);
        });
    function(
        m,
        "lcm",
        "*xs",
        (in, a) -> {
          BigInteger lcm = BigInteger.ONE;
          for (PyObject x : ((PyTuple) a[0]).elements()) {
            BigInteger v = Values.integer(in, x).abs();
            lcm = v.signum() == 0 ? BigInteger.ZERO : lcm.multiply(v).divide(lcm.gcd(v));
          }
          return new PyObject.Int(lcm);
        });
    function(m, "isqrt", "n", (in, a) -> new PyObject.Int(Values.integer(in, a[0]).sqrt()));
    function(m, "factorial", "n", (in, a) -> factorial(in, Values.intValue(in, a[0])));
    function(
        m,
        "comb",
        "n, k",
        (in, a) -> {
          int n = Values.intValue(in, a[0]);
          int k = Values.intValue(in, a[1]);
          if (k > n) {
            return PyObject.of(0);
          }
          BigInteger top = ((PyObject.Int) factorial(in, n)).value();
          BigInteger bottom = ((PyObject.Int) factorial(in, k)).value();
          return new PyObject.Int(
              top.divide(bottom).divide(((PyObject.Int) factorial(in, n - k)).value()));
        });
    function(
        m,
        "prod",
        "iterable, *, start=1",
        (in, a) -> {
          PyObject[] total = {a[1]};
          in.operators().forEach(a[0], v -> total[0] = in.operators().binary("*", total[0], v));
          return total[0];
        });
    function(
        m,
        "fsum",
        "iterable",
        (in, a) -> {
          BigDecimal[] total = {BigDecimal.ZERO};
          in.operators().forEach(a[0], v -> total[0] = total[0].add(new BigDecimal(real(in, v))));
          return PyObject.of(total[0].doubleValue());
        });
    function(
        m,
        "modf",
        "x",
        (in, a) -> {
          double x = real(in, a[0]);
          double whole = x < 0 ? Math.ceil(x) : Math.floor(x);
          return new PyTuple(List.of(PyObject.of(x - whole), PyObject.of(whole)));
        });
    function(
        m,
        "erf",
        "x",
        (in, _) -> {
          throw in.unsupported("math.erf is outside the subset");
        });
    return m;
  }

  private static void function(PyModule m, String name, String parameters, PyNative.Body body) {
    m.namespace().put(name, PyNative.of(name, parameters, body));
  }

  private static void real(PyModule m, String name, DoubleUnaryOperator f) {
    function(
        m,
        name,
        "x",
        (in, a) -> {
          if (a[0] instanceof HostObject h) {
            PyObject symbolic = h.unary(in, "math." + name);
            if (symbolic != null) {
              return symbolic;
            }
          }
          double x = real(in, a[0]);
          double y = f.applyAsDouble(x);
          if (Double.isNaN(y) && !Double.isNaN(x)) {
            throw in.raise("ValueError", "math domain error");
          }
          if (Double.isInfinite(y) && !Double.isInfinite(x)) {
            throw name.startsWith("log")
                ? in.raise("ValueError", "math domain error")
                : in.raise("OverflowError", "math range error");
          }
          return PyObject.of(y);
        });
  }

  private static double real(Interpreter in, PyObject value) {
    return Values.doubleValue(in, value);
  }

  private static PyObject number(Interpreter in, PyObject value) {
    return value instanceof HostObject ? value : PyObject.of(real(in, value));
  }

  private static double positive(Interpreter in, PyObject value) {
    double x = real(in, value);
    if (x <= 0) {
      throw in.raise("ValueError", "math domain error");
    }
    return x;
  }

  /** Exact for powers of two, as C's function is. */
  private static double log2(Interpreter in, double x) {
    int exponent = Math.getExponent(x);
    return x == Math.scalb(1.0, exponent) ? exponent : Math.log(x) / Math.log(2);
  }

  private static PyObject log(Interpreter in, PyObject[] a) {
    double x = Math.log(positive(in, a[0]));
    return PyObject.of(a[1] == PyObject.NONE ? x : x / Math.log(positive(in, a[1])));
  }

  private static PyObject rounded(Interpreter in, PyObject x, String name, RoundingMode mode) {
    if (x instanceof HostObject h) {
      PyObject symbolic = h.unary(in, "math." + name);
      if (symbolic != null) {
        return symbolic;
      }
    }
    if (Values.isInteger(x)) {
      return new PyObject.Int(Values.integer(in, x));
    }
    double d = real(in, x);
    if (!Double.isFinite(d)) {
      throw in.raise(
          Double.isNaN(d) ? "ValueError" : "OverflowError",
          "cannot convert float %s to integer",
          Double.isNaN(d) ? "NaN" : "infinity");
    }
    return new PyObject.Int(new BigDecimal(d).setScale(0, mode).toBigInteger());
  }

  private static PyObject isClose(Interpreter in, PyObject[] a) {
    double x = real(in, a[0]);
    double y = real(in, a[1]);
    double bound = Math.max(real(in, a[2]) * Math.max(Math.abs(x), Math.abs(y)), real(in, a[3]));
    return PyObject.of(x == y || Math.abs(x - y) <= bound);
  }

  private static PyObject factorial(Interpreter in, int n) {
    if (n < 0) {
      throw in.raise("ValueError", "factorial() not defined for negative values");
    }
    in.checkSize(n > 10_000 ? -1 : n);
    BigInteger product = BigInteger.ONE;
    for (int i = 2; i <= n; i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return new PyObject.Int(product);
  }
}
