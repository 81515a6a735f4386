package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** Methods of {@code str}. */
final class StringMethods {
  private StringMethods() {}

  static void install() {
    PyClass str = Types.STR;
    str.constructor(
        PyNative.of(
            "str",
            "object='', encoding=None, errors=None",
            (in, a) -> PyObject.of(in.text().str(a[0]))));
    Types.BYTES.constructor(
        PyNative.of(
            "bytes",
            "source=b'', encoding=None, errors=None",
            (in, a) -> {
              if (a[0] instanceof PyObject.Bytes b) {
                return b;
              }
              throw in.unsupported("bytes() of a '%s'", Types.of(in, a[0]).name());
            }));
    Types.BYTES.method(
        "decode",
        "self, encoding='utf-8', errors='strict'",
        (_, a) ->
            PyObject.of(
                new String(
                    ((PyObject.Bytes) a[0])
                        .value()
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
                    java.nio.charset.StandardCharsets.UTF_8)));
    text("lower", s -> s.toLowerCase(Locale.ROOT));
    text("upper", s -> s.toUpperCase(Locale.ROOT));
    text("casefold", s -> s.toLowerCase(Locale.ROOT));
    text(
        "capitalize",
        s ->
            s.isEmpty()
                ? s
                : s.substring(0, 1).toUpperCase(Locale.ROOT)
                    + s.substring(1).toLowerCase(Locale.ROOT));
    text("title", StringMethods::title);
    text("swapcase", StringMethods::swapCase);
    test("isdigit", Character::isDigit);
    test("isdecimal", Character::isDigit);
    test("isnumeric", Character::isDigit);
    test("isalpha", Character::isLetter);
    test("isalnum", Character::isLetterOrDigit);
    test("isspace", Character::isWhitespace);
    str.method("isupper", "self", (_, a) -> PyObject.of(cased(Values.str(a[0]), true)))
        .method("islower", "self", (_, a) -> PyObject.of(cased(Values.str(a[0]), false)))
        .method(
            "isidentifier",
            "self",
            (_, a) -> PyObject.of(Values.str(a[0]).matches("[\\p{L}_][\\p{L}\\p{N}_]*")))
        .method("strip", "self, chars=None", (in, a) -> strip(in, a, true, true))
        .method("lstrip", "self, chars=None", (in, a) -> strip(in, a, true, false))
        .method("rstrip", "self, chars=None", (in, a) -> strip(in, a, false, true))
        .method("split", "self, sep=None, maxsplit=-1", (in, a) -> split(in, a, false))
        .method("rsplit", "self, sep=None, maxsplit=-1", (in, a) -> split(in, a, true))
        .method(
            "splitlines",
            "self, keepends=False",
            (_, a) ->
                new PyList(Values.str(a[0]).lines().map(l -> (PyObject) PyObject.of(l)).toList()))
        .method("join", "self, iterable", StringMethods::join)
        .method(
            "replace",
            "self, old, new, count=-1",
            (in, a) ->
                replace(
                    in,
                    Values.str(a[0]),
                    Values.string(in, a[1]),
                    Values.string(in, a[2]),
                    Values.longValue(in, a[3])))
        .method("startswith", "self, prefix, start=0, end=None", (in, a) -> affix(in, a, true))
        .method("endswith", "self, suffix, start=0, end=None", (in, a) -> affix(in, a, false))
        .method(
            "find",
            "self, sub, start=0, end=None",
            (in, a) ->
                PyObject.of(
                    Values.str(a[0]).indexOf(Values.string(in, a[1]), Values.intValue(in, a[2]))))
        .method(
            "rfind",
            "self, sub, start=0, end=None",
            (in, a) -> PyObject.of(Values.str(a[0]).lastIndexOf(Values.string(in, a[1]))))
        .method(
            "index",
            "self, sub, start=0, end=None",
            (in, a) -> {
              int at = Values.str(a[0]).indexOf(Values.string(in, a[1]));
              if (at < 0) {
                throw in.raise("ValueError", "substring not found");
              }
              return PyObject.of(at);
            })
        .method(
            "count",
            "self, sub",
            (in, a) -> PyObject.of(count(Values.str(a[0]), Values.string(in, a[1]))))
        .method("partition", "self, sep", (in, a) -> partition(in, a, false))
        .method("rpartition", "self, sep", (in, a) -> partition(in, a, true))
        .method("center", "self, width, fillchar=' '", (in, a) -> pad(in, a, "^"))
        .method("ljust", "self, width, fillchar=' '", (in, a) -> pad(in, a, "<"))
        .method("rjust", "self, width, fillchar=' '", (in, a) -> pad(in, a, ">"))
        .method(
            "zfill",
            "self, width",
            (in, a) -> {
              String s = Values.str(a[0]);
              int missing = Values.intValue(in, a[1]) - s.length();
              in.checkSize(missing < 0 ? 0 : missing);
              int sign = s.startsWith("-") || s.startsWith("+") ? 1 : 0;
              return PyObject.of(
                  s.substring(0, sign) + "0".repeat(Math.max(0, missing)) + s.substring(sign));
            })
        .method(
            "removeprefix",
            "self, prefix",
            (in, a) -> {
              String s = Values.str(a[0]);
              String p = Values.string(in, a[1]);
              return PyObject.of(s.startsWith(p) ? s.substring(p.length()) : s);
            })
        .method(
            "removesuffix",
            "self, suffix",
            (in, a) -> {
              String s = Values.str(a[0]);
              String p = Values.string(in, a[1]);
              return PyObject.of(
                  !p.isEmpty() && s.endsWith(p) ? s.substring(0, s.length() - p.length()) : s);
            })
        .method("format", "self, *args, **kwargs", StringMethods::format)
        .method(
            "encode",
            "self, encoding='utf-8', errors='strict'",
            (_, a) ->
                new PyObject.Bytes(
                    new String(
                        Values.str(a[0]).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        java.nio.charset.StandardCharsets.ISO_8859_1)));
  }

