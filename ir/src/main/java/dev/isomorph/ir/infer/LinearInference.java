package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/** Matrix products. */
final class LinearInference {
  private LinearInference() {}

  static void register(InferenceRules rules) {
    rules.on(GemmOp.class, LinearInference::gemm);
    rules.on(MatMulOp.class, LinearInference::matMul);
  }

  private static void gemm(GemmOp op, InferenceContext in) {
    in.requireRank(0, "A", 2);
    in.requireRank(1, "B", 2);
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (a.isRanked() && b.isRanked()) {
      requireEqual(a.dim(op.transA() != 0 ? 0 : 1), b.dim(op.transB() != 0 ? 1 : 0), a, b, in);
    }
    Dim rows = a.isRanked() ? a.dim(op.transA() != 0 ? 1 : 0) : in.freshSymbol("rows");
    Dim columns = b.isRanked() ? b.dim(op.transB() != 0 ? 0 : 1) : in.freshSymbol("columns");
    Shape result = Shape.of(rows, columns);
    if (in.has(2)) {
      in.broadcast(in.shape(2), result);
    }
    in.tensor(0, in.dtype(0), result);
  }

  private static void matMul(MatMulOp op, InferenceContext in) {
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (!a.isRanked() || !b.isRanked()) {
      return;
    }
    if (a.rank() == 0 || b.rank() == 0) {
      throw in.invalid("operands of MatMul need at least one axis, got %s and %s", a, b);
    }
    requireEqual(a.dim(-1), b.dim(b.rank() == 1 ? 0 : -2), a, b, in);
    Shape batchA = a.slice(0, Math.max(a.rank() - 2, 0));
    Shape batchB = b.slice(0, Math.max(b.rank() - 2, 0));
    List<Dim> dims = new ArrayList<>(in.broadcast(batchA, batchB).dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    in.tensor(0, in.dtype(0), Shape.of(dims));
  }

  private static void requireEqual(Dim x, Dim y, Shape a, Shape b, InferenceContext in) {
    Dim difference = x.minus(y);
    if (difference.isKnown() && !difference.is(0)) {
      throw in.error("inner lengths differ: %s and %s", a, b).expected(x, y).toException();
    }
    if (!x.equals(y)) {
      in.assume("%s equals %s", x, y);
    }
  }
}
