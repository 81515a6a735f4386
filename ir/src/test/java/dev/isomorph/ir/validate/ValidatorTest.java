package dev.isomorph.ir.validate;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Unchecked;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.AddOp;
import dev.isomorph.ir.op.ReluOp;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidatorTest {
  private static final ReluOp RELU = ReluOp.builder().build();
  private static final Value.Input X = Unchecked.input("x", "f32[N]");

  private static String errors(Graph graph) {
    return errors(Signature.of(graph));
  }

  private static String errors(Signature signature) {
    try (Model model = Model.builder("m").signature(signature).build()) {
      return assertThrows(IsomorphException.class, () -> Validator.check(model)).getMessage();
    }
  }

  @Test
  void whatTheTextFormReadsIsValid() {
    try (Model model =
        TextParser.model(
            """
            model "m" {
              param @h: f32[2] buffer = [0.0, 0.0]
              graph main(%c: bool[], %x: f32[2]) state(%s: f32[2] = @h) -> (%y, %n) {
                %n = Add(%x, %s)
                %y = If(%c) {
                  else_branch = () [%p = %x] -> (%q) { %q = Neg(%p) },
                  then_branch = () [%r = %n] -> (%t) { %t = Abs(%r) }
                }
              }
            }
            """)) {
      assertDoesNotThrow(() -> Validator.check(model));
    }
  }

  @Test
  void aValueMustBeMadeBeforeItIsUsed() {
    Node b = Unchecked.node("b", RELU, List.of(X), "b", "f32[N]");
    Node a = Unchecked.node("a", RELU, List.of(b.result(0)), "a", "f32[N]");
    assertEquals(
        """
        error[MODEL_INVALID] "a" (Relu)
          operand 'b' is not made before it is used
          expected: a value of graph 'g'
          actual:   %b: f32[N]
          from:     model.py:7\
        """,
        errors(Unchecked.graph("g", List.of(X), List.of(a, b), List.of(a.result(0)))));
  }

  @Test
  void namesAreUnique() {
    Node a = Unchecked.node("a", RELU, List.of(X), "v", "f32[N]");
    Node b = Unchecked.node("a", RELU, List.of(X), "v", "f32[N]");
    assertEquals(
        """
        error[MODEL_INVALID] "a" (Relu)
          two nodes are named 'a'
          from:     model.py:7
        error[MODEL_INVALID]
          two values are named 'v'\
        """,
        errors(Unchecked.graph("g", List.of(X), List.of(a, b), List.of(b.result(0)))));
  }

  @Test
  void resultsHaveTheTypesThatAreInferred() {
    Node a = Unchecked.node("a", RELU, List.of(X), "a", "f32[N,3]");
    assertEquals(
        """
        error[MODEL_INVALID] "a" (Relu)
          result 0 is declared with a type that it cannot have
          expected: f32[N]
          actual:   f32[N,3]
          from:     model.py:7\
        """,
        errors(Unchecked.graph("g", List.of(X), List.of(a), List.of(a.result(0)))));
  }

  @Test
  void operandsFitTheirOperator() {
    Node a = Unchecked.node("a", new AddOp(), List.of(X), "a", "f32[N]");
    assertEquals(
        """
        error[MODEL_INVALID] "a" (Add)
          Add has the wrong number of operands
          expected: 2
          actual:   1
          from:     model.py:7\
        """,
        errors(Unchecked.graph("g", List.of(X), List.of(a), List.of(a.result(0)))));
  }

  @Test
  void resultsOfTheGraphAreItsOwn() {
    Value.Input stranger = Unchecked.input("stranger", "f32[2]");
    assertEquals(
        """
        error[MODEL_INVALID]
          result 'stranger' of graph 'g' is made by none of its nodes\
        """,
        errors(Unchecked.graph("g", List.of(X), List.of(), List.of(stranger))));
  }

  @Test
  void portsFitTheirValues() {
    Graph graph = Unchecked.graph("g", List.of(X), List.of(), List.of(X));
    Signature.Port in = new Signature.Port("in", ValueType.parse("f32[2,2]"));
    Signature.Port out = new Signature.Port("out", ValueType.parse("f32[5]"));
    assertEquals(
        """
        error[MODEL_INVALID]
          input 'in' is declared with a type that its value cannot have
          expected: f32[2,2]
          actual:   f32[N]\
        """,
        errors(new Signature("s", List.of(in), List.of(out), List.of(), graph)));
  }
}
