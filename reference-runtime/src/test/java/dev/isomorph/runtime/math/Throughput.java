package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.scalar.Broadcast;
import dev.isomorph.runtime.scalar.ElementwiseLoop;
import dev.isomorph.runtime.scalar.ScalarOperator;
import dev.isomorph.runtime.scalar.ScalarTable;
import dev.isomorph.runtime.scalar.TileProgram;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Measures the kernels on one thread, by processor time, best of several rounds, beside plain
 * loops. No test: run {@code main} with {@code --add-modules jdk.incubator.vector}.
 */
public final class Throughput {
  private static final int ROUNDS = 15;

  private Throughput() {}

  /** Prints one line per kernel. */
  public static void main(String[] args) {
    for (DType type : new DType[] {DType.F32, DType.F64}) {
      product(type, 512);
      convolution("convolution 3x3 64->64 on 56x56", type, 64, 64, 1, 56, 3);
      convolution("convolution 1x1 256->64 on 56x56", type, 256, 64, 1, 56, 1);
      convolution("convolution 3x3 depthwise 64 on 56x56", type, 64, 64, 64, 56, 3);
    }
    for (String name : new String[] {"Add", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Gelu"}) {
      elementwise(name);
    }
  }

  private static double seconds(Runnable work) {
    var threads = ManagementFactory.getThreadMXBean();
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
      long start = threads.getCurrentThreadCpuTime();
      work.run();
      best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1e9);
    }
    return best;
  }

  private static MemorySegment random(DType type, long count) {
    Random random = new Random(1);
    MemorySegment out = Tensor.allocate(type.byteSize(count));
    for (long i = 0; i < count; i++) {
      Elements.setDouble(out, type, i, random.nextGaussian());
    }
    return out;
  }

  private static void product(DType type, int n) {
    MemorySegment a = random(type, (long) n * n);
    MemorySegment b = random(type, (long) n * n);
    MemorySegment c = Tensor.allocate(type.byteSize((long) n * n));
    Gemm gemm = Gemm.of(type, SummationOrder.SEQUENTIAL, ComputePool.serial());
    Gemm.Matrix left = new Gemm.Matrix(a, type, 0, n, 1);
    Gemm.Matrix right = new Gemm.Matrix(b, type, 0, n, 1);
    double packed = seconds(() -> gemm.multiply(n, n, n, left, right, c, 0, n));
    Reals x = new Reals(a, type == DType.F32);
    Reals y = new Reals(b, type == DType.F32);
    Reals z = new Reals(c, type == DType.F32);
    double naive = seconds(() -> naive(n, x, y, z));
    System.out.printf(
        Locale.ROOT,
        "product %d %s: %.0f GFLOP/s, %.0f times three loops%n",
        n,
        type,
        2e-9 * n * n * n / packed,
        naive / packed);
  }

  private static void naive(int n, Reals x, Reals y, Reals z) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += x.get((long) i * n + k) * y.get((long) k * n + j);
        }
        z.set((long) i * n + j, sum);
      }
    }
  }

  private static void convolution(
      String name, DType type, int channels, int outputs, int groups, int size, int kernel) {
    long pad = kernel / 2;
    Window window =
        Window.of(
            new long[] {size, size},
            new long[] {kernel, kernel},
            new long[] {1, 1},
            new long[] {1, 1},
            new long[] {pad, pad, pad, pad},
            "NOTSET",
            false);
    long taps = window.kernelSize() * channels / groups;
    MemorySegment x = random(type, (long) channels * size * size);
    MemorySegment w = random(type, outputs * taps);
    Reals y = Reals.allocate(outputs * window.outputSize(), type == DType.F32);
    Gemm gemm = Gemm.of(type, SummationOrder.SEQUENTIAL, ComputePool.serial());
    double time =
        seconds(
            () ->
                Convolution.forward(
                    gemm,
                    ComputePool.serial(),
                    window,
                    1,
                    channels,
                    outputs,
                    groups,
                    new Convolution.Operand(x, type),
                    new Convolution.Operand(w, type),
                    y));
    System.out.printf(
        Locale.ROOT,
        "%s %s: %.1f GFLOP/s%n",
        name,
        type,
        2e-9 * outputs * taps * window.outputSize() / time);
  }

  private static void elementwise(String name) {
    ScalarOperator row = ScalarTable.standard().find(name, ScalarOperator.Kind.FLOAT).orElseThrow();
    int size = 1 << 20;
    MemorySegment x = random(DType.F32, size);
    MemorySegment out = Tensor.allocate(4L * size);
    List<ElementwiseLoop.Operand> operands =
        row.params().stream().map(_ -> new ElementwiseLoop.Operand(x, DType.F32)).toList();
    Broadcast plan = Broadcast.of(row.params().stream().map(_ -> new long[] {size}).toList());
    TileProgram program = TileProgram.of(row);
    double[] attributes = {0.1};
    double time =
        seconds(
            () ->
                ElementwiseLoop.run(
                    program, attributes, plan, operands, out, DType.F32, ComputePool.serial()));
    System.out.printf(Locale.ROOT, "%s f32: %.1f ns an element%n", name, time * 1e9 / size);
  }
}
