package dev.isomorph.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.IsomorphException;
import org.junit.jupiter.api.Test;

class TextFormTest {
  private static void assertSurvives(String text) {
    assertEquals(text, TextParser.model(text).toString());
  }

  @Test
  void aNetworkIsPrintedAsItWasRead() {
    assertSurvives(
        """
        model "tiny" {
          param @fc.weight: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, -0.5]
          param @fc.bias: f32[2] trainable = [0.1f, Infinity]
          graph main(%x: f32[N,3]) -> (%y) {
            %h = Gemm(%x, @fc.weight, @fc.bias) {alpha = 0.5, transB = 1} : f32[N,2]
            %y = Relu(%h) : f32[N,2] @ "act 1"
          }
        }
        """);
  }

  @Test
  void regionsNameWhatTheyCapture() {
    assertSurvives(
        """
        model "m" {
          param @one: f32[] constant = [1.0]
          graph main(%c: bool[], %x: f32[N]) -> (%y) {
            %y = If(%c) {else_branch = () [%x2 = %x] -> (%b) {
              %b = Neg(%x2) : f32[N]
            }, then_branch = () [%x1 = %x] -> (%a) {
              %a = Add(%x1, @one) : f32[N]
            }} : f32[N]
          }
        }
        """);
  }

  @Test
  void absentOperandsAndNamesWithSpacesSurvive() {
    assertSurvives(
        """
        model "m" {
          param @"max value": f32[] constant = [6.0]
          graph main(%"in put": f32[N]) -> (%y) {
            %y = Clip(%"in put", _, @"max value") : f32[N]
          }
        }
        """);
  }

  @Test
  void aReshapeTargetIsKnownThroughShape() {
    Graph graph =
        TextParser.graph(
            """
            graph main(%x: f32[N,2,3], %y: f32[M,6]) -> (%z) {
              %s = Shape(%y)
              %z = Reshape(%x, %s)
            }
            """);
    assertEquals("f32[M,6]", graph.outputs().getFirst().type().toString());
  }

  @Test
  void mistakesAreNamedWithTheirLine() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                TextParser.graph(
                    """
                    graph main(%x: f32[N,3]) -> (%y) {
                      %y = Add(%x, %nothing)
                    }
                    """));
    assertEquals(
        """
        error[MODEL_INVALID]
          the text form is wrong at line 2, column 24
          expected: a value that is made before; %nothing is not
          actual:   )\
        """,
        e.getMessage());
  }

  @Test
  void operandsOfDifferentTypesAreRefusedAtTheNode() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                TextParser.graph(
                    """
                    graph main(%x: f32[3], %i: i64[3]) -> (%y) {
                      %y = Add(%x, %i)
                    }
                    """));
    assertEquals(
        """
        error[MODEL_INVALID] "y" (Add)
          operand 'B' of Add must have the element type of the other operands of type T
          expected: f32[3]
          actual:   i64[3]
          from:     line 2\
        """,
        e.getMessage());
  }
}
