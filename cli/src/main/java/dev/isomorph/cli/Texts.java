package dev.isomorph.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers and tables as people read them. */
final class Texts {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  private Texts() {}

  /** {@return {@code "12,345"}} */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@return {@code "1 tensor"}, {@code "3 tensors"}} */
  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@return bytes in powers of a thousand, {@code "48.2 kB"}} */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, value < 99.95 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
  }

  /** {@return a number in three digits, {@code "1.25e-07"} where it is small or large} */
  static String number(double value) {
    if (value == 0) {
      return "0";
    }
    double magnitude = Math.abs(value);
    return magnitude >= 0.001 && magnitude < 100_000
        ? String.format(Locale.ROOT, "%.4g", value)
        : String.format(Locale.ROOT, "%.2e", value);
  }

  /** {@return rows with columns of equal width, two spaces apart, each line indented by two} */
  static List<String> table(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append("  ").append(row.get(i));
        line.append(" ".repeat(widths[i] - row.get(i).length()));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
