package dev.isomorph.runtime.scalar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.ComputePool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalarTableTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  static Tensor run(
      ComputePool pool, String name, DType type, double[] attributes, Tensor... operands) {
    DType first = operands[operands.length - 1].dtype();
    ScalarOperator.Kind kind =
        first == DType.BOOL
            ? ScalarOperator.Kind.BOOL
            : first.isFloat() ? ScalarOperator.Kind.FLOAT : ScalarOperator.Kind.INT;
    ScalarOperator row = ScalarTable.standard().find(name, kind).orElseThrow();
    Broadcast plan = Broadcast.of(Arrays.stream(operands).map(Tensor::dims).toList());
    long size = Tensor.sizeOf(plan.dims());
    MemorySegment out = Tensor.allocate(type.byteSize(size));
    List<ElementwiseLoop.Operand> loaded =
        Arrays.stream(operands)
            .map(t -> new ElementwiseLoop.Operand(t.segment(), t.dtype()))
            .toList();
    ElementwiseLoop.run(TileProgram.of(row), attributes, plan, loaded, out, type, pool);
    return Tensor.of(type, plan.dims(), out);
  }

  private static Tensor run(String name, DType type, Tensor... operands) {
    return run(ComputePool.shared(), name, type, null, operands);
  }

  private static double[] floats(String name, double[] attributes, double... x) {
    return run(ComputePool.shared(), name, DType.F64, attributes, Tensor.of(x, x.length))
        .toDoubles();
  }

  private static void assertBits(double[] actual, double... expected) {
    assertArrayEquals(
        Arrays.stream(expected).mapToLong(Double::doubleToLongBits).toArray(),
        Arrays.stream(actual).mapToLong(Double::doubleToLongBits).toArray(),
        () -> Arrays.toString(actual));
  }

  @Test
  void activationsSendNaNInfinityAndSignedZeroWhereTheirFormulasSay() {
    assertBits(floats("Relu", null, NAN, -0.0, 0, -INF, INF, 3), NAN, 0, 0, 0, INF, 3);
    assertBits(floats("LeakyRelu", new double[] {0.1}, NAN, -0.0, INF, -INF), NAN, -0.0, INF, -INF);
    assertBits(floats("Sigmoid", null, 0, INF, -INF, NAN), 0.5, 1, 0, NAN);
    assertBits(floats("Softplus", null, 1000, -1000, 0, NAN), 1000, 0, Math.log(2), NAN);
    assertBits(floats("Sign", null, -0.0, NAN, INF, -2), -0.0, NAN, 1, -1);
    assertBits(floats("Round", null, 0.5, 1.5, 2.5, -0.5, -2.5, -4.5), 0, 2, 2, -0.0, -2, -4);
    assertBits(floats("ThresholdedRelu", new double[] {1}, NAN, 1, 2), 0, 0, 2);
    assertBits(floats("HardSigmoid", new double[] {0.2, 0.5}, NAN, 9, -9, INF), NAN, 1, 0, 1);
    assertBits(floats("Gelu", null, 0, -0.0, INF, NAN), 0, -0.0, INF, NAN);
    assertEquals(-7.619853024160525e-23, floats("Gelu", null, -10)[0], 1e-36);
  }

  @Test
  void maximumAndMinimumPropagateNaNAndOrderZeros() {
    Tensor a = Tensor.of(new double[] {NAN, 1, -0.0, 0, -INF}, 5);
    Tensor b = Tensor.of(new double[] {1, NAN, 0, -0.0, 3}, 5);
    assertBits(run("Max", DType.F64, a, b).toDoubles(), NAN, NAN, 0, 0, 3);
    assertBits(run("Min", DType.F64, a, b).toDoubles(), NAN, NAN, -0.0, -0.0, -INF);
  }

  @Test
  void comparisonsAgreeWithJavaOnEveryPairOfEdges() {
    double[] edges = {
      NAN,
      -NAN,
      INF,
      -INF,
      0,
      -0.0,
      1,
      -1,
      Double.MIN_VALUE,
      -Double.MIN_VALUE,
      Double.MAX_VALUE,
      -Double.MAX_VALUE,
      Double.longBitsToDouble(0xFFF8000000000001L)
    };
    for (double x : edges) {
      for (double y : edges) {
        Tensor a = Tensor.of(new double[] {x}, 1);
        Tensor b = Tensor.of(new double[] {y}, 1);
        String pair = x + ", " + y;
        assertEquals(x < y ? 1 : 0, run("Less", DType.BOOL, a, b).toLongs()[0], pair);
        assertEquals(x <= y ? 1 : 0, run("LessOrEqual", DType.BOOL, a, b).toLongs()[0], pair);
        assertEquals(x > y ? 1 : 0, run("Greater", DType.BOOL, a, b).toLongs()[0], pair);
        assertEquals(x >= y ? 1 : 0, run("GreaterOrEqual", DType.BOOL, a, b).toLongs()[0], pair);
        assertEquals(x == y ? 1 : 0, run("Equal", DType.BOOL, a, b).toLongs()[0], pair);
      }
    }
  }

  @Test
  void bothRemaindersFollowTheOperatorsSpecialCases() {
    Tensor a = Tensor.of(new double[] {-5, 5, -0.0, 0, 3, -3, INF, 4, NAN}, 9);
    Tensor b = Tensor.of(new double[] {3, -3, 2, -2, INF, INF, 2, 0, 1}, 9);
    assertBits(run("Mod", DType.F64, a, b).toDoubles(), 1, -1, 0, -0.0, 3, INF, NAN, NAN, NAN);
    assertBits(run("Mod.fmod", DType.F64, a, b).toDoubles(), -2, 2, -0.0, 0, 3, -3, NAN, NAN, NAN);
    Tensor i = Tensor.of(new long[] {-5, 5, -4}, 3);
    Tensor j = Tensor.of(new long[] {3, -3, 2}, 3);
    assertArrayEquals(new long[] {1, -1, 0}, run("Mod", DType.I64, i, j).toLongs());
    assertArrayEquals(new long[] {-2, 2, 0}, run("Mod.fmod", DType.I64, i, j).toLongs());
  }

  @Test
  void integersWrapTruncateAndRefuseAZeroDivisor() {
    Tensor a = Tensor.of(DType.I8, new double[] {127, -128, -7}, 3);
    Tensor b = Tensor.of(DType.I8, new double[] {1, -1, 2}, 3);
    assertArrayEquals(new long[] {-128, 127, -5}, run("Add", DType.I8, a, b).toLongs());
    assertArrayEquals(new long[] {127, -128, -3}, run("Div", DType.I8, a, b).toLongs());
    Tensor big = Tensor.of(DType.U64, new double[] {0, 2}, 2);
    Tensor top = run("BitwiseNot", DType.U64, big);
    assertArrayEquals(new long[] {1, 1}, run("Greater", DType.BOOL, top, big).toLongs());
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () -> run("Div", DType.I64, Tensor.vector(1, 2), Tensor.vector(0)));
    assertEquals("error[RUN_FAILED]\n  an integer is divided by zero", e.getMessage());
  }

  @Test
  void shiftsBeyondTheWidthLeaveOnlyTheSign() {
    Tensor x = Tensor.of(DType.U8, new double[] {255, 16, 1}, 3);
    Tensor by = Tensor.of(DType.U8, new double[] {4, 1, 9}, 3);
    assertArrayEquals(new long[] {240, 32, 0}, run("BitShift.left", DType.U8, x, by).toLongs());
    assertArrayEquals(new long[] {15, 8, 0}, run("BitShift.right", DType.U8, x, by).toLongs());
  }

  @Test
  void broadcastingMatchesANaiveLoopForRandomShapes() {
    Random random = new Random(5);
    for (int round = 0; round < 80; round++) {
      long[] dims = new long[random.nextInt(5)];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = random.nextInt(round % 7 == 0 ? 3 : 9);
      }
      Tensor a = random(random, shrink(random, dims));
      Tensor b = random(random, shrink(random, dims));
      Tensor c = random(random, shrink(random, dims));
      long[] result = Broadcast.result(List.of(a.dims(), b.dims(), c.dims()));
      Tensor got = run("Clip.both", DType.F64, a, b, c);
      assertArrayEquals(result, got.dims());
      double[] y = got.toDoubles();
      for (int i = 0; i < y.length; i++) {
        double expected = Math.min(Math.max(at(a, result, i), at(b, result, i)), at(c, result, i));
        assertEquals(expected, y[i], 0.0);
      }
    }
  }

  private static long[] shrink(Random random, long[] dims) {
    long[] out = Arrays.copyOfRange(dims, random.nextInt(dims.length + 1), dims.length);
    for (int i = 0; i < out.length; i++) {
      out[i] = random.nextInt(3) == 0 ? 1 : out[i];
    }
    return out;
  }

  private static Tensor random(Random random, long... dims) {
    double[] values = new double[(int) Tensor.sizeOf(dims)];
    Arrays.setAll(values, _ -> random.nextGaussian());
    return Tensor.of(values, dims);
  }

  private static double at(Tensor t, long[] result, int flat) {
    long offset = 0;
    long step = 1;
    long rest = flat;
    for (int i = result.length - 1; i >= 0; i--) {
      long index = rest % result[i];
      rest /= result[i];
      int axis = i - (result.length - t.rank());
      if (axis >= 0) {
        offset += (t.dim(axis) == 1 ? 0 : index) * step;
        step *= t.dim(axis);
      }
    }
    return t.toDoubles()[(int) offset];
  }

  @Test
  void resultsAreTheSameForAnyNumberOfThreads() {
    Random random = new Random(9);
    Tensor x = random(random, 3, 1, 40_000);
    Tensor y = random(random, 5, 1);
    Tensor[] outs = new Tensor[3];
    for (int t = 0; t < 3; t++) {
      try (ComputePool pool = new ComputePool(t + 1)) {
        outs[t] = run(pool, "Pow", DType.F32, null, x, y);
      }
      assertTrue(outs[0].contentEquals(outs[t]));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Foo(x) float = x +| an operand, a number or '(' is expected at column 19",
        "Foo(x) float = y| 'y' is neither operand nor attribute at column 16",
        "Foo(x) int = sqrt(x)| sqrt does not take operands of these types in a row of kind INT",
        "Foo(x) float = x & x| bitand does not take operands of these types in a row of kind FLOAT",
        "Foo(x) float = pow(x)| pow needs 2 operands, got 1",
        "Foo(x) float = bar(x)| 'bar' is neither a function nor a row above at column 16",
        "Foo(x) = x| float, int or bool is expected before '='",
        "Foo(x) int = x + 0.5| an integer row needs an integer",
      })
  void faultyRowsAreRefusedWithTheirPlace(String row, String message) {
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> ScalarTable.parse("# first\n" + row));
    assertEquals(ErrorCode.FORMAT_INVALID, e.code());
    assertTrue(e.getMessage().contains("line 2"), e.getMessage());
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
  }

  @Test
  void aNameIsDefinedOncePerKind() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class, () -> ScalarTable.parse("F(x) float = x\nF(x) float = -x"));
    assertTrue(e.getMessage().contains("F is defined twice for FLOAT"), e.getMessage());
  }

  @Test
  void cudaSourceOfARowIsAsWritten() {
    ScalarOperator row =
        ScalarTable.standard().find("LeakyRelu", ScalarOperator.Kind.FLOAT).orElseThrow();
    assertEquals(
        """
        __device__ __forceinline__ float leaky(float p0, float q0) {
          const float t0 = p0;
          const float t1 = (float)0.0;
          const bool t2 = t0 < t1;
          const float t3 = q0;
          const float t4 = t3 * t0;
          const float t5 = t2 ? t4 : t0;
          return t5;
        }
        """,
        CudaSource.function(row, DType.F32, "leaky"));
  }

  @Test
  void everyRowHasCudaSource() {
    for (ScalarOperator row : ScalarTable.standard().rows()) {
      DType type =
          switch (row.kind()) {
            case FLOAT -> DType.F64;
            case INT -> DType.I32;
            case BOOL -> DType.BOOL;
          };
      String text = CudaSource.kernel(row, type, row.yieldsTruth() ? DType.BOOL : type, "k");
      assertTrue(text.contains("extern \"C\" __global__ void k("), row.name());
    }
  }
}
