package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.GatherElementsOp;
import dev.isomorph.ir.op.GatherNDOp;
import dev.isomorph.ir.op.GatherOp;
import dev.isomorph.ir.op.NonZeroOp;
import dev.isomorph.ir.op.OneHotOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Elements picked by their positions. ONNX counts negative positions from the end. */
final class IndexingRaising {
  private IndexingRaising() {}

  static void register(RaisingRules rules) {
    rules.on(GatherOp.class, IndexingRaising::gather);
    rules.on(GatherNDOp.class, IndexingRaising::gatherNd);
    rules.on(GatherElementsOp.class, IndexingRaising::gatherElements);
    rules.on(OneHotOp.class, IndexingRaising::oneHot);
    rules.on(NonZeroOp.class, IndexingRaising::nonZero);
  }

  private static Ref gather(GatherOp op, RaisingNode node) {
    int axis = RaisingNode.axis(op.axis(), node.rank(0));
    Ref indices = fromFront(node, 1, axis);
    return node.main("GatherV2", node.in(0), indices, node.scalar(DType.I32, axis));
  }

  /** {@return positions along an axis, with the negative ones counted from the front} */
  private static Ref fromFront(RaisingNode node, int operand, int axis) {
    Optional<Tensor> constant = node.value(operand).constant();
    Optional<long[]> known =
        node.known(operand).filter(v -> Arrays.stream(v).allMatch(i -> i >= 0));
    if (known.isPresent() || constant.isPresent() && isFromFront(constant.get())) {
      return node.in(operand);
    }
    Ref indices = node.in(operand);
    DType type = indices.dtype();
    Ref length;
    if (node.shape(0).isRanked() && node.shape(0).dim(axis).isKnown()) {
      length = node.constant(Tensor.scalar(type, node.shape(0).dim(axis).known()));
    } else {
      Ref shape = node.shapeOf(node.in(0));
      Ref one =
          node.sub(
              "StridedSlice",
              Attributes.none().integer("shrink_axis_mask", 1),
              shape,
              node.vector(axis),
              node.vector(axis + 1L),
              node.vector(1));
      length = node.cast(one, type);
    }
    Ref negative = node.sub("Less", indices, node.constant(Tensor.scalar(type, 0L)));
    return node.sub("SelectV2", negative, node.sub("AddV2", indices, length), indices);
  }

  private static boolean isFromFront(Tensor tensor) {
    return Arrays.stream(tensor.toLongs()).allMatch(i -> i >= 0);
  }

  private static Ref gatherNd(GatherNDOp op, RaisingNode node) {
    if (op.batchDims() != 0) {
      throw node.refused("GatherND with batch_dims");
    }
    if (node.value(1).constant().filter(IndexingRaising::isFromFront).isEmpty()) {
      int depth = (int) node.length(node.shape(1).dim(-1), "the number of indexed axes");
      Ref shape = node.shapeOf(node.in(0));
      Ref lengths =
          node.sub("StridedSlice", shape, node.vector(0), node.vector(depth), node.vector(1));
      Ref negative = node.sub("Less", node.in(1), node.longScalar(0));
      Ref moved = node.sub("AddV2", node.in(1), lengths);
      return node.main("GatherNd", node.in(0), node.sub("SelectV2", negative, moved, node.in(1)));
    }
    return node.main("GatherNd", node.in(0), node.in(1));
  }

  /** Row by row along the last axis, where all other lengths agree. */
  private static Ref gatherElements(GatherElementsOp op, RaisingNode node) {
    int rank = node.rank(0);
    int axis = RaisingNode.axis(op.axis(), rank);
    for (int i = 0; i < rank; i++) {
      if (i != axis && !node.shape(0).dim(i).equals(node.shape(1).dim(i))) {
        throw node.refused("GatherElements from a larger tensor than its positions");
      }
    }
    List<Long> perm =
        LongStream.range(0, rank)
            .map(i -> i == axis ? rank - 1 : i == rank - 1 ? axis : i)
            .boxed()
            .toList();
    Ref data = node.transpose(node.in(0), perm);
    Ref indices = node.transpose(fromFront(node, 1, axis), perm);
    Ref picked =
        node.sub(
            "GatherV2",
            Attributes.none().integer("batch_dims", rank - 1L),
            data,
            indices,
            node.scalar(DType.I32, rank - 1));
    return node.transpose(picked, perm);
  }

  private static Ref oneHot(OneHotOp op, RaisingNode node) {
    if (!node.dtype(0).isInteger()) {
      throw node.refused("positions that are no integers");
    }
    Ref depth = node.sub("Reshape", node.cast(node.in(1), DType.I32), node.vector());
    Ref indices = node.cast(node.in(0), DType.I64);
    Ref negative = node.sub("Less", indices, node.longScalar(0));
    Ref moved = node.sub("AddV2", indices, node.cast(depth, DType.I64));
    Ref positions = node.sub("SelectV2", negative, moved, indices);
    Ref off = element(node, 0);
    Ref on = element(node, 1);
    long axis = op.axis();
    int rank = node.rank(0) + 1;
    long at = RaisingNode.axis(axis, rank) == rank - 1 ? -1 : RaisingNode.axis(axis, rank);
    Attributes attributes = at == -1 ? Attributes.none() : Attributes.none().integer("axis", at);
    return node.main("OneHot", attributes, positions, depth, on, off);
  }

  private static Ref element(RaisingNode node, long index) {
    return node.sub(
        "StridedSlice",
        Attributes.none().integer("shrink_axis_mask", 1),
        node.in(2),
        node.vector(index),
        node.vector(index + 1),
        node.vector(1));
  }

  private static Ref nonZero(NonZeroOp op, RaisingNode node) {
    Ref rows = node.sub("Where", node.in(0));
    return node.transposeMain(rows, List.of(1L, 0L));
  }
}
