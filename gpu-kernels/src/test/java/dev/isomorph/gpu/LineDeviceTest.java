package dev.isomorph.gpu;

import static dev.isomorph.gpu.DeviceRuns.assertAllOnDevice;
import static dev.isomorph.gpu.DeviceRuns.assertWithin;
import static dev.isomorph.gpu.DeviceRuns.random;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax, normalisation and reductions. */
@DeviceTest
class LineDeviceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4,10 | -1",
        "3,1000 | 1",
        "2,5,7 | 1",
        "7,3 | 0",
        "5,1 | -1",
        "2,33,2 | 1",
        "0,4 | 1"
      })
  void softmaxAlongAnyAxis(String dims, int axis) {
    for (DType type : List.of(DType.F32, DType.F64)) {
      String text =
          """
          graph main(%%x: %s[%s]) -> (%%y, %%z) {
            %%y = Softmax(%%x) {axis = %d}
            %%z = LogSoftmax(%%x) {axis = %d}
          }
          """
              .formatted(type, dims.strip(), axis, axis);
      Tensor x = Tensor.of(type, random(1, dims(dims)).toDoubles(), dims(dims));
      var run = DeviceRuns.run(text, RunOptions.OWN, x);
      assertAllOnDevice(run);
      List<Tensor> truth = DeviceRuns.truth(text, x);
      // A tree of 256 leaves of at most 4 terms, an exponential, a quotient.
      assertWithin(16, 0, truth.get(0), run.outputs().get(0));
      assertWithin(16, 4, truth.get(1), run.outputs().get(1));
    }
  }

  @Test
  void softmaxOfExtremesIsThatOfTheCpu() {
    float inf = Float.POSITIVE_INFINITY;
    Tensor x =
        Tensor.of(
            new float[] {
              1, Float.NaN, 2, inf, 1, 2, -inf, 1, -inf, -inf, -inf, -inf, 1000, 1001, 999
            },
            5,
            3);
    String text =
        """
        graph main(%x: f32[5,3]) -> (%y, %z) {
          %y = Softmax(%x)
          %z = LogSoftmax(%x)
        }
        """;
    var run = DeviceRuns.run(text, RunOptions.OWN, x);
    List<Tensor> cpu = DeviceRuns.own(text, x);
    assertWithin(2, 0, cpu.get(0), run.outputs().get(0));
    assertWithin(2, 1, cpu.get(1), run.outputs().get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2,3,5,7", "4,3", "2,3,11", "3,3,3,3"})
  void batchNormalization(String dims) {
    String text =
        """
        graph main(%%x: f32[%s], %%s: f32[3], %%b: f32[3], %%m: f32[3], %%v: f32[3]) -> (%%y) {
          %%y = BatchNormalization(%%x, %%s, %%b, %%m, %%v) {epsilon = 0.001f}
        }
        """
            .formatted(dims);
    Tensor x = random(1, dims(dims));
    Tensor v = Tensor.of(new float[] {0.5f, 1e-6f, 40}, 3);
    var run = DeviceRuns.run(text, RunOptions.OWN, x, random(2, 3), random(3, 3), random(4, 3), v);
    assertAllOnDevice(run);
    Tensor truth =
        DeviceRuns.truth(text, x, random(2, 3), random(3, 3), random(4, 3), v).getFirst();
    assertWithin(6, 64, truth, run.outputs().getFirst());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ReduceSum",
        "ReduceMean",
        "ReduceL1",
        "ReduceL2",
        "ReduceSumSquare",
        "ReduceLogSum",
        "ReduceLogSumExp",
        "ReduceProd",
        "ReduceMax",
        "ReduceMin"
      })
  void reductionsOverAnyAxes(String operator) {
    Tensor x = random(8, 3, 300, 2);
    if (operator.equals("ReduceLogSum")) {
      x =
          Tensor.of(
              DType.F32, java.util.Arrays.stream(x.toDoubles()).map(Math::abs).toArray(), x.dims());
    }
    for (long[] axes : new long[][] {{1}, {0, 2}, {-1}, {0, 1, 2}, {}}) {
      for (int keep = 0; keep < 2; keep++) {
        String text =
            """
            graph main(%%x: f32[3,300,2], %%axes: i64[%d]) -> (%%y) {
              %%y = %s(%%x, %%axes) {keepdims = %d}
            }
            """
                .formatted(axes.length, operator, keep);
        var run = DeviceRuns.run(text, RunOptions.OWN, x, Tensor.vector(axes));
        assertAllOnDevice(run);
        Tensor truth = DeviceRuns.truth(text, x, Tensor.vector(axes)).getFirst();
        boolean exact = operator.equals("ReduceMax") || operator.equals("ReduceMin");
        boolean signed = operator.equals("ReduceSum") || operator.equals("ReduceMean");
        // The logarithm's absolute error is the relative one of its operand.
        double scale = signed ? 300 : operator.contains("Log") ? 1 : 0;
        boolean product = operator.equals("ReduceProd");
        // A product of n factors rounds n - 1 times; what is subnormal has fewer bits.
        double ulps = exact ? 0 : product ? 1800 : 32;
        assertWithin(ulps, product ? 1e-30 : scale, truth, run.outputs().getFirst());
      }
    }
  }

  @Test
  void emptyReductionsGiveTheNeutralElement() {
    String text =
        """
        graph main(%x: f32[2,0]) -> (%s, %p, %a, %b, %l) {
          %axes = Constant() {value_ints = [1]}
          %s = ReduceSum(%x, %axes)
          %p = ReduceProd(%x, %axes)
          %a = ReduceMax(%x, %axes)
          %b = ReduceMin(%x, %axes)
          %l = ReduceLogSumExp(%x, %axes)
        }
        """;
    Tensor x = Tensor.of(new float[0], 2, 0);
    var run = DeviceRuns.run(text, RunOptions.OWN, x);
    assertAllOnDevice(run);
    List<Tensor> cpu = DeviceRuns.own(text, x);
    for (int i = 0; i < cpu.size(); i++) {
      assertTrue(cpu.get(i).contentEquals(run.outputs().get(i)), "output " + i);
    }
  }

  @Test
  void thePlaceOfTheExtremeWithTiesAndNan() {
    Tensor x =
        Tensor.of(
            new float[] {1, 3, 3, 2, Float.NaN, 5, Float.NaN, 1, -0f, 0, -1, 0, 2, 2, 2, 2}, 4, 4);
    for (String operator : List.of("ArgMax", "ArgMin")) {
      for (int last = 0; last < 2; last++) {
        for (int axis = 0; axis < 2; axis++) {
          String text =
              """
              graph main(%%x: f32[4,4]) -> (%%y) {
                %%y = %s(%%x) {axis = %d, keepdims = 0, select_last_index = %d}
              }
              """
                  .formatted(operator, axis, last);
          var run = DeviceRuns.run(text, RunOptions.OWN, x);
          assertAllOnDevice(run);
          assertTrue(
              DeviceRuns.own(text, x).getFirst().contentEquals(run.outputs().getFirst()),
              () -> text + java.util.Arrays.toString(run.outputs().getFirst().toLongs()));
        }
      }
    }
  }

  private static long[] dims(String text) {
    return java.util.Arrays.stream(text.strip().split(",")).mapToLong(Long::parseLong).toArray();
  }
}
