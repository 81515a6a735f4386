package dev.isomorph.verifier;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What constants that the target holds in lower precision may change in the results of one node:
 * its weights that the counterpart does not have bit by bit, and real attributes that are the
 * counterpart's in 32 bits.
 */
final class NodeEffects {
  private final Node node;
  private final Node counterpart;

  NodeEffects(Node node, Node counterpart) {
    this.node = node;
    this.counterpart = counterpart;
  }

  /** {@return by tensor within the result, how far each element may move} */
  Map<String, double[]> of(
      int result,
      List<Datum> operands,
      List<Datum> captures,
      List<Datum> results,
      List<Datum> sourceOperands,
      List<Datum> sourceCaptures,
      Datum expected) {
    String name = node.result(result).name();
    Map<String, double[]> effects = new HashMap<>();
    MeasuredEffect weights = new MeasuredEffect(name);
    for (int run = 1; run <= Rewritten.RUNS; run++) {
      List<Datum> moved = moveWeights(operands, run);
      if (!moved.equals(operands)) {
        Datum other = new Executor(RunOptions.TRUTH).runNode(node, moved, captures).get(result);
        weights.observe(results.get(result), other);
      }
    }
    weights.addTo(effects, Rewritten.FOLDED);
    if (Rewritten.narrowed(counterpart.op()).filter(node.op()::equals).isPresent()) {
      MeasuredEffect attributes = new MeasuredEffect(name);
      attributes.observe(
          expected,
          new Executor(RunOptions.TRUTH).runNode(node, sourceOperands, sourceCaptures).get(result));
      attributes.addTo(effects, Rewritten.NARROWED);
    }
    return effects;
  }

  private List<Datum> moveWeights(List<Datum> operands, long seed) {
    List<Datum> moved = new ArrayList<>(operands);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < operands.size(); i++) {
      if (node.input(i) instanceof Value.Parameter ours
          && ours.tensor().dtype().isFloat()
          && !isHeldBySource(ours, counterpart.input(i))) {
        moved.set(i, Rewritten.moveHalfUlp((Tensor) operands.get(i), random));
      }
    }
    return moved;
  }

  private static boolean isHeldBySource(Value.Parameter ours, Value theirs) {
    return theirs instanceof Value.Parameter parameter
        && Rewritten.fingerprint(ours.tensor()) == Rewritten.fingerprint(parameter.tensor());
  }

  /** {@return a node's attributes as text} */
  static String text(Node node) {
    return node.op().attributes().entrySet().stream()
        .map(entry -> entry.getKey() + " = " + entry.getValue())
        .toList()
        .toString();
  }
}
