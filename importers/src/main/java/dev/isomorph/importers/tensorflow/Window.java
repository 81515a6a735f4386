package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The sliding window of a convolution or a pool, as TensorFlow says it. {@code SAME} pads so that
 * the result has {@code ceil(length / stride)} elements, the odd element behind.
 *
 * @param layout the order of axes of the operand
 * @param strides per spatial axis
 * @param dilations per spatial axis
 * @param padding {@code SAME}, {@code VALID} or {@code EXPLICIT}
 * @param explicit for {@code EXPLICIT}: before and behind each spatial axis, interleaved
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/padding.h">padding.h</a>
 */
record Window(
    Layout layout, List<Long> strides, List<Long> dilations, String padding, List<Long> explicit) {

  /**
   * How the plain operator pads.
   *
   * @param autoPad {@code NOTSET} with {@code pads}, or {@code SAME_UPPER} where lengths are not
   *     known
   * @param pads in front of each spatial axis, then behind each
   */
  record Padding(String autoPad, Optional<List<Long>> pads) {}

  static Window read(TfNode node, int rank) {
    Layout layout = Layout.of(node, rank == 5 ? "NDHWC" : "NHWC");
    List<Long> strides = perAxis(node, "strides", rank);
    List<Long> dilations = perAxis(node, "dilations", rank);
    for (List<Long> attribute : List.of(strides, dilations)) {
      if (layout.others(attribute).stream().anyMatch(v -> v != 1)) {
        throw node.unsupported("%s with a window over batch or channels: %s", node.op(), attribute);
      }
    }
    String padding = node.attributes().text("padding", "");
    List<Long> explicit = node.attributes().integers("explicit_paddings");
    return new Window(
        layout,
        layout.spatial(strides),
        layout.spatial(dilations),
        padding,
        padding.equals("EXPLICIT") ? spatialPads(node, layout, explicit, rank) : List.of());
  }

  static List<Long> perAxis(TfNode node, String name, int rank) {
    List<Long> values = node.attributes().integers(name);
    if (values.isEmpty()) {
      return Collections.nCopies(rank, 1L);
    }
    if (values.size() != rank || values.stream().anyMatch(v -> v < 1)) {
      throw node.error(ErrorCode.MODEL_INVALID, "attribute '%s' is not one number per axis", name)
          .expected(rank + " numbers of at least 1", values)
          .toException();
    }
    return values;
  }

  private static List<Long> spatialPads(TfNode node, Layout layout, List<Long> explicit, int rank) {
    if (explicit.size() != 2 * rank) {
      throw node.error(ErrorCode.MODEL_INVALID, "explicit_paddings is not two numbers per axis")
          .expected(2 * rank + " numbers", explicit)
          .toException();
    }
    int channels = layout.channelAxis(rank);
    for (int axis : new int[] {0, channels}) {
      if (explicit.get(2 * axis) != 0 || explicit.get(2 * axis + 1) != 0) {
        throw node.unsupported("%s with padded batch or channels: %s", node.op(), explicit);
      }
    }
    return explicit.subList(2 * layout.spatialAxis(0), 2 * layout.spatialAxis(rank - 2));
  }

  /**
   * {@return how to pad an operand}
   *
   * @param shape the operand's shape, in its own layout
   * @param kernel the window's lengths
   */
  Padding pads(TfNode node, Shape shape, List<Long> kernel) {
    int rank = kernel.size();
    List<Long> before = new ArrayList<>();
    List<Long> behind = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Optional<Long> total = total(node, length(shape, i), kernel, i);
      if (total.isEmpty()) {
        return new Padding("SAME_UPPER", Optional.empty());
      }
      boolean given = padding.equals("EXPLICIT");
      before.add(given ? explicit.get(2 * i) : total.get() / 2);
      behind.add(total.get() - before.get(i));
    }
    before.addAll(behind);
    boolean none = before.stream().allMatch(p -> p == 0);
    return new Padding("NOTSET", none ? Optional.empty() : Optional.of(before));
  }

  private Optional<Dim> length(Shape shape, int i) {
    return shape.isRanked() ? Optional.of(shape.dim(layout.spatialAxis(i))) : Optional.empty();
  }

  private Optional<Long> total(TfNode node, Optional<Dim> length, List<Long> kernel, int i) {
    long stride = strides.get(i);
    long reach = (kernel.get(i) - 1) * dilations.get(i) + 1;
    return switch (padding) {
      case "VALID" -> Optional.of(0L);
      case "EXPLICIT" -> Optional.of(explicit.get(2 * i) + explicit.get(2 * i + 1));
      case "SAME" ->
          stride == 1
              ? Optional.of(reach - 1)
              : length
                  .filter(Dim::isKnown)
                  .map(Dim::known)
                  .map(n -> Math.max(0, (Math.ceilDiv(n, stride) - 1) * stride + reach - n));
      default -> throw node.unsupported("%s with padding = %s", node.op(), padding);
    };
  }
}
