package dev.isomorph.ir.diagnostic;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One error or warning, as data: what is wrong, where, what was expected and found, what would
 * help. Immutable and safe for many threads. Fields that are not known are empty strings; an
 * unknown offset is {@code -1}.
 *
 * @param severity whether it stops the work
 * @param code the stable code
 * @param message what is wrong, one sentence without a final period
 * @param file the file or folder, as the user named it
 * @param entry the archive entry, tensor or graph inside the file
 * @param offset the byte offset in the file or entry, or -1
 * @param node the node's name and operator
 * @param origin the place in the user's own source: {@code model.py:41}, a TensorFlow node name, …
 * @param expected what would have been right
 * @param actual what was found
 * @param help what to do
 */
public record Diagnostic(
    Severity severity,
    ErrorCode code,
    String message,
    String file,
    String entry,
    long offset,
    String node,
    String origin,
    String expected,
    String actual,
    String help) {

  /** Whether a diagnostic stops the work. */
  public enum Severity {
    ERROR,
    WARNING,
    NOTE
  }

  public Diagnostic {
    requireNonNull(severity, "severity is null");
    requireNonNull(code, "code is null");
    requireNonNull(message, "message is null");
    requireNonNull(file, "file is null");
    requireNonNull(entry, "entry is null");
    requireNonNull(node, "node is null");
    requireNonNull(origin, "origin is null");
    requireNonNull(expected, "expected is null");
    requireNonNull(actual, "actual is null");
    requireNonNull(help, "help is null");
  }

  /** {@return an error; {@code args} as in {@link String#format}} */
  public static Diagnostic error(ErrorCode code, String format, Object... args) {
    return of(Severity.ERROR, code, format, args);
  }

  /** {@return a warning; {@code args} as in {@link String#format}} */
  public static Diagnostic warning(ErrorCode code, String format, Object... args) {
    return of(Severity.WARNING, code, format, args);
  }

  /** {@return a note; {@code args} as in {@link String#format}} */
  public static Diagnostic note(ErrorCode code, String format, Object... args) {
    return of(Severity.NOTE, code, format, args);
  }

  private static Diagnostic of(Severity severity, ErrorCode code, String format, Object... args) {
    String message = args.length == 0 ? format : String.format(java.util.Locale.ROOT, format, args);
    return new Diagnostic(severity, code, message, "", "", -1, "", "", "", "", "");
  }

  /** {@return this, in {@code file}, unless a file is known already} */
  public Diagnostic inFile(String file) {
    return this.file.isEmpty()
        ? with(file, entry, offset, node, origin, expected, actual, help)
        : this;
  }

  /** {@return this, in {@code entry}; an entry that is known already is kept as the inner part} */
  public Diagnostic inEntry(String entry) {
    String joined = this.entry.isEmpty() ? entry : entry + " › " + this.entry;
    return with(file, joined, offset, node, origin, expected, actual, help);
  }

  /** {@return this, at byte {@code offset}} */
  public Diagnostic at(long offset) {
    return with(file, entry, offset, node, origin, expected, actual, help);
  }

  /** {@return this, at {@code node}, unless a node is known already} */
  public Diagnostic atNode(String node) {
    return this.node.isEmpty()
        ? with(file, entry, offset, node, origin, expected, actual, help)
        : this;
  }

  /** {@return this, from {@code origin}, unless an origin is known already} */
  public Diagnostic from(String origin) {
    return this.origin.isEmpty()
        ? with(file, entry, offset, node, origin, expected, actual, help)
        : this;
  }

  /** {@return this, with what would have been right and what was found} */
  public Diagnostic expected(Object expected, Object actual) {
    return with(
        file, entry, offset, node, origin, String.valueOf(expected), String.valueOf(actual), help);
  }

  /** {@return this, with what to do} */
  public Diagnostic help(String help) {
    return with(file, entry, offset, node, origin, expected, actual, help);
  }

  private Diagnostic with(
      String file,
      String entry,
      long offset,
      String node,
      String origin,
      String expected,
      String actual,
      String help) {
    return new Diagnostic(
        severity, code, message, file, entry, offset, node, origin, expected, actual, help);
  }

  /** {@return this as an exception} */
  public IsomorphException toException() {
    return new IsomorphException(this);
  }

  /** {@return the offset, when it is known} */
  public OptionalLong knownOffset() {
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /**
   * {@return the whole text, as it is printed: a first line with code and place, then indented
   * lines for what is known}
   */
  public String render() {
    StringBuilder out = new StringBuilder();
    out.append(severity.name().toLowerCase(java.util.Locale.ROOT))
        .append('[')
        .append(code)
        .append(']');
    place().ifPresent(p -> out.append(' ').append(p));
    out.append("\n  ").append(message);
    line(out, "expected", expected);
    line(out, "actual", actual);
    line(out, "from", origin);
    line(out, "help", help);
    return out.toString();
  }

  /** {@return {@code file › entry @ byte n › node}, as far as known} */
  public Optional<String> place() {
    StringBuilder out = new StringBuilder(file);
    if (!entry.isEmpty()) {
      out.append(out.isEmpty() ? "" : " › ").append(entry);
    }
    if (offset >= 0) {
      out.append(out.isEmpty() ? "" : " ").append("at byte ").append(offset);
    }
    if (!node.isEmpty()) {
      out.append(out.isEmpty() ? "" : " › ").append(node);
    }
    return out.isEmpty() ? Optional.empty() : Optional.of(out.toString());
  }

  private static void line(StringBuilder out, String label, String text) {
    if (!text.isEmpty()) {
      out.append("\n  ").append(label).append(": ").append(" ".repeat(8 - label.length()));
      out.append(text.replace("\n", "\n            "));
    }
  }

  @Override
  public String toString() {
    return render();
  }
}
