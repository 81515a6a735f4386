package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.stream.LongStream;

/** Normalisations. */
final class NormalizationRules {
  private NormalizationRules() {}

  static void register(Rules rules) {
    rules.several(
        "FusedBatchNorm",
        NormalizationRules::batchNorm,
        "y",
        "batch_mean",
        "batch_variance",
        "reserve_space_1",
        "reserve_space_2");
    rules.several(
        "FusedBatchNormV2",
        NormalizationRules::batchNorm,
        "y",
        "batch_mean",
        "batch_variance",
        "reserve_space_1",
        "reserve_space_2");
    rules.several(
        "FusedBatchNormV3",
        NormalizationRules::batchNorm,
        "y",
        "batch_mean",
        "batch_variance",
        "reserve_space_1",
        "reserve_space_2",
        "reserve_space_3");
    rules.on("LRN", NormalizationRules::localResponse);
    rules.on("L2Loss", NormalizationRules::halfOfSquares);
  }

  private static List<Value> batchNorm(TfNode node) {
    node.attributes().ignore("exponential_avg_factor");
    boolean training = node.attributes().flag("is_training", true);
    double epsilon = node.attributes().real("epsilon", 0.0001f);
    if (training) {
      return List.of(ofTheBatch(node, epsilon));
    }
    int rank = node.attributes().text("data_format", "NHWC").length();
    Layout layout = Layout.of(node, "NHWC");
    Value x = layout.enter(node, node.in(0), rank);
    Value y =
        node.main()
            .batchNormalization(
                x, node.in(1), node.in(2), node.in(3), node.in(4), a -> a.epsilon(epsilon));
    return List.of(layout.leave(node.builder(), y, rank), node.in(3), node.in(4));
  }

  /** In training, mean and variance are those of the batch itself. */
  private static Value ofTheBatch(TfNode node, double epsilon) {
    boolean plain = node.dtype(0) == DType.F32 && node.dtype(1) == DType.F32;
    if (!plain || Layout.of(node, "NHWC").channelsFirst()) {
      throw node.unsupported("%s with is_training = true, of %s", node.op(), node.dtype(0));
    }
    GraphBuilder b = node.builder();
    node.ignore(3);
    node.ignore(4);
    long[] all = LongStream.range(0, node.rank(0) - 1).toArray();
    Value mean = b.reduceMean(node.in(0), node.vector(all));
    Value centred = b.sub(node.in(0), mean);
    Value variance = b.reduceMean(b.mul(centred, centred), node.vector(all));
    Value deviation = b.sqrt(b.add(variance, node.scalar(DType.F32, epsilon)));
    Value scaled = b.mul(b.div(centred, deviation), node.in(1));
    return node.main().add(scaled, node.in(2));
  }

  /** Across the last axis; the plain operator divides {@code alpha} by the window's length. */
  private static Value localResponse(TfNode node) {
    long radius = node.attributes().integer("depth_radius", 5);
    double bias = node.attributes().real("bias", 1f);
    double alpha = node.attributes().real("alpha", 1f);
    double beta = node.attributes().real("beta", 0.5f);
    long size = 2 * radius + 1;
    Layout layout = new Layout(false);
    Value x = layout.enter(node, node.in(0), 4);
    Value y = node.main().lrn(x, a -> a.size(size).alpha(alpha * size).beta(beta).bias(bias));
    return layout.leave(node.builder(), y, 4);
  }

  private static Value halfOfSquares(TfNode node) {
    Value sum = node.builder().reduceSumSquare(node.in(0), a -> a.keepdims(false));
    return node.main().mul(sum, node.scalar(node.dtype(0), 0.5));
  }
}
