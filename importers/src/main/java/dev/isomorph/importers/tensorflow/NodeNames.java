package dev.isomorph.importers.tensorflow;

import java.util.regex.Pattern;

/**
 * Names of nodes. TensorFlow allows fewer characters than other dialects do; what our own exporter
 * had to write otherwise ({@code .x3A.} for a colon) is read back here, so that a node has one name
 * on both sides.
 */
final class NodeNames {
  private static final Pattern UNNAMED_CALL =
      Pattern.compile("(Stateful)?PartitionedCall(_[0-9]+)?");
  private static final Pattern ESCAPE = Pattern.compile("\\.x([0-9A-F]{1,6})\\.");

  private NodeNames() {}

  /** {@return the name as it was before the exporter wrote it} */
  static String decode(String name) {
    if (!name.contains(".x")) {
      return name;
    }
    return ESCAPE
        .matcher(name)
        .replaceAll(
            match -> {
              int code = Integer.parseInt(match.group(1), 16);
              return Character.isValidCodePoint(code)
                  ? java.util.regex.Matcher.quoteReplacement(Character.toString(code))
                  : java.util.regex.Matcher.quoteReplacement(match.group());
            });
  }

  /**
   * {@return the prefix that a call puts before the names of what it runs}. Calls that nobody named
   * put none.
   */
  static String prefix(String outer, String call) {
    String last = call.substring(call.lastIndexOf('/') + 1);
    boolean unnamed = UNNAMED_CALL.matcher(last).matches();
    String kept = unnamed ? call.substring(0, call.length() - last.length()) : call + "/";
    return outer + kept;
  }
}
