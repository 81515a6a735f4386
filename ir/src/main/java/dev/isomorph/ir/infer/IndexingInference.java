package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.CompressOp;
import dev.isomorph.ir.op.GatherElementsOp;
import dev.isomorph.ir.op.GatherNDOp;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.op.NonMaxSuppressionOp;
import dev.isomorph.ir.op.NonZeroOp;
import dev.isomorph.ir.op.OneHotOp;
import dev.isomorph.ir.op.ScatterElementsOp;
import dev.isomorph.ir.op.ScatterNDOp;
import dev.isomorph.ir.op.TensorScatterOp;
import dev.isomorph.ir.op.UniqueOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators that pick or place elements by computed positions. */
final class IndexingInference {
  private IndexingInference() {}

  static void register(InferenceRules rules) {
    rules.on(GatherOp.class, IndexingInference::gather);
    rules.on(GatherElementsOp.class, IndexingInference::gatherElements);
    rules.on(GatherNDOp.class, IndexingInference::gatherNd);
    rules.on(ScatterElementsOp.class, IndexingInference::scatterElements);
    rules.on(ScatterNDOp.class, (op, in) -> scatterNd(op, in));
    rules.on(TensorScatterOp.class, IndexingInference::tensorScatter);
    rules.on(NonZeroOp.class, (_, in) -> nonZero(in));
    rules.on(
        NonMaxSuppressionOp.class,
        (_, in) -> {
          in.requireRank(0, "boxes", 3);
          in.requireRank(1, "scores", 3);
          in.result(0, Shape.of(in.freshSymbol("selected"), Dim.of(3)));
        });
    rules.on(UniqueOp.class, IndexingInference::unique);
    rules.on(CompressOp.class, IndexingInference::compress);
    rules.on(OneHotOp.class, IndexingInference::oneHot);
  }

