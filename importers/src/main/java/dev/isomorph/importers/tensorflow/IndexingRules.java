package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/** Elements picked by their positions. */
final class IndexingRules {
  private IndexingRules() {}

  static void register(Rules rules) {
    rules.on("GatherV2", n -> gather(n, n.constant(2, "the axis")));
    rules.on("Gather", n -> gather(n, 0));
    rules.on("ResourceGather", n -> gather(n, 0));
    rules.on("GatherNd", IndexingRules::gatherNd);
    rules.on("ResourceGatherNd", IndexingRules::gatherNd);
    rules.on("OneHot", IndexingRules::oneHot);
    rules.on("Where", IndexingRules::where);
    rules.on("MatrixBandPart", IndexingRules::band);
  }

  private static Value gather(TfNode node, long axis) {
    node.attributes().ignore("validate_indices", "dtype");
    if (node.attributes().integer("batch_dims", 0) != 0) {
      throw node.unsupported("%s with batch_dims other than 0", node.op());
    }
    return node.main().gather(node.in(0), node.in(1), a -> a.axis(axis));
  }

  private static Value gatherNd(TfNode node) {
    node.attributes().ignore("dtype", "bad_indices_policy");
    Value indices = node.i64(1);
    return node.main().gatherND(node.in(0), indices);
  }

  /**
   * Positions out of range, negative ones too, give a row of {@code off}; the plain operator counts
   * negative ones from the end.
   */
  private static Value oneHot(TfNode node) {
    GraphBuilder b = node.builder();
    long axis = node.attributes().integer("axis", -1);
    Value positions = node.i64(0);
    Value depth = node.i64(1);
    Value zero = node.scalar(DType.I64, 0);
    Value inRange = b.where(b.less(positions, zero), depth, positions);
    Value off = b.unsqueeze(node.in(3), node.vector(0));
    Value on = b.unsqueeze(node.in(2), node.vector(0));
    Value values = b.concat(List.of(off, on), a -> a.axis(0));
    return node.main().oneHot(inRange, depth, values, a -> a.axis(axis));
  }

  /** Rows of positions, where the plain operator gives columns. */
  private static Value where(TfNode node) {
    Value columns = node.builder().nonZero(node.in(0));
    return node.main().transpose(columns, a -> a.perm(1, 0));
  }

  /** Keeps so many diagonals below and above the main one; a negative number keeps all. */
  private static Value band(TfNode node) {
    long lower = node.constant(1, "num_lower");
    long upper = node.constant(2, "num_upper");
    Value value = node.in(0);
    if (lower >= 0) {
      Value k = node.builder().constant(node.name() + "/lower", Tensor.scalar(DType.I64, -lower));
      GraphBuilder b = upper >= 0 ? node.builder() : node.main();
      value = b.trilu(value, k, a -> a.upper(true));
    }
    if (upper >= 0) {
      Value k = node.builder().constant(node.name() + "/upper", Tensor.scalar(DType.I64, upper));
      value = node.main().trilu(value, k, a -> a.upper(false));
    }
    return value;
  }
}
