package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.op.GroupNormalizationOp;
import dev.isomorph.ir.op.InstanceNormalizationOp;
import dev.isomorph.ir.op.LRNOp;
import dev.isomorph.ir.op.LayerNormalizationOp;
import dev.isomorph.ir.op.LpNormalizationOp;
import dev.isomorph.ir.op.RMSNormalizationOp;
import dev.isomorph.ir.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Normalisations. */
final class NormalizationRaising {
  private NormalizationRaising() {}

  static void register(RaisingRules rules) {
    rules.on(BatchNormalizationOp.class, NormalizationRaising::batch);
    rules.several(LayerNormalizationOp.class, NormalizationRaising::layer);
    rules.on(InstanceNormalizationOp.class, NormalizationRaising::instance);
    rules.on(GroupNormalizationOp.class, NormalizationRaising::group);
    rules.on(RMSNormalizationOp.class, NormalizationRaising::rms);
    rules.on(LpNormalizationOp.class, NormalizationRaising::lp);
    rules.on(LRNOp.class, NormalizationRaising::localResponse);
  }

  private static Ref batch(BatchNormalizationOp op, RaisingNode node) {
    if (op.trainingMode() == 1) {
      throw node.refused("batch normalisation in training");
    }
    boolean fused =
        node.rank(0) == 4 && LongStream.range(0, 5).allMatch(i -> node.dtype((int) i) == DType.F32);
    return fused ? fusedBatch(op, node) : plainBatch(op, node);
  }

  private static Ref fusedBatch(BatchNormalizationOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Attributes attributes =
        Attributes.none().real("epsilon", (float) op.epsilon()).flag("is_training", false);
    List<Ref> results =
        node.several(
            "FusedBatchNormV3",
            attributes,
            image.enter(node.in(0)),
            node.in(1),
            node.in(2),
            node.in(3),
            node.in(4));
    return image.leave(results.getFirst());
  }

  private static Ref plainBatch(BatchNormalizationOp op, RaisingNode node) {
    DType wide = node.dtype(3);
    Ref variance = node.sub("AddV2", node.in(4), node.scalar(wide, op.epsilon()));
    Ref factor = node.sub("Mul", node.cast(node.in(1), wide), node.sub("Rsqrt", variance));
    Ref x = node.cast(node.in(0), wide);
    Ref centred = node.sub("Sub", x, perChannel(node, node.in(3)));
    Ref scaled = node.sub("Mul", centred, perChannel(node, factor));
    Ref bias = perChannel(node, node.cast(node.in(2), wide));
    if (wide == node.dtype(0)) {
      return node.main("AddV2", scaled, bias);
    }
    return node.main(
        "Cast", Attributes.none().type("DstT", node.dtype(0)), node.sub("AddV2", scaled, bias));
  }

  /** {@return a vector per channel that broadcasts against an operand with channels second} */
  private static Ref perChannel(RaisingNode node, Ref vector) {
    int rank = node.rank(0);
    if (rank <= 2) {
      return vector;
    }
    long[] dims = new long[rank - 1];
    Arrays.fill(dims, 1);
    dims[0] = -1;
    return node.sub("Reshape", vector, node.vector(dims));
  }

  private record Moments(Ref mean, Ref centred, Ref inverse) {}

  private static Moments moments(RaisingNode node, Ref x, Ref axes, double epsilon) {
    Attributes keep = Attributes.none().flag("keep_dims", true);
    Ref mean = node.sub("Mean", keep, x, axes);
    Ref centred = node.sub("Sub", x, mean);
    Attributes again = Attributes.none().flag("keep_dims", true);
    Ref variance = node.sub("Mean", again, node.sub("Square", centred), axes);
    Ref inverse = node.sub("Rsqrt", node.sub("AddV2", variance, node.scalar(x.dtype(), epsilon)));
    return new Moments(mean, centred, inverse);
  }

  private static DType stash(DType own, long stashType) {
    boolean narrow = own == DType.F16 || own == DType.BF16;
    return narrow && stashType == DType.F32.onnxCode() ? DType.F32 : own;
  }

