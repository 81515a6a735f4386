package dev.isomorph.gpu;

import static dev.isomorph.gpu.DeviceRuns.assertAllOnDevice;
import static dev.isomorph.gpu.DeviceRuns.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DeviceTest
class ElementwiseDeviceTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double[] SPECIAL = {
    0, -0.0, 1, -1, 0.5, -0.5, 2.5, -3.5, 10, -20, 1e-30, -1e-30, NAN, INF, -INF, 100
  };

  /** One operand; attributes have their defaults. */
  static Stream<String> unary() {
    return Stream.of(
        "Abs",
        "Acos",
        "Acosh",
        "Asin",
        "Asinh",
        "Atan",
        "Atanh",
        "Ceil",
        "Celu",
        "Cos",
        "Cosh",
        "Elu",
        "Erf",
        "Exp",
        "Floor",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "LeakyRelu",
        "Log",
        "Mish",
        "Neg",
        "Reciprocal",
        "Relu",
        "Round",
        "Selu",
        "Shrink",
        "Sigmoid",
        "Sign",
        "Sin",
        "Sinh",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Swish",
        "Tan",
        "Tanh",
        "ThresholdedRelu");
  }

  @ParameterizedTest
  @MethodSource("unary")
  void functionsOfOneOperand(String operator) {
    for (DType type : List.of(DType.F32, DType.F64)) {
      String text =
          """
          graph main(%%x: %s[16]) -> (%%y) {
            %%y = %s(%%x)
          }
          """
              .formatted(type, operator);
      Tensor x = Tensor.of(type, SPECIAL, 16);
      var run = DeviceRuns.run(text, RunOptions.OWN, x);
      assertAllOnDevice(run);
      // The formulas are the CPU's: what differs is the rounding of a few steps. Results between
      // the operand and zero by cancellation are held to the operand's own last place.
      compare(operator + " " + type, x, DeviceRuns.own(text, x).getFirst(), run);
    }
  }

  private static void compare(String what, Tensor x, Tensor cpu, DeviceRuns.Outcome run) {
    double[] operands = x.toDoubles();
    double[] wanted = cpu.toDoubles();
    double[] found = run.outputs().getFirst().toDoubles();
    for (int i = 0; i < wanted.length; i++) {
      boolean same =
          Double.compare(wanted[i], found[i]) == 0
              || (wanted[i] != wanted[i] && found[i] != found[i]);
      double scale = Math.max(Math.abs(wanted[i]), Math.min(Math.abs(operands[i]), 1));
      double ulp = x.dtype() == DType.F64 ? Math.ulp(scale) : Math.ulp((float) scale);
      boolean near = wanted[i] != 0 && Math.abs(wanted[i] - found[i]) <= 4 * ulp;
      assertTrue(
          same || near, what + " of " + operands[i] + " is " + found[i] + ", not " + wanted[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"})
  void pairsOfFloatsHaveTheBitsOfTheCpu(String operator) {
    double[] all = new double[SPECIAL.length * SPECIAL.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = SPECIAL[i / SPECIAL.length];
    }
    for (DType type : List.of(DType.F32, DType.F64)) {
      String text =
          """
          graph main(%%a: %s[16,16], %%b: %s[16]) -> (%%y) {
            %%y = %s(%%a, %%b)
          }
          """
              .formatted(type, type, operator);
      Tensor a = Tensor.of(type, all, 16, 16);
      Tensor b = Tensor.of(type, SPECIAL, 16);
      var run = DeviceRuns.run(text, RunOptions.OWN, a, b);
      assertAllOnDevice(run);
      assertSame(DeviceRuns.own(text, a, b).getFirst(), run.outputs().getFirst());
    }
  }

  private static void assertSame(Tensor wanted, Tensor found) {
    assertEquals(wanted.typeText(), found.typeText());
    double[] w = wanted.toDoubles();
    double[] f = found.toDoubles();
    for (int i = 0; i < w.length; i++) {
      assertEquals(w[i], f[i], "element " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"})
  void comparisonsGiveTruthValues(String operator) {
    String text =
        """
        graph main(%%a: f32[16,1], %%b: f32[16]) -> (%%y) {
          %%y = %s(%%a, %%b)
        }
        """
            .formatted(operator);
    Tensor a = Tensor.of(DType.F32, SPECIAL, 16, 1);
    Tensor b = Tensor.of(DType.F32, SPECIAL, 16);
    var run = DeviceRuns.run(text, RunOptions.OWN, a, b);
    assertAllOnDevice(run);
    assertSame(DeviceRuns.own(text, a, b).getFirst(), run.outputs().getFirst());
  }

  @Test
  void testsChoicesAndLogicStayOnTheDevice() {
    String text =
        """
        graph main(%x: f32[16], %z: f32[5,16]) -> (%y, %either) {
          %nan = IsNaN(%x)
          %inf = IsInf(%x) {detect_negative = 0}
          %either = Or(%nan, %inf)
          %neither = Not(%either)
          %y = Where(%neither, %x, %z)
        }
        """;
    Tensor x = Tensor.of(DType.F32, SPECIAL, 16);
    Tensor z = DeviceRuns.random(4, 5, 16);
    var run = DeviceRuns.run(text, RunOptions.OWN, x, z);
    assertAllOnDevice(run);
    List<Tensor> cpu = DeviceRuns.own(text, x, z);
    assertSame(cpu.get(0), run.outputs().get(0));
    assertSame(cpu.get(1), run.outputs().get(1));
  }

  @Test
  void integersWrap() {
    String text =
        """
        graph main(%a: i32[100], %b: i32[100]) -> (%sum, %product, %bits, %magnitude) {
          %sum = Add(%a, %b)
          %product = Mul(%a, %b)
          %bits = BitwiseXor(%a, %b)
          %magnitude = Abs(%product)
        }
        """;
    int[] a = new int[100];
    int[] b = new int[100];
    for (int i = 0; i < 100; i++) {
      a[i] = i * 0x3779B97F;
      b[i] = Integer.MIN_VALUE + i * 7919;
    }
    Tensor x = Tensor.of(a, 100);
    Tensor y = Tensor.of(b, 100);
    var run = DeviceRuns.run(text, RunOptions.OWN, x, y);
    assertAllOnDevice(run);
    List<Tensor> cpu = DeviceRuns.own(text, x, y);
    for (int i = 0; i < cpu.size(); i++) {
      assertTrue(cpu.get(i).contentEquals(run.outputs().get(i)), "output " + i);
    }
  }

  @Test
  void variadicOperatorsFoldFromLeftToRight() {
    String text =
        """
        graph main(%a: f32[3,1], %b: f32[4], %c: f32[2,1,1]) -> (%max, %sum, %mean) {
          %max = Max(%a, %b, %c)
          %sum = Sum(%a, %b, %c)
          %mean = Mean(%a, %b, %c)
        }
        """;
    Tensor a = DeviceRuns.random(1, 3, 1);
    Tensor b = DeviceRuns.random(2, 4);
    Tensor c = DeviceRuns.random(3, 2, 1, 1);
    var run = DeviceRuns.run(text, RunOptions.OWN, a, b, c);
    assertAllOnDevice(run);
    List<Tensor> truth = DeviceRuns.truth(text, a, b, c);
    for (int i = 0; i < truth.size(); i++) {
      assertWithin(3, 1, truth.get(i), run.outputs().get(i));
    }
  }

  @Test
  void integerDivisorsAreLeftToTheCpuWithTheReason() {
    String text =
        """
        graph main(%a: i64[100], %b: i64[100]) -> (%y) {
          %y = Div(%a, %b)
        }
        """;
    Tensor a = Tensor.of(new long[100], 100);
    long[] ones = new long[100];
    java.util.Arrays.fill(ones, 1);
    var run = DeviceRuns.run(text, RunOptions.OWN, a, Tensor.of(ones, 100));
    assertEquals(
        "[\"y\" (Div): cpu, the CPU checks integer divisors]", run.placements().toString());
  }
}
