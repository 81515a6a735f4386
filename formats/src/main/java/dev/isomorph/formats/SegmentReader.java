package dev.isomorph.formats;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads little-endian values from memory, front to back. Every read is checked against the end:
 * running out of bytes is {@link ErrorCode#FORMAT_TRUNCATED} with the position. Not safe for many
 * threads.
 */
public final class SegmentReader {
  private final MemorySegment bytes;
  private long position;

  /** Reads {@code bytes} from the start. Positions in errors count from there. */
  public SegmentReader(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /** {@return the next byte's position} */
  public long position() {
    return position;
  }

  /** {@return bytes that are left} */
  public long remaining() {
    return bytes.byteSize() - position;
  }

  /**
   * Moves to a position.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_TRUNCATED} if it lies beyond the end
   */
  public void seek(long target, String what) {
    if (target < 0 || target > bytes.byteSize()) {
      throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "%s lies beyond the end", what)
          .at(position)
          .expected("at most byte " + bytes.byteSize(), "byte " + target)
          .toException();
    }
    position = target;
  }

  /** {@return an unsigned byte} */
  public int u8(String what) {
    return bytes.get(ValueLayout.JAVA_BYTE, advance(1, what)) & 0xFF;
  }

  /** {@return an unsigned 16-bit integer} */
  public int u16(String what) {
    return bytes.get(Tensor.LE_SHORT, advance(2, what)) & 0xFFFF;
  }

  /** {@return a signed 32-bit integer} */
  public int i32(String what) {
    return bytes.get(Tensor.LE_INT, advance(4, what));
  }

  /** {@return an unsigned 32-bit integer} */
  public long u32(String what) {
    return i32(what) & 0xFFFFFFFFL;
  }

  /** {@return a 64-bit integer; an unsigned one beyond 2^63 is negative} */
  public long i64(String what) {
    return bytes.get(Tensor.LE_LONG, advance(8, what));
  }

  /**
   * {@return the next bytes, as a view}
   *
   * @param count as an attacker may have written it: negative or too large is an error
   */
  public MemorySegment slice(long count, String what) {
    return bytes.asSlice(advance(count, what), count);
  }

  /** {@return a copy of the next bytes, on the heap} */
  public byte[] copy(int count, String what) {
    return slice(count, what).toArray(ValueLayout.JAVA_BYTE);
  }

  private long advance(long count, String what) {
    if (count < 0 || count > remaining()) {
      throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "the bytes end inside %s", what)
          .at(position)
          .expected(Long.toUnsignedString(count) + " bytes", remaining() + " left")
          .toException();
    }
    long at = position;
    position += count;
    return at;
  }
}
