package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.ConcatOp;
import dev.isomorph.ir.op.DepthToSpaceOp;
import dev.isomorph.ir.op.PadOp;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.op.SpaceToDepthOp;
import dev.isomorph.ir.op.SplitOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.op.TriluOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Elements moved, joined, cut out and padded. */
final class MovementRaising {
  private MovementRaising() {}

  static void register(RaisingRules rules) {
    rules.on(TransposeOp.class, MovementRaising::transpose);
    rules.on(ConcatOp.class, MovementRaising::concat);
    rules.several(SplitOp.class, MovementRaising::split);
    rules.on(SliceOp.class, MovementRaising::slice);
    rules.on(PadOp.class, MovementRaising::pad);
    rules.on(DepthToSpaceOp.class, MovementRaising::depthToSpace);
    rules.on(SpaceToDepthOp.class, MovementRaising::spaceToDepth);
    rules.on(TriluOp.class, MovementRaising::triangle);
  }

  private static Ref transpose(TransposeOp op, RaisingNode node) {
    List<Long> perm =
        op.perm()
            .orElseGet(
                () -> {
                  int rank = node.rank(0);
                  return LongStream.range(0, rank).map(i -> rank - 1 - i).boxed().toList();
                });
    return node.transposeMain(node.in(0), perm);
  }

  private static Ref concat(ConcatOp op, RaisingNode node) {
    List<Ref> all = new ArrayList<>(node.all());
    if (all.size() == 1) {
      return node.main("Identity", all.getFirst());
    }
    all.add(node.scalar(DType.I32, op.axis()));
    return node.main("ConcatV2", all.toArray(Ref[]::new));
  }

  /** Without lengths, the last part may be shorter than the others. */
  private static List<Ref> split(SplitOp op, RaisingNode node) {
    int parts = node.results();
    Ref axis = node.scalar(DType.I32, op.axis());
    long[] lengths = node.has(1) ? node.numbers(1, "the lengths of the parts") : null;
    if (lengths == null) {
      Dim dim = node.shape(0).dim((int) op.axis());
      long length = node.length(dim, "the length that is split");
      long part = Math.ceilDiv(length, parts);
      lengths = new long[parts];
      Arrays.fill(lengths, part);
      lengths[parts - 1] = length - part * (parts - 1);
    }
    if (lengths.length == 1) {
      return List.of(node.main("Identity", node.in(0)));
    }
    return node.several(
        "SplitV",
        Attributes.none().integer("num_split", parts),
        node.in(0),
        node.vector(lengths),
        axis);
  }

