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

@DeviceTest
class WindowDeviceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,3,8,8     | 4,3,3,3   | ",
        "2,3,8,8     | 4,3,3,3   | pads = [1, 1, 1, 1]",
        "1,4,7,9     | 6,2,3,2   | group = 2, strides = [2, 1], pads = [0, 1, 2, 0]",
        "3,3,3,3     | 3,1,3,3   | group = 3, pads = [1, 1, 1, 1]",
        "1,2,11,5    | 3,2,3,2   | dilations = [3, 2], pads = [2, 1, 2, 1]",
        "2,2,10,7    | 5,2,4,3   | auto_pad = \"SAME_UPPER\", strides = [3, 2]",
        "2,2,10,7    | 5,2,4,3   | auto_pad = \"SAME_LOWER\", strides = [3, 2]",
        "2,3,13      | 5,3,4     | strides = [2], pads = [3, 1]",
        "1,2,5,6,7   | 3,2,2,3,2 | pads = [1, 0, 1, 0, 2, 0], strides = [1, 2, 3]",
        "0,3,8,8     | 4,3,3,3   | ",
        "1,1,1,1     | 1,1,1,1   | "
      })
  void convolutions(String x, String w, String attributes) {
    String given = attributes == null ? "" : attributes;
    for (DType type : List.of(DType.F32, DType.F64)) {
      String text =
          """
          graph main(%%x: %s[%s], %%w: %s[%s], %%b: %s[M]) -> (%%y) {
            %%y = Conv(%%x, %%w, %%b) {%s}
          }
          """
              .formatted(type, x.strip(), type, w.strip(), type, given);
      long[] dims = dims(w);
      Tensor image = of(type, random(1, dims(x)));
      Tensor weights = of(type, random(2, dims));
      Tensor bias = of(type, random(3, dims[0]));
      var run = DeviceRuns.run(text, RunOptions.OWN, image, weights, bias);
      assertAllOnDevice(run);
      double terms = Tensor.sizeOf(dims) / (double) dims[0] + 1;
      Tensor truth = DeviceRuns.truth(text, image, weights, bias).getFirst();
      assertWithin(terms, terms, truth, run.outputs().getFirst());
    }
  }

  @Test
  void aConvolutionOfFourSpatialAxesIsLeftToTheCpuWithTheReason() {
    String text =
        """
        graph main(%x: f32[1,1,2,2,2,2], %w: f32[1,1,1,1,1,1]) -> (%y) {
          %y = Conv(%x, %w)
        }
        """;
    var run =
        DeviceRuns.run(
            text, RunOptions.OWN, random(1, 1, 1, 2, 2, 2, 2), random(2, 1, 1, 1, 1, 1, 1));
    org.junit.jupiter.api.Assertions.assertEquals(
        "[\"y\" (Conv): cpu, no CUDA kernel for 4 spatial axes]", run.placements().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,3,8,8   | kernel_shape = [2, 2], strides = [2, 2]",
        "1,2,7,9   | kernel_shape = [3, 2], strides = [2, 3], pads = [1, 0, 1, 1]",
        "1,2,7,9   | kernel_shape = [3, 2], strides = [2, 3], pads = [1, 0, 1, 1], ceil_mode = 1",
        "1,2,9,9   | kernel_shape = [3, 3], dilations = [2, 3], pads = [1, 1, 1, 1]",
        "2,2,10,7  | kernel_shape = [4, 3], auto_pad = \"SAME_UPPER\", strides = [3, 2]",
        "2,2,10,7  | kernel_shape = [4, 3], auto_pad = \"SAME_LOWER\", strides = [3, 2]",
        "2,3,13    | kernel_shape = [4], strides = [3], ceil_mode = 1",
        "1,2,5,6,7 | kernel_shape = [2, 3, 2], strides = [2, 1, 3]",
        "1,1,5,5   | kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 1, 1]"
      })
  void poolingWithEveryOption(String x, String attributes) {
    Tensor image = random(5, dims(x));
    for (String variant :
        List.of(
            "%y, %i = MaxPool(%x) {ATTR}",
            "%y, %i = MaxPool(%x) {ATTR, storage_order = 1}",
            "%y = AveragePool(%x) {ATTR}",
            "%y = AveragePool(%x) {ATTR, count_include_pad = 1}")) {
      boolean indices = variant.contains("%i");
      String text =
          "graph main(%x: f32["
              + x.strip()
              + "]) -> (%y"
              + (indices ? ", %i" : "")
              + ") {\n  "
              + variant.replace("ATTR", attributes.strip())
              + "\n}\n";
      var run = DeviceRuns.run(text, RunOptions.OWN, image);
      assertAllOnDevice(run);
      List<Tensor> truth = DeviceRuns.truth(text, image);
      assertWithin(indices ? 0 : 4, indices ? 0 : 1, truth.getFirst(), run.outputs().getFirst());
      if (indices) {
        assertTrue(truth.get(1).contentEquals(run.outputs().get(1)), text);
      }
    }
  }

  @Test
  void theLargestOfAWindowWithNanIsNan() {
    String text =
        """
        graph main(%x: f32[1,1,4]) -> (%y, %i) {
          %y, %i = MaxPool(%x) {kernel_shape = [2]}
        }
        """;
    Tensor x = Tensor.of(new float[] {1, Float.NaN, 2, Float.NEGATIVE_INFINITY}, 1, 1, 4);
    var run = DeviceRuns.run(text, RunOptions.OWN, x);
    List<Tensor> cpu = DeviceRuns.own(text, x);
    assertTrue(cpu.get(0).contentEquals(run.outputs().get(0)));
    assertTrue(cpu.get(1).contentEquals(run.outputs().get(1)));
  }

  @Test
  void wholePlanesArePooledByAReduction() {
    String text =
        """
        graph main(%x: f32[2,3,5,7]) -> (%mean, %max) {
          %mean = GlobalAveragePool(%x)
          %max = GlobalMaxPool(%x)
        }
        """;
    Tensor x = random(6, 2, 3, 5, 7);
    var run = DeviceRuns.run(text, RunOptions.OWN, x);
    assertAllOnDevice(run);
    List<Tensor> truth = DeviceRuns.truth(text, x);
    assertWithin(35, 1, truth.get(0), run.outputs().get(0));
    assertWithin(0, 0, truth.get(1), run.outputs().get(1));
  }

  private static Tensor of(DType type, Tensor values) {
    return Tensor.of(type, values.toDoubles(), values.dims());
  }

  private static long[] dims(String text) {
    return java.util.Arrays.stream(text.strip().split(",")).mapToLong(Long::parseLong).toArray();
  }
}
