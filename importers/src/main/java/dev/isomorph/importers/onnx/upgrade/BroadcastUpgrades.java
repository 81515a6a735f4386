package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Broadcasting before opset 7: the second operand's axes stood at {@code axis} of the first one's,
 * or at its end.
 *
 * @see <a href="https://onnx.ai/onnx/operators/text_diff_Add_6_7.html">Add, version 6 to 7</a>
 */
final class BroadcastUpgrades {
  private static final List<String> BINARY =
      List.of("Add", "Sub", "Mul", "Div", "And", "Or", "Xor", "Equal", "Greater", "Less", "Pow");

  private BroadcastUpgrades() {}

  static void register() {
    BINARY.forEach(name -> Upgrades.add(name, 7, BroadcastUpgrades::broadcast));
    Upgrades.add("Gemm", 7, node -> node.takeInt("broadcast"));
    Upgrades.add("PRelu", 7, BroadcastUpgrades::slope);
  }

  private static void broadcast(OldNode node) {
    long on = node.takeInt("broadcast").orElse(0L);
    Optional<Long> axis = node.takeInt("axis");
    if (on == 0 || axis.isEmpty()) {
      return;
    }
    if (node.rank(0).isEmpty() || node.rank(1).isEmpty()) {
      throw node.unsupported("broadcasting at an axis between operands of unknown rank");
    }
    int left = node.rank(0).getAsInt();
    int right = node.rank(1).getAsInt();
    long at = axis.get() < 0 ? axis.get() + left : axis.get();
    if (at < 0 || at + right > left) {
      throw node.error(ErrorCode.MODEL_INVALID, "axis %d leaves the first operand", axis.get())
          .expected("0 to " + (left - right), axis.get())
          .toException();
    }
    long behind = left - right - at;
    if (behind > 0) {
      long[] axes = LongStream.range(right, right + behind).toArray();
      Value unsqueezed =
          node.before(
              "broadcast",
              UnsqueezeOp.builder().build(),
              node.input(1),
              node.constant("broadcast_axes", axes));
      node.input(1, unsqueezed);
    }
  }

  /** A slope of one axis belonged to the channels, axis 1; later it stands at the last axis. */
  private static void slope(OldNode node) {
    Shape slope = node.input(1).type().shape();
    if (slope.isKnown() && slope.size().is(1)) {
      return;
    }
    if (node.rank(0).isEmpty() || node.rank(1).isEmpty()) {
      throw node.unsupported("PRelu with operands of unknown rank");
    }
    int rank = node.rank(0).getAsInt();
    if (node.rank(1).getAsInt() != 1 || rank <= 2) {
      return;
    }
    long[] shape = new long[rank - 1];
    Arrays.fill(shape, 1);
    shape[0] = -1;
    Value reshaped =
        node.before(
            "slope",
            ReshapeOp.builder().build(),
            node.input(1),
            node.constant("slope_shape", shape));
    node.input(1, reshaped);
  }
}