  private static List<Ref> layer(LayerNormalizationOp op, RaisingNode node) {
    int rank = node.rank(0);
    DType own = node.dtype(0);
    DType wide = stash(own, op.stashType());
    long[] axes = LongStream.range(RaisingNode.axis(op.axis(), rank), rank).toArray();
    Moments moments = moments(node, node.cast(node.in(0), wide), node.vector(axes), op.epsilon());
    Ref normal = node.cast(node.sub("Mul", moments.centred, moments.inverse), own);
    Ref y =
        node.has(2)
            ? node.main("AddV2", node.sub("Mul", normal, node.in(1)), node.in(2))
            : node.main("Mul", normal, node.in(1));
    return List.of(y, moments.mean, moments.inverse);
  }

  private static Ref instance(InstanceNormalizationOp op, RaisingNode node) {
    long[] axes = LongStream.range(2, node.rank(0)).toArray();
    Moments moments = moments(node, node.in(0), node.vector(axes), op.epsilon());
    Ref normal = node.sub("Mul", moments.centred, moments.inverse);
    Ref scaled = node.sub("Mul", normal, perChannel(node, node.in(1)));
    return node.main("AddV2", scaled, perChannel(node, node.in(2)));
  }

  private static Ref group(GroupNormalizationOp op, RaisingNode node) {
    DType own = node.dtype(0);
    DType wide = stash(own, op.stashType());
    Ref x = node.cast(node.in(0), wide);
    Ref shape = node.shapeOf(x);
    Ref batch = node.sub("StridedSlice", shape, node.vector(0), node.vector(1), node.vector(1));
    Ref grouped =
        node.sub("ConcatV2", batch, node.vector(op.numGroups(), -1), node.scalar(DType.I32, 0L));
    Moments moments = moments(node, node.sub("Reshape", x, grouped), node.vector(2), op.epsilon());
    Ref normal = node.sub("Reshape", node.sub("Mul", moments.centred, moments.inverse), shape);
    Ref scaled = node.sub("Mul", node.cast(normal, own), perChannel(node, node.in(1)));
    return node.main("AddV2", scaled, perChannel(node, node.in(2)));
  }

  private static Ref rms(RMSNormalizationOp op, RaisingNode node) {
    int rank = node.rank(0);
    DType own = node.dtype(0);
    DType wide = stash(own, op.stashType());
    Ref axes = node.vector(LongStream.range(RaisingNode.axis(op.axis(), rank), rank).toArray());
    Ref x = node.cast(node.in(0), wide);
    Attributes keep = Attributes.none().flag("keep_dims", true);
    Ref mean = node.sub("Mean", keep, node.sub("Square", x), axes);
    Ref inverse = node.sub("Rsqrt", node.sub("AddV2", mean, node.scalar(wide, op.epsilon())));
    return node.main("Mul", node.cast(node.sub("Mul", x, inverse), own), node.in(1));
  }

  private static Ref lp(LpNormalizationOp op, RaisingNode node) {
    Ref axes = node.vector(op.axis());
    Attributes keep = Attributes.none().flag("keep_dims", true);
    Ref x = node.in(0);
    Ref norm =
        op.p() == 1
            ? node.sub("Sum", keep, node.sub("Abs", x), axes)
            : node.sub("Sqrt", node.sub("Sum", keep, node.sub("Square", x), axes));
    // A row of zeros stays one.
    Ref zero = node.scalar(node.dtype(0), 0);
    Ref quotient = node.sub("RealDiv", x, norm);
    return node.main("SelectV2", node.sub("Equal", norm, zero), node.sub("ZerosLike", x), quotient);
  }

  private static Ref localResponse(LRNOp op, RaisingNode node) {
    if (op.size() % 2 == 0 || node.rank(0) != 4) {
      throw node.refused("LRN over an even number of channels, or not of an image");
    }
    ImageOps image = new ImageOps(node);
    Attributes attributes =
        Attributes.none()
            .integer("depth_radius", op.size() / 2)
            .real("bias", (float) op.bias())
            .real("alpha", (float) (op.alpha() / op.size()))
            .real("beta", (float) op.beta());
    return image.leave(node.main("LRN", attributes, image.enter(node.in(0))));
  }
}
