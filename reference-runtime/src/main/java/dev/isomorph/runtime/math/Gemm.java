package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products over native memory, f32 or f64, packed into panels. Each element of the result is
 * summed by one thread in an order that depends on {@link SummationOrder} and the inner dimension
 * alone: the same bits for any number of threads, any vector width, and with or without the vector
 * module. Safe for many threads.
 */
public final class Gemm {
  /** Bytes of the packed left operand that are kept at once. */
  private static final long LEFT_BYTES = 16L << 20;

  private static final int LEFT_SLOT = 0;
  private static final int RIGHT_SLOT = 1;
  private static final int TILE_SLOT = 2;

  private final MicroKernel kernel;
  private final SummationOrder order;
  private final ComputePool pool;

  Gemm(MicroKernel kernel, SummationOrder order, ComputePool pool) {
    this.kernel = kernel;
    this.order = order;
    this.pool = pool;
  }

  /**
   * {@return products in f32 or f64}
   *
   * @param type the type of the arithmetic and of the result
   */
  public static Gemm of(DType type, SummationOrder order, ComputePool pool) {
    return new Gemm(MicroKernel.of(type), order, pool);
  }

  /** {@return the type of the arithmetic and of the result} */
  public DType type() {
    return kernel.type();
  }

  /** {@return the order in which sums are added} */
  SummationOrder order() {
    return order;
  }

  /** {@return the threads} */
  ComputePool pool() {
    return pool;
  }

  /** {@return the same products on the caller's thread} */
  public Gemm onOneThread() {
    return new Gemm(kernel, order, ComputePool.serial());
  }

  /**
   * A matrix operand with any strides, counted in elements; a stride of 0 repeats.
   *
   * @param bytes native memory at any alignment
   * @param type any real float type; converted while it is packed
   * @param offset the first element
   */
  public record Matrix(
      MemorySegment bytes, DType type, long offset, long rowStride, long columnStride) {
    /** {@return the transposed matrix} */
    public Matrix transposed() {
      return new Matrix(bytes, type, offset, columnStride, rowStride);
    }
  }

  /**
   * Computes {@code C = A·B}.
   *
   * @param a {@code m × k}
   * @param b {@code k × n}
   * @param c the result in this type: rows of {@code n} adjacent elements
   * @param cOffset its first element
   * @param cStride elements from one row to the next
   */
  public void multiply(
      long m, long n, long k, Matrix a, Matrix b, MemorySegment c, long cOffset, long cStride) {
    run(
        m,
        n,
        Math.toIntExact(k),
        new Panels.Strided(a.bytes, a.type, a.offset, a.rowStride, a.columnStride),
        new Panels.Strided(b.bytes, b.type, b.offset, b.columnStride, b.rowStride),
        c,
        cOffset,
        cStride);
  }

  void run(long m, long n, int k, Panels a, Panels b, MemorySegment c, long cOffset, long cStride) {
    int size = kernel.type().bits() / 8;
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      for (long i = 0; i < m; i++) {
        c.asSlice((cOffset + i * cStride) * size, n * size).fill((byte) 0);
      }
      return;
    }
    long panelBytes = (long) k * MicroKernel.ROWS * size;
    long rowsAtOnce = Math.min(m, Math.max(1, LEFT_BYTES / panelBytes) * (long) MicroKernel.ROWS);
    for (long row = 0; row < m; row += rowsAtOnce) {
      long rows = Math.min(rowsAtOnce, m - row);
      block(row, rows, n, k, a, b, c, cOffset + row * cStride, cStride);
    }
  }

  private void block(
      long row,
      long rows,
      long n,
      int k,
      Panels a,
      Panels b,
      MemorySegment c,
      long cOffset,
      long cStride) {
    int size = kernel.type().bits() / 8;
    int width = kernel.columns();
    long rowPanels = Math.ceilDiv(rows, (long) MicroKernel.ROWS);
    long panelBytes = (long) k * MicroKernel.ROWS * size;
    MemorySegment left = pool.scratch(LEFT_SLOT, rowPanels * panelBytes);
    pool.forRange(
        rowPanels,
        Math.max(1, 65536 / panelBytes),
        (from, to) -> {
          for (long p = from; p < to; p++) {
            long first = p * MicroKernel.ROWS;
            int lanes = (int) Math.min(MicroKernel.ROWS, rows - first);
            a.pack(
                order,
                k,
                0,
                k,
                row + first,
                lanes,
                MicroKernel.ROWS,
                kernel.type(),
                left,
                p * panelBytes);
          }
        });
    long columnPanels = Math.ceilDiv(n, (long) width);
    long wanted = 4L * pool.threads();
    long splits = Math.clamp(wanted / columnPanels, 1, rowPanels);
    long work = 2L * k * rows * n / (columnPanels * splits);
    pool.forRange(
        columnPanels * splits,
        Math.max(1, 200_000 / Math.max(1, work)),
        (from, to) -> {
          MemorySegment right = pool.scratch(RIGHT_SLOT, (long) order.block() * width * size);
          MemorySegment tile = pool.scratch(TILE_SLOT, (long) MicroKernel.ROWS * width * size);
          for (long task = from; task < to; task++) {
            long column = task / splits * width;
            long part = task % splits;
            columns(
                left,
                right,
                tile,
                rowPanels * part / splits,
                rowPanels * (part + 1) / splits,
                rows,
                column,
                (int) Math.min(width, n - column),
                k,
                b,
                c,
                cOffset,
                cStride);
          }
        });
  }

  private void columns(
      MemorySegment left,
      MemorySegment right,
      MemorySegment tile,
      long fromPanel,
      long toPanel,
      long rows,
      long column,
      int lanes,
      int k,
      Panels b,
      MemorySegment c,
      long cOffset,
      long cStride) {
    int size = kernel.type().bits() / 8;
    int width = kernel.columns();
    long panelBytes = (long) k * MicroKernel.ROWS * size;
    for (int k0 = 0; k0 < k; k0 += order.block()) {
      int count = Math.min(order.block(), k - k0);
      b.pack(order, k, k0, count, column, lanes, width, kernel.type(), right, 0);
      for (long p = fromPanel; p < toPanel; p++) {
        kernel.multiply(
            count, left, p * panelBytes + (long) k0 * MicroKernel.ROWS * size, right, 0, tile);
        long first = p * MicroKernel.ROWS;
        for (int r = 0; r < MicroKernel.ROWS && first + r < rows; r++) {
          kernel.store(
              tile,
              (long) r * width * size,
              c,
              (cOffset + (first + r) * cStride + column) * size,
              lanes,
              k0 > 0);
        }
      }
    }
  }
}
