package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** The text of values: {@code str}, {@code repr}, {@code format} and {@code %}. */
public final class Text {
  private final Interpreter in;
  private int nesting;

  Text(Interpreter in) {
    this.in = in;
  }

  public String str(PyObject value) {
    if (value instanceof PyObject.Str s) {
      return s.value();
    }
    if (value instanceof PyInstance i) {
      PyObject own = i.type().lookup("__str__");
      if (own != null && own != Types.OBJECT.namespace().get("__str__")) {
        return Values.string(in, in.calls().callSpecial(i, "__str__"));
      }
      if (i.payload() instanceof PyObject.Str s
          && i.type().lookup("__repr__") instanceof PyNative) {
        return s.value();
      }
    }
    return repr(value);
  }

  public String repr(PyObject value) {
    if (++nesting > 100) {
      nesting = 0;
      throw in.raise("RecursionError", "maximum recursion depth exceeded while getting the repr");
    }
    try {
      return reprNested(value);
    } finally {
      nesting--;
    }
  }

  private String reprNested(PyObject value) {
    return switch (value) {
      case PyObject.None _ -> "None";
      case PyObject.Bool b -> b.value() ? "True" : "False";
      case PyObject.Int i -> i.value().toString();
      case PyObject.Float f -> number(f.value());
      case PyObject.Complex c -> complex(c);
      case PyObject.Str s -> quoted(s.value());
      case PyObject.Bytes b -> "b" + quoted(b.value());
      case PyObject.Special s -> s.name();
      case PyObject.Slice s ->
          "slice(" + repr(s.start()) + ", " + repr(s.stop()) + ", " + repr(s.step()) + ")";
      case PyObject.Range r ->
          "range("
              + r.start()
              + ", "
              + r.stop()
              + (r.step().equals(java.math.BigInteger.ONE) ? "" : ", " + r.step())
              + ")";
      case PyTuple t ->
          t.elements().size() == 1
              ? "(" + repr(t.elements().getFirst()) + ",)"
              : "(" + all(t.elements()) + ")";
      case PyList l -> "[" + all(l.elements()) + "]";
      case PyDict d -> dict(d);
      case PySet s -> set(s);
      case PyFunction f -> "<function " + f.name() + ">";
      case PyNative f -> "<built-in function " + f.name() + ">";
      case PyObject.Method m -> "<bound method " + repr(m.function()) + ">";
      case PyClass c -> classText(c);
      case PyModule m -> "<module '" + m.name() + "'>";
      case PyInstance i -> instance(i);
      case HostObject h -> h.repr(in);
      default -> "<" + Types.of(in, value).name() + " object>";
    };
  }

  private String classText(PyClass c) {
    PyObject module = c.namespace().get("__module__");
    String prefix = module instanceof PyObject.Str s ? s.value() + "." : "";
    return "<class '" + prefix + c.name() + "'>";
  }

  private String instance(PyInstance i) {
    PyObject own = i.type().lookup("__repr__");
    if (own != null && own != Types.OBJECT.namespace().get("__repr__")) {
      return Values.string(in, in.calls().callSpecial(i, "__repr__"));
    }
    return i.payload() != null ? repr(i.payload()) : "<" + i.type().name() + " object>";
  }

  private String all(List<PyObject> elements) {
    return elements.stream().map(this::repr).collect(Collectors.joining(", "));
  }

  private String dict(PyDict d) {
    return d.keys().stream()
        .map(k -> repr(k) + ": " + repr(d.get(in, k)))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private String set(PySet s) {
    String body = s.size() == 0 ? "" : "{" + all(s.elements()) + "}";
    return s.frozen() ? "frozenset(" + body + ")" : body.isEmpty() ? "set()" : body;
  }

  private static String complex(PyObject.Complex c) {
    String imaginary = number(c.imaginary()).replaceAll("\\.0$", "") + "j";
    if (c.real() == 0 && Math.copySign(1, c.real()) > 0) {
      return imaginary;
    }
    String sign = imaginary.startsWith("-") || imaginary.startsWith("+") ? "" : "+";
    return "(" + number(c.real()).replaceAll("\\.0$", "") + sign + imaginary + ")";
  }

  /** {@return the shortest text that reads back as the same double, in Python's form} */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    String digits = exact.unscaledValue().abs().toString();
    int exponent = digits.length() - exact.scale() - 1;
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String size = String.format(java.util.Locale.ROOT, "%02d", Math.abs(exponent));
      return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + size;
    }
    String plain = exact.abs().toPlainString();
    return sign + (plain.contains(".") ? plain : plain + ".0");
  }

  private static String quoted(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (c < 32 || c == 127) {
                    out.append(String.format(java.util.Locale.ROOT, "\\x%02x", c));
                  } else {
                    out.appendCodePoint(c);
                  }
                }
              }
            });
    return out.append(quote).toString();
  }

  /** {@return what {@code format(value, spec)} gives} */
  public String format(PyObject value, String spec) {
    if (value instanceof PyInstance i) {
      PyObject own = i.type().lookup("__format__");
      if (own instanceof PyFunction) {
        return Values.string(in, in.calls().callSpecial(i, "__format__", PyObject.of(spec)));
      }
    }
    if (spec.isEmpty()) {
      return str(value);
    }
    PyObject plain = value instanceof HostObject h ? hostNumber(h) : Values.plain(value);
    return FormatSpec.format(in, plain, spec);
  }

  private PyObject hostNumber(HostObject h) {
    PyObject converted = h.convert(in, "float");
    return converted != null ? converted : PyObject.of(h.repr(in));
  }

  /** {@return what {@code text % value} gives} */
  String percent(String text, PyObject value) {
    return FormatSpec.percent(in, text, value);
  }
}
