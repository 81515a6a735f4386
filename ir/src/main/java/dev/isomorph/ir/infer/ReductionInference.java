package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/** Operators that reduce axes to one value, or pick along an axis. */
final class ReductionInference {
  private ReductionInference() {}

  static void register(InferenceRules rules) {
    rules.on(
        ReduceSumOp.class,
        (op, in) -> reduce(in, op.keepdims(), op.noopWithEmptyAxes(), Dim::plus));
    rules.on(
        ReduceProdOp.class,
        (op, in) -> reduce(in, op.keepdims(), op.noopWithEmptyAxes(), Dim::times));
    rules.on(
        ReduceMaxOp.class, (op, in) -> reduce(in, op.keepdims(), op.noopWithEmptyAxes(), Dim::max));
    rules.on(
        ReduceMinOp.class, (op, in) -> reduce(in, op.keepdims(), op.noopWithEmptyAxes(), Dim::min));
    plain(rules, ReduceL1Op.class, ReduceL1Op::keepdims, ReduceL1Op::noopWithEmptyAxes);
    plain(rules, ReduceL2Op.class, ReduceL2Op::keepdims, ReduceL2Op::noopWithEmptyAxes);
    plain(rules, ReduceLogSumOp.class, ReduceLogSumOp::keepdims, ReduceLogSumOp::noopWithEmptyAxes);
    plain(
        rules,
        ReduceLogSumExpOp.class,
        ReduceLogSumExpOp::keepdims,
        ReduceLogSumExpOp::noopWithEmptyAxes);
    plain(rules, ReduceMeanOp.class, ReduceMeanOp::keepdims, ReduceMeanOp::noopWithEmptyAxes);
    plain(
        rules,
        ReduceSumSquareOp.class,
        ReduceSumSquareOp::keepdims,
        ReduceSumSquareOp::noopWithEmptyAxes);
    rules.on(ArgMaxOp.class, (op, in) -> pick(op.axis(), op.keepdims(), in));
    rules.on(ArgMinOp.class, (op, in) -> pick(op.axis(), op.keepdims(), in));
    rules.on(TopKOp.class, ReductionInference::topK);
    rules.on(DetOp.class, (_, in) -> determinant(in));
  }

  private static <O extends Op> void plain(
      InferenceRules rules,
      Class<O> op,
      java.util.function.ToLongFunction<O> keepdims,
      java.util.function.ToLongFunction<O> noop) {
    rules.on(
        op, (o, in) -> reduce(in, keepdims.applyAsLong(o), noop.applyAsLong(o), (_, _) -> null));
  }

  private static void reduce(
      InferenceContext in, long keepdims, long noopWithEmptyAxes, BinaryOperator<Dim> combine) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int rank = shape.rank();
    Optional<List<Integer>> axes = axes(in, rank, noopWithEmptyAxes != 0);
    if (axes.isEmpty()) {
      if (keepdims != 0) {
        in.result(0, in.freshShape(rank, "reduced"));
      } else if (in.length(1).isPresent()) {
        in.result(0, in.freshShape(Math.max(0, rank - in.length(1).getAsInt()), "reduced"));
      }
      return;
    }
    in.result(0, reduced(shape, axes.get(), keepdims != 0));
    if (rank == 1 && axes.get().size() == 1) {
      reduceContents(in, keepdims != 0, combine);
    } else if (axes.get().isEmpty()) {
      in.contents(0).ifPresent(c -> in.contents(0, c));
    }
  }

  /** The axes that are reduced; empty if they are not known. */
  private static Optional<List<Integer>> axes(InferenceContext in, int rank, boolean noop) {
    boolean none = !in.has(1) || in.length(1).orElse(-1) == 0;
    if (none) {
      return Optional.of(noop ? List.of() : IntStream.range(0, rank).boxed().toList());
    }
    return in.knownIntegers(1).map(axes -> in.axes(axes, rank));
  }

  private static void reduceContents(
      InferenceContext in, boolean keep, BinaryOperator<Dim> combine) {
    List<Dim> dims = in.vector(0).orElse(List.of());
    if (dims.isEmpty()) {
      return;
    }
    Dim total = dims.getFirst();
    for (Dim dim : dims.subList(1, dims.size())) {
      total = combine.apply(total, dim);
      if (total == null) {
        return;
      }
    }
    ContentArithmetic.set(in, 0, new Contents(!keep, List.of(total)));
  }

  private static Shape reduced(Shape shape, List<Integer> axes, boolean keep) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (!axes.contains(i)) {
        dims.add(shape.dim(i));
      } else if (keep) {
        dims.add(Dim.of(1));
      }
    }
    return Shape.of(dims);
  }

  private static void pick(long axis, long keepdims, InferenceContext in) {
    Shape shape = in.shape(0);
    if (shape.isRanked()) {
      int at = in.axis(axis, shape.rank());
      if (shape.dim(at).is(0)) {
        throw in.invalid("nothing can be picked along axis %d of %s", at, shape);
      }
      in.result(0, reduced(shape, Collections.singletonList(at), keepdims != 0));
    }
  }

  private static void topK(TopKOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int axis = in.axis(op.axis(), shape.rank());
    Dim k = in.scalar(1).orElseGet(() -> in.freshSymbol("k"));
    if (k.isKnown() && shape.dim(axis).isKnown() && k.known() > shape.dim(axis).known()) {
      throw in.error("K is larger than axis %d", axis)
          .expected("at most " + shape.dim(axis), k)
          .toException();
    }
    in.result(0, shape.with(axis, k));
    in.result(1, shape.with(axis, k));
  }

  private static void determinant(InferenceContext in) {
    Shape shape = in.shape(0);
    if (shape.isRanked()) {
      if (shape.rank() < 2) {
        throw in.error("X must be a matrix or a batch of them")
            .expected("rank 2 or more", shape)
            .toException();
      }
      in.requireEqual(shape.dim(-2), shape.dim(-1), "rows and columns");
      in.result(0, shape.slice(0, shape.rank() - 2));
    }
  }
}
