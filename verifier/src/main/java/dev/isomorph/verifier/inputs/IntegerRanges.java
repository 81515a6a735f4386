package dev.isomorph.verifier.inputs;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.CastOp;
import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.GatherElementsOp;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.op.IdentityOp;
import dev.isomorph.ir.op.OneHotOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.op.SplitOp;
import dev.isomorph.ir.op.SqueezeOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.shape.Shape;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds how large an integer input may be from where it is used as an index: rows of an embedding,
 * elements of an axis, depth of a one-hot encoding.
 */
final class IntegerRanges {
  /** Operators whose result holds elements of their first operand unchanged. */
  private static final Set<Class<? extends Op>> PASSING =
      Set.of(
          CastOp.class,
          ConcatOp.class,
          FlattenOp.class,
          IdentityOp.class,
          ReshapeOp.class,
          SliceOp.class,
          SplitOp.class,
          SqueezeOp.class,
          TransposeOp.class,
          UnsqueezeOp.class);

  private final Set<Value> seen = new HashSet<>();
  private long smallest = Long.MAX_VALUE;

  private IntegerRanges() {}

  /** {@return the number of values that the input may take, from 0, if a use bounds it} */
  static OptionalLong bound(Graph graph, Value input) {
    IntegerRanges ranges = new IntegerRanges();
    ranges.follow(graph, input);
    return ranges.smallest == Long.MAX_VALUE
        ? OptionalLong.empty()
        : OptionalLong.of(ranges.smallest);
  }

  private void follow(Graph graph, Value value) {
    if (!seen.add(value)) {
      return;
    }
    for (Graph.Use use : graph.uses(value)) {
      Node node = use.node();
      if (use.capture()) {
        followIntoRegions(node, value);
      } else if (node.op() instanceof GatherOp op && use.index() == 1) {
        axis(node.input(0), op.axis());
      } else if (node.op() instanceof GatherElementsOp op && use.index() == 1) {
        axis(node.input(0), op.axis());
      } else if (node.op() instanceof OneHotOp && use.index() == 0) {
        node.input(1)
            .contents()
            .filter(dev.isomorph.ir.Contents::isKnown)
            .ifPresent(depth -> atMost(depth.known()[0]));
      } else if (PASSING.contains(node.op().getClass())) {
        node.results().forEach(result -> follow(graph, result));
      }
    }
  }

  private void followIntoRegions(Node node, Value value) {
    for (Graph region : node.op().regions()) {
      for (int i = 0; i < region.captures().size(); i++) {
        if (node.captures(region).get(i) == value) {
          follow(region, region.captures().get(i));
        }
      }
    }
  }

  private void axis(Value data, long axis) {
    Shape shape = data.type().shape();
    if (shape.isRanked() && shape.rank() > 0) {
      shape.dim((int) axis).value().ifPresent(this::atMost);
    }
  }

  private void atMost(long bound) {
    smallest = Math.min(smallest, bound);
  }
}
