package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.DivOp;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/**
 * BatchNormalization's mode and per-activation forms, and GroupNormalization's scale per group.
 *
 * @see <a
 *     href="https://onnx.ai/onnx/operators/onnx__BatchNormalization.html">BatchNormalization</a>
 * @see <a href="https://onnx.ai/onnx/operators/text_diff_GroupNormalization_18_21.html">
 *     GroupNormalization, version 18 to 21</a>
 */
final class NormalizationUpgrades {
  private NormalizationUpgrades() {}

  static void register() {
    Upgrades.add("BatchNormalization", 7, NormalizationUpgrades::testFlag);
    Upgrades.add("BatchNormalization", 9, NormalizationUpgrades::spatial);
    Upgrades.add("BatchNormalization", 14, NormalizationUpgrades::trainingMode);
    Upgrades.add("GroupNormalization", 21, NormalizationUpgrades::perChannel);
  }

  private static void testFlag(OldNode node) {
    long test = node.takeInt("is_test").orElse(0L);
    if (test == 0 && node.outputs() == 1) {
      node.warn("is_test is 0, but only the result of inference is asked for: taken as inference");
    }
    if (test != 0) {
      node.keepOutputs(1);
    }
  }

  private static void spatial(OldNode node) {
    if (node.takeInt("spatial").orElse(1L) != 0) {
      return;
    }
    if (node.outputs() > 1) {
      throw node.unsupported("training of BatchNormalization with spatial = 0");
    }
    node.takeFloat("momentum");
    node.attributes().putIfAbsent("epsilon", new Attribute.Float(1e-5f));
    node.become("BatchNormalization", 7, NormalizationUpgrades::perActivation);
  }

  /** Statistics have the shape of one example: [C,D1,…]. */
  static List<Value> perActivation(CompositeCall call, List<Value> in, GraphBuilder b) {
    double epsilon = ((Attribute.Float) call.attributes().get("epsilon")).value();
    Value x = in.get(0);
    Value added = b.castLike(b.constant("epsilon", Tensor.scalar(DType.F32, epsilon)), x);
    Value deviation = b.sqrt(b.add(in.get(4), added));
    Value centred = b.div(b.sub(x, in.get(3)), deviation);
    return List.of(b.add(b.mul(centred, in.get(1)), in.get(2)));
  }

  private static void trainingMode(OldNode node) {
    if (node.outputs() <= 1) {
      return;
    }
    if (node.uses(3) || node.uses(4)) {
      throw node.unsupported("the saved statistics of BatchNormalization's training form");
    }
    node.keepOutputs(Math.min(node.outputs(), 3));
    node.put("training_mode", new Attribute.Int(1));
  }

  private static void perChannel(OldNode node) {
    Attribute groups = node.attributes().get("num_groups");
    if (!(groups instanceof Attribute.Int(long count)) || count <= 0) {
      throw AttributeUpgrades.needs(node, "num_groups");
    }
    Value shape = node.before("shape", ShapeOp.builder().start(1).end(2).build(), node.input(0));
    Value each =
        node.before("per_group", DivOp.builder().build(), shape, node.constant("groups", count));
    Value matrix =
        node.before(
            "matrix",
            ConcatOp.builder().axis(0).build(),
            node.constant("group_count", count),
            each);
    for (int operand = 1; operand <= 2; operand++) {
      String what = operand == 1 ? "scale" : "bias";
      Value column =
          node.before(
              what + "_column",
              UnsqueezeOp.builder().build(),
              node.input(operand),
              node.constant(what + "_axis", 1));
      Value wide = node.before(what + "_groups", ExpandOp.builder().build(), column, matrix);
      node.input(
          operand,
          node.before(what, ReshapeOp.builder().build(), wide, node.constant(what + "_shape", -1)));
    }
    // Version 18 computes in the operands' own type.
    if (node.input(0).type() instanceof ValueType.TensorType type && type.dtype() != DType.F32) {
      node.put("stash_type", new Attribute.Int(type.dtype().onnxCode()));
    }
  }
}