  private static Ref slice(SliceOp op, RaisingNode node) {
    Optional<long[]> starts = node.known(1);
    Optional<long[]> ends = node.known(2);
    int count =
        starts
            .or(() -> ends)
            .map(v -> v.length)
            .orElseGet(() -> (int) node.length(node.shape(1).dim(0), "the number of sliced axes"));
    long[] axes =
        node.has(3) ? node.numbers(3, "the sliced axes") : LongStream.range(0, count).toArray();
    long[] steps = node.has(4) ? node.numbers(4, "the steps") : ones(count);
    int rank = node.rank(0);
    long[] begin = new long[rank];
    long[] end = new long[rank];
    long[] strides = ones(rank);
    int beginMask = (1 << rank) - 1;
    int endMask = beginMask;
    List<Ref> begins = new ArrayList<>();
    List<Ref> finishes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      begins.add(null);
      finishes.add(null);
    }
    for (int i = 0; i < count; i++) {
      int axis = RaisingNode.axis(axes[i], rank);
      strides[axis] = steps[i];
      beginMask &= ~(1 << axis);
      endMask &= ~(1 << axis);
      if (starts.isPresent()) {
        begin[axis] = starts.get()[i];
      } else {
        begins.set(axis, element(node, 1, i));
      }
      if (ends.isEmpty()) {
        finishes.set(axis, element(node, 2, i));
      } else if (isOpen(ends.get()[i], steps[i], node.shape(0).dim(axis))) {
        endMask |= 1 << axis;
      } else {
        end[axis] = ends.get()[i];
      }
    }
    return node.main(
        "StridedSlice",
        Attributes.none().integer("begin_mask", beginMask).integer("end_mask", endMask),
        node.in(0),
        vector(node, begin, begins),
        vector(node, end, finishes),
        node.vector(strides));
  }

  /** {@return whether an end lies beyond the axis, whatever its length} */
  private static boolean isOpen(long end, long step, Dim length) {
    long far = length.isKnown() ? length.known() : Integer.MAX_VALUE;
    return step > 0 ? end >= far : end < -far;
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static Ref element(RaisingNode node, int operand, int i) {
    Ref all = node.cast(node.in(operand), DType.I64);
    return node.sub("StridedSlice", all, node.vector(i), node.vector(i + 1L), node.vector(1));
  }

  private static Ref vector(RaisingNode node, long[] known, List<Ref> computed) {
    if (computed.stream().allMatch(ref -> ref == null)) {
      return node.vector(known);
    }
    List<Ref> parts = new ArrayList<>();
    for (int i = 0; i < known.length; i++) {
      parts.add(computed.get(i) == null ? node.vector(known[i]) : computed.get(i));
    }
    parts.add(node.scalar(DType.I32, 0));
    return parts.size() == 2 ? parts.getFirst() : node.sub("ConcatV2", parts.toArray(Ref[]::new));
  }

  private static Ref pad(PadOp op, RaisingNode node) {
    int rank = node.rank(0);
    long[] pads = node.numbers(1, "the padding");
    long[] axes =
        node.has(3) ? node.numbers(3, "the padded axes") : LongStream.range(0, rank).toArray();
    long[] table = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = RaisingNode.axis(axes[i], rank);
      table[2 * axis] = pads[i];
      table[2 * axis + 1] = pads[axes.length + i];
    }
    Ref value = node.in(0);
    if (Arrays.stream(table).anyMatch(p -> p < 0)) {
      value = cut(node, value, table, rank);
    }
    Ref rows =
        node.constant(Tensor.of(Arrays.stream(table).map(p -> Math.max(p, 0)).toArray(), rank, 2));
    return switch (op.mode()) {
      case "constant" ->
          node.has(2)
              ? node.main("PadV2", value, rows, scalar(node))
              : node.main("Pad", value, rows);
      case "reflect" ->
          node.main("MirrorPad", Attributes.none().text("mode", "REFLECT"), value, rows);
      case "edge" -> {
        if (Arrays.stream(table).anyMatch(p -> p > 1)) {
          throw node.refused("edges repeated more than once");
        }
        yield node.main("MirrorPad", Attributes.none().text("mode", "SYMMETRIC"), value, rows);
      }
      default -> throw node.refused("padding with mode = %s", op.mode());
    };
  }

  private static Ref scalar(RaisingNode node) {
    return node.shape(2).hasRank(0) ? node.in(2) : node.sub("Reshape", node.in(2), node.vector());
  }

  /** Negative padding removes elements. */
  private static Ref cut(RaisingNode node, Ref value, long[] table, int rank) {
    long[] begin = new long[rank];
    long[] end = new long[rank];
    int endMask = 0;
    for (int i = 0; i < rank; i++) {
      begin[i] = Math.max(0, -table[2 * i]);
      end[i] = Math.min(0, table[2 * i + 1]);
      endMask |= end[i] == 0 ? 1 << i : 0;
    }
    return node.sub(
        "StridedSlice",
        Attributes.none().integer("end_mask", endMask),
        value,
        node.vector(begin),
        node.vector(end),
        node.vector(ones(rank)));
  }

  private static Ref depthToSpace(DepthToSpaceOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Attributes block = Attributes.none().integer("block_size", op.blocksize());
    if (op.mode().equals("DCR")) {
      return image.leave(node.main("DepthToSpace", block, image.enter(node.in(0))));
    }
    Shape shape = node.shape(0);
    long size = op.blocksize();
    long channels = node.length(shape.dim(1), "the number of channels") / (size * size);
    // [C, b, b] of the channels become [b, b, C], which is the other mode.
    Ref last = image.enter(node.in(0));
    Ref actual = node.shapeOf(last);
    Ref front = node.sub("StridedSlice", actual, node.vector(0), node.vector(3), node.vector(1));
    Ref parts =
        node.sub("ConcatV2", front, node.vector(channels, size, size), node.scalar(DType.I32, 0));
    Ref split = node.sub("Reshape", last, parts);
    Ref ordered = node.transpose(split, List.of(0L, 1L, 2L, 4L, 5L, 3L));
    Ref joined = node.sub("Reshape", ordered, actual);
    return image.leave(node.sub("DepthToSpace", block, joined));
  }

  private static Ref spaceToDepth(SpaceToDepthOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Attributes block = Attributes.none().integer("block_size", op.blocksize());
    return image.leave(node.main("SpaceToDepth", block, image.enter(node.in(0))));
  }

  private static Ref triangle(TriluOp op, RaisingNode node) {
    long k = node.has(1) ? node.numbers(1, "the diagonal")[0] : 0;
    boolean upper = op.upper() == 1;
    long lower = upper ? -k : -1;
    long above = upper ? -1 : k;
    if (upper ? k > 0 : k < 0) {
      throw node.refused("a triangle that begins beyond the main diagonal");
    }
    return node.main("MatrixBandPart", node.in(0), node.longScalar(lower), node.longScalar(above));
  }
}
