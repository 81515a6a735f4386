package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.AveragePoolOp;
import dev.isomorph.ir.op.GlobalAveragePoolOp;
import dev.isomorph.ir.op.GlobalLpPoolOp;
import dev.isomorph.ir.op.GlobalMaxPoolOp;
import dev.isomorph.ir.op.LpPoolOp;
import dev.isomorph.ir.op.MaxPoolOp;
import dev.isomorph.ir.op.MaxRoiPoolOp;
import dev.isomorph.ir.op.MaxUnpoolOp;
import dev.isomorph.ir.op.RoiAlignOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Pools over spatial axes: batch and channels are kept. */
final class PoolInference {
  private PoolInference() {}

  static void register(InferenceRules rules) {
    rules.on(
        MaxPoolOp.class,
        (op, in) -> {
          pool(
              in,
              op.kernelShape(),
              op.strides(),
              op.dilations(),
              op.pads(),
              op.autoPad(),
              op.ceilMode());
          in.result(1, in.types().getFirst().shape());
        });
    rules.on(
        AveragePoolOp.class,
        (op, in) ->
            pool(
                in,
                op.kernelShape(),
                op.strides(),
                op.dilations(),
                op.pads(),
                op.autoPad(),
                op.ceilMode()));
    rules.on(
        LpPoolOp.class,
        (op, in) ->
            pool(
                in,
                op.kernelShape(),
                op.strides(),
                op.dilations(),
                op.pads(),
                op.autoPad(),
                op.ceilMode()));
    rules.on(GlobalAveragePoolOp.class, (_, in) -> global(in));
    rules.on(GlobalMaxPoolOp.class, (_, in) -> global(in));
    rules.on(GlobalLpPoolOp.class, (_, in) -> global(in));
    rules.on(MaxUnpoolOp.class, PoolInference::unpool);
    rules.on(
        MaxRoiPoolOp.class,
        (op, in) -> regions(in, op.pooledShape().stream().map(Dim::of).toList()));
    rules.on(
        RoiAlignOp.class,
        (op, in) -> regions(in, List.of(Dim.of(op.outputHeight()), Dim.of(op.outputWidth()))));
  }

  private static void pool(
      InferenceContext in,
      List<Long> kernelShape,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations,
      Optional<List<Long>> pads,
      String autoPad,
      long ceilMode) {
    List<Dim> kernel = kernelShape.stream().map(Dim::of).toList();
    in.requireRank(0, "X", kernel.size() + 2);
    Windows windows = Windows.of(in, kernel, strides, dilations, pads, autoPad, ceilMode != 0);
    Shape x = in.shape(0);
    if (x.isRanked()) {
      in.result(0, x.slice(0, 2).append(Shape.of(windows.slide(x.slice(2, x.rank()).dims()))));
    } else {
      in.result(0, in.freshShape(kernel.size() + 2, "pool"));
    }
  }

  private static void global(InferenceContext in) {
    Shape x = in.shape(0);
    if (!x.isRanked()) {
      return;
    }
    if (x.rank() < 2) {
      throw in.error("X needs batch and channels").expected("rank 2 or more", x).toException();
    }
    List<Dim> dims = new ArrayList<>(x.slice(0, 2).dims());
    dims.addAll(Collections.nCopies(x.rank() - 2, Dim.of(1)));
    in.result(0, Shape.of(dims));
  }

  private static void unpool(MaxUnpoolOp op, InferenceContext in) {
    List<Dim> kernel = op.kernelShape().stream().map(Dim::of).toList();
    Windows windows =
        Windows.of(in, kernel, op.strides(), Optional.empty(), op.pads(), "NOTSET", false);
    if (in.has(2)) {
      in.result(
          0,
          in.vector(2)
              .map(Shape::of)
              .orElseGet(() -> in.freshShape(kernel.size() + 2, "unpooled")));
      return;
    }
    Shape x = in.shape(0);
    if (x.isRanked()) {
      in.requireRank(0, "X", kernel.size() + 2);
      List<Long> none = Collections.nCopies(kernel.size(), 0L);
      in.result(
          0, x.slice(0, 2).append(Shape.of(windows.unslide(x.slice(2, x.rank()).dims(), none))));
    }
  }

  private static void regions(InferenceContext in, List<Dim> pooled) {
    in.requireRank(0, "X", 4);
    in.requireRank(1, "rois", 2);
    Dim count = in.shape(1).isRanked() ? in.shape(1).dim(0) : in.freshSymbol("rois");
    Dim channels = in.shape(0).isRanked() ? in.shape(0).dim(1) : in.freshSymbol("channels");
    List<Dim> dims = new ArrayList<>(List.of(count, channels));
    dims.addAll(pooled);
    in.result(0, Shape.of(dims));
  }
}
