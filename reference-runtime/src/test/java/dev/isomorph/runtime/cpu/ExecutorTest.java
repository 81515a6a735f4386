package dev.isomorph.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Composite;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.Results;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import dev.isomorph.runtime.math.SummationOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutorTest {
  private static final String NET =
      """
      model "net" {
        param @w: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, -0.5]
        param @b: f32[2] trainable = [0.1f, -20.0]
        graph main(%x: f32[N,3]) -> (%y) {
          %h = Gemm(%x, @w, @b) {transB = 1} : f32[N,2]
          %y = Relu(%h) : f32[N,2]
        }
      }
      """;

  private static List<Datum> run(String text, RunOptions options, Datum... inputs) {
    return new Executor(options).run(TextParser.graph(text), List.of(inputs));
  }

  private static Tensor one(String text, Datum... inputs) {
    return (Tensor) run(text, RunOptions.OWN, inputs).getFirst();
  }

  @Test
  void aNetworkRunsInItsOwnTypesAndInTruth() {
    try (Model model = TextParser.model(NET)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 1, 1, 0.5f, 0, 2}, 2, 3));
      try (Session session = Session.open(model, Device.cpu())) {
        Tensor y = session.run(inputs).tensor("y");
        assertEquals("f32[2,2]", y.typeText());
        assertArrayEquals(new float[] {6.1f, 0, 6.6f, 0}, y.toFloats());
      }
      try (Session session =
          Session.open(model, model.signature(), Device.cpu(), RunOptions.TRUTH)) {
        Tensor y = session.run(inputs).tensor("y");
        assertEquals("f64[2,2]", y.typeText());
        assertArrayEquals(
            new double[] {6 + (double) 0.1f, 0, 6.5 + (double) 0.1f, 0}, y.toDoubles());
      }
    }
  }

  @Test
  void resultsOutliveSessionAndModel() {
    Results results;
    try (Model model = TextParser.model(NET)) {
      try (Session session = Session.open(model, Device.auto())) {
        results = session.run(Map.of("x", Tensor.of(new float[3], 1, 3)));
      }
    }
    assertEquals(0.1f, results.tensor("y").toFloats()[0]);
    assertEquals(
        "there is no output 'z', only [y]",
        assertThrows(IllegalArgumentException.class, () -> results.tensor("z")).getMessage());
  }

  @Test
  void inputsThatDoNotFitAreListedAtOnce() {
    String text =
        """
        model "m" {
          graph main(%a: f32[N,2], %b: f32[N], %c: f32[2*N]) -> (%y) {
            %y = Add(%a, %a)
          }
        }
        """;
    try (Model model = TextParser.model(text);
        Session session = Session.open(model, Device.cpu())) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () ->
                  session.run(
                      Map.of(
                          "a", Tensor.of(new double[6], 3, 2),
                          "b", Tensor.of(new float[2], 2),
                          "c", Tensor.of(new float[5], 5),
                          "d", Tensor.of(new float[1], 1))));
      assertEquals(ErrorCode.INPUT_MISMATCH, e.code());
      assertEquals(
          """
          error[INPUT_MISMATCH]
            input 'a' has another element type
            expected: f32[N,2]
            actual:   f64[3,2]
          error[INPUT_MISMATCH]
            dim N has two lengths in one call
            expected: 3 (axis 0 of 'a')
            actual:   2 (axis 0 of 'b')
          error[INPUT_MISMATCH]
            axis 0 of input 'c' is not 2*N
            expected: 6
            actual:   5
          error[INPUT_MISMATCH]
            there is no input 'd'
            expected: a, b, c
            actual:   d\
          """,
          e.getMessage());
    }
  }

  @Test
  void aFailingNodeIsNamedWithItsOrigin() {
    GraphBuilder builder = new GraphBuilder("main");
    builder.at(Origin.of("net.py:12", "layer1"));
    Value x = builder.input("x", ValueType.parse("f32[N]"));
    Value i = builder.input("i", ValueType.parse("i64[M]"));
    Graph graph = builder.build(List.of(builder.gather(x, i)));
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                new Executor(RunOptions.OWN)
                    .run(graph, List.of(Tensor.of(new float[3], 3), Tensor.vector(1, 7))));
    assertEquals(
        """
        error[RUN_FAILED] "gather" (Gather)
          index 7 is out of range for an axis of length 3
          from:     net.py:12 (layer1)\
        """,
        e.getMessage());
  }

  @Test
  void regionsSeeWhatTheyCapture() {
    String text =
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %y = If(%c) {else_branch = () [%x2 = %x] -> (%b) {
            %b = Neg(%x2) : f32[N]
          }, then_branch = () [%x1 = %x] -> (%a) {
            %a = Abs(%x1) : f32[N]
          }} : f32[N]
        }
        """;
    Tensor x = Tensor.of(new float[] {-1, 2}, 2);
    assertArrayEquals(new float[] {1, 2}, one(text, Tensor.of(new boolean[] {true}), x).toFloats());
    assertArrayEquals(
        new float[] {1, -2}, one(text, Tensor.of(new boolean[] {false}), x).toFloats());
  }

  @Test
  void halfTypesAreComputedWideAndRoundedOnce() {
    Tensor x = Tensor.of(DType.F16, new double[] {1, 0x1p-11, 0x1p-11}, 3);
    String text =
        """
        graph main(%x: f16[3]) -> (%y) {
          %y = ReduceSum(%x) {keepdims = 0}
        }
        """;
    assertEquals(1 + 0x1p-10, one(text, x).toDoubles()[0]);
    assertEquals("f16[]", one(text, x).typeText());
  }

  @Test
  void perturbationMovesRoundedResultsAloneAndIsRepeatable() {
    String text =
        """
        graph main(%x: f32[3]) -> (%y, %z) {
          %y = Exp(%x)
          %z = Neg(%x)
        }
        """;
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
    List<Datum> plain = run(text, RunOptions.OWN, x);
    List<Datum> moved = run(text, RunOptions.OWN.withPerturbation(7), x);
    List<Datum> again = run(text, RunOptions.OWN.withPerturbation(7), x);
    float[] y = ((Tensor) plain.get(0)).toFloats();
    float[] m = ((Tensor) moved.get(0)).toFloats();
    for (int i = 0; i < 3; i++) {
      assertEquals(Math.ulp(y[i]), Math.abs(y[i] - m[i]), Math.ulp(y[i]) / 2);
    }
    assertTrue(((Tensor) plain.get(1)).contentEquals((Tensor) moved.get(1)));
    assertTrue(((Tensor) moved.get(0)).contentEquals((Tensor) again.get(0)));
  }

  @Test
  void otherOrdersOfSummationGiveOtherRoundings() {
    float[] values = new float[1000];
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    String text =
        """
        graph main(%x: f32[1000]) -> (%y) {
          %y = ReduceSum(%x) {keepdims = 0}
        }
        """;
    List<Float> sums = new ArrayList<>();
    for (SummationOrder order : SummationOrder.values()) {
      List<Datum> y = run(text, RunOptions.OWN.withOrder(order), Tensor.of(values, 1000));
      sums.add(((Tensor) y.getFirst()).toFloats()[0]);
    }
    assertTrue(sums.stream().distinct().count() >= 3, sums.toString());
  }

  @Test
  void observersSeeEveryNodeAndNodesRunAlone() {
    var graph =
        TextParser.graph(
            """
            graph main(%x: f32[2]) -> (%y) {
              %h = Exp(%x)
              %y = Log(%h)
            }
            """);
    List<String> seen = new ArrayList<>();
    Executor executor =
        new Executor(RunOptions.TRUTH, (node, _, results) -> seen.add(node.name() + results));
    executor.run(graph, List.of(Tensor.of(new float[] {0, 0}, 2)));
    assertEquals(List.of("h[f64[2][1.0, 1.0]]", "y[f64[2][0.0, 0.0]]"), seen);
    List<Datum> alone =
        executor.runNode(
            graph.nodes().get(1), List.of(Tensor.of(new double[] {Math.E}, 1)), List.of());
    assertEquals(1.0, ((Tensor) alone.getFirst()).toDoubles()[0]);
  }

  @Test
  void aTruthRunGivesF64EvenWhereAParameterIsPassedOn() {
    List<Datum> y =
        run(
            """
            param @w: f32[2] constant = [0.1f, 2.0]
            graph main(%x: f32[2]) -> (%y, @w) {
              %y = Identity(@w)
            }
            """,
            RunOptions.TRUTH, Tensor.of(new float[2], 2));
    assertEquals("f64[2][0.10000000149011612, 2.0]", y.get(0).toString());
    assertEquals("f64[2][0.10000000149011612, 2.0]", y.get(1).toString());
  }

  @Test
  void everyOperatorThatCannotRunIsNamedAtOnceBodiesOfCompositesIncluded() {
    Composite decode =
        new Composite(
            OpName.parse("test::decode"),
            0,
            (_, inputs, b) -> List.of(b.imageDecoder(inputs.getFirst())));
    Model model =
        TextParser.model(
            """
            model "m" {
              graph main(%x: u8[9]) -> (%z) {
                %y = test::decode(%x)
                %z = test::decode(%x)
              }
            }
            """,
            Map.of(), _ -> decode);
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> Session.open(model, Device.cpu()));
    assertEquals(ErrorCode.UNSUPPORTED_OPERATOR, e.code());
    assertTrue(
        e.getMessage().contains("operator ImageDecoder cannot be run on the CPU: no kernel"),
        e.getMessage());
    assertTrue(e.getMessage().contains("1 more of this operator"), e.getMessage());
    model.close();
  }

  @Test
  void memoryBoundsAreKept() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                run(
                    """
                    graph main(%x: f32[100]) -> (%y) {
                      %y = Exp(%x)
                    }
                    """,
                    RunOptions.OWN.withMaxMemory(100), Tensor.of(new float[100], 100)));
    assertTrue(e.getMessage().contains("at most 100 bytes"), e.getMessage());
  }

  @Test
  void deadValuesAreLetGo() {
    StringBuilder text = new StringBuilder("graph main(%v0: f32[1000]) -> (%v50) {\n");
    for (int i = 1; i <= 50; i++) {
      text.append("  %%v%d = Exp(%%v%d)\n".formatted(i, i - 1));
    }
    Executor executor = new Executor(RunOptions.OWN);
    executor.run(TextParser.graph(text + "}\n"), List.of(Tensor.of(new float[1000], 1000)));
    assertEquals(8000, executor.peakBytes());
    assertFalse(executor.peakBytes() > 8000);
  }
}
