package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import java.util.List;

/** Pools. What lies in the padding is left out of the maximum and of the mean. */
final class PoolingRules {
  /** The plain operator. */
  private interface Pool {
    Value apply(GraphBuilder builder, Value x, Window window, List<Long> kernel, Window.Padding p);
  }

  private PoolingRules() {}

  static void register(Rules rules) {
    rules.on("MaxPool", n -> pool(n, 4, PoolingRules::max));
    rules.on("MaxPool3D", n -> pool(n, 5, PoolingRules::max));
    rules.on("AvgPool", n -> pool(n, 4, PoolingRules::average));
    rules.on("AvgPool3D", n -> pool(n, 5, PoolingRules::average));
  }

  private static Value pool(TfNode node, int rank, Pool plain) {
    Window window = Window.read(node, rank);
    List<Long> perAxis = Window.perAxis(node, "ksize", rank);
    Layout layout = window.layout();
    if (layout.others(perAxis).stream().anyMatch(k -> k != 1)) {
      throw node.unsupported("%s over batch or channels: ksize = %s", node.op(), perAxis);
    }
    List<Long> kernel = layout.spatial(perAxis);
    Window.Padding padding = window.pads(node, node.shape(0), kernel);
    Value x = layout.enter(node, node.in(0), rank);
    Value y = plain.apply(node.main(), x, window, kernel, padding);
    return layout.leave(node.builder(), y, rank);
  }

  private static Value max(
      GraphBuilder b, Value x, Window window, List<Long> kernel, Window.Padding padding) {
    return b.maxPool(
        x,
        a -> {
          a.kernelShape(kernel).strides(window.strides()).autoPad(padding.autoPad());
          padding.pads().ifPresent(a::pads);
        });
  }

  private static Value average(
      GraphBuilder b, Value x, Window window, List<Long> kernel, Window.Padding padding) {
    return b.averagePool(
        x,
        a -> {
          a.kernelShape(kernel).strides(window.strides()).autoPad(padding.autoPad());
          padding.pads().ifPresent(a::pads);
        });
  }
}
