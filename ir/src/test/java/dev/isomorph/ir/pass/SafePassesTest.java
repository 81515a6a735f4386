package dev.isomorph.ir.pass;

import static dev.isomorph.ir.pass.PassAssertions.assertBecomes;
import static dev.isomorph.ir.pass.PassAssertions.assertStays;

import dev.isomorph.ir.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SafePassesTest {
  @Test
  void deadNodesGoWithAllThatServesThemAlone() {
    assertBecomes(
        new DeadCode(),
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %dead = Abs(%x)
          %captured = Exp(%x)
          %deader = Neg(%dead)
          %y = If(%c) {
            else_branch = () [%p = %x, %o = %captured] -> (%q) { %u = Log(%o) %q = Neg(%p) },
            then_branch = () [%r = %x] -> (%t) { %t = Abs(%r) }
          }
        }
        """,
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %y = If(%c) {else_branch = () [%p = %x] -> (%q) {
            %q = Neg(%p) : f32[N]
          }, then_branch = () [%r = %x] -> (%t) {
            %t = Abs(%r) : f32[N]
          }} : f32[N]
        }
        """);
  }

  @Test
  void whatIsComputedTwiceIsComputedOnce() {
    assertBecomes(
        new CommonSubexpressions(),
        """
        param @a: f32[] constant = [2.0]
        param @b: f32[] constant = [2.0]
        graph main(%x: f32[N]) -> (%y) {
          %p = Mul(%x, @a)
          %q = Mul(%x, @b)
          %r = Relu(%p)
          %s = Relu(%q)
          %y = Add(%r, %s)
        }
        """,
        """
        param @a: f32[] constant = [2.0]
        graph main(%x: f32[N]) -> (%y) {
          %p = Mul(%x, @a) : f32[N]
          %r = Relu(%p) : f32[N]
          %y = Add(%r, %r) : f32[N]
        }
        """);
  }

  @Test
  void chanceWeightsAttributesAndResultsAreNotOne() {
    assertStays(
        new CommonSubexpressions(),
        """
        param @a: f32[] trainable = [2.0]
        param @b: f32[] trainable = [2.0]
        graph main(%x: f32[N]) -> (%y, %z) {
          %p = Mul(%x, @a)
          %q = Mul(%x, @b)
          %r = RandomUniformLike(%p)
          %s = RandomUniformLike(%p)
          %t = LeakyRelu(%q) {alpha = 0.1}
          %u = LeakyRelu(%q) {alpha = 0.2}
          %v = Sum(%p, %q, %r, %s, %t, %u)
          %y = Abs(%v)
          %z = Abs(%v)
        }
        """);
  }

  @Test
  void shapeArithmeticIsFoldedWithoutRunningAnything() {
    assertBecomes(
        new FoldConstants(),
        """
        param @i: i64[] constant = [1]
        param @axes: i64[1] constant = [0]
        param @minus: i64[1] constant = [-1]
        graph main(%x: f32[N,4,5]) -> (%y) {
          %s = Shape(%x)
          %d = Gather(%s, @i)
          %u = Unsqueeze(%d, @axes)
          %t = Concat(@minus, %u) {axis = 0}
          %y = Reshape(%x, %t)
        }
        """,
        """
        param @t: i64[2] constant = [-1, 4]
        graph main(%x: f32[N,4,5]) -> (%y) {
          %y = Reshape(%x, @t) : f32[5*N,4]
        }
        """);
  }

  private static PassContext adding() {
    return PassContext.builder()
        .evaluator(
            (op, operands, _) ->
                op instanceof dev.isomorph.ir.op.AddOp
                    ? Optional.of(
                        List.of(
                            Tensor.of(
                                new float[] {
                                  operands.get(0).orElseThrow().toFloats()[0]
                                      + operands.get(1).orElseThrow().toFloats()[0]
                                },
                                1)))
                    : Optional.empty())
        .build();
  }

  @Test
  void theEvaluatorComputesConstantsAndNotWeights() {
    assertBecomes(
        new FoldConstants(),
        adding(),
        """
        param @a: f32[1] constant = [1.0]
        param @b: f32[1] constant = [2.0]
        param @w: f32[1] trainable = [4.0]
        graph main(%x: f32[N]) -> (%y) {
          %c = Add(@a, @b)
          %d = Add(@w, %c)
          %y = Add(%x, %d)
        }
        """,
        """
        param @w: f32[1] trainable = [4.0]
        param @c: f32[1] constant = [3.0]
        graph main(%x: f32[N]) -> (%y) {
          %d = Add(@w, @c) : f32[1]
          %y = Add(%x, %d) : f32[N]
        }
        """);
  }

  @Test
  void aConstantThatWouldSwellTheModelIsNotMade() {
    assertStays(
        new FoldConstants(),
        """
        param @one: f32[] constant = [1.0]
        param @shape: i64[2] constant = [1000, 1000]
        graph main(%x: f32[1000,1000]) -> (%y) {
          %e = Expand(@one, @shape)
          %y = Add(%x, %e)
        }
        """);
  }

  @Test
  void transposesThatMeetAreOne() {
    assertBecomes(
        new CancelTransposes(),
        """
        graph main(%x: f32[2,2,2]) -> (%y, %z) {
          %a = Transpose(%x) {perm = [1, 2, 0]}
          %b = Transpose(%a) {perm = [1, 2, 0]}
          %c = Relu(%b)
          %d = Transpose(%a) {perm = [2, 0, 1]}
          %y = Abs(%d)
          %z = Neg(%c)
        }
        """,
        """
        graph main(%x: f32[2,2,2]) -> (%y, %z) {
          %b = Transpose(%x) {perm = [2, 0, 1]} : f32[2,2,2]
          %c = Relu(%b) : f32[2,2,2]
          %y = Abs(%x) : f32[2,2,2]
          %z = Neg(%c) : f32[2,2,2]
        }
        """);
  }

  @Test
  void transposesMeetThroughOperatorsOnElements() {
    assertBecomes(
        new CancelTransposes(),
        """
        param @six: f32[] constant = [6.0]
        graph main(%x: f32[N,H,W,C]) -> (%y) {
          %a = Transpose(%x) {perm = [0, 3, 1, 2]}
          %b = Relu(%a)
          %c = Min(%b, @six)
          %y = Transpose(%c) {perm = [0, 2, 3, 1]}
        }
        """,
        """
        param @six: f32[] constant = [6.0]
        graph main(%x: f32[N,H,W,C]) -> (%y) {
          %relu = Relu(%x) : f32[N,H,W,C]
          %y = Min(%relu, @six) : f32[N,H,W,C]
        }
        """);
  }

  @Test
  void transposesThatSomethingElseLooksAtStay() {
    assertStays(
        new CancelTransposes(),
        """
        graph main(%x: f32[N,H,W,C]) -> (%y, %z) {
          %a = Transpose(%x) {perm = [0, 3, 1, 2]}
          %b = Relu(%a)
          %z = Neg(%b)
          %y = Transpose(%b) {perm = [0, 2, 3, 1]}
        }
        """);
  }

  @Test
  void aKnownBranchStandsForItsIf() {
    assertBecomes(
        new DeadBranches(),
        """
        param @yes: bool[] constant = [1]
        graph main(%x: f32[N]) -> (%y) {
          %a = If(@yes) {
            else_branch = () [%p = %x] -> (%q) { %q = Neg(%p) },
            then_branch = () [%r = %x] -> (%t) { %u = Abs(%r) %t = Exp(%u) }
          }
          %y = Relu(%a)
        }
        """,
        """
        graph main(%x: f32[N]) -> (%y) {
          %abs = Abs(%x) : f32[N]
          %a = Exp(%abs) : f32[N]
          %y = Relu(%a) : f32[N]
        }
        """);
  }

  @Test
  void aBranchThatIsNotKnownStays() {
    assertStays(
        new DeadBranches(),
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %y = If(%c) {
            else_branch = () [%p = %x] -> (%q) { %q = Neg(%p) },
            then_branch = () [%r = %x] -> (%t) { %t = Abs(%r) }
          }
        }
        """);
  }
}
