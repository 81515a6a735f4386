package dev.isomorph.exporters.torch;

import dev.isomorph.ir.op.*;
import java.util.Collections;
import java.util.List;

/** Pools. */
final class PoolingRaising {
  private PoolingRaising() {}

  static void register(RaisingRules rules) {
    rules.on(MaxPoolOp.class, PoolingRaising::maxPool);
    rules.on(AveragePoolOp.class, PoolingRaising::averagePool);
    rules.on(
        GlobalAveragePoolOp.class, (_, r) -> global("torch.mean(%s, dim=%s, keepdim=True)", r));
    rules.on(GlobalMaxPoolOp.class, (_, r) -> global("torch.amax(%s, dim=%s, keepdim=True)", r));
  }

  private static String global(String text, Raise r) {
    List<Integer> axes = java.util.stream.IntStream.range(2, r.rank(0)).boxed().toList();
    return text.formatted(r.in(0), Raise.tuple(axes));
  }

  private static String maxPool(MaxPoolOp op, Raise r) {
    int spatial = op.kernelShape().size();
    if (r.node().results().size() > 1) {
      throw r.refuse("its indices are used");
    }
    if (spatial > 3) {
      throw r.refuse("it has %d spatial axes", spatial);
    }
    Padding padding =
        Padding.of(
            op.autoPad(),
            op.pads(),
            spatial,
            r,
            java.util.Optional.of(op.kernelShape()),
            op.strides(),
            op.dilations());
    boolean own = padding.isSymmetric() && fitsKernel(padding, op.kernelShape());
    // PyTorch drops a window that starts in its own end padding, and would not drop it in ours.
    if (!own && op.ceilMode() != 0) {
      throw r.refuse("it rounds up and pads unevenly");
    }
    String x = own ? r.in(0) : padding.apply(r.in(0), "float(\"-inf\")");
    String pads = own && !padding.isZero() ? ", padding=" + Raise.compact(padding.begins()) : "";
    boolean dilated = op.dilations().map(d -> d.stream().anyMatch(v -> v != 1)).orElse(false);
    return "F.max_pool%dd(%s, %s, stride=%s%s%s%s)"
        .formatted(
            spatial,
            x,
            Raise.compact(op.kernelShape()),
            strides(op.strides(), spatial),
            pads,
            dilated ? ", dilation=" + Raise.compact(op.dilations().orElseThrow()) : "",
            op.ceilMode() != 0 ? ", ceil_mode=True" : "");
  }

  private static boolean fitsKernel(Padding padding, List<Long> kernel) {
    for (int i = 0; i < kernel.size(); i++) {
      if (padding.begins().get(i) > kernel.get(i) / 2) {
        return false;
      }
    }
    return true;
  }

  private static String strides(java.util.Optional<List<Long>> strides, int spatial) {
    return Raise.compact(strides.orElseGet(() -> Collections.nCopies(spatial, 1L)));
  }

  private static String averagePool(AveragePoolOp op, Raise r) {
    int spatial = op.kernelShape().size();
    boolean dilated = op.dilations().map(d -> d.stream().anyMatch(v -> v != 1)).orElse(false);
    if (dilated || spatial > 3) {
      throw r.refuse("it is dilated or has more than three spatial axes");
    }
    Padding padding =
        Padding.of(
            op.autoPad(),
            op.pads(),
            spatial,
            r,
            java.util.Optional.of(op.kernelShape()),
            op.strides(),
            op.dilations());
    String kernel = Raise.compact(op.kernelShape());
    String strides = strides(op.strides(), spatial);
    String ceil = op.ceilMode() != 0 ? ", ceil_mode=True" : "";
    String name = "F.avg_pool" + spatial + "d";
    boolean included = op.countIncludePad() != 0;
    if (padding.isSymmetric() && fitsKernel(padding, op.kernelShape())) {
      return "%s(%s, %s, stride=%s, padding=%s%s, count_include_pad=%s)"
          .formatted(
              name,
              r.in(0),
              kernel,
              strides,
              Raise.compact(padding.begins()),
              ceil,
              included ? "True" : "False");
    }
    if (op.ceilMode() != 0) {
      throw r.refuse("it rounds up and pads unevenly");
    }
    String sums =
        "%s(%s, %s, stride=%s)".formatted(name, padding.apply(r.in(0), "0.0"), kernel, strides);
    if (included) {
      return sums;
    }
    String ones = padding.apply("torch.ones_like(%s)".formatted(r.in(0)), "0.0");
    return "%s / %s(%s, %s, stride=%s)".formatted(sums, name, ones, kernel, strides);
  }
}
