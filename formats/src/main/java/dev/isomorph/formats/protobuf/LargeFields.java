package dev.isomorph.formats.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The contents of large {@code bytes} fields that are not on the heap. In the message, such a field
 * holds a <em>reference</em>: a short {@link ByteString} that is known by its identity, which
 * messages and builders keep. A reference has no meaning without the table that it came from;
 * {@link MessageWriter} puts the contents back. Safe for many threads.
 */
public final class LargeFields {
  private final Map<ByteString, Tensor> contents =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /**
   * {@return a reference to put into a message}
   *
   * @param content whose dense little-endian bytes are the field's value; no strings
   */
  public ByteString add(Tensor content) {
    if (content.dtype() == DType.STRING) {
      throw new IllegalArgumentException("strings have no dense bytes");
    }
    byte[] label = ("kept outside: " + content.typeText()).getBytes(StandardCharsets.UTF_8);
    ByteString reference = UnsafeByteOperations.unsafeWrap(label);
    contents.put(reference, content);
    return reference;
  }

  /** {@return the content, if {@code field} is a reference of this table} */
  public Optional<Tensor> get(ByteString field) {
    return Optional.ofNullable(contents.get(field));
  }

  /** Adds all references of another table. */
  public void addAll(LargeFields other) {
    contents.putAll(other.contents);
  }
}
