package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.op.ConvTransposeOp;
import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongToIntFunction;

/**
 * Takes a batch normalization in inference mode into the weight and bias of the convolution or
 * matrix product before it: {@code w' = w · f}, {@code b' = (b − mean) · f + beta} with {@code f =
 * scale / √(var + epsilon)} per channel. The factors are computed in f64 and each weight is rounded
 * once, so that results differ by rounding; where a product overflows that did not before, by more.
 */
public final class FoldBatchNorm extends RewritePass {
  /** Makes the pass. */
  public FoldBatchNorm() {
    super(
        "fold-batch-norm",
        List.of(
            RewriteRule.on("normalized product", BatchNormalizationOp.class, FoldBatchNorm::fold)));
  }

  private static Optional<Patch> fold(BatchNormalizationOp op, Node node, Site site) {
    Optional<Node> product =
        node.input(0).producer().filter(n -> site.graph().hasSingleUse(node.input(0)));
    if (op.trainingMode() != 0 || node.results().size() != 1 || product.isEmpty()) {
      return Optional.empty();
    }
    Node p = product.get();
    List<Value.Parameter> stored = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      site.foldable(node.input(i)).ifPresent(stored::add);
    }
    Optional<Value.Parameter> weight = site.foldable(p.input(1));
    Optional<Value.Parameter> bias = p.optionalInput(2).flatMap(site::foldable);
    boolean complete =
        stored.size() == 4
            && weight.filter(w -> isWide(w.tensor().dtype())).isPresent()
            && bias.isPresent() == p.optionalInput(2).isPresent();
    if (!complete) {
      return Optional.empty();
    }
    double[] scale = stored.get(0).tensor().toDoubles();
    double[] beta = stored.get(1).tensor().toDoubles();
    double[] mean = stored.get(2).tensor().toDoubles();
    double[] variance = stored.get(3).tensor().toDoubles();
    int channels = scale.length;
    Optional<LongToIntFunction> channelOf = channelOf(p, weight.get().tensor(), channels);
    if (channelOf.isEmpty() || bias.filter(b -> b.tensor().size() != channels).isPresent()) {
      return Optional.empty();
    }
    double[] factors = new double[channels];
    double[] shifted = bias.map(b -> b.tensor().toDoubles()).orElseGet(() -> new double[channels]);
    for (int c = 0; c < channels; c++) {
      factors[c] = scale[c] / Math.sqrt(variance[c] + op.epsilon());
      shifted[c] = (shifted[c] - mean[c]) * factors[c] + beta[c];
    }
    return Optional.of(patch(node, p, stored, channelOf.get(), factors, shifted));
  }

  private static Patch patch(
      Node node,
      Node product,
      List<Value.Parameter> stored,
      LongToIntFunction channelOf,
      double[] factors,
      double[] shifted) {
    Value.Parameter weight = (Value.Parameter) product.input(1);
    List<Value.Parameter> sources = new ArrayList<>(List.of(weight));
    sources.addAll(stored);
    Value.Parameter scaled =
        Derived.from(
            sources, Scaled.of(weight.tensor(), channelOf, factors), "folded with batch norm");
    List<Value.Parameter> biasSources = new ArrayList<>();
    product.optionalInput(2).ifPresent(b -> biasSources.add((Value.Parameter) b));
    biasSources.addAll(List.of(stored.get(1), stored.get(0), stored.get(2), stored.get(3)));
    Tensor sum = Tensor.of(weight.tensor().dtype(), shifted, shifted.length);
    Value.Parameter bias = Derived.from(biasSources, sum, "folded with batch norm");
    Patch.Builder p = Patch.of(node).standingFor(product);
    return p.replaceWith(p.emit(product.op(), List.of(product.input(0), scaled, bias), 1));
  }

  private static boolean isWide(DType dtype) {
    return Arrays.asList(DType.F16, DType.BF16, DType.F32, DType.F64).contains(dtype);
  }

  /** The output channel of each element of the weight; empty where the operator has none. */
  private static Optional<LongToIntFunction> channelOf(Node product, Tensor weight, int channels) {
    return switch (product.op()) {
      case ConvOp _ -> {
        long inner = weight.size() / Math.max(weight.dim(0), 1);
        yield inner > 0 && weight.dim(0) == channels
            ? Optional.of(i -> (int) (i / inner))
            : Optional.empty();
      }
      case ConvTransposeOp op -> {
        long perGroup = weight.dim(1);
        long inner = weight.size() / Math.max(weight.dim(0) * perGroup, 1);
        long inputs = weight.dim(0) / op.group();
        yield inner > 0 && inputs > 0 && perGroup * op.group() == channels
            ? Optional.of(
                i -> {
                  long group = i / inner / perGroup / inputs;
                  return (int) (group * perGroup + i / inner % perGroup);
                })
            : Optional.empty();
      }
      case GemmOp op -> {
        long columns = weight.dim(op.transB() != 0 ? 0 : 1);
        long inner = weight.dim(op.transB() != 0 ? 1 : 0);
        boolean plain = op.alpha() == 1 && op.beta() == 1 && columns == channels && inner > 0;
        yield !plain
            ? Optional.empty()
            : op.transB() != 0
                ? Optional.of(i -> (int) (i / inner))
                : Optional.of(i -> (int) (i % columns));
      }
      default -> Optional.empty();
    };
  }
}
