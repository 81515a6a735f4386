package dev.isomorph.exporters.torch;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Names that Python accepts, each once. Not safe for many threads. */
final class PythonNames {
  private static final Set<String> RESERVED =
      Set.of(
          "and",
          "as",
          "assert",
          "async",
          "await",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "try",
          "while",
          "with",
          "yield",
          "None",
          "True",
          "False",
          "self",
          "torch",
          "nn",
          "F",
          "math",
          "floordiv",
          "mod",
          "min",
          "max",
          "broadcast",
          "int",
          "float",
          "bool",
          "len",
          "list",
          "tuple",
          "match",
          "case",
          "type",
          "print",
          "range",
          "sum",
          "abs");

  private final Set<String> taken = new HashSet<>(RESERVED);

  /** {@return a name that starts like {@code wanted} and is not taken yet} */
  String fresh(String wanted) {
    String base = identifier(wanted);
    String candidate = base;
    for (int i = 1; !taken.add(candidate); i++) {
      candidate = base + "_" + i;
    }
    return candidate;
  }

  /** {@return letters, digits and underscores of a text, not starting with a digit} */
  static String identifier(String text) {
    String plain = text.replaceAll("[^A-Za-z0-9_]+", "_").replaceAll("^_+|_+$", "");
    if (plain.isEmpty()) {
      return "v";
    }
    return Character.isDigit(plain.charAt(0)) ? "v_" + plain : plain;
  }

  /** {@return a class name, {@code SimpleNn} for {@code simple_nn}} */
  static String className(String text) {
    StringBuilder out = new StringBuilder();
    for (String word : identifier(text).split("_")) {
      if (!word.isEmpty()) {
        out.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
      }
    }
    String name = out.toString();
    return RESERVED.contains(name) || name.isEmpty() ? name + "Model" : name;
  }
}
