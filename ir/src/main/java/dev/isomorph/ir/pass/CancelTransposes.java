package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.TransposeOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Joins transposes that meet, directly or through operators that act on each element, and takes out
 * those that cancel. Moving axes commutes with what happens to single elements, so every bit stays.
 */
public final class CancelTransposes extends RewritePass {
  /** Makes the pass. */
  public CancelTransposes() {
    super(
        "cancel-transposes",
        List.of(
            joining(),
            RewriteRule.on("transposes around", TransposeOp.class, CancelTransposes::meet)));
  }

  /** The rule that makes one of two transposes, or none. */
  static RewriteRule joining() {
    return RewriteRule.on("two transposes", TransposeOp.class, CancelTransposes::join);
  }

  private static Optional<Patch> join(TransposeOp op, Node node, Site site) {
    return site.producer(node.input(0), TransposeOp.class)
        .map(
            first -> {
              int rank = rank(op, (TransposeOp) first.op(), first);
              Permutation both =
                  Permutation.of((TransposeOp) first.op(), rank).then(Permutation.of(op, rank));
              Patch.Builder p = Patch.of(node).standingFor(first);
              return both.isIdentity()
                  ? site.graph().isOutput(node.result(0)) && first.input(0).producer().isEmpty()
                      ? null
                      : p.replaceWith(first.input(0))
                  : p.replaceWith(p.emit(both.toOp(), List.of(first.input(0)), 1));
            })
        .filter(_ -> node.input(0).type().shape().isRanked());
  }

  private static int rank(TransposeOp op, TransposeOp first, Node node) {
    return op.perm()
        .or(first::perm)
        .map(List::size)
        .orElseGet(() -> node.input(0).type().shape().dims().size());
  }

  /** {@code Transpose(f(g(Transpose(x))))} with nothing else looking into it. */
  private static Optional<Patch> meet(TransposeOp op, Node node, Site site) {
    List<Node> between = new ArrayList<>();
    Value at = node.input(0);
    while (at.producer().isPresent()
        && site.graph().hasSingleUse(at)
        && PerElement.isUnary(at.producer().get())) {
      between.add(at.producer().get());
      at = at.producer().get().input(PerElement.dataOperand(at.producer().get()));
    }
    Optional<Node> start = site.soleProducer(at, TransposeOp.class);
    if (between.isEmpty() || start.isEmpty() || !start.get().input(0).type().shape().isRanked()) {
      return Optional.empty();
    }
    int rank = start.get().input(0).type().shape().rank();
    Permutation both =
        Permutation.of((TransposeOp) start.get().op(), rank).then(Permutation.of(op, rank));
    Patch.Builder p = Patch.of(node).standingFor(start.get());
    Value value = start.get().input(0);
    if (!both.isIdentity()) {
      value = p.emit(both.toOp(), List.of(value), 1).getFirst();
    }
    for (Node step : between.reversed()) {
      List<Value> operands = new ArrayList<>(step.inputs());
      operands.set(PerElement.dataOperand(step), value);
      value = p.standingFor(step).emit(step.op(), operands, 1).getFirst();
    }
    return Optional.of(p.replaceWith(value));
  }
}
