package dev.isomorph.ir;

import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Reads the text form of a {@link ValueType}. */
final class TypeParser {
  private static final int MAX_DEPTH = 32;

  private TypeParser() {}

  static ValueType parse(String text) {
    return parse(text, 0);
  }

  private static ValueType parse(String text, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("a type is nested too deeply");
    }
    String type = text.strip();
    if (type.equals("?")) {
      return ValueType.UNKNOWN;
    }
    int bracket = type.indexOf('[');
    int paren = type.indexOf('(');
    if (paren > 0 && (bracket < 0 || paren < bracket) && type.endsWith(")")) {
      String inner = type.substring(paren + 1, type.length() - 1);
      return switch (type.substring(0, paren)) {
        case "seq" -> new ValueType.SequenceType(parse(inner, depth + 1));
        case "optional" -> new ValueType.OptionalType(parse(inner, depth + 1));
        case "map" -> {
          int comma = inner.indexOf(',');
          if (comma < 0) {
            throw new IllegalArgumentException("'" + text + "' is no type");
          }
          yield new ValueType.MapType(
              dtype(inner.substring(0, comma)), parse(inner.substring(comma + 1), depth + 1));
        }
        default -> throw new IllegalArgumentException("'" + text + "' is no type");
      };
    }
    if (bracket < 0) {
      return ValueType.tensor(dtype(type), Shape.UNKNOWN);
    }
    if (!type.endsWith("]")) {
      throw new IllegalArgumentException("'" + text + "' is no type: expected ']' at its end");
    }
    return ValueType.tensor(
        dtype(type.substring(0, bracket)),
        shape(type.substring(bracket + 1, type.length() - 1).strip()));
  }

  private static DType dtype(String name) {
    return DType.byName(name.strip())
        .orElseThrow(() -> new IllegalArgumentException("'" + name + "' is no element type"));
  }

  private static Shape shape(String dims) {
    if (dims.equals("*")) {
      return Shape.UNKNOWN;
    }
    List<Dim> list = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= dims.length() && !dims.isEmpty(); i++) {
      char c = i == dims.length() ? ',' : dims.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && (depth == 0 || i == dims.length())) {
        list.add(Dim.parse(dims.substring(start, i).strip()));
        start = i + 1;
      }
    }
    return Shape.of(list);
  }
}