  private static void text(String name, UnaryOperator<String> f) {
    Types.STR.method(name, "self", (_, a) -> PyObject.of(f.apply(Values.str(a[0]))));
  }

  private static void test(String name, IntPredicate f) {
    Types.STR.method(
        name,
        "self",
        (_, a) -> {
          String s = Values.str(a[0]);
          return PyObject.of(!s.isEmpty() && s.codePoints().allMatch(f));
        });
  }

  private static String title(String s) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : s.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  private static String swapCase(String s) {
    StringBuilder out = new StringBuilder();
    s.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isUpperCase(c)
                        ? Character.toLowerCase(c)
                        : Character.toUpperCase(c)));
    return out.toString();
  }

  private static boolean cased(String s, boolean upper) {
    return s.codePoints().anyMatch(upper ? Character::isUpperCase : Character::isLowerCase)
        && s.codePoints().noneMatch(upper ? Character::isLowerCase : Character::isUpperCase);
  }

  private static PyObject strip(Interpreter in, PyObject[] a, boolean left, boolean right) {
    String s = Values.str(a[0]);
    IntPredicate drop =
        a[1] == PyObject.NONE ? Character::isWhitespace : c -> Values.str(a[1]).indexOf(c) >= 0;
    int from = 0;
    int to = s.length();
    while (left && from < to && drop.test(s.charAt(from))) {
      from++;
    }
    while (right && to > from && drop.test(s.charAt(to - 1))) {
      to--;
    }
    return PyObject.of(s.substring(from, to));
  }

  private static PyObject split(Interpreter in, PyObject[] a, boolean fromRight) {
    String s = Values.str(a[0]);
    long most = Values.longValue(in, a[2]);
    List<String> parts = new ArrayList<>();
    if (a[1] == PyObject.NONE) {
      String rest = fromRight ? s.stripTrailing() : s.stripLeading();
      while (!rest.isEmpty() && (most < 0 || parts.size() < most)) {
        int at = fromRight ? lastSpace(rest) : firstSpace(rest);
        if (at < 0) {
          break;
        }
        parts.add(fromRight ? rest.substring(at + 1) : rest.substring(0, at));
        rest =
            fromRight ? rest.substring(0, at).stripTrailing() : rest.substring(at).stripLeading();
      }
      if (!rest.isEmpty()) {
        parts.add(fromRight ? rest : most < 0 ? rest.stripTrailing() : rest);
      }
    } else {
      String sep = Values.string(in, a[1]);
      if (sep.isEmpty()) {
        throw in.raise("ValueError", "empty separator");
      }
      String rest = s;
      while (most < 0 || parts.size() < most) {
        int at = fromRight ? rest.lastIndexOf(sep) : rest.indexOf(sep);
        if (at < 0) {
          break;
        }
        parts.add(fromRight ? rest.substring(at + sep.length()) : rest.substring(0, at));
        rest = fromRight ? rest.substring(0, at) : rest.substring(at + sep.length());
      }
      parts.add(rest);
    }
    List<String> ordered = fromRight ? parts.reversed() : parts;
    return new PyList(ordered.stream().map(p -> (PyObject) PyObject.of(p)).toList());
  }

  private static int firstSpace(String s) {
    for (int i = 0; i < s.length(); i++) {
      if (Character.isWhitespace(s.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static int lastSpace(String s) {
    for (int i = s.length() - 1; i >= 0; i--) {
      if (Character.isWhitespace(s.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static PyObject join(Interpreter in, PyObject[] a) {
    List<String> parts = new ArrayList<>();
    long[] size = {0};
    in.operators()
        .forEach(
            a[1],
            v -> {
              parts.add(Values.string(in, v));
              size[0] += parts.getLast().length();
              in.checkSize(size[0]);
            });
    return PyObject.of(String.join(Values.str(a[0]), parts));
  }

  private static PyObject replace(Interpreter in, String s, String old, String made, long count) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (long n = 0; count < 0 || n < count; n++) {
      int at = s.indexOf(old, from);
      if (at < 0 || old.isEmpty() && at >= s.length()) {
        break;
      }
      out.append(s, from, at).append(made);
      in.checkSize(out.length());
      from = at + old.length();
      if (old.isEmpty()) {
        out.append(s.charAt(from++));
      }
    }
    return PyObject.of(out.append(s.substring(from)).toString());
  }

  private static PyObject affix(Interpreter in, PyObject[] a, boolean prefix) {
    String s =
        Values.str(a[0]).substring(Math.min(Values.intValue(in, a[2]), Values.str(a[0]).length()));
    List<PyObject> options = a[1] instanceof PyTuple t ? t.elements() : List.of(a[1]);
    return PyObject.of(
        options.stream()
            .map(o -> Values.string(in, o))
            .anyMatch(o -> prefix ? s.startsWith(o) : s.endsWith(o)));
  }

  private static int count(String s, String sub) {
    if (sub.isEmpty()) {
      return s.length() + 1;
    }
    int n = 0;
    for (int at = s.indexOf(sub); at >= 0; at = s.indexOf(sub, at + sub.length())) {
      n++;
    }
    return n;
  }

  private static PyObject partition(Interpreter in, PyObject[] a, boolean last) {
    String s = Values.str(a[0]);
    String sep = Values.string(in, a[1]);
    int at = last ? s.lastIndexOf(sep) : s.indexOf(sep);
    PyObject empty = PyObject.of("");
    if (at < 0) {
      return last ? PyObject.tuple(empty, empty, a[0]) : PyObject.tuple(a[0], empty, empty);
    }
    return PyObject.tuple(
        PyObject.of(s.substring(0, at)),
        PyObject.of(sep),
        PyObject.of(s.substring(at + sep.length())));
  }

  private static PyObject pad(Interpreter in, PyObject[] a, String align) {
    return PyObject.of(
        FormatSpec.format(
            in,
            PyObject.of(Values.str(a[0])),
            Values.string(in, a[2]) + align + Math.max(0, Values.intValue(in, a[1]))));
  }

  private static PyObject format(Interpreter in, PyObject[] a) {
    return PyObject.of(
        new FormatFields(in, ((PyTuple) a[1]).elements(), (PyDict) a[2]).format(Values.str(a[0])));
  }
}
