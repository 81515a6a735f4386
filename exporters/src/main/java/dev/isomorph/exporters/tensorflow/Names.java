package dev.isomorph.exporters.tensorflow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of nodes. TensorFlow allows letters, digits and {@code _.\-/>}, and fewer in front; any
 * other character is written as its code point in hexadecimal between {@code .x} and a dot, which
 * the importer reads back. Different names stay different. Not safe for many threads.
 */
final class Names {
  private static final Pattern LOOKS_ESCAPED = Pattern.compile("\\.x[0-9A-F]{1,6}\\.");

  private final Set<String> used = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();

  /** {@return the name in TensorFlow's characters} */
  static String encode(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      boolean ambiguous =
          c == '.' && LOOKS_ESCAPED.matcher(name).region(i, name.length()).lookingAt();
      if (isAllowed(c, i == 0) && !ambiguous) {
        out.appendCodePoint(c);
      } else {
        out.append(".x").append(Integer.toHexString(c).toUpperCase(Locale.ROOT)).append('.');
      }
      i += Character.charCount(c);
    }
    return out.isEmpty() ? "unnamed" : out.toString();
  }

  private static boolean isAllowed(int c, boolean first) {
    boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    return letter || c == '.' || !first && "_\\-/>".indexOf(c) >= 0;
  }

  /** {@return the name, or with a number behind it the next one that is free} */
  String unique(String wanted) {
    String candidate = wanted;
    int i = counters.getOrDefault(wanted, 0);
    while (!used.add(candidate)) {
      candidate = wanted + "_" + ++i;
    }
    counters.put(wanted, i);
    return candidate;
  }

  /** Keeps a name from being given away by {@link #unique}. */
  void reserve(String name) {
    used.add(name);
  }

  /** {@return a name that Python accepts for an argument} */
  static String identifier(String name) {
    String out = name.replaceAll("[^A-Za-z0-9_]", "_");
    return out.isEmpty() || Character.isDigit(out.charAt(0)) ? "_" + out : out;
  }
}
