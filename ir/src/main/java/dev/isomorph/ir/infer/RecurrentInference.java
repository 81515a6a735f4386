package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.GRUOp;
import dev.isomorph.ir.op.LSTMOp;
import dev.isomorph.ir.op.RNNOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.OptionalLong;

/**
 * Recurrent layers. Operands 0, 1 and 2 are the sequence, the weights and the recurrent weights.
 */
final class RecurrentInference {
  private RecurrentInference() {}

  static void register(InferenceRules rules) {
    rules.on(RNNOp.class, (op, in) -> layer(1, op.hiddenSize(), op.direction(), op.layout(), in));
    rules.on(GRUOp.class, (op, in) -> layer(3, op.hiddenSize(), op.direction(), op.layout(), in));
    rules.on(LSTMOp.class, (op, in) -> layer(4, op.hiddenSize(), op.direction(), op.layout(), in));
  }

  private static void layer(
      long gates, OptionalLong hiddenSize, String direction, long layout, InferenceContext in) {
    long directions =
        switch (direction) {
          case "forward", "reverse" -> 1;
          case "bidirectional" -> 2;
          default ->
              throw in.error("attribute 'direction' has an unknown value")
                  .expected("forward, reverse or bidirectional", direction)
                  .toException();
        };
    in.requireRank(0, "X", 3);
    in.requireRank(1, "W", 3);
    in.requireRank(2, "R", 3);
    Shape x = in.shape(0);
    Shape w = in.shape(1);
    Shape r = in.shape(2);
    Dim hidden =
        hiddenSize.isPresent()
            ? Dim.of(hiddenSize.getAsLong())
            : r.isRanked() ? r.dim(2) : in.freshSymbol("hidden");
    if (w.isRanked()) {
      in.requireEqual(Dim.of(directions), w.dim(0), "the directions and axis 0 of W");
      in.requireEqual(hidden.times(gates), w.dim(1), "the gates times hidden and axis 1 of W");
      if (x.isRanked()) {
        in.requireEqual(x.dim(2), w.dim(2), "the features of X and axis 2 of W");
      }
    }
    if (r.isRanked()) {
      in.requireEqual(Dim.of(directions), r.dim(0), "the directions and axis 0 of R");
      in.requireEqual(hidden.times(gates), r.dim(1), "the gates times hidden and axis 1 of R");
      in.requireEqual(hidden, r.dim(2), "the hidden size and axis 2 of R");
    }
    boolean batchFirst = layout != 0;
    Dim steps = x.isRanked() ? x.dim(batchFirst ? 1 : 0) : in.freshSymbol("steps");
    Dim batch = x.isRanked() ? x.dim(batchFirst ? 0 : 1) : in.freshSymbol("batch");
    Dim both = Dim.of(directions);
    Shape state = batchFirst ? Shape.of(batch, both, hidden) : Shape.of(both, batch, hidden);
    in.result(
        0,
        batchFirst ? Shape.of(batch, steps, both, hidden) : Shape.of(steps, both, batch, hidden));
    in.result(1, state);
    in.result(2, state);
  }
}
