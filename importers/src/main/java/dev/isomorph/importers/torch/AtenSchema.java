package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One overload of an operator, as PyTorch writes it: {@code add.Tensor(Tensor self, Tensor other,
 * *, Scalar alpha=1) -> Tensor}.
 *
 * @param name the operator, without overload
 * @param overload the overload's name, or empty
 * @param arguments its parameters
 */
record AtenSchema(String name, String overload, List<Argument> arguments) {
  /**
   * A parameter.
   *
   * @param type the kind of value, such as {@code Tensor}, {@code int}, {@code Scalar}
   * @param list whether it is a list of that
   * @param size how many a single number stands for in a list, 0 if it does not
   * @param optional whether {@code None} is allowed
   * @param optionalElements whether elements may be {@code None}
   * @param keywordOnly whether it must be named
   * @param initial the default, or {@code null}
   */
  record Argument(
      String name,
      String type,
      boolean list,
      int size,
      boolean optional,
      boolean optionalElements,
      boolean keywordOnly,
      PyObject initial) {}

  private static final Pattern ARGUMENT =
      Pattern.compile("(\\w+)(?:\\([^)]*\\))?(\\?)?(\\[(\\d*)\\])?(\\?)? (\\w+)(?:=(.*))?");

  static AtenSchema parse(String text) {
    int open = text.indexOf('(');
    String[] names = text.substring(0, open).split("\\.", 2);
    String inside = text.substring(open + 1, text.lastIndexOf(") -> "));
    List<Argument> all = new ArrayList<>();
    boolean keywordOnly = false;
    for (String part : split(inside)) {
      if (part.equals("*")) {
        keywordOnly = true;
        continue;
      }
      Matcher m = ARGUMENT.matcher(part);
      if (!m.matches()) {
        return new AtenSchema(names[0], names.length > 1 ? names[1] : "", null);
      }
      boolean list = m.group(3) != null;
      boolean first = m.group(2) != null;
      all.add(
          new Argument(
              m.group(6),
              m.group(1).equals("SymInt") ? "int" : m.group(1),
              list,
              list && !m.group(4).isEmpty() ? Integer.parseInt(m.group(4)) : 0,
              list ? m.group(5) != null : first,
              list && first,
              keywordOnly,
              m.group(7) == null ? null : constant(m.group(7))));
    }
    return new AtenSchema(names[0], names.length > 1 ? names[1] : "", List.copyOf(all));
  }

  private static List<String> split(String inside) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i <= inside.length(); i++) {
      char c = i == inside.length() ? ',' : inside.charAt(i);
      depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        if (i > from) {
          parts.add(inside.substring(from, i).strip());
        }
        from = i + 1;
      }
    }
    return parts;
  }

  private static PyObject constant(String text) {
    return switch (text) {
      case "None" -> PyObject.NONE;
      case "True" -> PyObject.TRUE;
      case "False" -> PyObject.FALSE;
      case "Mean" -> PyObject.of(1);
      case "contiguous_format", "strided" -> PyObject.NONE;
      default -> {
        if (text.startsWith("[")) {
          PyList list = new PyList();
          for (String e : split(text.substring(1, text.length() - 1))) {
            list.elements().add(constant(e));
          }
          yield list;
        }
        if (text.startsWith("\"") || text.startsWith("'")) {
          yield PyObject.of(text.substring(1, text.length() - 1));
        }
        yield text.matches("-?\\d+")
            ? PyObject.of(Long.parseLong(text))
            : PyObject.of(Double.parseDouble(text));
      }
    };
  }

  /** {@return {@code aten::name.overload}} */
  String fullName() {
    return "aten::" + name + (overload.isEmpty() ? "" : "." + overload);
  }
}
