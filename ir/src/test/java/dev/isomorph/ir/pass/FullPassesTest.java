package dev.isomorph.ir.pass;

import static dev.isomorph.ir.pass.PassAssertions.assertBecomes;
import static dev.isomorph.ir.pass.PassAssertions.assertStays;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class FullPassesTest {
  private static final String NORMALIZED =
      """
      param @w: f32[2,1,1,2] trainable = [1.0, 2.0, 3.0, 4.0]
      param @b: f32[2] trainable = [0.5, -1.0]
      param @scale: f32[2] trainable = [2.0, 3.0]
      param @beta: f32[2] trainable = [1.0, 0.0]
      param @mean: f32[2] buffer = [0.5, 1.0]
      param @var: f32[2] buffer = [3.75, 0.0]
      graph main(%x: f32[N,1,H,W]) -> (%y) {
        %c = Conv(%x, @w, @b) {kernel_shape = [1, 2]}
        %y = BatchNormalization(%c, @scale, @beta, @mean, @var) {epsilon = 0.25}
      }
      """;

  private static PassContext folding() {
    return PassContext.builder().foldTrainable(true).build();
  }

  @Test
  void aNormalizationGoesIntoTheConvolution() {
    try (Model model = TextParser.model(NORMALIZED);
        Model made = PassRunner.run(model, List.of(new FoldBatchNorm()), folding())) {
      assertEquals(
          """
          param @"w/folded with batch norm": f32[2,1,1,2] trainable = [1.0, 2.0, 18.0, 24.0]
          param @"b/folded with batch norm": f32[2] trainable = [1.0, -12.0]
          graph main(%x: f32[N,1,H,W]) -> (%y) {
            %y = Conv(%x, @"w/folded with batch norm", @"b/folded with batch norm") \
          {kernel_shape = [1, 2]} : f32[N,2,H,W - 1]
          }
          """,
          made.signature().graph().toString());
      Value.Parameter weight = made.signature().graph().parameters().getFirst();
      assertEquals("folded with batch norm", weight.derivation().how());
      assertEquals(List.of("w", "scale", "beta", "mean", "var"), weight.derivation().keys());
      assertEquals(2, made.parameters().size());
    }
  }

  @Test
  void weightsThatAreTrainedOnAreNotFolded() {
    assertStays(new FoldBatchNorm(), NORMALIZED);
  }

  private static void assertNotFolded(String text) {
    try (Model model = TextParser.model(text)) {
      assertEquals(model, PassRunner.run(model, List.of(new FoldBatchNorm()), folding()));
    }
  }

  @Test
  void aConvolutionWithAnotherUseIsNotFolded() {
    assertNotFolded(
        NORMALIZED
            .replace("-> (%y)", "-> (%y, %z)")
            .replace("%y = Batch", "%z = Abs(%c)\n%y = Batch"));
  }

  @Test
  void aConvolutionThatIsAResultIsNotFolded() {
    assertNotFolded(NORMALIZED.replace("-> (%y)", "-> (%y, %c)"));
  }

  @Test
  void aNormalizationInTrainingIsNotFolded() {
    assertNotFolded(NORMALIZED.replace("epsilon", "training_mode = 1, epsilon"));
  }

  @Test
  void channelsOfATransposedConvolutionLieInGroups() {
    String text =
        """
        param @w: f32[2,2,1] trainable = [1.0, 1.0, 1.0, 1.0]
        param @scale: f32[4] trainable = [1.0, 2.0, 3.0, 4.0]
        param @beta: f32[4] trainable = [0.0, 0.0, 0.0, 0.0]
        param @mean: f32[4] buffer = [0.0, 0.0, 0.0, 0.0]
        param @var: f32[4] buffer = [1.0, 1.0, 1.0, 1.0]
        graph main(%x: f32[N,2,L]) -> (%y) {
          %c = ConvTranspose(%x, @w) {group = 2}
          %y = BatchNormalization(%c, @scale, @beta, @mean, @var) {epsilon = 0.0}
        }
        """;
    try (Model model = TextParser.model(text);
        Model made = PassRunner.run(model, List.of(new FoldBatchNorm()), folding())) {
      assertEquals(
          "[1.0, 2.0, 3.0, 4.0]",
          java.util.Arrays.toString(
              made.signature().graph().parameters().getFirst().tensor().toDoubles()));
    }
  }

  @Test
  void aProductAndASumAreOneGemm() {
    assertBecomes(
        new FuseMatMulAdd(),
        """
        graph main(%a: f32[M,K], %b: f32[K,N], %c: f32[N]) -> (%y) {
          %p = MatMul(%a, %b)
          %y = Add(%c, %p)
        }
        """,
        """
        graph main(%a: f32[M,K], %b: f32[K,N], %c: f32[N]) -> (%y) {
          %y = Gemm(%a, %b, %c) : f32[M,N]
        }
        """);
  }

  @Test
  void productsOfBatchesAndSumsThatWidenStay() {
    assertStays(
        new FuseMatMulAdd(),
        """
        graph main(%a: f32[B,M,K], %b: f32[B,K,N], %c: f32[N], %d: f32[1,K], %e: f32[K,N], %f: f32[M,N])
            -> (%x, %y) {
          %p = MatMul(%a, %b)
          %x = Add(%p, %c)
          %q = MatMul(%d, %e)
          %y = Add(%q, %f)
        }
        """);
  }
}
