package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.ConstantOfShapeOp;
import dev.isomorph.ir.op.ConstantOp;
import dev.isomorph.ir.op.ExpandOp;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.RangeOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.SizeOp;
import dev.isomorph.ir.op.SqueezeOp;
import dev.isomorph.ir.op.TileOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Shapes, and tensors of a given shape. */
final class ShapeRaising {
  private ShapeRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ShapeOp.class, ShapeRaising::shape);
    rules.on(
        SizeOp.class,
        (_, n) -> n.main("Size", Attributes.none().type("out_type", DType.I64), n.in(0)));
    rules.on(ReshapeOp.class, ShapeRaising::reshape);
    rules.on(FlattenOp.class, ShapeRaising::flatten);
    rules.on(SqueezeOp.class, ShapeRaising::squeeze);
    rules.on(UnsqueezeOp.class, ShapeRaising::unsqueeze);
    rules.on(ExpandOp.class, ShapeRaising::expand);
    rules.on(TileOp.class, (_, n) -> n.main("Tile", n.in(0), n.in(1)));
    rules.on(RangeOp.class, (_, n) -> n.main("Range", n.in(0), n.in(1), n.in(2)));
    rules.on(ConstantOp.class, ShapeRaising::constant);
    rules.on(ConstantOfShapeOp.class, ShapeRaising::constantOfShape);
  }

  private static Ref shape(ShapeOp op, RaisingNode node) {
    if (op.start() == 0 && op.end().isEmpty()) {
      return node.main("Shape", Attributes.none().type("out_type", DType.I64), node.in(0));
    }
    int rank = node.rank(0);
    long start = clamp(op.start(), rank);
    long end = clamp(op.end().orElse(rank), rank);
    return node.main(
        "StridedSlice",
        node.shapeOf(node.in(0)),
        node.vector(start),
        node.vector(Math.max(start, end)),
        node.vector(1));
  }

  private static long clamp(long axis, int rank) {
    return Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  /** A zero in the target copies a length, unless {@code allowzero} says otherwise. */
  private static Ref reshape(ReshapeOp op, RaisingNode node) {
    long[] target = node.known(1).orElse(null);
    if (op.allowzero() == 1 || target == null || LongStream.of(target).noneMatch(d -> d == 0)) {
      Ref shape = target == null ? node.in(1) : node.vector(target);
      return node.main("Reshape", node.in(0), shape);
    }
    List<Ref> parts = new ArrayList<>();
    Shape input = node.shape(0);
    Ref actual = null;
    for (int i = 0; i < target.length; i++) {
      if (target[i] != 0) {
        parts.add(node.vector(target[i]));
      } else if (input.isRanked() && input.dim(i).isKnown()) {
        parts.add(node.vector(input.dim(i).known()));
      } else {
        actual = actual == null ? node.shapeOf(node.in(0)) : actual;
        parts.add(
            node.sub("StridedSlice", actual, node.vector(i), node.vector(i + 1), node.vector(1)));
      }
    }
    return node.main("Reshape", node.in(0), joined(node, parts));
  }

  private static Ref joined(RaisingNode node, List<Ref> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    List<Ref> operands = new ArrayList<>(parts);
    operands.add(node.scalar(DType.I32, 0));
    return node.sub("ConcatV2", operands.toArray(Ref[]::new));
  }

  private static Ref flatten(FlattenOp op, RaisingNode node) {
    Shape shape = node.shape(0);
    int rank = node.rank(0);
    int axis = (int) clamp(op.axis(), rank);
    Dim front = shape.slice(0, axis).size();
    Dim back = shape.slice(axis, rank).size();
    if (back.isKnown()) {
      return node.main(
          "Reshape", node.in(0), node.vector(front.isKnown() ? front.known() : -1, back.known()));
    }
    if (front.isKnown()) {
      return node.main("Reshape", node.in(0), node.vector(front.known(), -1));
    }
    Ref actual = node.shapeOf(node.in(0));
    Ref head = node.sub("StridedSlice", actual, node.vector(0), node.vector(axis), node.vector(1));
    Attributes keep = Attributes.none().flag("keep_dims", true);
    Ref product = node.sub("Prod", keep, head, node.vector(0));
    return node.main("Reshape", node.in(0), joined(node, List.of(product, node.vector(-1))));
  }

  private static Ref squeeze(SqueezeOp op, RaisingNode node) {
    Attributes attributes = Attributes.none();
    if (node.has(1)) {
      attributes.integers("squeeze_dims", node.numbers(1, "the axes"));
    }
    return node.main("Squeeze", attributes, node.in(0));
  }

  private static Ref unsqueeze(UnsqueezeOp op, RaisingNode node) {
    long[] axes = node.numbers(1, "the axes");
    if (axes.length == 1) {
      return node.main("ExpandDims", node.in(0), node.scalar(DType.I32, axes[0]));
    }
    int rank = node.rank(0) + axes.length;
    long[] sorted = LongStream.of(axes).map(a -> RaisingNode.axis(a, rank)).sorted().toArray();
    Ref value = node.in(0);
    for (int i = 0; i < sorted.length; i++) {
      Ref axis = node.scalar(DType.I32, sorted[i]);
      value =
          i == sorted.length - 1
              ? node.main("ExpandDims", value, axis)
              : node.sub("ExpandDims", value, axis);
    }
    return axes.length == 0 ? node.main("Identity", value) : value;
  }

  /** Both shapes broadcast: the operand's own lengths may be the longer ones. */
  private static Ref expand(ExpandOp op, RaisingNode node) {
    Shape result = node.resultShape(0);
    if (result.isKnown()) {
      return node.main("BroadcastTo", node.in(0), node.vector(result.known().orElseThrow()));
    }
    boolean ones = node.shape(0).isRanked() && node.shape(0).dims().stream().allMatch(d -> d.is(1));
    if (ones
        && result.isRanked()
        && node.shape(0).rank() <= node.length(node.shape(1).dim(0), "the rank")) {
      return node.main("BroadcastTo", node.in(0), node.in(1));
    }
    Ref target = node.sub("BroadcastArgs", node.shapeOf(node.in(0)), node.in(1));
    return node.main("BroadcastTo", node.in(0), target);
  }

  private static Ref constant(ConstantOp op, RaisingNode node) {
    Tensor value =
        op.value()
            .or(
                () ->
                    op.valueFloat().stream().mapToObj(v -> Tensor.scalar(DType.F32, v)).findFirst())
            .or(() -> op.valueInt().stream().mapToObj(v -> Tensor.scalar(DType.I64, v)).findFirst())
            .or(
                () ->
                    op.valueInts()
                        .map(v -> Tensor.vector(v.stream().mapToLong(Long::longValue).toArray())))
            .or(() -> op.valueFloats().map(ShapeRaising::floats))
            .or(() -> op.valueString().map(v -> Tensor.of(List.of(v))))
            .or(() -> op.valueStrings().map(v -> Tensor.of(v, v.size())))
            .orElseThrow(() -> node.refused("a sparse constant"));
    return node.constant(value);
  }

  private static Tensor floats(List<Double> values) {
    double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
    return Tensor.of(DType.F32, all, all.length);
  }

  private static Ref constantOfShape(ConstantOfShapeOp op, RaisingNode node) {
    Tensor value = op.value().orElseGet(() -> Tensor.scalar(DType.F32, 0.0));
    return node.main("Fill", node.in(0), node.constant(value.reshape()));
  }
}
