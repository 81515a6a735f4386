package dev.isomorph.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.ReluOp;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  private static final Graph CHAIN =
      TextParser.graph(
          """
          param @const: f32[1] constant = [1.0]
          graph main(%x: f32[N]) -> (%add) {
            %relu = Relu(%x)
            %add = Add(%relu, @const)
          }
          """);

  @Test
  void whatIsNewGetsNoNameOfWhatIsShared() {
    GraphBuilder b = GraphBuilder.rewriting(CHAIN);
    b.share(CHAIN.inputs().getFirst());
    Value other = b.relu(CHAIN.inputs().getFirst());
    CHAIN.nodes().forEach(b::share);
    Value product = b.mul(CHAIN.outputs().getFirst(), b.constant(Tensor.of(new float[] {2}, 1)));
    assertEquals(
        """
        param @const: f32[1] constant = [1.0]
        param @const_1: f32[1] constant = [2.0]
        graph main(%x: f32[N]) -> (%mul, %relu_1) {
          %relu_1 = Relu(%x) : f32[N]
          %relu = Relu(%x) : f32[N]
          %add = Add(%relu, @const) : f32[N]
          %mul = Mul(%add, @const_1) : f32[N]
        }
        """,
        b.build(List.of(product, other)).toString());
  }

  @Test
  void aReplacementMayTakeTheNamesOfWhatItReplaces() {
    GraphBuilder b = GraphBuilder.rewriting(CHAIN);
    b.share(CHAIN.inputs().getFirst());
    b.free(CHAIN.nodes().getFirst());
    assertEquals("relu", b.relu(CHAIN.inputs().getFirst()).name());
  }

  @Test
  void sharingUnderANameThatIsGivenIsRefused() {
    GraphBuilder b = new GraphBuilder("main");
    b.share(CHAIN.inputs().getFirst());
    b.relu(CHAIN.inputs().getFirst());
    assertEquals(
        "graph 'main' has another node named 'relu'",
        assertThrows(IllegalArgumentException.class, () -> b.share(CHAIN.nodes().getFirst()))
            .getMessage());
  }

  @Test
  void aSharedNodeMustFindWhatItsRegionsCapture() {
    Graph graph =
        TextParser.graph(
            """
            graph main(%c: bool[], %x: f32[N]) -> (%y) {
              %n = Neg(%x)
              %y = If(%c) {else_branch = () [%a = %n] -> (%a) {}, then_branch = () [%b = %n] -> (%b) {}}
            }
            """);
    GraphBuilder b = GraphBuilder.rewriting(graph);
    graph.inputs().forEach(b::share);
    assertThrows(IllegalArgumentException.class, () -> b.share(graph.nodes().get(1)));
    b.share(graph.nodes().get(0));
    b.share(graph.nodes().get(1));
    assertEquals(graph.toString(), b.build(graph.outputs()).toString());
  }

  @Test
  void namelessNodesAreNamedInLinearTime() {
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N]"));
    for (int i = 0; i < 50_000; i++) {
      x = b.add("", ReluOp.builder().build(), List.of(x), List.of(""), List.of()).result(0);
    }
    assertEquals("v_49999", x.name());
  }

  private static Op call(String name, Composite.Expansion expansion) {
    return new CompositeCall(new Composite(OpName.parse(name), 1, expansion), new TreeMap<>());
  }

  @Test
  void sizesThatDependOnDataInTwoBodiesAreNotEqual() {
    Op op = call("my::view", (_, in, b) -> List.of(b.reshape(in.get(0), in.get(1))));
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N]"));
    Value first = b.emit(op, List.of(x, b.input("s", ValueType.parse("i64[1]"))), 1).getFirst();
    Value second = b.emit(op, List.of(x, b.input("t", ValueType.parse("i64[1]"))), 1).getFirst();
    assertEquals("f32[reshape]", first.type().toString());
    assertEquals("f32[reshape_1]", second.type().toString());
  }

  @Test
  void assumptionsOfABodyAreTheCalls() {
    Op op = call("my::product", (_, in, b) -> List.of(b.matMul(in.get(0), in.get(1))));
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[2,N]"));
    Value y = b.input("y", ValueType.parse("f32[M,3]"));
    b.emit(op, List.of(x, y), 1);
    assertEquals(1, b.assumptions().size());
    String where = "\"product\" (my::product): \"matmul\" (MatMul): ";
    assertEquals(where, b.assumptions().getFirst().substring(0, where.length()));
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() {
    Op[] op = new Op[1];
    op[0] = call("my::loop", (_, in, b) -> b.emit(op[0], in, 1));
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N]"));
    assertEquals(
        """
        error[MODEL_INVALID] "loop" (my::loop)
          my::loop@1 is defined by itself\
        """,
        assertThrows(IsomorphException.class, () -> b.emit(op[0], List.of(x), 1)).getMessage());
  }

  @Test
  void functionsThatDoubleAtEachLevelAreRefused() {
    Op op = call("my::f0", (_, in, b) -> List.of(b.relu(in.get(0))));
    for (int i = 1; i < 40; i++) {
      Op inner = op;
      op = call("my::f" + i, (_, in, b) -> b.emit(inner, b.emit(inner, in, 1), 1));
    }
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N]"));
    Op top = op;
    IsomorphException e = assertThrows(IsomorphException.class, () -> b.emit(top, List.of(x), 1));
    assertEquals(
        "  a call stands for more than 100000 calls of other functions",
        e.getMessage().lines().skip(1).findFirst().orElseThrow());
  }

  @Test
  void aDeclaredSizeThatInferenceDoesNotKnowIsAnAssumption() {
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N]"));
    b.add(
        "y",
        ReluOp.builder().build(),
        List.of(x),
        List.of("y"),
        List.of(ValueType.parse("f32[5]")));
    assertEquals(List.of("\"y\" (Relu): N is 5, as result 0 declares"), b.assumptions());
  }
}
