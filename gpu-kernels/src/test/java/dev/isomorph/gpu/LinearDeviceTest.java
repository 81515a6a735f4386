package dev.isomorph.gpu;

import static dev.isomorph.gpu.DeviceRuns.assertAllOnDevice;
import static dev.isomorph.gpu.DeviceRuns.assertWithin;
import static dev.isomorph.gpu.DeviceRuns.random;
import static dev.isomorph.gpu.DeviceRuns.random64;

import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DeviceTest
class LinearDeviceTest {
  private static final String GEMM =
      """
      graph main(%a: f32[A,B], %b: f32[C,D], %c: f32[E,F]) -> (%y) {
        %y = Gemm(%a, %b, %c) {alpha = 0.5, beta = 2.0, transA = TA, transB = TB}
      }
      """;

  @ParameterizedTest
  @CsvSource({"1,1,1", "5,7,3", "64,64,16", "65,63,17", "130,70,100", "3,129,1", "1,200,64"})
  void productsOfAnySizeAndOrientation(int m, int n, int k) {
    for (int ta = 0; ta < 2; ta++) {
      for (int tb = 0; tb < 2; tb++) {
        String text = GEMM.replace("TA", "" + ta).replace("TB", "" + tb);
        Tensor a = ta == 0 ? random(1, m, k) : random(1, k, m);
        Tensor b = tb == 0 ? random(2, k, n) : random(2, n, k);
        Tensor c = random(3, ta == 0 ? 1 : m, tb == 0 ? n : 1);
        var run = DeviceRuns.run(text, RunOptions.OWN, a, b, c);
        assertAllOnDevice(run);
        assertWithin(
            k + 2, k, DeviceRuns.truth(text, a, b, c).getFirst(), run.outputs().getFirst());
      }
    }
  }

  @Test
  void anEmptyInnerDimLeavesTheBias() {
    Tensor a = Tensor.of(new float[0], 2, 0);
    Tensor b = Tensor.of(new float[0], 0, 3);
    Tensor c = random(3, 2, 3);
    String text = GEMM.replace("TA", "0").replace("TB", "0");
    var run = DeviceRuns.run(text, RunOptions.OWN, a, b, c);
    assertAllOnDevice(run);
    assertWithin(0, 0, DeviceRuns.truth(text, a, b, c).getFirst(), run.outputs().getFirst());
  }

  @ParameterizedTest
  @CsvSource({
    "'2,3','3,4'",
    "'2,3,4','4,5'",
    "'5,2,3,4','5,2,4,6'",
    "'5,1,3,4','2,4,6'",
    "'4','4,5'",
    "'3,4','4'",
    "'4','4'",
    "'2,3,4','4'",
    "'7,1,5','7,5,1'",
    "'0,3,4','0,4,5'",
    "'3,2,0','3,0,5'"
  })
  void batchesBroadcast(String left, String right) {
    String text =
        """
        graph main(%a: f32[], %b: f32[]) -> (%y) {
          %y = MatMul(%a, %b)
        }
        """;
    text = text.replaceFirst("\\[]", "[" + left + "]").replaceFirst("\\[]", "[" + right + "]");
    Tensor a = random(1, dims(left));
    Tensor b = random(2, dims(right));
    var run = DeviceRuns.run(text, RunOptions.OWN, a, b);
    assertAllOnDevice(run);
    assertWithin(8, 8, DeviceRuns.truth(text, a, b).getFirst(), run.outputs().getFirst());
  }

  @Test
  void doublesAreMultipliedInDouble() {
    String text =
        """
        graph main(%a: f64[20,33], %b: f64[33,70]) -> (%y) {
          %y = MatMul(%a, %b)
        }
        """;
    Tensor a = random64(1, 20, 33);
    Tensor b = random64(2, 33, 70);
    var run = DeviceRuns.run(text, RunOptions.OWN, a, b);
    assertAllOnDevice(run);
    assertWithin(33, 33, DeviceRuns.truth(text, a, b).getFirst(), run.outputs().getFirst());
  }

  private static long[] dims(String text) {
    return java.util.Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
  }
}
