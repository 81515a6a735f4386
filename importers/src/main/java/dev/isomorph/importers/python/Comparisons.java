package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Rich comparisons. */
final class Comparisons {
  private static final Map<String, String> SPECIAL =
      Map.of(
          "==", "__eq__", "!=", "__ne__", "<", "__lt__", "<=", "__le__", ">", "__gt__", ">=",
          "__ge__");
  private static final Map<String, String> MIRRORED =
      Map.of("==", "==", "!=", "!=", "<", ">", "<=", ">=", ">", "<", ">=", "<=");

  private final Interpreter in;

  Comparisons(Interpreter in) {
    this.in = in;
  }

  PyObject compare(String op, PyObject left, PyObject right) {
    PyObject result = null;
    if (left instanceof HostObject h) {
      result = h.compare(in, op, right);
    }
    if (result == null && right instanceof HostObject h) {
      result = h.compare(in, MIRRORED.get(op), left);
    }
    if (result == null) {
      result = special(op, left, right);
    }
    if (result == null) {
      result = builtIn(op, Values.plain(left), Values.plain(right));
    }
    if (result == null) {
      throw in.raise(
          "TypeError",
          "'%s' not supported between instances of '%s' and '%s'",
          op,
          Types.of(in, left).name(),
          Types.of(in, right).name());
    }
    return result;
  }

  private PyObject special(String op, PyObject left, PyObject right) {
    PyObject result = call(left, SPECIAL.get(op), right);
    if (result == null) {
      result = call(right, SPECIAL.get(MIRRORED.get(op)), left);
    }
    if (result == null && op.equals("!=")) {
      result = call(left, "__eq__", right);
      return result == null ? null : PyObject.of(!in.operators().truth(result));
    }
    return result;
  }

  private PyObject call(PyObject receiver, String name, PyObject other) {
    if (!(receiver instanceof PyInstance i) || i.type().lookup(name) instanceof PyNative) {
      return null;
    }
    PyObject result = in.calls().callSpecial(receiver, name, other);
    return result == PyObject.NOT_IMPLEMENTED ? null : result;
  }

  private PyObject builtIn(String op, PyObject a, PyObject b) {
    if (op.equals("==")) {
      return PyObject.of(equal(a, b));
    }
    if (op.equals("!=")) {
      return PyObject.of(!equal(a, b));
    }
    if (Values.isReal(a) && Values.isReal(b)) {
      return PyObject.of(ordered(op, a, b));
    }
    if (a instanceof PyObject.Str x && b instanceof PyObject.Str y) {
      return PyObject.of(holds(op, compareText(x.value(), y.value())));
    }
    if (a instanceof PyTuple x && b instanceof PyTuple y) {
      return sequences(op, x.elements(), y.elements());
    }
    if (a instanceof PyList x && b instanceof PyList y) {
      return sequences(op, x.elements(), y.elements());
    }
    if (a instanceof PySet x && b instanceof PySet y) {
      return PyObject.of(
          switch (op) {
            case "<=" -> y.hashes().containsAll(x.hashes());
            case "<" -> y.hashes().containsAll(x.hashes()) && x.size() < y.size();
            case ">=" -> x.hashes().containsAll(y.hashes());
            default -> x.hashes().containsAll(y.hashes()) && y.size() < x.size();
          });
    }
    return null;
  }

  private static int compareText(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    return java.util.Arrays.compare(x, y);
  }

  private boolean ordered(String op, PyObject a, PyObject b) {
    double x = a instanceof PyObject.Float f ? f.value() : 0;
    double y = b instanceof PyObject.Float f ? f.value() : 0;
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return false;
    }
    if (Double.isInfinite(x) || Double.isInfinite(y)) {
      return holds(op, Double.compare(x, y));
    }
    return holds(op, decimal(a).compareTo(decimal(b)));
  }

  private BigDecimal decimal(PyObject value) {
    return value instanceof PyObject.Float f
        ? new BigDecimal(f.value())
        : new BigDecimal(Values.integer(in, value));
  }

  private static boolean holds(String op, int sign) {
    return switch (op) {
      case "<" -> sign < 0;
      case "<=" -> sign <= 0;
      case ">" -> sign > 0;
      default -> sign >= 0;
    };
  }

  private PyObject sequences(String op, List<PyObject> a, List<PyObject> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!in.operators().equal(a.get(i), b.get(i))) {
        return compare(op, a.get(i), b.get(i));
      }
    }
    return PyObject.of(holds(op, Integer.compare(a.size(), b.size())));
  }

  private boolean equal(PyObject a, PyObject b) {
    if (Values.isReal(a) && Values.isReal(b)) {
      if (a instanceof PyObject.Float x && !Double.isFinite(x.value())
          || b instanceof PyObject.Float y && !Double.isFinite(y.value())) {
        return a instanceof PyObject.Float x
            && b instanceof PyObject.Float y
            && x.value() == y.value();
      }
      return decimal(a).compareTo(decimal(b)) == 0;
    }
    return switch (a) {
      case PyTuple x when b instanceof PyTuple y -> elements(x.elements(), y.elements());
      case PyList x when b instanceof PyList y -> elements(x.elements(), y.elements());
      case PySet x when b instanceof PySet y -> x.hashes().equals(y.hashes());
      case PyDict x when b instanceof PyDict y -> dicts(x, y);
      case PyObject.Complex x when Values.isReal(b) ->
          x.imaginary() == 0 && equal(PyObject.of(x.real()), b);
      case PyObject.Complex x when b instanceof PyObject.Complex y ->
          x.real() == y.real() && x.imaginary() == y.imaginary();
      case PyObject.Range x when b instanceof PyObject.Range y ->
          x.length().equals(y.length())
              && (x.length().signum() == 0
                  || x.start().equals(y.start())
                      && (x.length().bitLength() <= 1 || x.step().equals(y.step())));
      default -> Values.isReal(a) && b instanceof PyObject.Complex ? equal(b, a) : a.equals(b);
    };
  }

  private boolean elements(List<PyObject> a, List<PyObject> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      in.count(1);
      if (!in.operators().equal(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean dicts(PyDict a, PyDict b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (PyObject key : a.keys()) {
      PyObject other = b.get(in, key);
      if (other == null || !in.operators().equal(a.get(in, key), other)) {
        return false;
      }
    }
    return true;
  }
}
