package dev.isomorph.formats;

/** Text from a file that nobody trusts, made fit for a message. */
public final class Text {
  private static final int LONGEST = 120;

  private Text() {}

  /**
   * {@return the text in single quotes, on one line, without control characters, cut when it is
   * long}
   */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder("'");
    int end = Math.min(text.length(), LONGEST);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean plain =
          c >= ' '
              && c != 0x7F
              && !Character.isISOControl(c)
              && !isDirection(c)
              && !Character.isSurrogate(c);
      if (plain) {
        out.append(c);
      } else {
        out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return out.append(end < text.length() ? "…'" : "'").toString();
  }

  /** Characters that reorder what a terminal shows. */
  private static boolean isDirection(char c) {
    return c >= 0x200E && c <= 0x200F || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
  }
}
