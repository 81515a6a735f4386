package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The f64 tile with the Vector API: sixteen accumulators of the machine's preferred width. */
final class VectorF64 implements MicroKernel {
  static final MicroKernel KERNEL = new VectorF64();

  private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int L = S.length();
  private static final long BYTES = 8L * L;

  private VectorF64() {}

  @Override
  public DType type() {
    return DType.F64;
  }

  @Override
  public int columns() {
    return 4 * L;
  }

  // The accumulators are locals and are stored one by one: handed to a helper, the compiler stops
  // inlining and boxes them.
  @Override
  public void multiply(
      int terms, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment tile) {
    DoubleVector a0 = DoubleVector.zero(S),
        a1 = DoubleVector.zero(S),
        a2 = DoubleVector.zero(S),
        a3 = DoubleVector.zero(S),
        b0 = DoubleVector.zero(S),
        b1 = DoubleVector.zero(S),
        b2 = DoubleVector.zero(S),
        b3 = DoubleVector.zero(S),
        c0 = DoubleVector.zero(S),
        c1 = DoubleVector.zero(S),
        c2 = DoubleVector.zero(S),
        c3 = DoubleVector.zero(S),
        d0 = DoubleVector.zero(S),
        d1 = DoubleVector.zero(S),
        d2 = DoubleVector.zero(S),
        d3 = DoubleVector.zero(S);
    for (int k = 0; k < terms; k++) {
      long o = bAt + k * (4 * BYTES);
      long p = aAt + k * 32L;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, b, o + 0 * BYTES, LE);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, b, o + 1 * BYTES, LE);
      DoubleVector x2 = DoubleVector.fromMemorySegment(S, b, o + 2 * BYTES, LE);
      DoubleVector x3 = DoubleVector.fromMemorySegment(S, b, o + 3 * BYTES, LE);
      DoubleVector va = DoubleVector.broadcast(S, a.get(Tensor.LE_DOUBLE, p + 0));
      a0 = va.fma(x0, a0);
      a1 = va.fma(x1, a1);
      a2 = va.fma(x2, a2);
      a3 = va.fma(x3, a3);
      DoubleVector vb = DoubleVector.broadcast(S, a.get(Tensor.LE_DOUBLE, p + 8));
      b0 = vb.fma(x0, b0);
      b1 = vb.fma(x1, b1);
      b2 = vb.fma(x2, b2);
      b3 = vb.fma(x3, b3);
      DoubleVector vc = DoubleVector.broadcast(S, a.get(Tensor.LE_DOUBLE, p + 16));
      c0 = vc.fma(x0, c0);
      c1 = vc.fma(x1, c1);
      c2 = vc.fma(x2, c2);
      c3 = vc.fma(x3, c3);
      DoubleVector vd = DoubleVector.broadcast(S, a.get(Tensor.LE_DOUBLE, p + 24));
      d0 = vd.fma(x0, d0);
      d1 = vd.fma(x1, d1);
      d2 = vd.fma(x2, d2);
      d3 = vd.fma(x3, d3);
    }
    a0.intoMemorySegment(tile, 0 * BYTES, LE);
    a1.intoMemorySegment(tile, 1 * BYTES, LE);
    a2.intoMemorySegment(tile, 2 * BYTES, LE);
    a3.intoMemorySegment(tile, 3 * BYTES, LE);
    b0.intoMemorySegment(tile, 4 * BYTES, LE);
    b1.intoMemorySegment(tile, 5 * BYTES, LE);
    b2.intoMemorySegment(tile, 6 * BYTES, LE);
    b3.intoMemorySegment(tile, 7 * BYTES, LE);
    c0.intoMemorySegment(tile, 8 * BYTES, LE);
    c1.intoMemorySegment(tile, 9 * BYTES, LE);
    c2.intoMemorySegment(tile, 10 * BYTES, LE);
    c3.intoMemorySegment(tile, 11 * BYTES, LE);
    d0.intoMemorySegment(tile, 12 * BYTES, LE);
    d1.intoMemorySegment(tile, 13 * BYTES, LE);
    d2.intoMemorySegment(tile, 14 * BYTES, LE);
    d3.intoMemorySegment(tile, 15 * BYTES, LE);
  }

  @Override
  public void store(
      MemorySegment tile, long tileAt, MemorySegment c, long cAt, int n, boolean add) {
    int i = 0;
    for (; i + L <= n; i += L) {
      DoubleVector t = DoubleVector.fromMemorySegment(S, tile, tileAt + 8L * i, LE);
      if (add) {
        t = DoubleVector.fromMemorySegment(S, c, cAt + 8L * i, LE).add(t);
      }
      t.intoMemorySegment(c, cAt + 8L * i, LE);
    }
    for (; i < n; i++) {
      double t = tile.get(Tensor.LE_DOUBLE, tileAt + 8L * i);
      long at = cAt + 8L * i;
      c.set(Tensor.LE_DOUBLE, at, add ? c.get(Tensor.LE_DOUBLE, at) + t : t);
    }
  }
}
