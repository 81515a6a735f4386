package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Gemm;
import dev.isomorph.runtime.math.Gemm.Matrix;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.scalar.Broadcast;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Matrix products. */
final class LinearKernels {
  private LinearKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(MatMulOp.class, (_, c) -> matMul(c.stored(0), c.stored(1), c));
    r.rounds(GemmOp.class, LinearKernels::gemm);
  }

  /** {@return products in the type in which {@code type} is computed} */
  static Gemm product(DType type, KernelContext c) {
    DType compute = KernelContext.computesInF32(type) ? DType.F32 : DType.F64;
    return Gemm.of(compute, c.order(), c.pool());
  }

  /** {@return {@code numpy.matmul(a, b)}; operands may be stored in another float type} */
  static Tensor matMul(Tensor left, Tensor right, KernelContext c) {
    Tensor a = left.dense();
    Tensor b = right.dense();
    if (a.rank() == 0 || b.rank() == 0) {
      throw c.error("a matrix product needs operands of rank 1 or more");
    }
    long[] da = a.rank() == 1 ? new long[] {1, a.dim(0)} : a.dims();
    long[] db = b.rank() == 1 ? new long[] {b.dim(0), 1} : b.dims();
    long m = da[da.length - 2];
    long k = da[da.length - 1];
    long n = db[db.length - 1];
    if (db[db.length - 2] != k) {
      throw c.error(
          "the inner dims of a matrix product differ: %s and %s", a.typeText(), b.typeText());
    }
    long[] batchA = Arrays.copyOf(da, da.length - 2);
    long[] batchB = Arrays.copyOf(db, db.length - 2);
    long[] batch = Broadcast.result(List.of(batchA, batchB));
    DType type = c.runType(a.dtype());
    long count = Tensor.sizeOf(batch);
    long[] full = Arrays.copyOf(batch, batch.length + 2);
    full[batch.length] = m;
    full[batch.length + 1] = n;
    Index ia = Index.of(batch, batchA);
    Index ib = Index.of(batch, batchB);
    Tensor result;
    if (type.isFloat()) {
      Reals out = c.newReals(Tensor.sizeOf(full), type);
      if (batchB.length == 0 && batchA.length > 0) {
        multiply(product(type, c), count * m, n, k, a, 0, b, 0, out, 0);
      } else {
        each(
            type,
            c,
            count,
            (gemm, i) ->
                multiply(gemm, m, n, k, a, ia.at(i) * m * k, b, ib.at(i) * k * n, out, i * m * n));
      }
      result = c.result(out, type, full);
    } else {
      MemorySegment out = Tensor.allocate(type.byteSize(Tensor.sizeOf(full)));
      for (long i = 0; i < count; i++) {
        integers(m, n, k, a, ia.at(i) * m * k, b, ib.at(i) * k * n, type, out, i * m * n);
      }
      result = Tensor.of(type, full, out);
    }
    long[] dims = full;
    if (b.rank() == 1) {
      dims = Arrays.copyOf(dims, dims.length - 1);
    }
    if (a.rank() == 1) {
      long[] shorter = Arrays.copyOf(batch, dims.length - 1);
      if (b.rank() != 1) {
        shorter[shorter.length - 1] = n;
      }
      dims = shorter;
    }
    return result.reshape(dims);
  }

  /** One of several products. */
  @FunctionalInterface
  interface Product {
    void run(Gemm gemm, long index);
  }

  /** Runs many products: side by side when there are enough, else one after another. */
  static void each(DType type, KernelContext c, long count, Product task) {
    Gemm gemm = product(type, c);
    if (count >= 2L * c.pool().threads()) {
      Gemm alone = gemm.onOneThread();
      c.pool()
          .forRange(
              count,
              1,
              (from, to) -> {
                for (long i = from; i < to; i++) {
                  task.run(alone, i);
                }
              });
      return;
    }
    for (long i = 0; i < count; i++) {
      task.run(gemm, i);
    }
  }

  private static void multiply(
      Gemm gemm,
      long m,
      long n,
      long k,
      Tensor a,
      long aAt,
      Tensor b,
      long bAt,
      Reals out,
      long outAt) {
    gemm.multiply(
        m,
        n,
        k,
        new Matrix(a.segment(), a.dtype(), aAt, k, 1),
        new Matrix(b.segment(), b.dtype(), bAt, n, 1),
        out.bytes(),
        outAt,
        n);
  }

  private static void integers(
      long m,
      long n,
      long k,
      Tensor a,
      long aAt,
      Tensor b,
      long bAt,
      DType type,
      MemorySegment out,
      long outAt) {
    MemorySegment x = a.segment();
    MemorySegment y = b.segment();
    for (long i = 0; i < m; i++) {
      for (long j = 0; j < n; j++) {
        long sum = 0;
        for (long p = 0; p < k; p++) {
          sum +=
              Elements.getLong(x, a.dtype(), aAt + i * k + p)
                  * Elements.getLong(y, b.dtype(), bAt + p * n + j);
        }
        Elements.setLong(out, type, outAt + i * n + j, sum);
      }
    }
  }

  private static Tensor gemm(GemmOp op, KernelContext c) {
    Tensor a = c.stored(0).dense();
    Tensor b = c.stored(1).dense();
    if (a.rank() != 2 || b.rank() != 2) {
      throw c.error("Gemm needs matrices, not %s and %s", a.typeText(), b.typeText());
    }
    Matrix left = new Matrix(a.segment(), a.dtype(), 0, a.dim(1), 1);
    Matrix right = new Matrix(b.segment(), b.dtype(), 0, b.dim(1), 1);
    boolean ta = op.transA() != 0;
    boolean tb = op.transB() != 0;
    long m = a.dim(ta ? 1 : 0);
    long k = a.dim(ta ? 0 : 1);
    long n = b.dim(tb ? 0 : 1);
    if (b.dim(tb ? 1 : 0) != k) {
      throw c.error("the inner dims of Gemm differ: %s and %s", a.typeText(), b.typeText());
    }
    DType type = c.runType(a.dtype());
    if (!type.isFloat()) {
      throw c.unsupported(type);
    }
    Reals out = c.newReals(m * n, type);
    product(type, c)
        .multiply(
            m,
            n,
            k,
            ta ? left.transposed() : left,
            tb ? right.transposed() : right,
            out.bytes(),
            0,
            n);
    if (!c.has(2)) {
      if (op.alpha() != 1) {
        for (long i = 0; i < m * n; i++) {
          out.set(i, op.alpha() * out.get(i));
        }
      }
      return c.result(out, type, m, n);
    }
    Reals bias = c.reals(2);
    Index place = Index.of(new long[] {m, n}, c.stored(2).dims());
    Broadcast.to(new long[] {m, n}, List.of(c.stored(2).dims()));
    for (long i = 0; i < m; i++) {
      for (long j = 0; j < n; j++) {
        long at = i * n + j;
        long from = i * place.strides()[0] + j * place.strides()[1];
        out.set(at, op.alpha() * out.get(at) + op.beta() * bias.get(from));
      }
    }
    return c.result(out, type, m, n);
  }
}
