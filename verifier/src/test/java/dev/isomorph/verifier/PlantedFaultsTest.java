package dev.isomorph.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults of the kinds that converters make, planted into good networks. */
class PlantedFaultsTest {
  private static final String CONVOLUTIONAL =
      """
      param @w1: f32[4,3,3,3] trainable
      param @b1: f32[4] trainable
      param @scale: f32[4] trainable
      param @bias: f32[4] trainable
      param @mean: f32[4] buffer
      param @var: f32[4] buffer
      param @w2: f32[5,16] trainable
      param @b2: f32[5] trainable
      graph main(%x: f32[N,3,6,6]) -> (%y) {
        %c = Conv(%x, @w1, @b1) {pads = [0, 0, 1, 1], strides = [2, 2]}
        %n = BatchNormalization(%c, @scale, @bias, @mean, @var) {epsilon = 1.0E-5}
        %r = LeakyRelu(%n) {alpha = 0.01}
        %p = AveragePool(%r) {kernel_shape = [2, 2], pads = [0, 0, 1, 1], strides = [2, 2]}
        %f = Flatten(%p)
        %g = Gemm(%f, @w2, @b2) {transB = 1}
        %y = Softmax(%g) {axis = 1}
      }
      """;

  private static final String RECURRENT =
      """
      param @w: f32[1,12,4] trainable
      param @r: f32[1,12,3] trainable
      param @b: f32[1,24] trainable
      graph main(%x: f32[T,2,4]) -> (%y) {
        %h = LSTM(%x, @w, @r, @b) {hidden_size = 3}
        %s = Squeeze(%h, @axes)
        %y = Tanh(%s)
      }
      """
          .replace("graph main", "param @axes: i64[1] constant = [1]\ngraph main");

  private static Map<String, Tensor> weights() {
    SplittableRandom random = new SplittableRandom(5);
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("w1", normal(random, 0.4, 4, 3, 3, 3));
    weights.put("b1", normal(random, 0.5, 4));
    weights.put("scale", normal(random, 1, 4));
    weights.put("bias", normal(random, 0.5, 4));
    weights.put("mean", normal(random, 0.5, 4));
    weights.put("var", Tensor.of(new float[] {0.3f, 1.2f, 0.02f, 2f}, 4));
    weights.put("w2", normal(random, 0.5, 5, 16));
    weights.put("b2", normal(random, 0.5, 5));
    weights.put("w", normal(random, 0.5, 1, 12, 4));
    weights.put("r", normal(random, 0.5, 1, 12, 3));
    weights.put("b", normal(random, 0.5, 1, 24));
    return weights;
  }

