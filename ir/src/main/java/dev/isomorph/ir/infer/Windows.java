package dev.isomorph.ir.infer;

import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The sliding window that convolutions and pools share: how long each spatial axis of the result
 * is. Source: the pages of ONNX's {@code Conv}, {@code ConvTranspose} and {@code MaxPool}.
 *
 * @param kernel length of the window per spatial axis
 * @param strides steps, at least 1
 * @param dilations distances between the window's elements, at least 1
 * @param pads padding in front of each axis, then behind each
 * @param autoPad {@code NOTSET}, {@code VALID}, {@code SAME_UPPER} or {@code SAME_LOWER}
 * @param ceil whether a last window may reach beyond the padded input
 */
record Windows(
    List<Dim> kernel,
    List<Long> strides,
    List<Long> dilations,
    List<Long> pads,
    String autoPad,
    boolean ceil) {

  static Windows of(
      InferenceContext in,
      List<Dim> kernel,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations,
      Optional<List<Long>> pads,
      String autoPad,
      boolean ceil) {
    int rank = kernel.size();
    if (!List.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").contains(autoPad)) {
      throw in.error("attribute 'auto_pad' has an unknown value")
          .expected("NOTSET, VALID, SAME_UPPER or SAME_LOWER", autoPad)
          .toException();
    }
    if (!autoPad.equals("NOTSET")
        && pads.isPresent()
        && pads.get().stream().anyMatch(p -> p != 0)) {
      throw in.error("attribute 'pads' cannot be given beside 'auto_pad'")
          .expected(
              "no pads, or auto_pad = NOTSET", "auto_pad = " + autoPad + ", pads = " + pads.get())
          .toException();
    }
    return new Windows(
        kernel,
        positive(in, "strides", strides, rank),
        positive(in, "dilations", dilations, rank),
        given(in, "pads", pads, 2 * rank, 0),
        autoPad,
        ceil);
  }

  private static List<Long> positive(
      InferenceContext in, String name, Optional<List<Long>> values, int rank) {
    List<Long> all = given(in, name, values, rank, 1);
    if (all.stream().anyMatch(v -> v < 1)) {
      throw in.error("attribute '%s' must be positive", name)
          .expected("numbers of at least 1", all)
          .toException();
    }
    return all;
  }

  private static List<Long> given(
      InferenceContext in, String name, Optional<List<Long>> values, int count, long otherwise) {
    List<Long> all = values.orElseGet(() -> Collections.nCopies(count, otherwise));
    if (all.size() != count) {
      throw in.error("attribute '%s' has the wrong number of elements", name)
          .expected(count, all)
          .toException();
    }
    return all;
  }

  /** The kernel's lengths from the attribute, or from the weight's dims behind the first two. */
  static List<Dim> kernel(InferenceContext in, Optional<List<Long>> attribute, Shape weight) {
    Optional<List<Dim>> stored =
        weight.isRanked() && weight.rank() >= 2
            ? Optional.of(weight.dims().subList(2, weight.rank()))
            : Optional.empty();
    if (attribute.isEmpty()) {
      return stored.orElse(null);
    }
    List<Dim> asked = attribute.get().stream().map(Dim::of).toList();
    if (stored.isPresent() && !Shape.of(stored.get()).isCompatible(Shape.of(asked))) {
      throw in.error("attribute 'kernel_shape' is not the weight's")
          .expected(Shape.of(stored.get()), Shape.of(asked))
          .toException();
    }
    return asked;
  }

  private Dim extent(int axis) {
    return kernel.get(axis).plus(-1).times(dilations.get(axis)).plus(1);
  }

  /** The results' spatial dims for inputs of these spatial dims. */
  List<Dim> slide(List<Dim> input) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < kernel.size(); i++) {
      dims.add(slide(input.get(i), i));
    }
    return dims;
  }

  private Dim slide(Dim length, int axis) {
    Dim stride = Dim.of(strides.get(axis));
    if (autoPad.startsWith("SAME")) {
      return length.ceilDiv(stride);
    }
    long front = pads.get(axis);
    long back = pads.get(axis + kernel.size());
    Dim extent = extent(axis);
    Dim room = length.plus(front + back).minus(extent);
    if (!ceil || autoPad.equals("VALID")) {
      return room.floorDiv(stride).plus(1);
    }
    // A window that would start in the padding behind the input is dropped; which of the two bounds
    // is the smaller one does not depend on the input's length.
    Dim starts = length.plus(front).ceilDiv(stride);
    Dim windows = room.ceilDiv(stride).plus(1);
    Dim slack = Dim.of(back).minus(extent).plus(stride);
    return slack.isKnown() ? (slack.known() <= 0 ? windows : starts) : windows.min(starts);
  }

  /** The dims from which {@link #slide} leads to these: what a transposed convolution makes. */
  List<Dim> unslide(List<Dim> input, List<Long> outputPadding) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < kernel.size(); i++) {
      Dim stride = Dim.of(strides.get(i));
      dims.add(
          autoPad.startsWith("SAME")
              ? input.get(i).times(stride)
              : input
                  .get(i)
                  .plus(-1)
                  .times(stride)
                  .plus(extent(i))
                  .plus(outputPadding.get(i) - pads.get(i) - pads.get(i + kernel.size())));
    }
    return dims;
  }
}
