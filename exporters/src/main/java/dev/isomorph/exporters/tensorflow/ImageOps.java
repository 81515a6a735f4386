package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What convolutions and pools share: images have their channels last, one-dimensional ones get a
 * second spatial axis of one element, and padding is {@code SAME}, {@code VALID} or an operator of
 * its own.
 */
final class ImageOps {
  private final RaisingNode node;

  /** The number of spatial axes of the operand. */
  private final int spatial;

  ImageOps(RaisingNode node) {
    this.node = node;
    this.spatial = node.rank(0) - 2;
    if (spatial < 1 || spatial > 3) {
      throw node.refused("%d spatial axes", spatial);
    }
  }

  /** {@return the number of spatial axes of the operand} */
  int spatial() {
    return spatial;
  }

  /** {@return whether there is one spatial axis, which becomes the second of two} */
  boolean isFlat() {
    return spatial == 1;
  }

  /** {@return an operand with its channels last and at least two spatial axes} */
  Ref enter(Ref value) {
    Ref last = node.transpose(value, toChannelsLast());
    return isFlat() ? node.sub("ExpandDims", last, node.scalar(DType.I32, 1)) : last;
  }

  /** {@return a result with its channels first and its own spatial axes} */
  Ref leave(Ref value) {
    Ref own =
        isFlat()
            ? node.sub("Squeeze", Attributes.none().integers("squeeze_dims", 1), value)
            : value;
    return node.transpose(own, toChannelsFirst());
  }

  private List<Long> toChannelsLast() {
    List<Long> perm = new ArrayList<>(List.of(0L));
    LongStream.range(2, spatial + 2L).forEach(perm::add);
    perm.add(1L);
    return perm;
  }

  private List<Long> toChannelsFirst() {
    List<Long> perm = new ArrayList<>(List.of(0L, spatial + 1L));
    LongStream.range(1, spatial + 1L).forEach(perm::add);
    return perm;
  }

  /** {@return an attribute per axis of a channels-last image, with ones for batch and channels} */
  List<Long> perAxis(List<Long> values) {
    List<Long> all = new ArrayList<>(Collections.nCopies(isFlat() ? 2 : 1, 1L));
    all.addAll(values);
    all.add(1L);
    return all;
  }

  /** {@return values per spatial axis, or ones} */
  List<Long> orOnes(Optional<List<Long>> values) {
    return values.orElseGet(() -> Collections.nCopies(spatial, 1L));
  }

  /**
   * How a window is padded.
   *
   * @param same whether it is TensorFlow's {@code SAME}
   * @param before elements in front of each spatial axis
   * @param behind elements behind each spatial axis
   */
  record Padding(boolean same, List<Long> before, List<Long> behind) {
    boolean isExplicit() {
      return !same && !(allZero(before) && allZero(behind));
    }

    private static boolean allZero(List<Long> values) {
      return values.stream().allMatch(v -> v == 0);
    }

    String text() {
      return same ? "SAME" : "VALID";
    }
  }

  /**
   * A window as ONNX says it.
   *
   * @param kernel lengths
   * @param ceil whether a last window may reach beyond the padded operand
   */
  record Window(
      List<Long> kernel,
      List<Long> strides,
      List<Long> dilations,
      String autoPad,
      Optional<List<Long>> pads,
      boolean ceil) {

    long reach(int i) {
      return (kernel.get(i) - 1) * dilations.get(i) + 1;
    }
  }

  /** {@return how TensorFlow pads such a window} */
  Padding padding(Window window) {
    return switch (window.autoPad) {
      case "NOTSET", "" -> explicit(window);
      case "VALID" -> window.ceil ? explicit(window) : new Padding(false, zeros(), zeros());
      case "SAME_UPPER" -> new Padding(true, zeros(), zeros());
      case "SAME_LOWER" -> same(window, true);
      default -> throw node.refused("auto_pad = %s", window.autoPad);
    };
  }

  private List<Long> zeros() {
    return Collections.nCopies(spatial, 0L);
  }

  private Padding explicit(Window window) {
    List<Long> pads = window.pads.orElseGet(() -> Collections.nCopies(2 * spatial, 0L));
    List<Long> before = pads.subList(0, spatial);
    List<Long> behind = new ArrayList<>(pads.subList(spatial, 2 * spatial));
    if (window.ceil) {
      for (int i = 0; i < spatial; i++) {
        behind.set(i, behind.get(i) + beyond(window, i, before.get(i), behind.get(i)));
      }
    }
    Padding given = new Padding(false, before, behind);
    if (!given.isExplicit() || !knownOrUnitStride(window)) {
      return given;
    }
    Padding same = same(window, false);
    return same.before.equals(before) && same.behind.equals(behind)
        ? new Padding(true, before, behind)
        : given;
  }

  /** {@return how far the last window of ceil mode reaches; it starts inside or in front} */
  private long beyond(Window window, int i, long before, long behind) {
    long n = node.length(node.shape(0).dim(2 + i), "a length that ceil_mode needs");
    long stride = window.strides.get(i);
    long windows = Math.ceilDiv(n + before + behind - window.reach(i), stride) + 1;
    if ((windows - 1) * stride >= n + before) {
      windows--;
    }
    return Math.max(0, (windows - 1) * stride + window.reach(i) - (n + before + behind));
  }

  private boolean knownOrUnitStride(Window window) {
    Shape shape = node.shape(0);
    for (int i = 0; i < spatial; i++) {
      if (window.strides.get(i) != 1 && !shape.dim(2 + i).isKnown()) {
        return false;
      }
    }
    return true;
  }

  private Padding same(Window window, boolean lower) {
    List<Long> before = new ArrayList<>();
    List<Long> behind = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      long stride = window.strides.get(i);
      long total = window.reach(i) - 1;
      if (stride != 1) {
        long n = node.length(node.shape(0).dim(2 + i), "a length that its padding needs");
        total = Math.max(0, (Math.ceilDiv(n, stride) - 1) * stride + window.reach(i) - n);
      }
      before.add(lower ? total - total / 2 : total / 2);
      behind.add(total - before.get(i));
    }
    return new Padding(false, before, behind);
  }

  /** {@return a channels-last image with elements put around it} */
  Ref padded(Ref image, Padding padding, Optional<Ref> value) {
    int axes = Math.max(spatial, 2) + 2;
    long[] table = new long[2 * axes];
    for (int i = 0; i < spatial; i++) {
      int axis = i + (isFlat() ? 2 : 1);
      table[2 * axis] = padding.before.get(i);
      table[2 * axis + 1] = padding.behind.get(i);
    }
    if (Arrays.stream(table).anyMatch(p -> p < 0)) {
      throw node.refused("negative padding");
    }
    Ref pads = node.constant(Tensor.of(table, axes, 2));
    return value.isPresent()
        ? node.sub("PadV2", image, pads, value.get())
        : node.sub("Pad", image, pads);
  }
}
