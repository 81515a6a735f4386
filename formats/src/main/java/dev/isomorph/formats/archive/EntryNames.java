package dev.isomorph.formats.archive;

import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;

/** The rule for names of archive entries and for file names inside models. */
public final class EntryNames {
  private EntryNames() {}

  /**
   * Checks that a relative name stays inside its folder: no {@code ..}, no absolute path, no drive,
   * no backslash, no NUL.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_UNSAFE_PATH}
   */
  public static void check(String name, long offset) {
    String fault = fault(name);
    if (fault != null) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_UNSAFE_PATH, "the name %s %s", Text.quote(name), fault)
          .at(offset)
          .expected("a relative path that stays inside its folder", Text.quote(name))
          .toException();
    }
  }

  /**
   * Checks that a name is that of a file in the same folder: safe as {@link #check} says, and
   * without a separator.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_UNSAFE_PATH}
   */
  public static void checkSibling(String name) {
    check(name, -1);
    if (name.indexOf('/') >= 0 || name.isEmpty() || name.equals(".")) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_UNSAFE_PATH, "the name %s leaves its folder", Text.quote(name))
          .expected("the name of a file in the same folder", Text.quote(name))
          .toException();
    }
  }

  private static String fault(String name) {
    if (name.indexOf('\0') >= 0) {
      return "holds a NUL byte";
    }
    if (name.indexOf('\\') >= 0) {
      return "holds a backslash";
    }
    if (name.startsWith("/")) {
      return "is absolute";
    }
    if (name.length() >= 2 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0))) {
      return "names a drive";
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        return "leaves its folder";
      }
    }
    return null;
  }
}
