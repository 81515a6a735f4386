package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.cudart.CU_EVENT_DEFAULT;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD8Async;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A queue of copies and launches, carried out in order. Its thread must use the context. Not safe
 * for many threads.
 */
public final class CudaStream implements AutoCloseable {
  /** A grid of blocks of threads. */
  public record Grid(int x, int y, int z, int threadsX, int threadsY) {
    /** {@return blocks in one dimension, as are their threads} */
    public static Grid of(long blocks, int threads) {
      return new Grid(Math.toIntExact(blocks), 1, 1, threads, 1);
    }
  }

  private final CUstream_st stream = new CUstream_st();
  // Memory that queued copies still read or write.
  private final List<MemorySegment> inUse = new ArrayList<>();

  /** Makes an empty queue. */
  public CudaStream() {
    CudaErrors.check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "make a stream");
  }

  /**
   * Queues a copy to the device.
   *
   * @param from native memory, a mapped slice of a file too; it must not change until {@link
   *     #synchronize}
   */
  public void upload(MemorySegment from, DeviceBuffer to) {
    requireRoom(from, to);
    if (from.byteSize() > 0) {
      inUse.add(from);
      CudaErrors.check(
          cuMemcpyHtoDAsync(to.address(), new SegmentPointer(from), from.byteSize(), stream),
          "copy " + from.byteSize() + " bytes to the device");
    }
  }

  /** Queues a copy from the device's buffer, as many bytes as the target has. */
  public void download(DeviceBuffer from, MemorySegment to) {
    requireRoom(to, from);
    if (to.byteSize() > 0) {
      inUse.add(to);
      CudaErrors.check(
          cuMemcpyDtoHAsync(new SegmentPointer(to), from.address(), to.byteSize(), stream),
          "copy " + to.byteSize() + " bytes from the device");
    }
  }

  private static void requireRoom(MemorySegment host, DeviceBuffer device) {
    if (host.byteSize() > device.byteSize()) {
      throw new IllegalArgumentException(
          host.byteSize() + " bytes do not fit a buffer of " + device.byteSize());
    }
  }

  /** Queues the setting of memory, byte by byte. */
  public void fill(long address, byte value, long bytes) {
    if (bytes > 0) {
      CudaErrors.check(cuMemsetD8Async(address, value, bytes, stream), "fill memory");
    }
  }

  void download(long address, MemorySegment to) {
    inUse.add(to);
    CudaErrors.check(
        cuMemcpyDtoHAsync(new SegmentPointer(to), address, to.byteSize(), stream),
        "copy from the device");
  }

  /** Queues a kernel. */
  public void launch(CudaFunction function, Grid grid, LaunchArguments arguments) {
    try (Arena arena = Arena.ofConfined();
        PointerPointer<Pointer> parameters =
            new PointerPointer<>(new SegmentPointer(arguments.pack(arena)))) {
      CudaErrors.check(
          cuLaunchKernel(
              function.handle(),
              grid.x,
              grid.y,
              grid.z,
              grid.threadsX,
              grid.threadsY,
              1,
              0,
              stream,
              parameters,
              (PointerPointer<Pointer>) null),
          "launch kernel " + function.name());
    }
  }

  /**
   * Waits until everything queued is done.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException also for what a kernel did wrong before
   */
  public void synchronize() {
    CudaErrors.check(cuStreamSynchronize(stream), "finish what was queued");
    inUse.clear();
  }

  /** {@return the device's time for what the task queues, in milliseconds; waits for it} */
  public double time(Runnable task) {
    CUevent_st before = new CUevent_st();
    CUevent_st after = new CUevent_st();
    CudaErrors.check(cuEventCreate(before, CU_EVENT_DEFAULT), "make an event");
    CudaErrors.check(cuEventCreate(after, CU_EVENT_DEFAULT), "make an event");
    try {
      CudaErrors.check(cuEventRecord(before, stream), "record an event");
      task.run();
      CudaErrors.check(cuEventRecord(after, stream), "record an event");
      CudaErrors.check(cuEventSynchronize(after), "wait for an event");
      float[] milliseconds = new float[1];
      CudaErrors.check(cuEventElapsedTime(milliseconds, before, after), "measure time");
      return milliseconds[0];
    } finally {
      cuEventDestroy(before);
      cuEventDestroy(after);
    }
  }

  @Override
  public void close() {
    CudaErrors.check(cuStreamDestroy(stream), "close a stream");
  }
}
