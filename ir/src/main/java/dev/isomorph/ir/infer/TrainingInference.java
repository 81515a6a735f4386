package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.AdagradOp;
import dev.isomorph.ir.op.AdamOp;
import dev.isomorph.ir.op.GradientOp;
import dev.isomorph.ir.op.MomentumOp;
import dev.isomorph.ir.op.NegativeLogLikelihoodLossOp;
import dev.isomorph.ir.op.SoftmaxCrossEntropyLossOp;
import dev.isomorph.ir.shape.Shape;

/** Losses, optimizer steps and gradients. */
final class TrainingInference {
  private TrainingInference() {}

  static void register(InferenceRules rules) {
    rules.on(NegativeLogLikelihoodLossOp.class, (op, in) -> loss(op.reduction(), in));
    rules.on(
        SoftmaxCrossEntropyLossOp.class,
        (op, in) -> {
          loss(op.reduction(), in);
          in.result(1, in.shape(0));
        });
    rules.on(AdagradOp.class, (_, in) -> step(1, in));
    rules.on(MomentumOp.class, (_, in) -> step(1, in));
    rules.on(AdamOp.class, (_, in) -> step(2, in));
    rules.on(
        GradientOp.class,
        (op, in) -> {
          for (int i = 0; i < Math.min(in.outputCount(), op.xs().size()); i++) {
            in.type(i, in.type(i));
          }
        });
  }

  /** Scores are {@code [batch, classes, d…]}, labels {@code [batch, d…]}. */
  private static void loss(String reduction, InferenceContext in) {
    Shape scores = in.shape(0);
    Shape labels = in.shape(1);
    if (scores.isRanked() && labels.isRanked()) {
      if (scores.rank() < 2 || labels.rank() != scores.rank() - 1) {
        throw in.error("scores and labels do not fit each other")
            .expected("labels of one rank less than " + scores, labels)
            .toException();
      }
      in.requireEqual(scores.dim(0), labels.dim(0), "the batches of scores and labels");
    }
    switch (reduction) {
      case "none" -> in.result(0, labels);
      case "mean", "sum" -> in.result(0, Shape.scalar());
      default ->
          throw in.error("attribute 'reduction' has an unknown value")
              .expected("none, mean or sum", reduction)
              .toException();
    }
  }

  /**
   * Operands: rate, step count, then all weights, all gradients and {@code states} groups of
   * states. Results: the new weights and states.
   */
  private static void step(int states, InferenceContext in) {
    int count = (in.inputCount() - 2) / (2 + states);
    if (in.inputCount() != 2 + count * (2 + states)) {
      throw in.error("the operands do not form equal groups")
          .expected("2 and a multiple of " + (2 + states), in.inputCount())
          .toException();
    }
    for (int i = 0; i < in.outputCount(); i++) {
      in.type(i, in.type(2 + (i < count ? i : i + count)));
    }
  }
}
