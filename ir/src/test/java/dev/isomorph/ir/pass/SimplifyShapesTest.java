package dev.isomorph.ir.pass;

import static dev.isomorph.ir.pass.PassAssertions.assertStays;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimplifyShapesTest {
  private static String simplified(String text) {
    return PassAssertions.after(new SimplifyShapes(), PassContext.standard(), text);
  }

  @Test
  void theHeadsOfAnAttentionAreReshapedByConstants() {
    assertEquals(
        """
        param @const: i64[4] constant = [0, 0, 4, 16]
        param @const_1: i64[3] constant = [0, 0, 64]
        graph main(%x: f32[N,L,64]) -> (%y) {
          %h = Reshape(%x, @const) : f32[N,L,4,16]
          %r = Relu(%h) : f32[N,L,4,16]
          %y = Reshape(%r, @const_1) : f32[N,L,64]
        }
        """,
        simplified(
            """
            param @heads: i64[2] constant = [4, 16]
            param @all: i64[1] constant = [64]
            graph main(%x: f32[N,L,64]) -> (%y) {
              %s = Shape(%x) {end = 2}
              %t = Concat(%s, @heads) {axis = 0}
              %h = Reshape(%x, %t)
              %r = Relu(%h)
              %u = Concat(%s, @all) {axis = 0}
              %y = Reshape(%r, %u)
            }
            """));
  }

  @Test
  void aLengthThatIsNoOperandsIsInferred() {
    assertEquals(
        """
        param @const: i64[2] constant = [-1, 3]
        graph main(%x: f32[N,L,3]) -> (%y) {
          %y = Reshape(%x, @const) : f32[L*N,3]
        }
        """,
        simplified(
            """
            param @three: i64[1] constant = [3]
            graph main(%x: f32[N,L,3]) -> (%y) {
              %n = Shape(%x) {end = 1}
              %l = Shape(%x) {start = 1, end = 2}
              %m = Mul(%n, %l)
              %t = Concat(%m, @three) {axis = 0}
              %y = Reshape(%x, %t)
            }
            """));
  }

  @Test
  void nothingIsInferredBesideALengthThatMayBeZero() {
    assertStays(
        new SimplifyShapes(),
        """
        param @two: i64[1] constant = [2]
        graph main(%x: f32[N,L]) -> (%y) {
          %n = Shape(%x) {end = 1}
          %l = Shape(%x) {start = 1}
          %m = Div(%l, @two)
          %t = Concat(%n, %m, @two) {axis = 0}
          %y = Reshape(%x, %t)
        }
        """);
  }

  @Test
  void anExpandKeepsWhatItHas() {
    assertEquals(
        """
        param @const: i64[3] constant = [5, 1, 1]
        graph main(%x: f32[N,L]) -> (%y) {
          %y = Expand(%x, @const) : f32[5,N,L]
        }
        """,
        simplified(
            """
            param @five: i64[1] constant = [5]
            graph main(%x: f32[N,L]) -> (%y) {
              %s = Shape(%x)
              %t = Concat(@five, %s) {axis = 0}
              %y = Expand(%x, %t)
            }
            """));
  }

  @Test
  void aSliceUpToTheLengthGoesToTheEnd() {
    assertEquals(
        List.of("@const"),
        simplified(
                """
                param @zero: i64[1] constant = [0]
                param @one: i64[1] constant = [1]
                graph main(%x: f32[N,L], %z: f32[L]) -> (%y) {
                  %s = Shape(%z)
                  %y = Slice(%x, @one, %s, @one)
                }
                """)
            .lines()
            .filter(l -> l.contains("Slice("))
            .map(l -> l.split(", ")[2])
            .toList());
  }

  @Test
  void oneElementOfAShapeIsGatheredAsAVector() {
    assertEquals(
        """
        param @const: i64[1] constant = [1]
        graph main(%x: f32[N,L]) -> (%y) {
          %s = Shape(%x) : i64[2]
          %y = Gather(%s, @const) : i64[1]
        }
        """,
        simplified(
            """
            param @zero: i64[1] constant = [0]
            param @i: i64[] constant = [1]
            graph main(%x: f32[N,L]) -> (%y) {
              %s = Shape(%x)
              %g = Gather(%s, @i)
              %y = Unsqueeze(%g, @zero)
            }
            """));
  }

  @Test
  void shapesThatAreEqualAreComputedOnce() {
    assertEquals(
        """
        graph main(%x: f32[N,3], %z: f32[M,N]) -> (%y) {
          %s = Shape(%x) {end = 1} : i64[1]
          %y = Concat(%s, %s) {axis = 0} : i64[2]
        }
        """,
        PassAssertions.after(
            new CommonSubexpressions(),
            PassContext.standard(),
            """
            graph main(%x: f32[N,3], %z: f32[M,N]) -> (%y) {
              %s = Shape(%x) {end = 1}
              %t = Shape(%z) {start = 1}
              %y = Concat(%s, %t) {axis = 0}
            }
            """));
  }
}
