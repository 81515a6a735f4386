package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.CudaStream.Grid;
import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.scalar.Broadcast;
import java.util.Arrays;
import java.util.List;

/** Matrix products, alone and in batches. */
final class LinearKernels {
  private static final long TILE = 64;
  private static final int SIDE = 16;
  private static final long MOST_LAYERS = 65_535;

  /** A matrix or a batch of them in memory. */
  private record Matrix(DeviceTensor memory, long row, long column) {}

  private LinearKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(MatMulOp.class, (_, c) -> matMul(c));
    r.add(GemmOp.class, LinearKernels::gemm);
  }

  private static Decision gemm(GemmOp op, KernelCall c) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    if (c.rank(0) != 2 || c.rank(1) != 2) {
      return Decision.refuse("operands that are no matrices");
    }
    boolean ta = op.transA() != 0;
    boolean tb = op.transB() != 0;
    long[] a = c.dims(0);
    long[] b = c.dims(1);
    long m = a[ta ? 1 : 0];
    long k = a[ta ? 0 : 1];
    long n = b[tb ? 0 : 1];
    long[] bias = c.has(2) ? c.dims(2) : new long[0];
    if (b[tb ? 1 : 0] != k || bias.length > 2 || !broadcasts(bias, m, n)) {
      return Decision.refuse("shapes that do not go together");
    }
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(c.type(0), m, n);
          Matrix left = new Matrix(c.tensor(0), ta ? 1 : k, ta ? m : 1);
          Matrix right = new Matrix(c.tensor(1), tb ? 1 : n, tb ? k : 1);
          long biasRow = bias.length == 2 && bias[0] != 1 ? bias[1] : 0;
          long biasColumn = bias.length > 0 && bias[bias.length - 1] != 1 ? 1 : 0;
          long[] shape = {
            m, n, k, left.row, left.column, right.row, right.column, biasRow, biasColumn, 1
          };
          multiply(c, shape, left, right, null, c.buffer(2), op.alpha(), op.beta(), out);
          return out;
        });
  }

  private static boolean broadcasts(long[] dims, long m, long n) {
    int rank = dims.length;
    return (rank < 1 || dims[rank - 1] == 1 || dims[rank - 1] == n)
        && (rank < 2 || dims[0] == 1 || dims[0] == m);
  }

  private static Decision matMul(KernelCall c) {
    if (!c.isReal(0)) {
      return c.refuseType(0);
    }
    if (c.rank(0) == 0 || c.rank(1) == 0) {
      return Decision.refuse("operands that are no matrices");
    }
    long[] a = c.rank(0) == 1 ? new long[] {1, c.dims(0)[0]} : c.dims(0);
    long[] b = c.rank(1) == 1 ? new long[] {c.dims(1)[0], 1} : c.dims(1);
    long m = a[a.length - 2];
    long k = a[a.length - 1];
    long n = b[b.length - 1];
    if (b[b.length - 2] != k) {
      return Decision.refuse("shapes that do not go together");
    }
    long[] batchA = Arrays.copyOf(a, a.length - 2);
    long[] batchB = Arrays.copyOf(b, b.length - 2);
    long[] batch = Broadcast.result(List.of(batchA, batchB));
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(c.type(0), resultDims(c, batch, m, n));
          Matrix left = new Matrix(c.tensor(0), k, 1);
          Matrix right = new Matrix(c.tensor(1), n, 1);
          long count = Tensor.sizeOf(batch);
          boolean stacked = batchB.length == 0;
          long rows = stacked ? m * count : m;
          long products = stacked ? 1 : count;
          DeviceBuffer offsets =
              products == 1 ? null : c.plan(offsets(batch, batchA, m * k, batchB, k * n));
          long[] shape = {
            rows, n, k, left.row, left.column, right.row, right.column, 0, 0, products
          };
          multiply(c, shape, left, right, offsets, null, 1, 0, out);
          return out;
        });
  }

  private static long[] resultDims(KernelCall c, long[] batch, long m, long n) {
    boolean vectorA = c.rank(0) == 1;
    boolean vectorB = c.rank(1) == 1;
    long[] dims = Arrays.copyOf(batch, batch.length + (vectorA ? 0 : 1) + (vectorB ? 0 : 1));
    int at = batch.length;
    if (!vectorA) {
      dims[at++] = m;
    }
    if (!vectorB) {
      dims[at] = n;
    }
    return dims;
  }

  /** {@return where each product's left and then each product's right matrix starts} */
  private static long[] offsets(long[] batch, long[] a, long sizeA, long[] b, long sizeB) {
    int count = Math.toIntExact(Tensor.sizeOf(batch));
    long[] offsets = new long[2 * count];
    long[] stridesA = Strides.broadcast(batch, a);
    long[] stridesB = Strides.broadcast(batch, b);
    for (int i = 0; i < count; i++) {
      offsets[i] = sizeA * Strides.place(i, batch, stridesA);
      offsets[count + i] = sizeB * Strides.place(i, batch, stridesB);
    }
    return offsets;
  }

  private static void multiply(
      KernelCall c,
      long[] shape,
      Matrix left,
      Matrix right,
      DeviceBuffer offsets,
      DeviceBuffer bias,
      double alpha,
      double beta,
      DeviceTensor out) {
    long tiles = Math.ceilDiv(shape[0], TILE) * Math.ceilDiv(shape[1], TILE);
    long products = shape[shape.length - 1];
    if (tiles == 0 || products == 0) {
      return;
    }
    DType type = out.dtype();
    int layers = Math.toIntExact(Math.min(products, MOST_LAYERS));
    c.launch(
        Sources.real(type, "gemm"),
        "gemm",
        new Grid(Math.toIntExact(tiles), 1, layers, SIDE, SIDE),
        new LaunchArguments()
            .struct(shape)
            .pointer(left.memory.buffer())
            .pointer(right.memory.buffer())
            .pointer(offsets)
            .pointer(bias)
            .number(type, alpha)
            .number(type, beta)
            .pointer(out.buffer()));
  }
}
