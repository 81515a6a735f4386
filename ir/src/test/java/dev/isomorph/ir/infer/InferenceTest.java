package dev.isomorph.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.OperatorTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InferenceTest {
  private static String types(String text) {
    Graph graph = TextParser.graph(text);
    return graph.outputs().stream().map(v -> v.type().toString()).collect(Collectors.joining("; "));
  }

  /** The lines of the message that say what is wrong. */
  private static String error(String text) {
    return assertThrows(IsomorphException.class, () -> TextParser.graph(text))
        .getMessage()
        .lines()
        .filter(l -> !l.startsWith("  from:"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void everyOperatorOfTheTableHasARule() throws ClassNotFoundException {
    List<OpName> missing = new ArrayList<>();
    for (OpName name : OperatorTable.NAMES) {
      Class<?> record = Class.forName("dev.isomorph.ir.op." + name.name() + "Op");
      if (!InferenceRules.has(record.asSubclass(Op.class))) {
        missing.add(name);
      }
    }
    assertEquals(List.of(), missing);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]"
            + "| [N,3,floordiv(H + 1, 2),floordiv(W + 1, 2)]",
        "kernel_shape = [2, 2], strides = [2, 2]| [N,3,floordiv(H, 2),floordiv(W, 2)]",
        "kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1"
            + "| [N,3,floordiv(H, 2),floordiv(W, 2)]",
        "kernel_shape = [1, 1], strides = [2, 2], ceil_mode = 1"
            + "| [N,3,floordiv(H + 1, 2),floordiv(W + 1, 2)]",
        "kernel_shape = [2, 2], strides = [3, 3], auto_pad = \"SAME_UPPER\""
            + "| [N,3,floordiv(H + 2, 3),floordiv(W + 2, 3)]",
        "kernel_shape = [3, 3], dilations = [2, 2], auto_pad = \"VALID\"| [N,3,H - 4,W - 4]",
      })
  void poolsOfSymbolicImages(String attributes, String shape) {
    String text =
        """
        graph main(%%x: f32[N,3,H,W]) -> (%%y) {
          %%y = MaxPool(%%x) {%s}
        }
        """;
    assertEquals("f32" + shape, types(text.formatted(attributes)));
  }

  @Test
  void aTransposedConvolutionUndoesOne() {
    assertEquals(
        "f32[N,4,2*H,W]",
        types(
            """
            param @w: f32[1,4,2,1] trainable = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
            graph main(%x: f32[N,1,H,W]) -> (%y) {
              %y = ConvTranspose(%x, @w) {strides = [2, 1]}
            }
            """));
  }

  @Test
  void channelsThatDoNotFitAreNamed() {
    assertEquals(
        """
        error[MODEL_INVALID] "y" (Conv)
          the channels of X and W * group differ
          expected: 3
          actual:   4\
        """,
        error(
            """
            graph main(%x: f32[N,4,8,8], %w: f32[2,3,1,1]) -> (%y) {
              %y = Conv(%x, %w)
            }
            """));
  }

  @Test
  void aWindowLargerThanItsImageIsAnError() {
    assertEquals(
        """
        error[MODEL_INVALID] "y" (MaxPool)
          a result would have a negative length
          expected: lengths of at least 0
          actual:   [1,1,-2]\
        """,
        error(
            """
            graph main(%x: f32[1,1,4]) -> (%y) {
              %y = MaxPool(%x) {kernel_shape = [7]}
            }
            """));
  }

  @Test
  void aFlattenWrittenByShapeArithmeticIsKnown() {
    assertEquals(
        "f32[N,C*H*W]",
        types(
            """
            param @zero: i64[] constant = [0]
            param @axes: i64[1] constant = [0]
            param @one: i64[1] constant = [1]
            param @end: i64[1] constant = [9223372036854775807]
            graph main(%x: f32[N,H,W,C]) -> (%y) {
              %s = Shape(%x)
              %n = Gather(%s, @zero)
              %n1 = Unsqueeze(%n, @axes)
              %rest = Slice(%s, @one, @end)
              %p = ReduceProd(%rest) {keepdims = 1}
              %t = Concat(%n1, %p) {axis = 0}
              %y = Reshape(%x, %t)
            }
            """));
  }

  @Test
  void theExpandPatternOfExportersIsKnown() {
    assertEquals(
        "f32[N,5]",
        types(
            """
            param @minus: i64[2] constant = [-1, -1]
            param @five: i64[1] constant = [5]
            graph main(%x: f32[N,1]) -> (%y) {
              %n = Shape(%x) {end = 1}
              %t = Concat(%n, @five) {axis = 0}
              %r = Shape(%t)
              %ones = ConstantOfShape(%r) {value = i64[1] [1]}
              %e = Equal(%t, @minus)
              %w = Where(%e, %ones, %t)
              %y = Expand(%x, %w)
            }
            """));
  }

  @ParameterizedTest
  @CsvSource({
    "'i64[1] constant = [7]', 'i64[1] constant = [2]', 3",
    "'i64[1] constant = [-7]', 'i64[1] constant = [2]', -3",
    "'i64[1] constant = [7]', 'i64[1] constant = [-2]', -3",
  })
  void integersAreDividedTowardsZero(String a, String b, String quotient) {
    Value y =
        TextParser.graph(
                """
                param @a: %s
                param @b: %s
                graph main() -> (%%y) {
                  %%y = Div(@a, @b)
                }
                """
                    .formatted(a, b))
            .outputs()
            .getFirst();
    assertEquals(quotient, y.contents().orElseThrow().dims().getFirst().toString());
  }

  @Test
  void aQuotientThatMayBeNegativeIsNotGuessed() {
    String text =
        """
        param @three: i64[1] constant = [3]
        param @two: i64[1] constant = [2]
        graph main(%x: f32[N]) -> (%y) {
          %s = Shape(%x)
          %d = Sub(%s, @three)
          %q = Div(%d, @two)
          %y = ConstantOfShape(%q)
        }
        """;
    assertEquals("f32[filled]", types(text));
    assertEquals("f32[floordiv(N + 1, 2) + 1]", types(text.replace("Sub", "Add")));
  }

  @Test
  void slicesCountFromBothEnds() {
    assertEquals(
        "f32[min(2, N)]; f32[floordiv(N + 1, 2)]; f32[max(0, N - 3)]; f32[N]",
        types(
            """
            param @zero: i64[1] constant = [0]
            param @two: i64[1] constant = [2]
            param @three: i64[1] constant = [3]
            param @minus: i64[1] constant = [-1]
            param @first: i64[1] constant = [-9223372036854775808]
            param @end: i64[1] constant = [9223372036854775807]
            graph main(%x: f32[N]) -> (%a, %b, %c, %d) {
              %a = Slice(%x, @zero, @two)
              %b = Slice(%x, @zero, @end, @zero, @two)
              %s = Shape(%x)
              %c0 = Sub(%s, @three)
              %c = Slice(%x, @zero, %c0)
              %d = Slice(%x, @minus, @first, @zero, @minus)
            }
            """));
  }

  @Test
  void theTypeOfAnIfHoldsForBothBranches() {
    assertEquals(
        "f32[N,join]",
        types(
            """
            graph main(%c: bool[], %x: f32[N,2], %y: f32[N,3]) -> (%z) {
              %z = If(%c) {
                then_branch = () [%a = %x] -> (%b) { %b = Neg(%a) },
                else_branch = () [%a = %y] -> (%b) { %b = Abs(%a) }
              }
            }
            """));
  }

  @Test
  void aLoopKeepsWhatItsBodyKeeps() {
    assertEquals(
        "f32[N,4]; f32[carried]; f32[5,4]; bool[5]",
        types(
            """
            param @five: i64[] constant = [5]
            param @on: bool[] constant = [1]
            graph main(%x: f32[N,4], %g: f32[M], %s: f32[4]) -> (%a, %b, %c, %d) {
              %a, %b, %c, %d = Loop(@five, @on, %x, %g) {
                body = (%i: i64[], %k: bool[], %v: f32[K,4], %w: f32[L]) [%t = %s] -> (%k, %v2, %w2, %t, %k2) {
                  %v2 = Add(%v, %t)
                  %w2 = Concat(%w, %w) {axis = 0}
                  %k2 = Identity(%k)
                }
              }
            }
            """));
  }

  @Test
  void aScanStacksAlongItsTrips() {
    assertEquals(
        "f32[2]; f32[T,2]",
        types(
            """
            graph main(%h: f32[2], %x: f32[T,2]) -> (%a, %b) {
              %a, %b = Scan(%h, %x) {num_scan_inputs = 1,
                body = (%s: f32[2], %e: f32[2]) -> (%n, %n) { %n = Add(%s, %e) }
              }
            }
            """));
  }

  @Test
  void attentionGrowsTheCache() {
    assertEquals(
        "f32[B,8,S,64]; f32[B,2,P + S,64]; f32[B,2,P + S,64]",
        types(
            """
            graph main(%q: f32[B,8,S,64], %k: f32[B,2,S,64], %v: f32[B,2,S,64],
                %pk: f32[B,2,P,64], %pv: f32[B,2,P,64]) -> (%y, %nk, %nv) {
              %y, %nk, %nv = Attention(%q, %k, %v, _, %pk, %pv)
            }
            """));
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    assertEquals(
        """
        error[MODEL_INVALID] "y" (Gather)
          an index is out of range
          expected: -3 to 2
          actual:   3\
        """,
        error(
            """
            param @i: i64[] constant = [3]
            graph main(%x: f32[3]) -> (%y) {
              %y = Gather(%x, @i)
            }
            """));
  }

  @Test
  void aSplitThatDoesNotAddUpIsNamed() {
    assertEquals(
        """
        error[MODEL_INVALID] "a" (Split)
          axis 0 and the sum of 'split' differ
          expected: 6
          actual:   5\
        """,
        error(
            """
            param @s: i64[2] constant = [2, 3]
            graph main(%x: f32[6]) -> (%a, %b) {
              %a, %b = Split(%x, @s)
            }
            """));
  }

  @Test
  void anEinsumNamesItsAxes() {
    assertEquals(
        "f32[B,I,K]; f32[]",
        types(
            """
            graph main(%x: f32[B,I,J], %y: f32[B,J,K], %v: f32[J]) -> (%z, %s) {
              %z = Einsum(%x, %y) {equation = "...ij,...jk->...ik"}
              %s = Einsum(%v, %v) {equation = "i,i"}
            }
            """));
  }

  @Test
  void expressionsThatGrowBeyondUseBecomeSymbols() {
    StringBuilder text = new StringBuilder("graph main(%x0: f32[N,M]) -> (%x20) {\n");
    for (int i = 0; i < 20; i++) {
      text.append(
          "%%s%d = Shape(%%x%d)\n%%x%d = Tile(%%x%d, %%s%d)\n".formatted(i, i, i + 1, i, i));
    }
    int length = types(text.append("}").toString()).length();
    assertEquals(true, length < 2000, "the type has " + length + " characters");
  }

  @Test
  void sizesBeyond63BitsAreAnError() {
    assertEquals(
        """
        error[MODEL_INVALID] "y" (Tile)
          a size does not fit in 63 bits\
        """,
        error(
            """
            param @r: i64[1] constant = [9223372036854775807]
            graph main(%x: f32[3]) -> (%y) {
              %y = Tile(%x, @r)
            }
            """));
  }
}
