package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.CenterCropPadOp;
import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.DepthToSpaceOp;
import dev.isomorph.ir.op.PadOp;
import dev.isomorph.ir.op.ReverseSequenceOp;
import dev.isomorph.ir.op.SpaceToDepthOp;
import dev.isomorph.ir.op.SplitOp;
import dev.isomorph.ir.op.TileOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that put elements elsewhere: joined, cut, repeated, padded. */
final class MovementInference {
  private MovementInference() {}

  static void register(InferenceRules rules) {
    rules.on(ConcatOp.class, MovementInference::concat);
    rules.on(SplitOp.class, MovementInference::split);
    rules.on(PadOp.class, (_, in) -> pad(in));
    rules.on(TileOp.class, (_, in) -> tile(in));
    rules.on(DepthToSpaceOp.class, MovementInference::depthToSpace);
    rules.on(SpaceToDepthOp.class, MovementInference::spaceToDepth);
    rules.on(CenterCropPadOp.class, MovementInference::centerCropPad);
    rules.on(ReverseSequenceOp.class, MovementInference::reverseSequence);
  }

  private static void concat(ConcatOp op, InferenceContext in) {
    Optional<Shape> ranked =
        IntStream.range(0, in.inputCount()).mapToObj(in::shape).filter(Shape::isRanked).findFirst();
    if (ranked.isEmpty()) {
      return;
    }
    int rank = ranked.get().rank();
    int axis = in.axis(op.axis(), rank);
    List<Dim> dims = new ArrayList<>(ranked.get().dims());
    boolean complete = true;
    Dim total = Dim.of(0);
    for (int i = 0; i < in.inputCount(); i++) {
      Shape shape = in.shape(i);
      if (!shape.isRanked()) {
        complete = false;
        continue;
      }
      if (shape.rank() != rank) {
        throw in.error("operand %d has another rank than the others", i)
            .expected("rank " + rank, shape)
            .toException();
      }
      total = total.plus(shape.dim(axis));
      for (int d = 0; d < rank; d++) {
        if (d != axis) {
          in.requireEqual(dims.get(d), shape.dim(d), "the lengths of axis " + d);
          dims.set(d, shape.dim(d).isKnown() ? shape.dim(d) : dims.get(d));
        }
      }
    }
    dims.set(axis, complete ? total : in.freshSymbol("concat"));
    in.result(0, Shape.of(dims));
    List<Dim> elements = new ArrayList<>();
    for (int i = 0; i < in.inputCount() && rank == 1; i++) {
      if (in.vector(i).isEmpty()) {
        return;
      }
      elements.addAll(in.vector(i).get());
    }
    if (rank == 1) {
      in.contents(0, Contents.vector(elements));
    }
  }

  private static void split(SplitOp op, InferenceContext in) {
    int count = in.outputCount();
    if (op.numOutputs().isPresent() && op.numOutputs().getAsLong() != count) {
      throw in.error("attribute 'num_outputs' is not the number of results")
          .expected(count, op.numOutputs().getAsLong())
          .toException();
    }
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int axis = in.axis(op.axis(), shape.rank());
    List<Dim> lengths = in.has(1) ? givenParts(in, count) : evenParts(shape.dim(axis), count, in);
    if (in.has(1)) {
      Dim total = lengths.stream().reduce(Dim.of(0), Dim::plus);
      in.requireEqual(shape.dim(axis), total, "axis " + axis + " and the sum of 'split'");
    }
    int from = 0;
    for (int i = 0; i < count; i++) {
      in.result(i, shape.with(axis, lengths.get(i)));
      if (shape.rank() == 1 && in.vector(0).isPresent() && lengths.get(i).isKnown()) {
        int to = from + (int) lengths.get(i).known();
        in.contents(i, Contents.vector(in.vector(0).get().subList(from, to)));
        from = to;
      }
    }
  }

  private static List<Dim> givenParts(InferenceContext in, int count) {
    List<Dim> lengths =
        in.vector(1)
            .or(() -> in.knownIntegers(1).map(k -> Arrays.stream(k).mapToObj(Dim::of).toList()))
            .orElseGet(() -> in.freshShape(count, "split").dims());
    if (lengths.size() != count) {
      throw in.error("operand 'split' has the wrong number of elements")
          .expected(count, lengths)
          .toException();
    }
    if (lengths.stream().anyMatch(d -> d.isKnown() && d.known() < 0)) {
      throw in.error("operand 'split' has a negative length")
          .expected("lengths of at least 0", lengths)
          .toException();
    }
    return lengths;
  }

  /** Parts of equal length, rounded up; the last one is what is left. */
  private static List<Dim> evenParts(Dim length, int count, InferenceContext in) {
    if (count == 1) {
      return List.of(length);
    }
    Dim part = length.ceilDiv(Dim.of(count));
    List<Dim> lengths = new ArrayList<>(Collections.nCopies(count - 1, part));
    Dim last = length.minus(part.times(count - 1L));
    if (last.isKnown() && last.known() < 0) {
      throw in.error("axis of length %s cannot be split into %d parts", length, count)
          .expected("at least one element for the last part", last)
          .toException();
    }
    lengths.add(last);
    return lengths;
  }

