package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.AffineGridOp;
import dev.isomorph.ir.op.DFTOp;
import dev.isomorph.ir.op.GridSampleOp;
import dev.isomorph.ir.op.ImageDecoderOp;
import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.op.STFTOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Images and signals: sampled, resized, transformed. */
final class SignalInference {
  private SignalInference() {}

  static void register(InferenceRules rules) {
    rules.on(ResizeOp.class, SignalInference::resize);
    rules.on(GridSampleOp.class, (_, in) -> gridSample(in));
    rules.on(AffineGridOp.class, (_, in) -> affineGrid(in));
    rules.on(DFTOp.class, SignalInference::dft);
    rules.on(STFTOp.class, SignalInference::stft);
    rules.on(
        ImageDecoderOp.class,
        (op, in) -> {
          Dim channels = Dim.of(op.pixelFormat().equals("Grayscale") ? 1 : 3);
          in.result(0, Shape.of(in.freshSymbol("height"), in.freshSymbol("width"), channels));
        });
  }

  private static void resize(ResizeOp op, InferenceContext in) {
    Shape x = in.shape(0);
    if (in.has(2) && in.length(2).orElse(-1) != 0 && in.has(3)) {
      throw in.invalid("scales and sizes cannot both be given");
    }
    if (!x.isRanked()) {
      return;
    }
    List<Integer> axes =
        op.axes()
            .map(a -> in.axes(a.stream().mapToLong(Long::longValue).toArray(), x.rank()))
            .orElseGet(() -> IntStream.range(0, x.rank()).boxed().toList());
    Optional<List<Dim>> target = in.has(3) ? sizes(op, x, axes, in) : scaled(op, x, axes, in);
    List<Dim> dims = new ArrayList<>(x.dims());
    for (int i = 0; i < axes.size(); i++) {
      dims.set(axes.get(i), target.isPresent() ? target.get().get(i) : in.freshSymbol("resized"));
    }
    in.result(0, Shape.of(dims));
  }

  private static Optional<List<Dim>> sizes(
      ResizeOp op, Shape x, List<Integer> axes, InferenceContext in) {
    Optional<List<Dim>> sizes = in.vector(3);
    sizes.ifPresent(s -> requireCount("sizes", axes.size(), s.size(), in));
    if (op.keepAspectRatioPolicy().equals("stretch") || sizes.isEmpty()) {
      return sizes;
    }
    // One scale for all axes, the smallest or largest of size / length; rounded half up.
    boolean known =
        sizes.get().stream().allMatch(Dim::isKnown)
            && axes.stream().allMatch(a -> x.dim(a).isKnown() && x.dim(a).known() > 0);
    if (!known) {
      return Optional.empty();
    }
    boolean notLarger = op.keepAspectRatioPolicy().equals("not_larger");
    int best = 0;
    for (int i = 1; i < axes.size(); i++) {
      int order =
          Long.compare(
              Math.multiplyExact(sizes.get().get(i).known(), x.dim(axes.get(best)).known()),
              Math.multiplyExact(sizes.get().get(best).known(), x.dim(axes.get(i)).known()));
      best = (notLarger ? order < 0 : order > 0) ? i : best;
    }
    long numerator = sizes.get().get(best).known();
    long denominator = x.dim(axes.get(best)).known();
    return Optional.of(
        axes.stream()
            .map(
                a -> {
                  long twice = Math.multiplyExact(2 * numerator, x.dim(a).known());
                  return Dim.of(Math.floorDiv(twice + denominator, 2 * denominator));
                })
            .toList());
  }

  private static Optional<List<Dim>> scaled(
      ResizeOp op, Shape x, List<Integer> axes, InferenceContext in) {
    if (in.constant(2).isEmpty() || in.constant(2).get().size() == 0) {
      return Optional.empty();
    }
    float[] scales = in.constant(2).get().toFloats();
    requireCount("scales", axes.size(), scales.length, in);
    if (op.coordinateTransformationMode().equals("tf_crop_and_resize")) {
      return Optional.empty();
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < scales.length; i++) {
      Dim dim = x.dim(axes.get(i));
      if (!(scales[i] > 0)) {
        throw in.error("a scale must be positive").expected("more than 0", scales[i]).toException();
      }
      dims.add(scaled(dim, scales[i]).orElseGet(() -> in.freshSymbol("resized")));
    }
    return Optional.of(dims);
  }

