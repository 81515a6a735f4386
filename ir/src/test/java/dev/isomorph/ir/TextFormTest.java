package dev.isomorph.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.List;
import java.util.Map;
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
  void boundariesStateAndTiesSurvive() {
    assertSurvives(
        """
        model "m" {
          param @count: i64[] buffer = [0]
          param @embed.weight: f32[2] trainable = [1.0, 2.0]
          param @head.weight: f32[2] trainable tied @embed.weight = [1.0, 2.0]
          graph forward(%x: f32[N] as "in:0" layout NHWC doc "a \\"doc\\"") state(%n: i64[] = @count as steps) -> (%z as "out:0" declared f32[*], %n) {
            %y = Add(%x, @embed.weight) : f32[2]
            %z = Add(%y, @head.weight) : f32[2]
          }
          graph other(%x: f32[N]) -> (%x as echo) {
          }
        }
        """);
    Model model =
        TextParser.model(
            """
            param @a: f32[1] trainable = [1.0]
            param @b: f32[1] trainable tied @a = [1.0]
            param @c: f32[1] trainable = [1.0]
            graph main() -> (@a as y) {}
            """);
    var parameters = model.parameters().stream().toList();
    assertSame(parameters.get(0).storage(), parameters.get(1).storage());
    assertNotSame(parameters.get(0).storage(), parameters.get(2).storage());
    assertEquals("y", model.signature().outputs().getFirst().name());
  }

  @Test
  void opaqueCallsAndVersionsOfCompositesSurvive() {
    String text =
        """
        model "m" {
          graph main(%x: f32[N]) -> (%y, %z) {
            %y = opaque "my-domain::Foo"@3(%x) {"a-b" = 1} : f32[*]
            opaque tf::Print(%x) @ "print"
            %z = Softmax@11(%y) {axis = 1} : f32[*]
          }
        }
        """;
    Composite softmax =
        new Composite(OpName.parse("Softmax"), 11, (_, in, b) -> List.of(b.relu(in.getFirst())));
    Model model =
        TextParser.model(
            text, Map.of(), (n, v) -> n.equals(softmax.name()) && v == 11 ? softmax : null);
    assertEquals(text, model.toString());
    assertInstanceOf(CompositeCall.class, model.signature().graph().nodes().getLast().op());
  }

  @Test
  void whatInferenceAssumesIsKept() {
    Model model = TextParser.model("graph m(%x: f32[N]) -> (%y) { %y = Relu(%x) : f32[5] }");
    assertEquals(List.of("\"y\" (Relu): N is 5, as result 0 declares"), model.assumptions());
  }

  @Test
  void typesThatAreNestedWithoutEndAreRefused() {
    String text = "seq(".repeat(20_000) + "f32" + ")".repeat(20_000);
    assertThrows(IllegalArgumentException.class, () -> ValueType.parse(text));
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
