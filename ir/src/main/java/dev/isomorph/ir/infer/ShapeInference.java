package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.SizeOp;
import dev.isomorph.ir.op.SqueezeOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
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
    rules.on(SizeOp.class, (_, in) -> size(in));
    rules.on(FlattenOp.class, ShapeInference::flatten);
    rules.on(SqueezeOp.class, (_, in) -> squeeze(in));
    rules.on(UnsqueezeOp.class, (_, in) -> unsqueeze(in));
    rules.on(ExpandOp.class, (_, in) -> expand(in));
  }

  private static void size(InferenceContext in) {
    in.result(0, Shape.scalar());
    if (in.shape(0).isRanked()) {
      in.contents(0, Contents.scalar(in.shape(0).size()));
    }
  }

  private static void flatten(FlattenOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      in.result(0, in.freshShape(2, "flat"));
      return;
    }
    int rank = shape.rank();
    if (op.axis() < -rank || op.axis() > rank) {
      throw in.invalid("axis %d is out of range for rank %d", op.axis(), rank);
    }
    int axis = (int) (op.axis() < 0 ? op.axis() + rank : op.axis());
    in.result(0, Shape.of(shape.slice(0, axis).size(), shape.slice(axis, rank).size()));
  }

  private static void squeeze(InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    boolean all = !in.has(1);
    if (all && shape.dims().stream().anyMatch(d -> !d.isKnown())) {
      // Whether a symbolic axis goes depends on its length.
      return;
    }
    if (!all && in.knownIntegers(1).isEmpty()) {
      if (in.length(1).isPresent()) {
        int rank = Math.max(0, shape.rank() - in.length(1).getAsInt());
        in.result(0, in.freshShape(rank, "squeezed"));
      }
      return;
    }
    List<Integer> axes = all ? List.of() : in.axes(in.knownIntegers(1).orElseThrow(), shape.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (axes.contains(i)) {
        in.requireEqual(Dim.of(1), shape.dim(i), "the length of squeezed axis " + i + " and 1");
      } else if (!all || !shape.dim(i).is(1)) {
        dims.add(shape.dim(i));
      }
    }
    in.result(0, Shape.of(dims));
    keepContents(in, dims.size());
  }

  private static void unsqueeze(InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    if (in.knownIntegers(1).isEmpty()) {
      if (in.length(1).isPresent()) {
        int rank = shape.rank() + in.length(1).getAsInt();
        in.result(0, in.freshShape(rank, "unsqueezed"));
      }
      return;
    }
    long[] asked = in.knownIntegers(1).get();
    int rank = shape.rank() + asked.length;
    List<Integer> axes = in.axes(asked, rank);
    List<Dim> dims = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rank; i++) {
      dims.add(axes.contains(i) ? Dim.of(1) : shape.dim(next++));
    }
    in.result(0, Shape.of(dims));
    keepContents(in, rank);
  }

  private static void keepContents(InferenceContext in, int rank) {
    if (rank <= 1) {
      in.contents(0).ifPresent(c -> in.contents(0, new Contents(rank == 0, c.dims())));
    }
  }

  private static void expand(InferenceContext in) {
    Shape shape = in.shape(0);
    if (in.vector(1).isEmpty()) {
      if (shape.isRanked() && in.length(1).isPresent()) {
        in.result(0, in.freshShape(Math.max(shape.rank(), in.length(1).getAsInt()), "expanded"));
      }
      return;
    }
    Shape target = Shape.of(in.vector(1).get());
    in.result(0, in.broadcast(shape, target));
    if (in.contents(0).isPresent() && target.rank() <= 1) {
      List<Dim> source = in.contents(0).get().dims();
      Dim length = target.rank() == 0 ? Dim.of(1) : target.dim(0);
      if (source.size() != 1 || length.is(1)) {
        in.contents(0)
            .filter(c -> c.scalar() == (target.rank() == 0))
            .ifPresent(c -> in.contents(0, c));
      } else if (length.isKnown() && length.known() <= Contents.MAX_LENGTH) {
        in.contents(
            0, Contents.vector(Collections.nCopies((int) length.known(), source.getFirst())));
      }
    }
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
      if (dim.isKnown() && dim.known() < -1) {
        throw in.invalid("dim %d of the target shape is negative: %s", i, target);
      }
      if (!dim.isKnown() && !dim.isAtLeast(0)) {
        in.assume("dim %d of the target shape is a length: %s", i, dim);
      }
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
      if (data.isRanked() && data.isKnown() && rest.isKnown() && !divides(rest, data.size())) {
        throw in.error("the target shape's -1 has no length")
            .expected("a divisor of " + data.size(), rest)
            .toException();
      }
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
    keepContents(in, dims.size());
  }

  private static boolean divides(Dim divisor, Dim number) {
    return !divisor.is(0) && number.known() % divisor.known() == 0;
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
    keepContents(in, shape.rank());
  }

  private static List<Integer> reversed(int rank) {
    List<Integer> axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.reverse(axes);
    return axes;
  }
}
