package dev.isomorph.formats.sniff;

/** A format with details for people, which follow the format's own text. */
record FormatMatch(FormatKind kind, String detail) {
  static FormatMatch of(FormatKind kind) {
    return new FormatMatch(kind, "");
  }
}
