package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that read or change shapes and leave the elements. */
final class ShapeInference {
  private ShapeInference() {}

  static void register(InferenceRules rules) {
    rules.on(ShapeOp.class, ShapeInference::shape);
    rules.on(ReshapeOp.class, ShapeInference::reshape);
    rules.on(TransposeOp.class, ShapeInference::transpose);
  }

  private static void shape(ShapeOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int rank = shape.rank();
    int start = clamp(op.start(), rank);
    int end = op.end().isPresent() ? clamp(op.end().getAsLong(), rank) : rank;
    List<Dim> dims = shape.dims().subList(start, Math.max(start, end));
    in.tensor(0, DType.I64, Shape.of(dims.size()));
    in.contents(0, Contents.vector(dims));
  }

  private static int clamp(long axis, int rank) {
    return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
  }

  private static void reshape(ReshapeOp op, InferenceContext in) {
    if (in.contents(1).isEmpty()) {
      Shape target = in.shape(1);
      if (target.hasRank(1) && target.dim(0).isKnown()) {
        List<Dim> fresh = new ArrayList<>();
        for (long i = 0; i < target.dim(0).known(); i++) {
          fresh.add(in.freshSymbol("reshape"));
        }
        in.tensor(0, in.dtype(0), Shape.of(fresh));
      }
      return;
    }
    Shape data = in.shape(0);
    List<Dim> dims = new ArrayList<>();
    int inferred = -1;
    List<Dim> target = in.contents(1).get().dims();
    for (int i = 0; i < target.size(); i++) {
      Dim dim = target.get(i);
      if (dim.is(-1)) {
        if (inferred >= 0) {
          throw in.invalid("the target shape has -1 twice: %s", target);
        }
        inferred = i;
        dims.add(Dim.of(1));
      } else if (dim.is(0) && op.allowzero() == 0) {
        if (data.isRanked() && i >= data.rank()) {
          throw in.invalid("dim %d of the target shape copies an axis that %s lacks", i, data);
        }
        dims.add(data.isRanked() ? data.dim(i) : in.freshSymbol("reshape"));
      } else {
        dims.add(dim);
      }
    }
    if (inferred >= 0) {
      Dim rest = dims.stream().reduce(Dim.of(1), Dim::times);
      dims.set(
          inferred,
          data.isRanked() && !rest.is(0) ? data.size().floorDiv(rest) : in.freshSymbol("reshape"));
    } else if (data.isRanked()) {
      Dim difference = data.size().minus(Shape.of(dims).size());
      if (difference.isKnown() && !difference.is(0)) {
        throw in.error("the target shape has another number of elements")
            .expected(data.size(), Shape.of(dims))
            .toException();
      }
    }
    in.tensor(0, in.dtype(0), Shape.of(dims));
    in.contents(0)
        .filter(_ -> dims.size() <= 1)
        .ifPresent(c -> in.contents(0, new Contents(dims.isEmpty(), c.dims())));
  }

  private static void transpose(TransposeOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    List<Integer> perm =
        op.perm()
            .map(p -> p.stream().map(Long::intValue).toList())
            .orElseGet(() -> reversed(shape.rank()));
    List<Integer> sorted = perm.stream().sorted().toList();
    if (!sorted.equals(IntStream.range(0, shape.rank()).boxed().toList())) {
      throw in.error("perm is no permutation of the axes of %s", shape)
          .expected("each of 0 to " + (shape.rank() - 1) + " once", perm)
          .toException();
    }
    in.tensor(0, in.dtype(0), shape.permute(perm));
  }

  private static List<Integer> reversed(int rank) {
    List<Integer> axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.reverse(axes);
    return axes;
  }
}
