package dev.isomorph.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoubtsTest {
  private static Verdict twin(String text) {
    try (Model source = TextParser.model(text);
        Model target = TextParser.model(text)) {
      return Verifier.verify(VerificationRequest.of(source, target));
    }
  }

  @Test
  void anOutputThatNeverMovesProvesNothing() {
    Verdict verdict =
        twin(
            """
            graph main(%x: f32[3]) -> (%y) {
              %y = Sub(%x, %x)
            }
            """);
    assertEquals(Verdict.Status.INCONCLUSIVE, verdict.status());
    assertEquals(List.of("output 'y' is the same for all inputs"), verdict.doubts());
  }

  @Test
  void aParameterThatNoInputShowsIsNamed() {
    Verdict verdict =
        twin(
            """
            param @w: f32[1] trainable = [0.5]
            param @far: f32[1] trainable = [-1000.0]
            graph main(%x: f32[3]) -> (%y) {
              %a = Mul(%x, @w)
              %b = Add(%x, @far)
              %c = Relu(%b)
              %y = Add(%a, %c)
            }
            """);
    assertEquals(Verdict.Status.INCONCLUSIVE, verdict.status());
    assertEquals(List.of("no input shows the parameters 'far'"), verdict.doubts());
  }

  @Test
  void overflowOfTheModelsOwnPrecisionIsADoubt() {
    Verdict verdict =
        twin(
            """
            param @big: f32[] constant = [1.0E30]
            graph main(%x: f32[3]) -> (%y) {
              %a = Mul(%x, @big)
              %y = Mul(%a, @big)
            }
            """);
    assertEquals(Verdict.Status.INCONCLUSIVE, verdict.status());
    assertEquals(
        List.of("output 'y' overflows in the model's own precision and is finite in f64"),
        verdict.doubts());
  }

  @Test
  void comparingNothingIsRefused() {
    try (Model source = TextParser.model("graph main(%x: f32[3]) -> (%y) {\n %y = Neg(%x)\n}")) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class, () -> Verifier.verify(VerificationRequest.of(source)));
      assertEquals(ErrorCode.USAGE_NOTHING_TO_COMPARE, e.code());
    }
  }
}
