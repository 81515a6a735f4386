package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Plain loops: what runs without the vector module, and what the vector kernels are held to. */
enum ScalarMicroKernel implements MicroKernel {
  F32(DType.F32) {
    @Override
    public void multiply(
        int terms, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment tile) {
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
          float sum = 0;
          for (int k = 0; k < terms; k++) {
            sum =
                Math.fma(
                    a.get(Tensor.LE_FLOAT, aAt + 4L * (k * ROWS + r)),
                    b.get(Tensor.LE_FLOAT, bAt + 4L * (k * COLUMNS + c)),
                    sum);
          }
          tile.set(Tensor.LE_FLOAT, 4L * (r * COLUMNS + c), sum);
        }
      }
    }

    @Override
    public void store(
        MemorySegment tile, long tileAt, MemorySegment c, long cAt, int n, boolean add) {
      for (int i = 0; i < n; i++) {
        float t = tile.get(Tensor.LE_FLOAT, tileAt + 4L * i);
        long at = cAt + 4L * i;
        c.set(Tensor.LE_FLOAT, at, add ? c.get(Tensor.LE_FLOAT, at) + t : t);
      }
    }
  },
  F64(DType.F64) {
    @Override
    public void multiply(
        int terms, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment tile) {
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
          double sum = 0;
          for (int k = 0; k < terms; k++) {
            sum =
                Math.fma(
                    a.get(Tensor.LE_DOUBLE, aAt + 8L * (k * ROWS + r)),
                    b.get(Tensor.LE_DOUBLE, bAt + 8L * (k * COLUMNS + c)),
                    sum);
          }
          tile.set(Tensor.LE_DOUBLE, 8L * (r * COLUMNS + c), sum);
        }
      }
    }

    @Override
    public void store(
        MemorySegment tile, long tileAt, MemorySegment c, long cAt, int n, boolean add) {
      for (int i = 0; i < n; i++) {
        double t = tile.get(Tensor.LE_DOUBLE, tileAt + 8L * i);
        long at = cAt + 8L * i;
        c.set(Tensor.LE_DOUBLE, at, add ? c.get(Tensor.LE_DOUBLE, at) + t : t);
      }
    }
  };

  private static final int COLUMNS = 8;

  private final DType type;

  ScalarMicroKernel(DType type) {
    this.type = type;
  }

  @Override
  public DType type() {
    return type;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }
}
