package dev.isomorph.importers.python;

import java.util.List;

/** The replacement fields of {@code str.format}. */
final class FormatFields {
  private final Interpreter in;
  private final List<PyObject> positional;
  private final PyDict named;
  private int next;

  FormatFields(Interpreter in, List<PyObject> positional, PyDict named) {
    this.in = in;
    this.positional = positional;
    this.named = named;
  }

  String format(String text) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if ((c == '{' || c == '}') && i + 1 < text.length() && text.charAt(i + 1) == c) {
        out.append(c);
        i += 2;
      } else if (c == '{') {
        int end = closing(text, i);
        out.append(field(text.substring(i + 1, end)));
        i = end + 1;
      } else if (c == '}') {
        throw in.raise("ValueError", "Single '}' encountered in format string");
      } else {
        out.append(c);
        i++;
      }
    }
    return out.toString();
  }

  private int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw in.raise("ValueError", "Single '{' encountered in format string");
  }

  private String field(String field) {
    int colon = field.indexOf(':');
    String spec = colon < 0 ? "" : format(field.substring(colon + 1));
    String name = colon < 0 ? field : field.substring(0, colon);
    char conversion = 0;
    int bang = name.indexOf('!');
    if (bang >= 0) {
      conversion = bang + 1 < name.length() ? name.charAt(bang + 1) : 0;
      name = name.substring(0, bang);
    }
    PyObject value = value(name);
    return switch (conversion) {
      case 0 -> in.text().format(value, spec);
      case 'r', 'a' -> in.text().format(PyObject.of(in.text().repr(value)), spec);
      case 's' -> in.text().format(PyObject.of(in.text().str(value)), spec);
      default -> throw in.raise("ValueError", "Unknown conversion specifier");
    };
  }

  private PyObject value(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    String head = name.substring(0, end);
    PyObject value;
    if (head.isEmpty() || head.chars().allMatch(Character::isDigit)) {
      int index = head.isEmpty() ? next++ : Integer.parseInt(head);
      if (index >= positional.size()) {
        throw in.raise(
            "IndexError", "Replacement index %d out of range for positional args tuple", index);
      }
      value = positional.get(index);
    } else {
      value = in.operators().getItem(named, PyObject.of(head));
    }
    while (end < name.length()) {
      if (name.charAt(end) == '.') {
        int stop = end + 1;
        while (stop < name.length() && name.charAt(stop) != '.' && name.charAt(stop) != '[') {
          stop++;
        }
        value = in.attributes().get(value, name.substring(end + 1, stop));
        end = stop;
      } else {
        int stop = name.indexOf(']', end);
        if (stop < 0) {
          throw in.raise("ValueError", "Missing ']' in format string");
        }
        String key = name.substring(end + 1, stop);
        boolean number = key.chars().allMatch(Character::isDigit);
        value =
            in.operators()
                .getItem(value, number ? PyObject.of(Long.parseLong(key)) : PyObject.of(key));
        end = stop + 1;
      }
    }
    return value;
  }
}