  private static Optional<Dim> scaled(Dim dim, float scale) {
    if (dim.isKnown()) {
      double exact = Math.floor(dim.known() * (double) scale);
      // The product in 32 bits may round to the next whole number: engines differ there.
      double single = Math.floor((float) dim.known() * scale);
      return exact == single ? Optional.of(Dim.of((long) exact)) : Optional.empty();
    }
    if (scale == Math.rint(scale) && scale < 1 << 20) {
      return Optional.of(dim.times((long) scale));
    }
    double inverse = 1.0 / scale;
    boolean power = Float.intBitsToFloat(Float.floatToIntBits(scale) & 0xff800000) == scale;
    return scale < 1 && power && inverse < 1 << 20
        ? Optional.of(dim.floorDiv(Dim.of((long) inverse)))
        : Optional.empty();
  }

  private static void requireCount(String name, int expected, int actual, InferenceContext in) {
    if (expected != actual) {
      throw in.error("operand '%s' has the wrong number of elements", name)
          .expected(expected, actual)
          .toException();
    }
  }

  private static void gridSample(InferenceContext in) {
    Shape x = in.shape(0);
    Shape grid = in.shape(1);
    if (x.isRanked() && grid.isRanked()) {
      if (x.rank() < 3 || x.rank() != grid.rank()) {
        throw in.error("X and grid must have the same rank")
            .expected("rank 3 or more", x + " and " + grid)
            .toException();
      }
      in.requireEqual(
          Dim.of(x.rank() - 2L), grid.dim(-1), "the spatial axes and the last axis of grid");
      in.requireEqual(x.dim(0), grid.dim(0), "the batches of X and grid");
      in.result(0, x.slice(0, 2).append(grid.slice(1, grid.rank() - 1)));
    }
  }

  private static void affineGrid(InferenceContext in) {
    in.requireRank(0, "theta", 3);
    int rank = in.length(1).orElse(-1);
    if (rank < 0) {
      return;
    }
    if (rank != 4 && rank != 5) {
      throw in.error("operand 'size' has the wrong number of elements")
          .expected("4 or 5", rank)
          .toException();
    }
    List<Dim> size = in.vector(1).orElseGet(() -> in.freshShape(rank, "grid").dims());
    List<Dim> dims = new ArrayList<>();
    dims.add(size.getFirst());
    dims.addAll(size.subList(2, rank));
    dims.add(Dim.of(rank - 2L));
    in.result(0, Shape.of(dims));
  }

  private static void dft(DFTOp op, InferenceContext in) {
    Shape x = in.shape(0);
    if (!x.isRanked()) {
      return;
    }
    if (x.rank() < 2) {
      throw in.error("the operand needs a signal axis and a complex axis")
          .expected("rank 2 or more", x)
          .toException();
    }
    boolean onesided = op.onesided() != 0;
    boolean inverse = op.inverse() != 0;
    boolean real = onesided && inverse;
    Shape result = x.with(-1, Dim.of(real ? 1 : 2));
    Optional<Dim> asked = in.has(2) ? in.scalar(2) : Optional.of(Dim.of(-2));
    if (asked.isEmpty() || !asked.get().isKnown()) {
      in.result(
          0, in.freshShape(x.rank() - 1, "spectrum").append(result.slice(x.rank() - 1, x.rank())));
      return;
    }
    int axis = in.axis(asked.get().known(), x.rank());
    if (axis == x.rank() - 1) {
      throw in.invalid("the last axis holds real and imaginary parts and is no signal");
    }
    Dim length =
        in.has(1)
            ? in.scalar(1).orElseGet(() -> in.freshSymbol("length"))
            : real ? x.dim(axis).plus(-1).times(2) : x.dim(axis);
    boolean half = onesided && !inverse;
    in.result(0, result.with(axis, half ? length.floorDiv(Dim.of(2)).plus(1) : length));
  }

  private static void stft(STFTOp op, InferenceContext in) {
    in.requireRank(0, "signal", 3);
    Shape signal = in.shape(0);
    if (!signal.isRanked()) {
      return;
    }
    Dim frame =
        in.has(3)
            ? in.scalar(3).orElseGet(() -> in.freshSymbol("frame"))
            : in.has(2)
                ? in.shape(2).hasRank(1) ? in.shape(2).dim(0) : in.freshSymbol("frame")
                : signal.dim(1);
    Optional<Dim> step = in.scalar(1).filter(s -> s.isAtLeast(1));
    Dim frames =
        step.map(s -> signal.dim(1).minus(frame).floorDiv(s).plus(1))
            .orElseGet(() -> in.freshSymbol("frames"));
    Dim bins = op.onesided() != 0 ? frame.floorDiv(Dim.of(2)).plus(1) : frame;
    in.result(0, Shape.of(signal.dim(0), frames, bins, Dim.of(2)));
  }
}
