package dev.isomorph.formats.io;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/** The dense little-endian bytes of a tensor, region by region: nothing large is on the heap. */
public final class TensorBytes {
  /** Small enough to stay in a core's cache on its way from one file to the other. */
  private static final long REGION = 128 << 10;

  /** Large enough for a lazy tensor to be made from whole blocks of its source. */
  private static final long LAZY_REGION = 4 << 20;

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
    long step =
        dtype.isPacked() ? LAZY_REGION * (8 / dtype.bits()) : LAZY_REGION / dtype.byteSize(1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(LAZY_REGION, bytes), Tensor.ALIGNMENT);
      for (long from = 0; from < tensor.size(); from += step) {
        long count = Math.min(step, tensor.size() - from);
        MemorySegment region = buffer.asSlice(0, dtype.byteSize(count));
        tensor.write(from, count, region);
        visitor.accept(region);
      }
    }
  }

  /**
   * Writes all bytes of a tensor that holds no strings. What is mapped goes from file to file
   * inside the kernel, without a fault for every page.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FILE_CHANGED} if a mapped
   *     file was cut
   */
  public static void write(Tensor tensor, WritableByteChannel out) throws IOException {
    if (out instanceof FileChannel
        && tensor.byteSize() >= REGION
        && tensor.storage() instanceof Storage.Dense(MemorySegment bytes, TensorArena owner)
        && owner != null) {
      Optional<TensorArena.FileRegion> region = owner.fileRegion(bytes);
      if (region.isPresent()) {
        transfer(region.get(), bytes.byteSize(), out, owner.name());
        return;
      }
    }
    visit(tensor, region -> writeFully(region.asByteBuffer(), out));
  }

  private static void transfer(
      TensorArena.FileRegion region, long bytes, WritableByteChannel out, String name)
      throws IOException {
    long done = 0;
    while (done < bytes) {
      long moved = region.channel().transferTo(region.offset() + done, bytes - done, out);
      if (moved <= 0) {
        throw Diagnostic.error(
                ErrorCode.FILE_CHANGED, "a file of '%s' was cut while it was in use", name)
            .toException();
      }
      done += moved;
    }
  }

  /** Writes all that remains of a buffer. */
  public static void writeFully(ByteBuffer buffer, WritableByteChannel out) throws IOException {
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }
}
