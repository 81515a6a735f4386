package dev.isomorph.runtime.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GemmTest {
  private static MemorySegment random(Random random, DType type, long count) {
    MemorySegment out = Tensor.allocate(type.byteSize(count));
    for (long i = 0; i < count; i++) {
      Elements.setDouble(out, type, i, random.nextGaussian());
    }
    return out;
  }

  private static double at(Gemm.Matrix m, long row, long column) {
    return Elements.getDouble(
        m.bytes(), m.type(), m.offset() + row * m.rowStride() + column * m.columnStride());
  }

  /** Six seeded shapes around the tile sizes, both layouts, every order, against three loops. */
  @Test
  void productsMatchTheNaiveSumForAnyShapeStrideAndOrder() {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      int m = 1 + random.nextInt(40);
      int n = 1 + random.nextInt(150);
      int k = random.nextInt(round % 5 == 0 ? 2 : 700);
      DType type = round % 2 == 0 ? DType.F32 : DType.F64;
      DType stored = round % 6 == 5 ? DType.F16 : round % 6 == 3 ? DType.F32 : type;
      Gemm.Matrix a = new Gemm.Matrix(random(random, stored, m * k + 3), stored, 3, k, 1);
      Gemm.Matrix b = new Gemm.Matrix(random(random, stored, n * k + 1), stored, 1, n, 1);
      if (random.nextBoolean()) {
        a = new Gemm.Matrix(a.bytes(), stored, 3, 1, m);
      }
      if (random.nextBoolean()) {
        b = new Gemm.Matrix(b.bytes(), stored, 1, 1, k);
      }
      long stride = n + random.nextInt(3);
      SummationOrder order = SummationOrder.values()[round % 4];
      MemorySegment c = Tensor.allocate(type.byteSize(m * stride + 2));
      c.fill((byte) 0xFF);
      Gemm.of(type, order, ComputePool.shared()).multiply(m, n, k, a, b, c, 2, stride);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          double size = 0;
          for (int p = 0; p < k; p++) {
            double term = at(a, i, p) * at(b, p, j);
            sum += term;
            size += Math.abs(term);
          }
          double unit = type == DType.F32 ? 0x1p-24 : 0x1p-53;
          double allowed = (k + 2) * unit * size;
          assertEquals(sum, Elements.getDouble(c, type, 2 + i * stride + j), allowed);
        }
      }
    }
  }

  @Test
  void vectorAndScalarKernelsAndAnyNumberOfThreadsGiveTheSameBits() {
    Random random = new Random(2);
    int m = 37;
    int n = 141;
    int k = 530;
    for (DType type : new DType[] {DType.F32, DType.F64}) {
      Gemm.Matrix a = new Gemm.Matrix(random(random, type, m * k), type, 0, k, 1);
      Gemm.Matrix b = new Gemm.Matrix(random(random, type, n * k), type, 0, n, 1);
      for (SummationOrder order : SummationOrder.values()) {
        MemorySegment expected = Tensor.allocate(type.byteSize(m * n));
        new Gemm(MicroKernel.scalar(type), order, ComputePool.serial())
            .multiply(m, n, k, a, b, expected, 0, n);
        for (int threads = 1; threads <= 3; threads++) {
          try (ComputePool pool = new ComputePool(threads)) {
            MemorySegment actual = Tensor.allocate(type.byteSize(m * n));
            Gemm.of(type, order, pool).multiply(m, n, k, a, b, actual, 0, n);
            assertEquals(-1, expected.mismatch(actual), type + " " + order + " " + threads);
          }
        }
      }
    }
  }

  @Test
  void ordersOfSummationDifferInTheirRounding() {
    Random random = new Random(3);
    int k = 9001;
    Gemm.Matrix a = new Gemm.Matrix(random(random, DType.F32, k), DType.F32, 0, k, 1);
    Gemm.Matrix b = new Gemm.Matrix(random(random, DType.F32, k), DType.F32, 0, 1, 1);
    long distinct =
        java.util.Arrays.stream(SummationOrder.values())
            .map(
                order -> {
                  MemorySegment c = Tensor.allocate(4);
                  Gemm.of(DType.F32, order, ComputePool.serial()).multiply(1, 1, k, a, b, c, 0, 1);
                  return c.get(Tensor.LE_FLOAT, 0);
                })
            .distinct()
            .count();
    assertTrue(distinct >= 3, "only " + distinct);
  }

  @Test
  void nanAndInfinityReachExactlyTheirRowsAndColumns() {
    int n = 70;
    Tensor a = Tensor.of(new double[2 * n], 2, n);
    MemorySegment left = Tensor.allocate(8L * 2 * n);
    MemorySegment right = Tensor.allocate(8L * n * n);
    for (int i = 0; i < n; i++) {
      right.set(Tensor.LE_DOUBLE, 8L * (i * n + i), 1);
      left.set(Tensor.LE_DOUBLE, 8L * i, i);
      left.set(Tensor.LE_DOUBLE, 8L * (n + i), -i);
    }
    left.set(Tensor.LE_DOUBLE, 8, Double.NaN);
    MemorySegment c = Tensor.allocate(a.byteSize());
    Gemm.of(DType.F64, SummationOrder.SEQUENTIAL, ComputePool.shared())
        .multiply(
            2,
            n,
            n,
            new Gemm.Matrix(left, DType.F64, 0, n, 1),
            new Gemm.Matrix(right, DType.F64, 0, n, 1),
            c,
            0,
            n);
    for (int j = 0; j < n; j++) {
      assertTrue(Double.isNaN(c.get(Tensor.LE_DOUBLE, 8L * j)));
      assertEquals(-j, c.get(Tensor.LE_DOUBLE, 8L * (n + j)), 0.0);
    }
  }
}
