package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.AttentionOp;
import dev.isomorph.ir.op.FlexAttentionOp;
import dev.isomorph.ir.op.LinearAttentionOp;
import dev.isomorph.ir.op.RotaryEmbeddingOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.OptionalLong;

/** Attention over {@code [batch, heads, sequence, size]} or {@code [batch, sequence, hidden]}. */
final class AttentionInference {
  private AttentionInference() {}

  static void register(InferenceRules rules) {
    rules.on(AttentionOp.class, AttentionInference::attention);
    rules.on(FlexAttentionOp.class, (_, in) -> flex(in));
    rules.on(LinearAttentionOp.class, AttentionInference::linear);
    rules.on(RotaryEmbeddingOp.class, AttentionInference::rotary);
  }

  /** {@code [batch, heads, sequence, size]} of an operand in either form; null if unknown. */
  private static Shape heads(int input, String name, OptionalLong heads, InferenceContext in) {
    Shape shape = in.shape(input);
    if (!shape.isRanked()) {
      return null;
    }
    if (shape.rank() == 4) {
      return shape;
    }
    if (shape.rank() != 3) {
      throw in.error("%s must have rank 3 or 4", name)
          .expected("rank 3 or 4", in.type(input))
          .toException();
    }
    if (heads.isEmpty() || heads.getAsLong() < 1) {
      throw in.invalid("%s of rank 3 needs the number of heads as an attribute", name);
    }
    Dim count = Dim.of(heads.getAsLong());
    Dim hidden = shape.dim(2);
    if (hidden.isKnown() && hidden.known() % count.known() != 0) {
      throw in.error("the features of %s cannot be divided into heads", name)
          .expected("a multiple of " + count, hidden)
          .toException();
    }
    return Shape.of(shape.dim(0), count, shape.dim(1), hidden.floorDiv(count));
  }

  private static void attention(AttentionOp op, InferenceContext in) {
    Shape q = heads(0, "Q", op.qNumHeads(), in);
    Shape k = heads(1, "K", op.kvNumHeads(), in);
    Shape v = heads(2, "V", op.kvNumHeads(), in);
    if (q == null) {
      return;
    }
    if (k != null) {
      in.requireEqual(q.dim(3), k.dim(3), "the head sizes of Q and K");
    }
    if (k != null && v != null) {
      in.requireEqual(k.dim(2), v.dim(2), "the sequence lengths of K and V");
    }
    Dim valueSize = v == null ? in.freshSymbol("size") : v.dim(3);
    in.result(
        0,
        in.shape(0).hasRank(4)
            ? Shape.of(q.dim(0), q.dim(1), q.dim(2), valueSize)
            : Shape.of(q.dim(0), q.dim(2), q.dim(1).times(valueSize)));
    if (k == null || v == null) {
      return;
    }
    Dim past =
        !in.has(4)
            ? Dim.of(0)
            : in.shape(4).hasRank(4) ? in.shape(4).dim(2) : in.freshSymbol("past");
    Dim total = past.plus(k.dim(2));
    in.result(1, Shape.of(k.dim(0), k.dim(1), total, k.dim(3)));
    in.result(2, Shape.of(v.dim(0), v.dim(1), total, v.dim(3)));
    in.result(3, Shape.of(q.dim(0), q.dim(1), q.dim(2), total));
  }

  private static void flex(InferenceContext in) {
    in.requireRank(0, "Q", 4);
    in.requireRank(1, "K", 4);
    in.requireRank(2, "V", 4);
    if (in.shape(0).isRanked() && in.shape(2).isRanked()) {
      in.result(0, in.shape(0).with(3, in.shape(2).dim(3)));
    }
  }

  private static void linear(LinearAttentionOp op, InferenceContext in) {
    in.requireRank(0, "query", 3);
    in.requireRank(2, "value", 3);
    Shape query = in.shape(0);
    Shape value = in.shape(2);
    if (!query.isRanked() || !value.isRanked()) {
      return;
    }
    Dim kvHeads = Dim.of(op.kvNumHeads());
    Dim valueSize = value.dim(2).floorDiv(kvHeads);
    in.result(0, Shape.of(query.dim(0), query.dim(1), valueSize.times(op.qNumHeads())));
    Dim keySize = query.dim(2).floorDiv(Dim.of(op.qNumHeads()));
    in.tensor(
        1, in.dtype(3).or(() -> in.dtype(0)), Shape.of(query.dim(0), kvHeads, keySize, valueSize));
  }

  private static void rotary(RotaryEmbeddingOp op, InferenceContext in) {
    Shape x = in.shape(0);
    if (x.isRanked() && x.rank() != 3 && x.rank() != 4) {
      throw in.error("X must have rank 3 or 4").expected("rank 3 or 4", x).toException();
    }
    if (x.hasRank(3) && op.numHeads().orElse(0) < 1) {
      throw in.invalid("X of rank 3 needs its attribute 'num_heads'");
    }
    in.result(0, x);
  }
}
