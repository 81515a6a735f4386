package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The f32 tile with the Vector API: sixteen accumulators of the machine's preferred width. */
final class VectorF32 implements MicroKernel {
  static final MicroKernel KERNEL = new VectorF32();

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int L = S.length();
  private static final long BYTES = 4L * L;

  private VectorF32() {}

  @Override
  public DType type() {
    return DType.F32;
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
    FloatVector a0 = FloatVector.zero(S),
        a1 = FloatVector.zero(S),
        a2 = FloatVector.zero(S),
        a3 = FloatVector.zero(S),
        b0 = FloatVector.zero(S),
        b1 = FloatVector.zero(S),
        b2 = FloatVector.zero(S),
        b3 = FloatVector.zero(S),
        c0 = FloatVector.zero(S),
        c1 = FloatVector.zero(S),
        c2 = FloatVector.zero(S),
        c3 = FloatVector.zero(S),
        d0 = FloatVector.zero(S),
        d1 = FloatVector.zero(S),
        d2 = FloatVector.zero(S),
        d3 = FloatVector.zero(S);
    for (int k = 0; k < terms; k++) {
      long o = bAt + k * (4 * BYTES);
      long p = aAt + k * 16L;
      FloatVector x0 = FloatVector.fromMemorySegment(S, b, o + 0 * BYTES, LE);
      FloatVector x1 = FloatVector.fromMemorySegment(S, b, o + 1 * BYTES, LE);
      FloatVector x2 = FloatVector.fromMemorySegment(S, b, o + 2 * BYTES, LE);
      FloatVector x3 = FloatVector.fromMemorySegment(S, b, o + 3 * BYTES, LE);
      FloatVector va = FloatVector.broadcast(S, a.get(Tensor.LE_FLOAT, p + 0));
      a0 = va.fma(x0, a0);
      a1 = va.fma(x1, a1);
      a2 = va.fma(x2, a2);
      a3 = va.fma(x3, a3);
      FloatVector vb = FloatVector.broadcast(S, a.get(Tensor.LE_FLOAT, p + 4));
      b0 = vb.fma(x0, b0);
      b1 = vb.fma(x1, b1);
      b2 = vb.fma(x2, b2);
      b3 = vb.fma(x3, b3);
      FloatVector vc = FloatVector.broadcast(S, a.get(Tensor.LE_FLOAT, p + 8));
      c0 = vc.fma(x0, c0);
      c1 = vc.fma(x1, c1);
      c2 = vc.fma(x2, c2);
      c3 = vc.fma(x3, c3);
      FloatVector vd = FloatVector.broadcast(S, a.get(Tensor.LE_FLOAT, p + 12));
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
      FloatVector t = FloatVector.fromMemorySegment(S, tile, tileAt + 4L * i, LE);
      if (add) {
        t = FloatVector.fromMemorySegment(S, c, cAt + 4L * i, LE).add(t);
      }
      t.intoMemorySegment(c, cAt + 4L * i, LE);
    }
    for (; i < n; i++) {
      float t = tile.get(Tensor.LE_FLOAT, tileAt + 4L * i);
      long at = cAt + 4L * i;
      c.set(Tensor.LE_FLOAT, at, add ? c.get(Tensor.LE_FLOAT, at) + t : t);
    }
  }
}
