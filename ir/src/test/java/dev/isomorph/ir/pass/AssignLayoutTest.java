package dev.isomorph.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignLayoutTest {
  private static final String FIRST = "{perm = [0, 3, 1, 2]}";
  private static final String LAST = "{perm = [0, 2, 3, 1]}";

  private static String after(Layout target, String text, Map<String, Tensor> tensors) {
    try (Model model = TextParser.model(text, tensors, (_, _) -> null);
        Model made =
            PassRunner.run(model, List.of(new AssignLayout(target)), PassContext.standard())) {
      return made.signature().graph().toString();
    }
  }

  /** The graph's lines without types: what it computes in which order. */
  private static String nodes(String graph) {
    return graph
        .lines()
        .filter(l -> l.startsWith("  "))
        .map(l -> l.strip().replaceAll(" : [a-z0-9]+\\[.*", ""))
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, Tensor> weights(int channels) {
    Map<String, Tensor> tensors = new HashMap<>();
    tensors.put("w", Tensor.of(new float[channels * channels * 9], channels, channels, 3, 3));
    tensors.put("v", Tensor.of(new float[channels * channels], channels, channels, 1, 1));
    return tensors;
  }

  /** A residual block as it comes from TensorFlow; equal lengths must not confuse anything. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void aResidualBlockKeepsNoTransposeInside(int channels) {
    String text =
        """
        param @w: f32[C,C,3,3] trainable
        param @b: f32[C] trainable = [BIAS]
        graph main(%x: f32[N,5,5,C]) -> (%y) {
          %a0 = Transpose(%x) FIRST
          %a1 = Conv(%a0, @w) {pads = [1, 1, 1, 1]}
          %a2 = Transpose(%a1) LAST
          %a3 = Add(%a2, @b)
          %a4 = Relu(%a3)
          %b0 = Transpose(%a4) FIRST
          %b1 = Conv(%b0, @w) {pads = [1, 1, 1, 1]}
          %b2 = Transpose(%b1) LAST
          %s = Add(%b2, %a4)
          %t = Relu(%s)
          %c0 = Transpose(%t) FIRST
          %c1 = MaxPool(%c0) {kernel_shape = [2, 2]}
          %y = Transpose(%c1) LAST
        }
        """
            .replace("FIRST", FIRST)
            .replace("LAST", LAST)
            .replace("BIAS", String.join(", ", java.util.Collections.nCopies(channels, "0.5")))
            .replace("C,", channels + ",")
            .replace("C]", channels + "]");
    assertEquals(
        """
        %a0 = Transpose(%x) {perm = [0, 3, 1, 2]}
        %a1 = Conv(%a0, @w) {pads = [1, 1, 1, 1]}
        %a3 = Add(%a1, @b/reshaped)
        %a4 = Relu(%a3)
        %b1 = Conv(%a4, @w) {pads = [1, 1, 1, 1]}
        %s = Add(%b1, %a4)
        %t = Relu(%s)
        %c1 = MaxPool(%t) {kernel_shape = [2, 2]}
        %y = Transpose(%c1) {perm = [0, 2, 3, 1]}\
        """,
        nodes(after(Layout.NCHW, text, weights(channels))));
  }

  @Test
  void towardsChannelsLastSpatialOperatorsTakeThatForm() {
    String text =
        """
        param @w: f32[4,4,3,3] trainable
        param @v: f32[4,4,1,1] trainable
        param @g: f32[4] trainable = [1.0, 1.0, 1.0, 1.0]
        param @slope: f32[4,1,1] trainable = [0.1, 0.2, 0.3, 0.4]
        graph main(%x: f32[N,4,4,4]) -> (%y) {
          %a = Conv(%x, @w) {pads = [1, 1, 1, 1]}
          %b = BatchNormalization(%a, @g, @g, @g, @g)
          %c = PRelu(%b, @slope)
          %p = GlobalAveragePool(%c)
          %q = Conv(%p, @v)
          %r = Sigmoid(%q)
          %s = Mul(%c, %r)
          %t = Concat(%s, %c) {axis = 1}
          %y = AveragePool(%t) {kernel_shape = [2, 2]}
        }
        """;
    assertEquals(
        """
        %transpose = Transpose(%x) {perm = [0, 2, 3, 1]}
        %a = nhwc::Conv(%transpose, @w) {pads = [1, 1, 1, 1]}
        %b = nhwc::BatchNormalization(%a, @g, @g, @g, @g)
        %c = PRelu(%b, @slope/reshaped)
        %p = nhwc::GlobalAveragePool(%c)
        %q = nhwc::Conv(%p, @v)
        %r = Sigmoid(%q)
        %s = Mul(%c, %r)
        %t = Concat(%s, %c) {axis = 3}
        %averagepool = nhwc::AveragePool(%t) {kernel_shape = [2, 2]}
        %y = Transpose(%averagepool) {perm = [0, 3, 1, 2]}\
        """,
        nodes(after(Layout.NHWC, text, weights(4))));
  }

  @Test
  void aFlattenTakesItsTransposeIntoTheWeight() {
    String text =
        """
        param @w: f32[8,1] trainable = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
        graph main(%x: f32[N,2,2,2]) -> (%y) {
          %a = Transpose(%x) LAST
          %b = Flatten(%a)
          %y = MatMul(%b, @w)
        }
        """
            .replace("LAST", LAST);
    try (Model model = TextParser.model(text);
        Model made =
            PassRunner.run(model, List.of(new AssignLayout(Layout.NCHW)), PassContext.standard())) {
      assertEquals(
          """
          %flatten = Flatten(%x)
          %y = MatMul(%flatten, @"w/rows reordered")\
          """,
          nodes(made.signature().graph().toString()));
      // Row (h, w, c) of the old weight is row (c, h, w) of the new one.
      assertEquals(
          "[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]",
          Arrays.toString(made.parameters().getFirst().tensor().toDoubles()));
      assertEquals("w", made.parameters().getFirst().derivation().keys().getFirst());
    }
  }

  @Test
  void aGemmWithATransposedWeightIsReorderedByColumns() {
    String text =
        """
        param @w: f32[2,4] trainable = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
        param @s: i64[2] constant = [-1, 4]
        graph main(%x: f32[N,2,2,1]) -> (%y) {
          %a = Transpose(%x) LAST
          %b = Reshape(%a, @s)
          %y = Gemm(%b, @w) {transB = 1}
        }
        """
            .replace("LAST", LAST);
    try (Model model = TextParser.model(text);
        Model made =
            PassRunner.run(model, List.of(new AssignLayout(Layout.NCHW)), PassContext.standard())) {
      assertEquals(
          "[0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]",
          Arrays.toString(made.parameters().getFirst().tensor().toDoubles()));
    }
  }

  @Test
  void axesArePutWhereTheyWereBeforeTheTranspose() {
    String text =
        """
        param @axes: i64[2] constant = [1, 2]
        param @one: i64[1] constant = [1]
        param @three: i64[1] constant = [3]
        param @last: i64[1] constant = [-1]
        param @pads: i64[8] constant = [0, 1, 2, 0, 0, 1, 2, 0]
        graph main(%x: f32[N,C,H,W]) -> (%m, %k, %i, %f, %e) {
          %a = Transpose(%x) LAST
          %p = Pad(%a, @pads)
          %s = Slice(%p, @one, @three, @last)
          %t = Softmax(%s)
          %m = ReduceMean(%t, @axes) {keepdims = 0}
          %k0 = ReduceMax(%a, @axes)
          %k1 = Transpose(%k0) FIRST
          %k = Abs(%k1)
          %i = ArgMax(%a) {axis = 3, keepdims = 0}
          %f0, %f1 = Split(%a) {axis = 3, num_outputs = 2}
          %f2 = Transpose(%f0) FIRST
          %f = Neg(%f2)
          %e0 = Transpose(%f1) FIRST
          %e = Neg(%e0)
        }
        """
            .replace("FIRST", FIRST)
            .replace("LAST", LAST);
    assertEquals(
        """
        %p = Pad(%x, @pads, _, @const)
        %s = Slice(%p, @one, @three, @const_2)
        %t = Softmax(%s) {axis = 1}
        %m = ReduceMean(%t, @const_3) {keepdims = 0}
        %k0 = ReduceMax(%x, @const_1)
        %k = Abs(%k0)
        %i = ArgMax(%x) {axis = 1, keepdims = 0}
        %f0, %f1 = Split(%x) {axis = 1, num_outputs = 2}
        %f = Neg(%f0)
        %e = Neg(%f1)\
        """,
        nodes(after(Layout.NCHW, text, Map.of())));
  }

  @Test
  void aGateOfOneNumberPerChannelIsReshaped() {
    String text =
        """
        param @s: i64[4] constant = [-1, 1, 1, 6]
        graph main(%x: f32[N,6,H,W], %g: f32[N,6]) -> (%y) {
          %a = Transpose(%x) LAST
          %b = Reshape(%g, @s)
          %c = Mul(%a, %b)
          %d = Transpose(%c) FIRST
          %y = Relu(%d)
        }
        """
            .replace("FIRST", FIRST)
            .replace("LAST", LAST);
    assertEquals(
        """
        %b = Reshape(%g, @s)
        %reshape = Reshape(%b, @const)
        %c = Mul(%x, %reshape)
        %y = Relu(%c)\
        """,
        nodes(after(Layout.NCHW, text, Map.of())));
  }

  @Test
  void whatIsLeftIsNamedWithWhatKeepsIt() {
    String text =
        """
        graph main(%x: f32[N,4,H,W], %w: f32[4,7]) -> (%y) {
          %a = Transpose(%x) LAST
          %b = Relu(%a)
          %c = MatMul(%b, %w)
          %d = Transpose(%c) FIRST
          %y = MaxPool(%d) {kernel_shape = [2, 2]}
        }
        """
            .replace("FIRST", FIRST)
            .replace("LAST", LAST);
    AssignLayout pass = new AssignLayout(Layout.NCHW);
    try (Model model = TextParser.model(text);
        Model made = PassRunner.run(model, List.of(pass), PassContext.standard())) {
      assertEquals(
          List.of(
              "\"transpose\" (Transpose) is kept by \"c\" (MatMul)",
              "\"d\" (Transpose) is kept by \"c\" (MatMul)"),
          pass.remaining(made).stream().map(Object::toString).toList());
    }
  }
}
