package dev.isomorph.ir.pass;

import static dev.isomorph.ir.pass.PassAssertions.assertBecomes;
import static dev.isomorph.ir.pass.PassAssertions.assertStays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EliminateIdentitiesTest {
  private static final Pass PASS = new EliminateIdentities();

  private static String around(String node) {
    return """
    param @one: f32[] constant = [1.0]
    param @zero: f32[] constant = [0.0]
    param @off: bool[] constant = [0]
    param @half: f32[] constant = [0.5]
    param @zeros: i64[4] constant = [0, 0, 0, 0]
    param @ones: i64[2] constant = [1, 1]
    param @axis: i64[1] constant = [0]
    param @step: i64[1] constant = [1]
    param @back: i64[1] constant = [-1]
    param @end: i64[1] constant = [9223372036854775807]
    param @first: i64[1] constant = [-9223372036854775808]
    graph main(%%x: f32[N,3]) -> (%%y) {
      %%a = Relu(%%x)
      %%s = Shape(%%x)
      %%b = %s
      %%y = Neg(%%b)
    }
    """
        .formatted(node);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Identity(%a)",
        "Cast(%a) {to = 1}",
        "Reshape(%a, %s)",
        "Transpose(%a) {perm = [0, 1]}",
        "Slice(%a, @axis, @end)",
        "Slice(%a, @axis, @end, @axis, @step)",
        "Pad(%a, @zeros)",
        "Expand(%a, %s)",
        "Tile(%a, @ones)",
        "Concat(%a) {axis = 1}",
        "Dropout(%a, @half)",
        "Dropout(%a, @half, @off)",
        "Clip(%a)",
        "Max(%a)",
        "Mul(%a, @one)",
        "Mul(@one, %a)",
        "Div(%a, @one)",
        "Sub(%a, @zero)",
      })
  void isTakenOut(String node) {
    String before = around(node);
    org.junit.jupiter.api.Assertions.assertEquals(
        """
        graph main(%x: f32[N,3]) -> (%y) {
          %a = Relu(%x) : f32[N,3]
          %y = Neg(%a) : f32[N,3]
        }
        """,
        PassAssertions.after(PASS, PassContext.standard(), before));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cast(%a) {to = 11}",
        "Transpose(%a) {perm = [1, 0]}",
        "Slice(%a, @back, @first, @axis, @back)",
        "Slice(%a, @step, @end)",
        "Add(%a, @zero)",
        "Sub(@zero, %a)",
        "Div(@one, %a)",
        "Reshape(%a, @back)",
      })
  void stays(String node) {
    assertStays(PASS, around(node));
  }

  @Test
  void aTransposeOfEqualLengthsIsNoIdentity() {
    assertStays(
        PASS,
        """
        graph main(%x: f32[3,3]) -> (%y) {
          %a = Relu(%x)
          %b = Transpose(%a)
          %y = Neg(%b)
        }
        """);
  }

  @Test
  void aDropoutWhoseMaskIsUsedStays() {
    assertStays(
        PASS,
        """
        graph main(%x: f32[N]) -> (%y, %m) {
          %a = Relu(%x)
          %b, %m = Dropout(%a)
          %y = Neg(%b)
        }
        """);
  }

  @Test
  void aResultOfTheGraphKeepsItsOwnValue() {
    assertStays(
        PASS,
        """
        graph main(%x: f32[N]) -> (%y) {
          %y = Identity(%x)
        }
        """);
  }

  @Test
  void integersMayAddNothing() {
    assertBecomes(
        PASS,
        """
        param @zero: i64[] constant = [0]
        graph main(%x: i64[N]) -> (%y) {
          %a = Add(@zero, %x)
          %y = Neg(%a)
        }
        """,
        """
        graph main(%x: i64[N]) -> (%y) {
          %y = Neg(%x) : i64[N]
        }
        """);
  }

  @Test
  void aNumberThatWidensItsOperandStays() {
    assertStays(
        PASS,
        """
        param @one: f32[1,1] constant = [1.0]
        graph main(%x: f32[N]) -> (%y) {
          %a = Mul(%x, @one)
          %y = Neg(%a)
        }
        """);
  }

  @Test
  void regionsAreRewrittenAndLoseWhatTheyNoLongerCapture() {
    assertBecomes(
        PASS,
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %y = If(%c) {
            else_branch = () [%p = %x] -> (%q) { %i = Identity(%p) %q = Neg(%i) },
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
}
