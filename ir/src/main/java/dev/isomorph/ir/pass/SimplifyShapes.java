package dev.isomorph.ir.pass;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says computed shapes as constants where the operator has words for what they depend on: a Reshape
 * copies a length by 0 and infers one by −1, an Expand keeps one by 1, a Slice ends at the last
 * element by a number beyond it. What is computed for nothing else then goes as dead.
 */
public final class SimplifyShapes extends RewritePass {
  /** Makes the pass. */
  public SimplifyShapes() {
    super(
        "simplify-shapes",
        List.of(
            RewriteRule.on("constant reshape", ReshapeOp.class, SimplifyShapes::reshape),
            RewriteRule.on("constant expand", ExpandOp.class, (_, n, _) -> expand(n)),
            RewriteRule.on("slice to the end", SliceOp.class, (_, n, _) -> slice(n)),
            RewriteRule.on("gathered vector", UnsqueezeOp.class, (_, n, site) -> gather(n, site))));
  }

  private static Optional<List<Dim>> computed(Value value) {
    return value instanceof Value.Parameter
        ? Optional.empty()
        : value.contents().filter(c -> !c.scalar() && !c.isKnown()).map(Contents::dims);
  }

  private static Optional<Patch> reshape(ReshapeOp op, Node node, Site site) {
    Shape data = node.input(0).type().shape();
    Shape result = node.result(0).type().shape();
    if (computed(node.input(1)).isEmpty()
        || !data.isRanked()
        || !result.hasRank(computed(node.input(1)).get().size())) {
      return Optional.empty();
    }
    long[] target = new long[result.rank()];
    int inferred = -1;
    boolean mayBeEmpty = false;
    for (int i = 0; i < target.length; i++) {
      Dim dim = result.dim(i);
      if (dim.isKnown()) {
        target[i] = dim.known();
        if (dim.is(0)) {
          return Optional.empty();
        }
      } else if (i < data.rank() && dim.equals(data.dim(i))) {
        target[i] = 0;
        mayBeEmpty = true;
      } else if (inferred < 0) {
        target[i] = -1;
        inferred = i;
      } else {
        return Optional.empty();
      }
    }
    // A length that is copied could be 0, and then no other one can be inferred.
    if (inferred >= 0 && mayBeEmpty) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    return Optional.of(p.replaceWith(p.reshape(node.input(0), p.constant(target))));
  }

  private static Optional<Patch> expand(Node node) {
    Shape data = node.input(0).type().shape();
    Optional<List<Dim>> asked = computed(node.input(1));
    if (asked.isEmpty() || !data.isRanked()) {
      return Optional.empty();
    }
    int extra = asked.get().size() - data.rank();
    long[] target = new long[asked.get().size()];
    for (int i = 0; i < target.length; i++) {
      Dim dim = asked.get().get(i);
      if (i >= extra && dim.equals(data.dim(i - extra))) {
        target[i] = 1;
      } else if (dim.isKnown()) {
        target[i] = dim.known();
      } else {
        return Optional.empty();
      }
    }
    Patch.Builder p = Patch.of(node);
    return Optional.of(p.replaceWith(p.expand(node.input(0), p.constant(target))));
  }

  private static Optional<Patch> slice(Node node) {
    Shape data = node.input(0).type().shape();
    Optional<List<Dim>> ends = computed(node.input(2));
    Optional<List<Long>> axes = SinkTransposes.integers(node.input(3));
    boolean forwards =
        node.optionalInput(4).isEmpty()
            || SinkTransposes.integers(node.input(4))
                .filter(steps -> steps.stream().allMatch(s -> s > 0))
                .isPresent();
    if (ends.isEmpty() || axes.isEmpty() || !data.isRanked() || !forwards) {
      return Optional.empty();
    }
    long[] constants = new long[ends.get().size()];
    for (int i = 0; i < constants.length; i++) {
      Dim end = ends.get().get(i);
      Dim length = data.dim(axes.get().get(i).intValue());
      if (end.isKnown()) {
        constants[i] = end.known();
      } else if (end.minus(length).isAtLeast(0)) {
        constants[i] = Long.MAX_VALUE;
      } else {
        return Optional.empty();
      }
    }
    if (!(node.input(2).type() instanceof ValueType.TensorType t) || t.dtype() != DType.I64) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    List<Value> operands = new ArrayList<>(node.inputs());
    operands.set(2, p.constant(constants));
    return Optional.of(p.replaceWith(p.emit(node.op(), operands, 1)));
  }

  /** {@code Unsqueeze(Gather(v, i), 0)} of one element of a vector is {@code Gather(v, [i])}. */
  private static Optional<Patch> gather(Node node, Site site) {
    return site.soleProducer(node.input(0), GatherOp.class)
        .filter(g -> g.input(0).type().shape().hasRank(1))
        .filter(g -> g.input(1).type().shape().hasRank(0))
        .filter(g -> node.result(0).type().shape().hasRank(1))
        .filter(g -> g.input(1).contents().filter(Contents::isKnown).isPresent())
        .map(
            g -> {
              Patch.Builder p = Patch.of(node).standingFor(g);
              Tensor index = Tensor.vector(g.input(1).contents().orElseThrow().known());
              return p.replaceWith(p.gather(g.input(0), p.constant(index)));
            });
  }
}
