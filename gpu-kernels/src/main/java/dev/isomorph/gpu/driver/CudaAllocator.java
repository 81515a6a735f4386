package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Device memory for one stream. Freed blocks are kept by size and used again: work on one stream is
 * done in order, so a block may be used again while an earlier kernel still reads it. Not safe for
 * many threads.
 *
 * <p>With red zones, each buffer has bytes of a pattern before and after it, and {@link
 * #checkRedZones} finds writes that left their buffer.
 */
public final class CudaAllocator implements AutoCloseable {
  /** Memory as the driver gave it. */
  record Block(long address, long byteSize) {}

  private static final long ALIGNMENT = 256;
  private static final byte PATTERN = (byte) 0xA5;

  private final CudaContext context;
  private final CudaStream stream;
  private final long redZone;
  private final TreeMap<Long, Deque<Block>> free = new TreeMap<>();
  private final Set<DeviceBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long liveBytes;
  private long peakBytes;

  /**
   * Makes an allocator.
   *
   * @param redZones whether buffers are guarded
   */
  public CudaAllocator(CudaContext context, CudaStream stream, boolean redZones) {
    this.context = context;
    this.stream = stream;
    this.redZone = redZones ? ALIGNMENT : 0;
  }

  /**
   * {@return memory of at least this size, aligned to 256 bytes; its contents are undefined}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#RUN_FAILED} if the device
   *     has not enough
   */
  public DeviceBuffer allocate(long bytes) {
    long size = roundUp(Math.addExact(Math.max(bytes, 1), 2 * redZone));
    DeviceBuffer buffer = new DeviceBuffer(this, block(size, bytes), bytes);
    live.add(buffer);
    liveBytes += size;
    peakBytes = Math.max(peakBytes, liveBytes);
    if (redZone > 0) {
      Block block = buffer.block();
      stream.fill(block.address(), PATTERN, redZone);
      stream.fill(block.address() + redZone + bytes, PATTERN, block.byteSize() - redZone - bytes);
    }
    return buffer;
  }

  /** Sizes with at most four significant bits, so that few different ones are kept. */
  private static long roundUp(long bytes) {
    long step = Math.max(ALIGNMENT, Long.highestOneBit(bytes) >> 3);
    return Math.ceilDiv(bytes, step) * step;
  }

  private Block block(long size, long asked) {
    Deque<Block> same = free.get(size);
    if (same != null && !same.isEmpty()) {
      return same.pop();
    }
    long[] address = new long[1];
    int result = cuMemAlloc(address, size);
    if (result == CUDA_ERROR_OUT_OF_MEMORY && !free.isEmpty()) {
      trim();
      result = cuMemAlloc(address, size);
    }
    if (result == CUDA_ERROR_OUT_OF_MEMORY) {
      throw Diagnostic.error(ErrorCode.RUN_FAILED, "the device has not enough memory")
          .expected(asked + " bytes", context.freeMemory() + " bytes free")
          .help("run on the CPU, or with smaller inputs")
          .toException();
    }
    if (result != CUDA_SUCCESS) {
      throw CudaErrors.failure(result, "allocate " + size + " bytes");
    }
    return new Block(address[0], size);
  }

  void reuse(DeviceBuffer buffer) {
    live.remove(buffer);
    liveBytes -= buffer.block().byteSize();
    free.computeIfAbsent(buffer.block().byteSize(), _ -> new ArrayDeque<>()).push(buffer.block());
  }

  long redZone() {
    return redZone;
  }

  /** {@return bytes of buffers that are held} */
  public long liveBytes() {
    return liveBytes;
  }

  /** {@return the most bytes of buffers that were held at once} */
  public long peakBytes() {
    return peakBytes;
  }

  /**
   * Waits for the stream and looks at every red zone.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#INTERNAL} if something
   *     wrote there
   */
  public void checkRedZones(String after) {
    for (DeviceBuffer buffer : redZone > 0 ? live : Set.<DeviceBuffer>of()) {
      Block block = buffer.block();
      check(block.address(), redZone, "before", buffer, after);
      long end = redZone + buffer.byteSize();
      check(block.address() + end, block.byteSize() - end, "behind", buffer, after);
    }
  }

  private void check(long from, long bytes, String side, DeviceBuffer buffer, String after) {
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      MemorySegment zone = arena.allocate(bytes);
      stream.download(from, zone);
      stream.synchronize();
      for (long i = 0; i < bytes; i++) {
        if (zone.get(ValueLayout.JAVA_BYTE, i) != PATTERN) {
          throw Diagnostic.error(
                  ErrorCode.INTERNAL,
                  "%s wrote %s a buffer of %d bytes",
                  after,
                  side,
                  buffer.byteSize())
              .toException();
        }
      }
    }
  }

  private void trim() {
    stream.synchronize();
    free.values().forEach(blocks -> blocks.forEach(CudaAllocator::giveBack));
    free.clear();
  }

  private static void giveBack(Block block) {
    CudaErrors.check(cuMemFree(block.address()), "free memory");
  }

  /** Gives all memory back, also of buffers that are still held. */
  @Override
  public void close() {
    trim();
    live.forEach(buffer -> giveBack(buffer.block()));
    live.clear();
  }
}