  private static Tensor normal(SplittableRandom random, double size, long... dims) {
    float[] values = new float[(int) Tensor.sizeOf(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    return Tensor.of(values, dims);
  }

  private static Model model(String text, Map<String, Tensor> weights) {
    return TextParser.model(text, weights, _ -> null);
  }

  private record Fault(String network, String from, String to, String node) {
    @Override
    public String toString() {
      return from + " becomes " + to;
    }
  }

  static Stream<Fault> faults() {
    return Stream.of(
        new Fault(CONVOLUTIONAL, "epsilon = 1.0E-5", "epsilon = 1.1E-5", "\"n\""),
        new Fault(CONVOLUTIONAL, "epsilon = 1.0E-5", "epsilon = 1.0E-3", "\"n\""),
        new Fault(
            CONVOLUTIONAL,
            "Conv(%x, @w1, @b1) {pads = [0, 0, 1, 1]",
            "Conv(%x, @w1, @b1) {pads = [1, 1, 0, 0]",
            "\"c\""),
        new Fault(CONVOLUTIONAL, "alpha = 0.01", "alpha = 0.2", "\"r\""),
        new Fault(
            CONVOLUTIONAL,
            "AveragePool(%r) {",
            "AveragePool(%r) {count_include_pad = 1, ",
            "\"p\""),
        new Fault(CONVOLUTIONAL, "Softmax(%g) {axis = 1}", "Softmax(%g) {axis = 0}", "\"y\""),
        new Fault(
            CONVOLUTIONAL,
            "Gemm(%f, @w2, @b2) {transB = 1}",
            "Gemm(%f, @w2, @b2) {alpha = 1.001, transB = 1}",
            "\"g\""),
        new Fault(CONVOLUTIONAL, "Gemm(%f, @w2, @b2)", "Gemm(%f, @w2)", "\"g\""),
        new Fault(CONVOLUTIONAL, "Conv(%x, @w1, @b1)", "Conv(%x, @w1)", "\"c\""),
        new Fault(CONVOLUTIONAL, "@mean, @var", "@bias, @var", "\"n\""),
        new Fault(CONVOLUTIONAL, "AveragePool(%r)", "AveragePool(%n)", "\"p\""),
        new Fault(RECURRENT, "LSTM(%x, @w, @r, @b)", "LSTM(%x, @w, @r)", "\"h\""),
        new Fault(RECURRENT, "hidden_size = 3", "hidden_size = 3, input_forget = 1", "\"h\""),
        new Fault(
            RECURRENT, "hidden_size = 3", "direction = \"reverse\", hidden_size = 3", "\"h\""));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsFoundAndItsNodeNamed(Fault fault) {
    String changed = fault.network.replace(fault.from, fault.to);
    assertFalse(changed.equals(fault.network), "the fault was planted");
    try (Model source = model(fault.network, weights());
        Model target = model(changed, weights())) {
      Verdict verdict = Verifier.verify(VerificationRequest.of(source, target));
      assertEquals(Verdict.Status.FAIL, verdict.status());
      assertTrue(
          verdict.local().divergent().getFirst().source().startsWith(fault.node),
          () -> "first divergent: " + verdict.local().divergent());
    }
  }

  @Test
  void swappedGatesAreFound() {
    Map<String, Tensor> swapped = weights();
    float[] w = swapped.get("w").toFloats();
    float[] gates = w.clone();
    System.arraycopy(w, 12, gates, 24, 12);
    System.arraycopy(w, 24, gates, 12, 12);
    swapped.put("w", Tensor.of(gates, 1, 12, 4));
    try (Model source = model(RECURRENT, weights());
        Model target = model(RECURRENT, swapped)) {
      Verdict verdict = Verifier.verify(VerificationRequest.of(source, target));
      assertEquals(Verdict.Status.FAIL, verdict.status());
      assertTrue(verdict.local().divergent().getFirst().source().startsWith("\"h\""));
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void cleanTwinsPass(String network) {
    try (Model source = model(network, weights());
        Model target = model(network, weights())) {
      Verdict verdict = Verifier.verify(VerificationRequest.of(source, target));
      assertEquals(List.of(), verdict.doubts());
      assertEquals(Verdict.Status.PASS, verdict.status());
      assertTrue(verdict.local().tested() == source.signature().graph().nodes().size());
    }
  }

  static Stream<String> networks() {
    return Stream.of(CONVOLUTIONAL, RECURRENT);
  }

  @Test
  void weightsRoundedOnceMoreAreAllowedAndAThousandthIsNot() {
    Map<String, Tensor> rounded = weights();
    float[] w = rounded.get("w2").toFloats();
    for (int i = 0; i < w.length; i++) {
      w[i] = w[i] * 0.7f / 0.7f;
    }
    rounded.put("w2", Tensor.of(w, 5, 16));
    assertFalse(rounded.get("w2").contentEquals(weights().get("w2")), "some weights were rounded");
    Map<String, Tensor> wrong = weights();
    w = wrong.get("w2").toFloats();
    w[3] *= 1.001f;
    wrong.put("w2", Tensor.of(w, 5, 16));
    try (Model source = model(CONVOLUTIONAL, weights());
        Model legal = model(CONVOLUTIONAL, rounded);
        Model illegal = model(CONVOLUTIONAL, wrong)) {
      assertEquals(
          Verdict.Status.PASS, Verifier.verify(VerificationRequest.of(source, legal)).status());
      assertEquals(
          Verdict.Status.FAIL, Verifier.verify(VerificationRequest.of(source, illegal)).status());
    }
  }

  @Test
  void anEpsilonInThirtyTwoBitsIsAllowed() {
    String narrow = CONVOLUTIONAL.replace("1.0E-5", "1.0E-5f").replace("0.01", "0.01f");
    try (Model source = model(CONVOLUTIONAL, weights());
        Model target = model(narrow, weights())) {
      Verdict verdict = Verifier.verify(VerificationRequest.of(source, target));
      assertEquals(Verdict.Status.PASS, verdict.status(), () -> verdict.rows().toString());
    }
  }
}
