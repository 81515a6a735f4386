package dev.isomorph.formats.io;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** The dense little-endian bytes of a tensor, region by region: nothing large is on the heap. */
public final class TensorBytes {
  private static final long REGION = 4 << 20;

  private TensorBytes() {}

  /** Takes one region after another. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes a region.
     *
     * @param bytes native, valid during the call only
     */
    void accept(MemorySegment bytes) throws IOException;
  }

  /**
   * Visits all bytes of a tensor that holds no strings, in order. Memory in use does not grow with
   * the tensor, be it mapped or lazy.
   */
  public static void visit(Tensor tensor, Visitor visitor) throws IOException {
    long bytes = tensor.byteSize();
    if (tensor.storage() instanceof Storage.Dense) {
      MemorySegment all = tensor.segment();
      for (long at = 0; at < bytes; at += REGION) {
        visitor.accept(all.asSlice(at, Math.min(REGION, bytes - at)));
      }
      return;
    }
    DType dtype = tensor.dtype();
    long step = dtype.isPacked() ? REGION * (8 / dtype.bits()) : REGION / dtype.byteSize(1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(REGION, bytes), Tensor.ALIGNMENT);
      for (long from = 0; from < tensor.size(); from += step) {
        long count = Math.min(step, tensor.size() - from);
        MemorySegment region = buffer.asSlice(0, dtype.byteSize(count));
        tensor.write(from, count, region);
        visitor.accept(region);
      }
    }
  }

  /** Writes all bytes of a tensor that holds no strings. */
  public static void write(Tensor tensor, WritableByteChannel out) throws IOException {
    visit(tensor, region -> writeFully(region.asByteBuffer(), out));
  }

  /** Writes all that remains of a buffer. */
  public static void writeFully(ByteBuffer buffer, WritableByteChannel out) throws IOException {
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }
}