  private static void gather(GatherOp op, InferenceContext in) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    if (!data.isRanked()) {
      return;
    }
    int axis = in.axis(op.axis(), data.rank());
    checkIndices(in, 1, data.dim(axis));
    if (!indices.isRanked()) {
      return;
    }
    in.result(0, data.slice(0, axis).append(indices).append(data.slice(axis + 1, data.rank())));
    Optional<List<Dim>> elements = in.vector(0);
    Optional<Contents> picked = in.contents(1).filter(Contents::isKnown);
    if (elements.isPresent() && picked.isPresent() && indices.rank() <= 1) {
      int n = elements.get().size();
      List<Dim> result = new ArrayList<>();
      for (long index : picked.get().known()) {
        result.add(elements.get().get((int) (index < 0 ? index + n : index)));
      }
      in.contents(0, new Contents(picked.get().scalar(), result));
    }
  }

  private static void checkIndices(InferenceContext in, int input, Dim length) {
    if (length.isKnown() && in.knownIntegers(input).isPresent()) {
      long n = length.known();
      for (long index : in.knownIntegers(input).get()) {
        if (index < -n || index >= n) {
          throw in.error("an index is out of range")
              .expected("-" + n + " to " + (n - 1), index)
              .toException();
        }
      }
    }
  }

  private static void gatherElements(GatherElementsOp op, InferenceContext in) {
    checkAligned(op.axis(), in);
    in.result(0, in.shape(1));
  }

  private static void checkAligned(long axis, InferenceContext in) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    if (data.isRanked()) {
      in.axis(axis, data.rank());
      in.requireRank(1, "indices", data.rank());
    } else if (indices.isRanked()) {
      in.axis(axis, indices.rank());
    }
  }

  private static void gatherNd(GatherNDOp op, InferenceContext in) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    if (!data.isRanked() || !indices.isRanked()) {
      return;
    }
    int batch = (int) op.batchDims();
    if (indices.rank() < 1 || batch < 0 || batch >= Math.min(data.rank(), indices.rank())) {
      throw in.error("batch_dims does not fit the ranks of data and indices")
          .expected("less than both ranks", batch)
          .toException();
    }
    if (!indices.dim(-1).isKnown()) {
      return;
    }
    long depth = indices.dim(-1).known();
    if (depth < 1 || depth > data.rank() - batch) {
      throw in.error("the last axis of indices does not fit the rank of data")
          .expected("1 to " + (data.rank() - batch), depth)
          .toException();
    }
    Shape outer = indices.slice(0, indices.rank() - 1);
    in.result(0, outer.append(data.slice(batch + (int) depth, data.rank())));
  }

  private static void scatterElements(ScatterElementsOp op, InferenceContext in) {
    checkAligned(op.axis(), in);
    if (!in.shape(1).isCompatible(in.shape(2))) {
      throw in.error("indices and updates must have the same shape")
          .expected(in.shape(1), in.shape(2))
          .toException();
    }
    in.result(0, in.shape(0));
    if (op.reduction().equals("none")) {
      placed(in);
    }
  }

  private static void scatterNd(ScatterNDOp op, InferenceContext in) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    if (data.isRanked() && indices.isRanked()) {
      if (data.rank() < 1 || indices.rank() < 1) {
        throw in.error("data and indices need an axis")
            .expected("rank 1 or more", data + " and " + indices)
            .toException();
      }
      Dim depth = indices.dim(-1);
      if (depth.isKnown() && (depth.known() < 1 || depth.known() > data.rank())) {
        throw in.error("the last axis of indices does not fit the rank of data")
            .expected("1 to " + data.rank(), depth)
            .toException();
      }
    }
    in.result(0, data);
    if (op.reduction().equals("none") && indices.hasRank(1)) {
      placed(in);
    }
  }

  /** Elements of a vector with known ones replaced at known positions. */
  private static void placed(InferenceContext in) {
    Optional<long[]> positions = in.knownIntegers(1);
    if (in.vector(0).isEmpty() || positions.isEmpty() || in.contents(2).isEmpty()) {
      return;
    }
    List<Dim> elements = new ArrayList<>(in.vector(0).get());
    List<Dim> updates = in.contents(2).get().dims();
    checkIndices(in, 1, Dim.of(elements.size()));
    if (positions.get().length != updates.size()) {
      return;
    }
    for (int i = 0; i < updates.size(); i++) {
      long at = positions.get()[i];
      elements.set((int) (at < 0 ? at + elements.size() : at), updates.get(i));
    }
    in.contents(0, Contents.vector(elements));
  }

  private static void tensorScatter(TensorScatterOp op, InferenceContext in) {
    Shape cache = in.shape(0);
    if (cache.isRanked()) {
      int axis = in.axis(op.axis(), cache.rank());
      if (axis == 0) {
        throw in.invalid("axis 0 is the batch and cannot be the sequence");
      }
      in.requireRank(1, "update", cache.rank());
    }
    in.result(0, cache);
  }

  private static void nonZero(InferenceContext in) {
    Shape shape = in.shape(0);
    Dim count = in.freshSymbol("nonzero");
    // A scalar is treated as a vector of one element.
    in.result(
        0,
        Shape.of(
            shape.isRanked() ? Dim.of(Math.max(shape.rank(), 1)) : in.freshSymbol("rank"), count));
  }

  private static void unique(UniqueOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    Dim count = in.freshSymbol("unique");
    if (op.axis().isEmpty()) {
      in.result(0, Shape.of(count));
      in.result(2, Shape.of(shape.isRanked() ? shape.size() : in.freshSymbol("size")));
    } else if (shape.isRanked()) {
      int axis = in.axis(op.axis().getAsLong(), shape.rank());
      in.result(0, shape.with(axis, count));
      in.result(2, Shape.of(shape.dim(axis)));
    } else {
      in.result(2, Shape.of(in.freshSymbol("size")));
    }
    in.result(1, Shape.of(count));
    in.result(3, Shape.of(count));
  }

  private static void compress(CompressOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    in.requireRank(1, "condition", 1);
    Dim kept =
        in.vector(1)
            .filter(c -> c.stream().allMatch(Dim::isKnown))
            .map(c -> Dim.of(c.stream().filter(d -> !d.is(0)).count()))
            .orElseGet(() -> in.freshSymbol("kept"));
    if (op.axis().isEmpty()) {
      in.result(0, Shape.of(kept));
    } else if (shape.isRanked()) {
      in.result(0, shape.with(in.axis(op.axis().getAsLong(), shape.rank()), kept));
    }
  }

  private static void oneHot(OneHotOp op, InferenceContext in) {
    Shape indices = in.shape(0);
    if (!indices.isRanked()) {
      return;
    }
    int axis = in.axis(op.axis(), indices.rank() + 1);
    Dim depth = in.scalar(1).orElseGet(() -> in.freshSymbol("depth"));
    List<Dim> dims = new ArrayList<>(indices.dims());
    dims.add(axis, depth);
    in.result(0, Shape.of(dims));
  }
}
