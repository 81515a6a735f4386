package dev.isomorph.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Unchecked;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.NegOp;
import dev.isomorph.ir.op.ReluOp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PassRunnerTest {
  private static final String CHAIN =
      """
      graph main(%x: f32[N,3]) -> (%y) {
        %a = Identity(%x)
        %b = Transpose(%a)
        %c = Relu(%b)
        %d = Transpose(%c)
        %e = Abs(%d)
        %f = Abs(%d)
        %dead = Exp(%f)
        %y = Add(%e, %f)
      }
      """;

  private static Pass pass(String name, Function<Model, Model> run) {
    return new Pass() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Model run(Model model, PassContext context) {
        return run.apply(model);
      }
    };
  }

  private static String optimized(OptimizeLevel level, PassContext context) {
    try (Model model = TextParser.model(CHAIN);
        Model made = PassRunner.optimize(model, level, context)) {
      return made.signature().graph().toString();
    }
  }

  @Test
  void theSafeLevelRepeatsItsPassesUntilNothingChanges() {
    PassContext context = PassContext.standard();
    assertEquals(
        """
        graph main(%x: f32[N,3]) -> (%y) {
          %d = Relu(%x) : f32[N,3]
          %e = Abs(%d) : f32[N,3]
          %y = Add(%e, %e) : f32[N,3]
        }
        """,
        optimized(OptimizeLevel.SAFE, context));
    assertEquals(
        Map.of("identity", 1, "transposes around", 1, "computed before", 1), context.applied());
  }

  @Test
  void nothingIsRewrittenAtLevelNone() {
    try (Model model = TextParser.model(CHAIN)) {
      assertSame(model, PassRunner.optimize(model, OptimizeLevel.NONE, PassContext.standard()));
    }
  }

  @Test
  void rewritesStopAfterAsManyAsAskedFor() {
    PassContext context = PassContext.builder().stopAfter(1).build();
    optimized(OptimizeLevel.SAFE, context);
    assertEquals(List.of("identity at \"a\" (Identity)"), context.log());
  }

  @Test
  void originsOfWhatIsJoinedAreKept() {
    GraphBuilder b = new GraphBuilder("main");
    Value x = b.input("x", ValueType.parse("f32[N,3]"));
    Value first = b.at(Origin.of("model.py:1")).transpose(x);
    Value relu = b.at(Origin.of("model.py:2")).relu(first);
    Value last = b.at(Origin.of("model.py:3")).transpose(relu);
    Signature signature = Signature.of(b.build(List.of(last)));
    try (Model model = Model.builder("m").signature(signature).build();
        Model made = PassRunner.optimize(model, OptimizeLevel.SAFE, PassContext.standard())) {
      Node joined = made.signature().graph().nodes().getFirst();
      assertEquals("model.py:3; model.py:1; model.py:2", joined.origin().toString());
      assertEquals("transpose_1", joined.name());
    }
  }

  @Test
  void aPassThatBreaksTheModelIsNamedWithItsPredecessors() {
    Pass harmless = pass("harmless", m -> m);
    Pass breaks =
        pass(
            "breaks",
            m -> {
              Graph old = m.signature().graph();
              Graph graph = Unchecked.graph("main", List.of(), List.of(), old.outputs());
              return m.toBuilder().signatures(List.of(Signature.of(graph))).build();
            });
    try (Model model = TextParser.model(CHAIN)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () -> PassRunner.run(model, List.of(harmless, breaks), PassContext.standard()));
      assertEquals(
          """
          error[INTERNAL]
            pass 'breaks' broke the model: result 'y' of graph 'main' is made by none of its nodes
            help:     passes so far: harmless; --stop-after 0 to 0 finds the guilty rewrite\
          """,
          e.getMessage());
    }
  }

  @Test
  void aRuleThatChangesATypeIsRefused() {
    RewriteRule wrong =
        RewriteRule.on(
            "wrong",
            ReluOp.class,
            (_, node, _) -> {
              Patch.Builder p = Patch.of(node);
              return Optional.of(p.replaceWith(p.isNaN(node.input(0))));
            });
    try (Model model = TextParser.model(CHAIN)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () ->
                  PassRunner.run(
                      model,
                      List.of(new RewritePass("wrong-pass", List.of(wrong))),
                      PassContext.standard()));
      assertEquals(
          """
          error[INTERNAL] pass wrong-pass › "c" (Relu)
            rule 'wrong' would replace a node by one of another type
            expected: f32[3,N]
            actual:   bool[3,N]\
          """,
          e.getMessage());
    }
  }

  @Test
  void rulesWithoutAnEndAreStopped() {
    RewriteRule there =
        RewriteRule.on(
            "there",
            ReluOp.class,
            (_, node, _) -> Optional.of(swap(node, NegOp.builder().build())));
    RewriteRule back =
        RewriteRule.on(
            "back", NegOp.class, (_, node, _) -> Optional.of(swap(node, ReluOp.builder().build())));
    try (Model model = TextParser.model(CHAIN)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () ->
                  PassRunner.run(
                      model,
                      List.of(new RewritePass("p", List.of(there, back))),
                      PassContext.standard()));
      assertEquals(
          """
          error[INTERNAL] pass p
            the rules [there, back] do not come to an end on graph 'main'\
          """,
          e.getMessage());
    }
  }

  private static Patch swap(Node node, StandardOp op) {
    Patch.Builder p = Patch.of(node);
    return p.replaceWith(p.emit(op, node.inputs(), 1));
  }

  private static final Composite SQUARE =
      new Composite(
          OpName.parse("my::square"), 0, (_, in, b) -> List.of(b.mul(in.get(0), in.get(0))));
  private static final Composite FOURTH =
      new Composite(
          OpName.parse("my::fourth"),
          0,
          (_, in, b) -> {
            var square = new CompositeCall(SQUARE, new java.util.TreeMap<>());
            return b.emit(square, b.emit(square, in, 1), 1);
          });

  private static Model composites(String operator) {
    return TextParser.model(
        """
        graph main(%x: f32[N]) -> (%y) {
          %y = OP(%x)
        }
        """
            .replace("OP", operator),
        Map.of(),
        (name, _) -> name.name().equals("square") ? SQUARE : FOURTH);
  }

  @Test
  void compositesAreExpandedUntilAllIsLegal() {
    Pass pass = new Legalise("test", n -> n.op() instanceof StandardOp);
    try (Model model = composites("my::fourth");
        Model made = PassRunner.run(model, List.of(pass), PassContext.standard())) {
      assertEquals(
          """
          graph main(%x: f32[N]) -> (%y) {
            %mul = Mul(%x, %x) : f32[N]
            %y = Mul(%mul, %mul) : f32[N]
          }
          """,
          made.signature().graph().toString().replace("mul_1", "mul").replace("square", "mul"));
    }
  }

  @Test
  void aLegalCompositeStays() {
    Pass pass =
        new Legalise(
            "test", n -> n.op() instanceof StandardOp || n.op().name().name().equals("square"));
    try (Model model = composites("my::square")) {
      assertSame(model, PassRunner.run(model, List.of(pass), PassContext.standard()));
    }
  }

  @Test
  void allThatCannotBeSaidIsRefusedAtOnce() {
    Pass pass = new Legalise("test", n -> !(n.op() instanceof ReluOp));
    try (Model model =
        TextParser.model(
            """
            graph main(%x: f32[N]) -> (%y) {
              %a = Relu(%x)
              %b = Neg(%a)
              %y = Relu(%b)
            }
            """)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () -> PassRunner.run(model, List.of(pass), PassContext.standard()));
      assertEquals(
          """
          error[UNSUPPORTED_TARGET] pass legalise-test › "a" (Relu)
            Relu cannot be said in test
          error[UNSUPPORTED_TARGET] pass legalise-test › "y" (Relu)
            Relu cannot be said in test\
          """,
          e.getMessage());
    }
  }

  @Test
  void conditionsAreChecked() {
    Pass careless =
        new Pass() {
          @Override
          public String name() {
            return "careless";
          }

          @Override
          public List<Condition> requires() {
            return List.of(DeadCode.NO_DEAD_NODES);
          }

          @Override
          public Model run(Model model, PassContext context) {
            return model;
          }
        };
    try (Model model = TextParser.model(CHAIN)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () -> PassRunner.run(model, List.of(careless), PassContext.standard()));
      assertEquals(
          """
          error[INTERNAL]
            pass 'careless' needs what does not hold
            expected: every node has a use
            actual:   "dead" (Exp)
            help:     passes so far: none\
          """,
          e.getMessage());
    }
  }
}
