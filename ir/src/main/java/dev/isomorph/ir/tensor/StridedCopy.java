package dev.isomorph.ir.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Gathers elements of a strided view into dense memory, row by row of the last axis. Rows that are
 * contiguous in the source are copied whole; where neighbouring rows are nearer in the source than
 * neighbouring elements, as in a transposition, several rows are filled together, so that each
 * cache line of the source is read once.
 */
final class StridedCopy {
  /** Rows that are filled together: the elements of a cache line of bytes. */
  private static final long ROWS = 64;

  private static final long COLUMNS = 16;

  private final MemorySegment source;
  private final MemorySegment target;
  private final int width;
  private final long[] dims;
  private final long[] strides;
  private final long offset;
  private final int last;
  private final long length;
  private final long step;

  StridedCopy(Tensor base, long[] dims, long[] strides, long offset, MemorySegment target) {
    this.source = base.segment();
    this.target = target;
    this.width = (int) base.dtype().byteSize(1);
    this.dims = dims;
    this.strides = strides;
    this.offset = offset;
    this.last = dims.length - 1;
    this.length = last < 0 ? 1 : dims[last];
    this.step = last < 0 ? 1 : strides[last];
  }

  /**
   * Fills the target with the elements {@code [from, from + count)} of the view; {@code count > 0}.
   */
  void run(long from, long count) {
    long[] row = new long[Math.max(last, 0)];
    long rest = from / length;
    for (int axis = last - 1; axis >= 0; axis--) {
      row[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    long column = from % length;
    boolean blocks = last > 0 && Math.abs(strides[last - 1]) < Math.abs(step);
    long done = 0;
    while (done < count) {
      long start = offset;
      for (int axis = 0; axis < last; axis++) {
        start += row[axis] * strides[axis];
      }
      long rows = 1;
      if (blocks && column == 0) {
        long whole = Math.min(dims[last - 1] - row[last - 1], (count - done) / length);
        rows = Math.clamp(whole, 1, ROWS);
      }
      long n = Math.min(length - column, count - done);
      if (rows > 1) {
        copyBlock(start, rows, done);
        n = rows * length;
      } else {
        copyRow(start + column * step, n, done);
      }
      done += n;
      column = 0;
      advance(row, rows);
    }
  }

  private void advance(long[] row, long rows) {
    for (int axis = last - 1; axis >= 0; axis--) {
      row[axis] += axis == last - 1 ? rows : 1;
      if (row[axis] < dims[axis]) {
        return;
      }
      row[axis] = 0;
    }
  }

  private void copyRow(long start, long n, long to) {
    if (step == 1) {
      MemorySegment.copy(source, start * width, target, to * width, n * width);
    } else {
      copyElements(start, n, to);
    }
  }

  private void copyBlock(long start, long rows, long to) {
    long rowStep = strides[last - 1];
    for (long column = 0; column < length; column += COLUMNS) {
      long n = Math.min(COLUMNS, length - column);
      for (long row = 0; row < rows; row++) {
        copyElements(start + row * rowStep + column * step, n, to + row * length + column);
      }
    }
  }

  private void copyElements(long start, long n, long to) {
    long a = start * width;
    long b = to * width;
    long leap = step * width;
    switch (width) {
      case 1 -> {
        for (long i = 0; i < n; i++) {
          target.set(ValueLayout.JAVA_BYTE, b + i, source.get(ValueLayout.JAVA_BYTE, a + i * leap));
        }
      }
      case 2 -> {
        for (long i = 0; i < n; i++) {
          target.set(Tensor.LE_SHORT, b + i * 2, source.get(Tensor.LE_SHORT, a + i * leap));
        }
      }
      case 4 -> {
        for (long i = 0; i < n; i++) {
          target.set(Tensor.LE_INT, b + i * 4, source.get(Tensor.LE_INT, a + i * leap));
        }
      }
      case 8 -> {
        for (long i = 0; i < n; i++) {
          target.set(Tensor.LE_LONG, b + i * 8, source.get(Tensor.LE_LONG, a + i * leap));
        }
      }
      default -> {
        for (long i = 0; i < n; i++) {
          MemorySegment.copy(source, a + i * leap, target, b + i * width, width);
        }
      }
    }
  }
}
