package dev.isomorph.exporters.torch;

import dev.isomorph.ir.shape.Dim;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Padding of the spatial axes, made explicit.
 *
 * @param begins elements before each axis
 * @param ends elements behind each axis
 */
record Padding(List<Long> begins, List<Long> ends) {

  /**
   * {@return the padding of a convolution or pool; refuses the node if it depends on unknown sizes}
   */
  static Padding of(
      String autoPad,
      Optional<List<Long>> pads,
      int spatial,
      Raise r,
      Optional<List<Long>> kernel,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations) {
    List<Long> none = Collections.nCopies(spatial, 0L);
    switch (autoPad) {
      case "VALID" -> {
        return new Padding(none, none);
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        return same(autoPad.equals("SAME_UPPER"), spatial, r, kernel, strides, dilations);
      }
      default -> {
        List<Long> all = pads.orElseGet(() -> Collections.nCopies(2 * spatial, 0L));
        return new Padding(all.subList(0, spatial), all.subList(spatial, 2 * spatial));
      }
    }
  }

  private static Padding same(
      boolean upper,
      int spatial,
      Raise r,
      Optional<List<Long>> kernel,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations) {
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      int axis = i;
      long k = kernel.map(v -> v.get(axis)).orElseGet(() -> kernelOfWeight(r, axis));
      long stride = strides.map(v -> v.get(axis)).orElse(1L);
      long dilation = dilations.map(v -> v.get(axis)).orElse(1L);
      long reach = (k - 1) * dilation + 1;
      long total;
      Dim size = r.shape(0).dim(i + 2);
      if (stride == 1) {
        total = reach - 1;
      } else if (size.isKnown()) {
        long out = Math.ceilDiv(size.known(), stride);
        total = Math.max(0, (out - 1) * stride + reach - size.known());
      } else {
        throw r.refuse("its padding depends on the size of axis %d, which is not known", i + 2);
      }
      long small = total / 2;
      begins.add(upper ? small : total - small);
      ends.add(upper ? total - small : small);
    }
    return new Padding(begins, ends);
  }

  private static long kernelOfWeight(Raise r, int axis) {
    return r.shape(1).dim(axis + 2).known();
  }

  boolean isSymmetric() {
    return begins.equals(ends);
  }

  boolean isZero() {
    return begins.stream().allMatch(p -> p == 0) && ends.stream().allMatch(p -> p == 0);
  }

  /** {@return the padded operand; PyTorch counts axes from the last one} */
  String apply(String x, String value) {
    List<Long> order = new ArrayList<>();
    for (int i = begins.size() - 1; i >= 0; i--) {
      order.add(begins.get(i));
      order.add(ends.get(i));
    }
    return "F.pad(%s, %s, value=%s)".formatted(x, Raise.tuple(order), value);
  }
}
