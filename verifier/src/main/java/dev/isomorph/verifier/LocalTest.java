package dev.isomorph.verifier;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import dev.isomorph.verifier.CheckRow.Check;
import dev.isomorph.verifier.CheckRow.Status;
import dev.isomorph.verifier.Verdict.DivergentNode;
import dev.isomorph.verifier.Verdict.LocalResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Feeds each node of the target the truth's operands of its counterpart in the source, and holds
 * its results to the function test. Whatever happens downstream, saturation or chaos, cannot hide a
 * fault here, and the first node that differs is where the fault is.
 *
 * <p>Counterparts have the same name and the same operator; graphs that name nothing alike but are
 * the same sequence of operators are paired in order.
 */
final class LocalTest {
  private static final int NOISE_RUNS = 3;

  /** Formats of models that are evaluated from Python source, where reading makes up the names. */
  private static final Set<String> UNNAMED = Set.of("torch.save", "safetensors", "npz");

  private final Subject source;
  private final Subject target;
  private final Map<Node, Node> counterparts;
  private final Map<Node, DivergentNode> divergent = new LinkedHashMap<>();
  private final Map<String, Double> shares = new HashMap<>();

  LocalTest(Subject source, Subject target) {
    this.source = source;
    this.target = target;
    boolean named = !UNNAMED.contains(target.model().source().format());
    this.counterparts = pair(source.graph(), target.graph(), named);
  }

  private static Map<Node, Node> pair(Graph source, Graph target, boolean named) {
    Map<String, Node> byName = new HashMap<>();
    if (named) {
      source.nodes().forEach(node -> byName.put(node.name(), node));
    }
    Map<Node, Node> pairs = new IdentityHashMap<>();
    for (Node node : target.nodes()) {
      Node other = byName.get(node.name());
      if (other != null && other.op().name().equals(node.op().name())) {
        pairs.put(node, other);
      }
    }
    if (pairs.isEmpty() && operators(source).equals(operators(target))) {
      for (int i = 0; i < target.nodes().size(); i++) {
        pairs.put(target.nodes().get(i), source.nodes().get(i));
      }
    }
    return pairs;
  }

  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().map(node -> node.op().name().toString()).toList();
  }

  /** Compares all pairs under one set of inputs. */
  void compare(String inputs, Subject.Trace truth) {
    for (Node node : target.graph().nodes()) {
      Node counterpart = counterparts.get(node);
      if (counterpart != null && !divergent.containsKey(node)) {
        compare(node, counterpart, inputs, truth)
            .ifPresent(difference -> divergent.put(node, difference));
      }
    }
  }

  /** {@return what was found so far} */
  LocalResult result() {
    List<DivergentNode> ordered = new ArrayList<>();
    for (Node node : target.graph().nodes()) {
      if (divergent.containsKey(node)) {
        ordered.add(divergent.get(node));
      }
    }
    List<String> missing = new ArrayList<>();
    if (!counterparts.isEmpty()) {
      for (Node node : source.graph().nodes()) {
        if (!counterparts.containsValue(node)) {
          missing.add(node.describe());
        }
      }
    }
    return new LocalResult(
        counterparts.size(),
        target.graph().nodes().size(),
        ordered,
        missing,
        target.graph(),
        shares);
  }

  private Optional<DivergentNode> compare(
      Node node, Node counterpart, String inputs, Subject.Trace truth) {
    List<Datum> sourceOperands = operands(counterpart.inputs(), truth);
    List<Datum> sourceCaptures = operands(counterpart.captures(), truth);
    List<Datum> operands = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Datum fallback = i < sourceOperands.size() ? sourceOperands.get(i) : null;
      operands.add(operand(node.inputs().get(i), fallback, truth));
    }
    List<Datum> captures = new ArrayList<>();
    for (int i = 0; i < node.captures().size(); i++) {
      Datum fallback = i < sourceCaptures.size() ? sourceCaptures.get(i) : null;
      captures.add(operand(node.captures().get(i), fallback, truth));
    }
    boolean known = true;
    for (int i = 0; i < operands.size(); i++) {
      known &= operands.get(i) != null || node.inputs().get(i).isAbsent();
    }
    known &= captures.stream().allMatch(c -> c != null);
    if (!known) {
      return Optional.empty();
    }
    List<Datum> results;
    try {
      results = new Executor(RunOptions.TRUTH).runNode(node, operands, captures);
    } catch (IsomorphException e) {
      String why = "it cannot be computed: " + e.diagnostics().getFirst().message();
      return Optional.of(difference(node, counterpart, inputs, Double.NaN, why));
    }
    List<List<Datum>> noise = new ArrayList<>();
    for (int run = 1; run <= NOISE_RUNS; run++) {
      noise.add(
          new Executor(RunOptions.TRUTH.withPerturbation(run))
              .runNode(counterpart, sourceOperands, sourceCaptures));
    }
    Judge judge =
        new Judge(Check.FUNCTION, "reference", inputs, Verifier.F64_FACTOR, Optional.empty());
    for (int i = 0; i < Math.min(results.size(), node.results().size()); i++) {
      int result = i;
      Datum expected =
          i < counterpart.results().size() ? truth.values().get(counterpart.result(i)) : null;
      if (expected == null || results.get(i) == null) {
        continue;
      }
      Map<String, double[]> extra =
          new NodeEffects(node, counterpart)
              .of(i, operands, captures, results, sourceOperands, sourceCaptures, expected);
      List<CheckRow> rows =
          judge.compare(
              node.result(i).name(),
              results.get(i),
              expected,
              noise.stream().filter(r -> result < r.size()).map(r -> r.get(result)).toList(),
              DType.F64,
              extra);
      for (CheckRow row : rows) {
        shares.merge(node.name(), row.ratio(), Math::max);
        if (row.status() == Status.FAIL) {
          return Optional.of(
              difference(node, counterpart, inputs, row.distance().maxAbs(), row.detail()));
        }
      }
    }
    return Optional.empty();
  }

  private static List<Datum> operands(List<Value> values, Subject.Trace truth) {
    List<Datum> operands = new ArrayList<>();
    for (Value value : values) {
      operands.add(value instanceof Value.Parameter p ? p.tensor() : truth.values().get(value));
    }
    return operands;
  }

  /**
   * What the truth has for an operand of the target: the target's own constant, or the value of the
   * counterpart of the node that makes it, so that a wire that leads elsewhere shows.
   */
  private Datum operand(Value value, Datum fallback, Subject.Trace truth) {
    return switch (value) {
      case Value.Parameter parameter -> parameter.tensor();
      case Value.Result result -> {
        Node made = counterparts.get(result.node());
        boolean paired = made != null && result.index() < made.results().size();
        yield paired ? truth.values().get(made.result(result.index())) : fallback;
      }
      case Value.Input input -> {
        int index = target.graph().inputs().indexOf(input);
        yield truth.values().get(source.graph().inputs().get(index));
      }
      default -> null;
    };
  }

  private static DivergentNode difference(
      Node node, Node counterpart, String inputs, double maxAbs, String detail) {
    String attributes =
        node.op().attributes().equals(counterpart.op().attributes())
            ? ""
            : "attributes differ: %s against %s; "
                .formatted(NodeEffects.text(counterpart), NodeEffects.text(node));
    return new DivergentNode(
        counterpart.describe(),
        node.describe(),
        counterpart.origin().toString(),
        inputs,
        maxAbs,
        attributes + detail);
  }
}
