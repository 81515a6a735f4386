package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * The innermost step of a matrix product, for one element type. Implementations add the terms of
 * each element in the same order with fused multiply-adds, so that all give the same bits.
 */
interface MicroKernel {
  /** Rows of a tile. */
  int ROWS = 4;

  /** {@return f32 or f64} */
  DType type();

  /** {@return columns of a tile} */
  int columns();

  /**
   * Computes one tile: {@code t[r][c] = Σₖ a[k][r]·b[k][c]}.
   *
   * @param terms number of terms
   * @param a a panel of {@code terms × ROWS} elements
   * @param aAt its first byte
   * @param b a panel of {@code terms × columns} elements
   * @param bAt its first byte
   * @param tile {@code ROWS × columns} elements, from the first byte on
   */
  void multiply(
      int terms, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment tile);

  /**
   * Moves a row of a tile to the result.
   *
   * @param tileAt the row's first byte
   * @param n number of elements
   * @param add whether to add to what is there
   */
  void store(MemorySegment tile, long tileAt, MemorySegment c, long cAt, int n, boolean add);

  /** {@return the fastest implementation on this machine for f32 or f64} */
  static MicroKernel of(DType type) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return type == DType.F32 ? VectorF32.KERNEL : VectorF64.KERNEL;
    }
    return scalar(type);
  }

  /** {@return the implementation in plain loops} */
  static MicroKernel scalar(DType type) {
    return type == DType.F32 ? ScalarMicroKernel.F32 : ScalarMicroKernel.F64;
  }
}