  private static void pad(InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int rank = shape.rank();
    Optional<List<Integer>> axes =
        in.has(3)
            ? in.knownIntegers(3).map(a -> in.axes(a, rank))
            : Optional.of(IntStream.range(0, rank).boxed().toList());
    if (in.vector(1).isEmpty() || axes.isEmpty()) {
      in.result(0, in.freshShape(rank, "padded"));
      return;
    }
    List<Dim> pads = in.vector(1).get();
    int count = axes.get().size();
    if (pads.size() != 2 * count) {
      throw in.error("operand 'pads' has the wrong number of elements")
          .expected(2 * count, pads)
          .toException();
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < count; i++) {
      int axis = axes.get().get(i);
      dims.set(axis, shape.dim(axis).plus(pads.get(i)).plus(pads.get(i + count)));
    }
    in.result(0, Shape.of(dims));
  }

  private static void tile(InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      in.length(1).ifPresent(rank -> in.result(0, in.freshShape(rank, "tiled")));
      return;
    }
    if (in.vector(1).isEmpty()) {
      in.result(0, in.freshShape(shape.rank(), "tiled"));
      return;
    }
    List<Dim> repeats = in.vector(1).get();
    if (repeats.size() != shape.rank()) {
      throw in.error("operand 'repeats' has the wrong number of elements")
          .expected(shape.rank(), repeats)
          .toException();
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      dims.add(shape.dim(i).times(repeats.get(i)));
    }
    in.result(0, Shape.of(dims));
    if (in.vector(0).isPresent()
        && dims.getFirst().isKnown()
        && repeats.getFirst().isKnown()
        && dims.getFirst().known() <= Contents.MAX_LENGTH) {
      List<Dim> elements = new ArrayList<>();
      for (long i = 0; i < repeats.getFirst().known() && !in.vector(0).get().isEmpty(); i++) {
        elements.addAll(in.vector(0).get());
      }
      in.contents(0, Contents.vector(elements));
    }
  }

  private static void depthToSpace(DepthToSpaceOp op, InferenceContext in) {
    in.requireRank(0, "input", 4);
    Shape x = in.shape(0);
    long block = block(op.blocksize(), in);
    if (x.isRanked()) {
      Dim channels = divided(x.dim(1), Math.multiplyExact(block, block), "channels", in);
      in.result(0, Shape.of(x.dim(0), channels, x.dim(2).times(block), x.dim(3).times(block)));
    } else {
      in.result(0, in.freshShape(4, "space"));
    }
  }

  private static void spaceToDepth(SpaceToDepthOp op, InferenceContext in) {
    in.requireRank(0, "input", 4);
    Shape x = in.shape(0);
    long block = block(op.blocksize(), in);
    if (x.isRanked()) {
      Dim channels = x.dim(1).times(Math.multiplyExact(block, block));
      Dim height = divided(x.dim(2), block, "height", in);
      Dim width = divided(x.dim(3), block, "width", in);
      in.result(0, Shape.of(x.dim(0), channels, height, width));
    } else {
      in.result(0, in.freshShape(4, "depth"));
    }
  }

  private static long block(long size, InferenceContext in) {
    if (size < 1) {
      throw in.error("attribute 'blocksize' must be positive")
          .expected("at least 1", size)
          .toException();
    }
    return size;
  }

  private static Dim divided(Dim length, long by, String what, InferenceContext in) {
    if (length.isKnown() && length.known() % by != 0) {
      throw in.error("the %s cannot be divided", what)
          .expected("a multiple of " + by, length)
          .toException();
    }
    return length.floorDiv(Dim.of(by));
  }

  private static void centerCropPad(CenterCropPadOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    List<Integer> axes =
        op.axes()
            .map(a -> in.axes(a.stream().mapToLong(Long::longValue).toArray(), shape.rank()))
            .orElseGet(() -> IntStream.range(0, shape.rank()).boxed().toList());
    List<Dim> target = in.vector(1).orElseGet(() -> in.freshShape(axes.size(), "cropped").dims());
    if (target.size() != axes.size()) {
      throw in.error("operand 'shape' has the wrong number of elements")
          .expected(axes.size(), target)
          .toException();
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < axes.size(); i++) {
      dims.set(axes.get(i), target.get(i));
    }
    in.result(0, Shape.of(dims));
  }

  private static void reverseSequence(ReverseSequenceOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    in.requireRank(1, "sequence_lens", 1);
    if (shape.isRanked()) {
      if (shape.rank() < 2 || op.batchAxis() == op.timeAxis()) {
        throw in.error("the operand needs a batch and a time axis")
            .expected("rank 2 or more and two axes", shape)
            .toException();
      }
      int batch = in.axis(op.batchAxis(), shape.rank());
      in.axis(op.timeAxis(), shape.rank());
      if (in.shape(1).hasRank(1)) {
        in.requireEqual(shape.dim(batch), in.shape(1).dim(0), "batch and sequence_lens");
      }
    }
    in.result(0, shape);
  }
}
