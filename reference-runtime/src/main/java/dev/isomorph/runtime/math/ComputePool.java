package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;

/**
 * A bounded pool of threads for kernels. Work is split by rows of the result, never inside a sum,
 * so that a result is the same for any number of threads. Safe for many threads; the threads are
 * daemons and end with {@link #close}.
 */
public final class ComputePool implements AutoCloseable {
  /** Computes the rows {@code [from, to)}. */
  @FunctionalInterface
  public interface RangeTask {
    void run(long from, long to);
  }

  private static final class Shared {
    static final ComputePool POOL = new ComputePool(Runtime.getRuntime().availableProcessors());
  }

  private static final class Serial {
    static final ComputePool POOL = new ComputePool(1);
  }

  private static final int SLOTS = 4;

  private final int threads;
  private final ForkJoinPool pool;
  private final ThreadLocal<MemorySegment[]> scratch =
      ThreadLocal.withInitial(() -> new MemorySegment[SLOTS]);

  /**
   * Makes a pool.
   *
   * @param threads how many threads compute at once, at least 1; with 1 the caller's thread does
   *     all work
   */
  public ComputePool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + threads);
    }
    this.threads = threads;
    this.pool = threads == 1 ? null : new ForkJoinPool(threads);
  }

  /** {@return the pool that all sessions share by default, one thread per processor} */
  public static ComputePool shared() {
    return Shared.POOL;
  }

  /** {@return a pool of the caller's thread alone} */
  public static ComputePool serial() {
    return Serial.POOL;
  }

  /**
   * {@return native memory of at least {@code bytes} that this thread reuses: its content lasts
   * until the thread asks for the same slot again}
   */
  MemorySegment scratch(int slot, long bytes) {
    MemorySegment[] slots = scratch.get();
    if (slots[slot] == null || slots[slot].byteSize() < bytes) {
      slots[slot] = Tensor.allocate(Math.max(bytes, 4096));
    }
    return slots[slot];
  }

  /** {@return how many threads compute at once} */
  public int threads() {
    return threads;
  }

  /**
   * Runs {@code task} over {@code [0, size)} in parts of at least {@code grain} and returns when
   * all are done. An exception of a part is thrown again.
   */
  public void forRange(long size, long grain, RangeTask task) {
    if (size <= 0) {
      return;
    }
    long parts = Math.min(threads * 4L, Math.max(1, size / Math.max(1, grain)));
    if (pool == null || parts == 1) {
      task.run(0, size);
      return;
    }
    List<RecursiveAction> actions = new ArrayList<>();
    for (long p = 0; p < parts; p++) {
      long from = size * p / parts;
      long to = size * (p + 1) / parts;
      actions.add(
          new RecursiveAction() {
            private static final long serialVersionUID = 1;

            @Override
            protected void compute() {
              task.run(from, to);
            }
          });
    }
    if (ForkJoinTask.getPool() == pool) {
      ForkJoinTask.invokeAll(actions);
    } else {
      pool.submit(() -> ForkJoinTask.invokeAll(actions)).join();
    }
  }

  @Override
  public void close() {
    if (pool != null && this != Shared.POOL) {
      pool.close();
    }
  }
}
