package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.AddOp;
import dev.isomorph.ir.op.CastOp;
import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.op.DivOp;
import dev.isomorph.ir.op.MulOp;
import dev.isomorph.ir.op.PadOp;
import dev.isomorph.ir.op.SubOp;
import dev.isomorph.ir.op.TransposeOp;
import java.util.List;
import java.util.Set;

/**
 * Which inputs and outputs are images: those that reach an operator on images before anything else
 * happens to them than scaling or padding.
 */
final class Layouts {
  private static final Set<Class<?>> PASSING =
      Set.of(AddOp.class, SubOp.class, MulOp.class, DivOp.class, CastOp.class, PadOp.class);
  private static final Set<List<Long>> TO_CHANNELS_FIRST =
      Set.of(List.of(0L, 3L, 1L, 2L), List.of(0L, 4L, 1L, 2L, 3L));
  private static final Set<List<Long>> TO_CHANNELS_LAST =
      Set.of(List.of(0L, 2L, 3L, 1L), List.of(0L, 2L, 3L, 4L, 1L));
  private static final int MAX_STEPS = 8;

  private Layouts() {}

  static Layout ofInput(Graph graph, Value input) {
    return ofInput(graph, input, MAX_STEPS);
  }

  private static Layout ofInput(Graph graph, Value value, int steps) {
    for (Graph.Use use : graph.uses(value)) {
      Node node = use.node();
      if (isTranspose(node, TO_CHANNELS_FIRST)) {
        return Layout.NHWC;
      }
      if (node.op() instanceof ConvOp && use.index() == 0) {
        return Layout.NCHW;
      }
      if (steps > 0 && PASSING.contains(node.op().getClass())) {
        Layout layout = ofInput(graph, node.result(0), steps - 1);
        if (layout != Layout.NONE) {
          return layout;
        }
      }
    }
    return Layout.NONE;
  }

  static Layout ofOutput(Value output) {
    return output.producer().filter(n -> isTranspose(n, TO_CHANNELS_LAST)).isPresent()
        ? Layout.NHWC
        : Layout.NONE;
  }

  private static boolean isTranspose(Node node, Set<List<Long>> perms) {
    return node.op() instanceof TransposeOp transpose
        && transpose.perm().filter(perms::contains).isPresent();
  }
}
