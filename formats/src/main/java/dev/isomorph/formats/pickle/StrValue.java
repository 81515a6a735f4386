package dev.isomorph.formats.pickle;

import dev.isomorph.formats.Text;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A {@code str}. Long texts stay in the file until they are asked for: they are mostly binary data
 * in disguise, which protocol 2 has to store so.
 */
public final class StrValue implements PickleValue {
  private final MemorySegment utf8;
  private String text;

  private StrValue(MemorySegment utf8, String text) {
    this.utf8 = utf8;
    this.text = text;
  }

  /** {@return a text} */
  public static StrValue of(String text) {
    return new StrValue(null, text);
  }

  /** A text that is decoded when it is asked for; the bytes were checked to be UTF-8. */
  static StrValue ofUtf8(MemorySegment utf8) {
    return new StrValue(utf8, null);
  }

  /** {@return the text} */
  public synchronized String value() {
    if (text == null) {
      text = PythonText.utf8(utf8.toArray(ValueLayout.JAVA_BYTE)).orElseThrow();
    }
    return text;
  }

  /** {@return the UTF-8 bytes in the file, where the text was left there} */
  Optional<MemorySegment> utf8() {
    return Optional.ofNullable(utf8);
  }

  @Override
  public String describe() {
    return utf8 != null ? "a str of " + utf8.byteSize() + " bytes" : "the str " + Text.quote(text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StrValue s && s.value().equals(value());
  }

  @Override
  public int hashCode() {
    return value().hashCode();
  }

  @Override
  public String toString() {
    return describe();
  }
}
