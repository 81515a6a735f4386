package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's format specification language, and the older {@code %} formatting. */
final class FormatSpec {
  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(.)?([<>=^]))?([-+ ])?z?(#)?(0)?(\\d+)?([,_])?(?:\\.(\\d+))?([a-zA-Z%])?",
          Pattern.DOTALL);
  private static final Pattern PERCENT =
      Pattern.compile(
          "%(?:\\((.*?)\\))?([-+ #0]*)(\\*|\\d+)?(?:\\.(\\*|\\d+))?[hlL]?(.)", Pattern.DOTALL);

  private FormatSpec() {}

  static String format(Interpreter in, PyObject value, String spec) {
    Matcher m = SPEC.matcher(spec);
    if (!m.matches()) {
      throw in.raise("ValueError", "Invalid format specifier '%s'", spec);
    }
    String align = m.group(2);
    String fill = m.group(1) != null ? m.group(1) : " ";
    if (align == null && m.group(5) != null) {
      align = "=";
      fill = "0";
    }
    int width = m.group(6) == null ? 0 : bounded(in, m.group(6));
    int precision = m.group(8) == null ? -1 : bounded(in, m.group(8));
    char type = m.group(9) == null ? 0 : m.group(9).charAt(0);
    String body;
    boolean numeric = Values.isReal(value);
    if (!numeric) {
      if (type != 0 && type != 's' || !(value instanceof PyObject.Str)) {
        throw in.raise(
            value instanceof PyObject.Str ? "ValueError" : "TypeError",
            "unsupported format string '%s' for '%s'",
            spec,
            Types.of(in, value).name());
      }
      body = Values.str(value);
      if (precision >= 0 && precision < body.codePointCount(0, body.length())) {
        body = body.substring(0, body.offsetByCodePoints(0, precision));
      }
    } else {
      body = number(in, value, type, precision, m.group(4) != null, m.group(7));
      String sign = m.group(3);
      if (!body.startsWith("-") && sign != null && !sign.equals("-")) {
        body = sign + body;
      }
    }
    return pad(body, width, fill, align != null ? align : numeric ? ">" : "<");
  }

  private static int bounded(Interpreter in, String digits) {
    in.checkSize(digits.length() > 9 ? -1 : Long.parseLong(digits));
    return Integer.parseInt(digits);
  }

  private static String pad(String body, int width, String fill, String align) {
    int missing = width - body.codePointCount(0, body.length());
    if (missing <= 0) {
      return body;
    }
    return switch (align) {
      case "<" -> body + fill.repeat(missing);
      case "^" -> fill.repeat(missing / 2) + body + fill.repeat(missing - missing / 2);
      case "=" -> {
        int sign = !body.isEmpty() && "+- ".indexOf(body.charAt(0)) >= 0 ? 1 : 0;
        yield body.substring(0, sign) + fill.repeat(missing) + body.substring(sign);
      }
      default -> fill.repeat(missing) + body;
    };
  }

  private static String number(
      Interpreter in, PyObject value, char type, int precision, boolean alternate, String group) {
    boolean integer = Values.isInteger(value);
    if (integer && (type == 0 || "bcdoxXn".indexOf(type) >= 0)) {
      BigInteger i = Values.integer(in, value);
      if (type == 0 && value instanceof PyObject.Bool) {
        return Values.plain(value) == PyObject.TRUE ? "True" : "False";
      }
      if (type == 'c') {
        return Character.toString(Values.intValue(in, value));
      }
      int radix = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
      String digits = i.abs().toString(radix);
      String prefix = alternate && radix != 10 ? "0" + type : "";
      digits = type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
      return (i.signum() < 0 ? "-" : "") + prefix + grouped(digits, group, radix == 10 ? 3 : 4);
    }
    double d = Values.doubleValue(in, value);
    if (type == 0 && precision < 0) {
      return group == null ? Text.number(d) : groupedNumber(Text.number(d), group);
    }
    char kind = Character.toLowerCase(type == 0 ? 'g' : type == 'n' ? 'g' : type);
    if (!Double.isFinite(d)) {
      String text = Text.number(d) + (kind == '%' ? "%" : "");
      return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }
    int digits = precision < 0 ? 6 : precision;
    String text =
        switch (kind) {
          case 'f' -> fixed(d, digits);
          case '%' ->
              fixedDecimal(new BigDecimal(d).multiply(BigDecimal.valueOf(100)), digits, d) + "%";
          case 'e' -> exponential(d, digits);
          case 'g' -> general(d, Math.max(1, digits), alternate, type == 0);
          default ->
              throw in.raise(
                  "ValueError",
                  "Unknown format code '%s' for object of type '%s'",
                  type,
                  Types.of(in, value).name());
        };
    if (group != null) {
      text = groupedNumber(text, group);
    }
    return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
  }

  private static String groupedNumber(String text, String group) {
    int start = text.startsWith("-") ? 1 : 0;
    int end = start;
    while (end < text.length() && Character.isDigit(text.charAt(end))) {
      end++;
    }
    return text.substring(0, start)
        + grouped(text.substring(start, end), group, 3)
        + text.substring(end);
  }

  private static String grouped(String digits, String group, int size) {
    if (group == null) {
      return digits;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < digits.length(); i++) {
      if (i > 0 && (digits.length() - i) % size == 0) {
        out.append(group);
      }
      out.append(digits.charAt(i));
    }
    return out.toString();
  }

  private static String fixed(double d, int digits) {
    return fixedDecimal(new BigDecimal(d), digits, d);
  }

  private static String fixedDecimal(BigDecimal value, int digits, double signOf) {
    String text = value.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    boolean negative = Math.copySign(1, signOf) < 0;
    return negative && !text.startsWith("-") ? "-" + text : text;
  }

  private static String exponential(double d, int digits) {
    BigDecimal value = new BigDecimal(d);
    String sign = Math.copySign(1, d) < 0 ? "-" : "";
    if (d == 0) {
      return sign + "0" + (digits > 0 ? "." + "0".repeat(digits) : "") + "e+00";
    }
    BigDecimal rounded = value.abs().round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    String all =
        rounded.movePointLeft(exponent).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    return sign
        + all
        + "e"
        + (exponent < 0 ? "-" : "+")
        + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
  }

  private static String general(double d, int digits, boolean alternate, boolean keepPoint) {
    if (d == 0) {
      return (1 / d < 0 ? "-0" : "0") + (keepPoint ? ".0" : "");
    }
    BigDecimal rounded =
        new BigDecimal(d).abs().round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    boolean scientific = exponent < -4 || exponent >= (keepPoint ? digits - 1 : digits);
    String text =
        scientific ? exponential(d, digits - 1) : fixed(d, Math.max(0, digits - 1 - exponent));
    if (!alternate && text.contains(".")) {
      text = text.replaceFirst("0+(e|$)", "$1").replaceFirst("\\.(e|$)", "$1");
    }
    return keepPoint && !scientific && !text.contains(".") ? text + ".0" : text;
  }

  static String percent(Interpreter in, String text, PyObject value) {
    Iterator<PyObject> values =
        (value instanceof PyTuple t ? t.elements() : List.of(value)).iterator();
    boolean consumed = false;
    Matcher m = PERCENT.matcher(text);
    StringBuilder out = new StringBuilder();
    int end = 0;
    while (m.find()) {
      out.append(text, end, m.start());
      end = m.end();
      char kind = m.group(5).charAt(0);
      if (kind == '%') {
        out.append('%');
        continue;
      }
      consumed = true;
      String width = "*".equals(m.group(3)) ? next(in, values).toString() : m.group(3);
      String precision = "*".equals(m.group(4)) ? next(in, values).toString() : m.group(4);
      PyObject item =
          m.group(1) == null
              ? next(in, values)
              : in.operators().getItem(value, PyObject.of(m.group(1)));
      out.append(field(in, item, kind, m.group(2), width, precision));
    }
    out.append(text.substring(end));
    if (values.hasNext() && (consumed || value instanceof PyTuple) && value instanceof PyTuple) {
      throw in.raise("TypeError", "not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private static PyObject next(Interpreter in, Iterator<PyObject> values) {
    if (!values.hasNext()) {
      throw in.raise("TypeError", "not enough arguments for format string");
    }
    return values.next();
  }

  private static String field(
      Interpreter in, PyObject item, char kind, String flags, String width, String precision) {
    String align = flags.contains("-") ? "<" : flags.contains("0") && kind != 's' ? "" : ">";
    String zero = flags.contains("0") && align.isEmpty() ? "0" : "";
    String sign = flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    String size = (width == null ? "" : width) + (precision == null ? "" : "." + precision);
    return switch (kind) {
      case 's' -> format(in, PyObject.of(in.text().str(item)), align + size + "s");
      case 'r', 'a' -> format(in, PyObject.of(in.text().repr(item)), align + size + "s");
      case 'c' -> in.text().str(item);
      case 'd', 'i', 'u' -> {
        PyObject whole =
            Values.plain(item) instanceof PyObject.Float f
                ? new PyObject.Int(new BigDecimal(f.value()).toBigInteger())
                : item;
        yield format(in, whole, align + sign + zero + (width == null ? "" : width) + "d");
      }
      case 'x', 'X', 'o' -> format(in, item, align + sign + zero + size + kind);
      case 'e', 'E', 'f', 'F', 'g', 'G' ->
          format(in, PyObject.of(Values.doubleValue(in, item)), align + sign + zero + size + kind);
      default -> throw in.raise("ValueError", "unsupported format character '%s'", kind);
    };
  }
}
