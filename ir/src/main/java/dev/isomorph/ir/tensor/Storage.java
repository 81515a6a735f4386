package dev.isomorph.ir.tensor;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where a tensor's elements are. */
public sealed interface Storage permits Storage.Dense, Storage.Strings, Storage.Lazy {

  /**
   * Elements in memory: C-contiguous, little-endian; several elements of a packed type share a
   * byte, low bits first. The segment is native (off heap or a mapped slice of a file, at any
   * alignment) and is only read.
   *
   * @param segment exactly the tensor's bytes
   * @param owner whose memory it is, or {@code null} when the garbage collector owns it
   */
  record Dense(MemorySegment segment, TensorArena owner) implements Storage {
    public Dense {
      if (!segment.isNative()) {
        throw new IllegalArgumentException("a tensor's segment must be native");
      }
      segment = segment.asReadOnly();
    }
  }

  /**
   * Strings, row-major. ONNX strings are byte strings; they are kept as UTF-8 text.
   *
   * @param values one per element
   */
  record Strings(List<String> values) implements Storage {
    public Strings {
      values = List.copyOf(values);
    }
  }

  /**
   * Elements that are made when they are asked for, region by region, from other tensors: a
   * transposition, a cast, a slice, a concatenation. Implementations are immutable and safe for
   * many threads.
   */
  non-sealed interface Lazy extends Storage {
    /**
     * Writes the elements {@code [from, from + count)} of the row-major order.
     *
     * @param from first element; for packed types a multiple of the elements per byte
     * @param count number of elements
     * @param target at least {@code dtype.byteSize(count)} bytes, native
     */
    void write(long from, long count, MemorySegment target);

    /** {@return what it does, for the weight ledger: {@code transposed}, {@code cast}, …} */
    String description();
  }
}
