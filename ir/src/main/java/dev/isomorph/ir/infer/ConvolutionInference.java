package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.CausalConvWithStateOp;
import dev.isomorph.ir.op.Col2ImOp;
import dev.isomorph.ir.op.ConvIntegerOp;
import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.op.ConvTransposeOp;
import dev.isomorph.ir.op.DeformConvOp;
import dev.isomorph.ir.op.QLinearConvOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Convolutions: batch, channels, then spatial axes. */
final class ConvolutionInference {
  /** What the operators of the family share. */
  private record Attributes(
      String autoPad,
      Optional<List<Long>> dilations,
      long group,
      Optional<List<Long>> kernelShape,
      Optional<List<Long>> pads,
      Optional<List<Long>> strides) {}

  private ConvolutionInference() {}

  static void register(InferenceRules rules) {
    rules.on(
        ConvOp.class,
        (op, in) ->
            convolve(
                new Attributes(
                    op.autoPad(),
                    op.dilations(),
                    op.group(),
                    op.kernelShape(),
                    op.pads(),
                    op.strides()),
                1,
                2,
                in));
    rules.on(
        ConvIntegerOp.class,
        (op, in) ->
            convolve(
                new Attributes(
                    op.autoPad(),
                    op.dilations(),
                    op.group(),
                    op.kernelShape(),
                    op.pads(),
                    op.strides()),
                1,
                -1,
                in));
    rules.on(
        QLinearConvOp.class,
        (op, in) ->
            convolve(
                new Attributes(
                    op.autoPad(),
                    op.dilations(),
                    op.group(),
                    op.kernelShape(),
                    op.pads(),
                    op.strides()),
                3,
                8,
                in));
    rules.on(
        DeformConvOp.class,
        (op, in) ->
            convolve(
                new Attributes(
                    "NOTSET",
                    op.dilations(),
                    op.group(),
                    op.kernelShape(),
                    op.pads(),
                    op.strides()),
                1,
                3,
                in));
    rules.on(ConvTransposeOp.class, ConvolutionInference::transposed);
    rules.on(CausalConvWithStateOp.class, (_, in) -> causal(in));
    rules.on(Col2ImOp.class, (_, in) -> fold(in));
  }

  private static void convolve(Attributes op, int weight, int bias, InferenceContext in) {
    Shape x = in.shape(0);
    Shape w = in.shape(weight);
    checkRanks(x, w, in);
    checkGroup(op.group, in);
    if (x.isRanked() && w.isRanked()) {
      in.requireEqual(w.dim(1).times(op.group), x.dim(1), "the channels of X and W * group");
    }
    if (w.isRanked() && w.dim(0).isKnown() && w.dim(0).known() % op.group != 0) {
      throw in.error("the output channels cannot be divided into groups")
          .expected("a multiple of " + op.group, w.dim(0))
          .toException();
    }
    if (!x.isRanked() && !w.isRanked()) {
      return;
    }
    int rank = x.isRanked() ? x.rank() : w.rank();
    Dim batch = x.isRanked() ? x.dim(0) : in.freshSymbol("batch");
    Dim channels = w.isRanked() ? w.dim(0) : in.freshSymbol("channels");
    checkBias(bias, channels, in);
    List<Dim> dims = new ArrayList<>(List.of(batch, channels));
    List<Dim> kernel = Windows.kernel(in, op.kernelShape, w);
    dims.addAll(
        kernel == null || !x.isRanked()
            ? in.freshShape(rank - 2, "spatial").dims()
            : windows(op, kernel, in).slide(x.dims().subList(2, rank)));
    in.result(0, Shape.of(dims));
  }

  private static Windows windows(Attributes op, List<Dim> kernel, InferenceContext in) {
    return Windows.of(in, kernel, op.strides, op.dilations, op.pads, op.autoPad, false);
  }

  private static void transposed(ConvTransposeOp op, InferenceContext in) {
    Shape x = in.shape(0);
    Shape w = in.shape(1);
    checkRanks(x, w, in);
    checkGroup(op.group(), in);
    if (x.isRanked() && w.isRanked()) {
      in.requireEqual(w.dim(0), x.dim(1), "the channels of X and W");
    }
    if (!x.isRanked() && !w.isRanked()) {
      return;
    }
    int rank = x.isRanked() ? x.rank() : w.rank();
    Dim batch = x.isRanked() ? x.dim(0) : in.freshSymbol("batch");
    Dim channels = w.isRanked() ? w.dim(1).times(op.group()) : in.freshSymbol("channels");
    checkBias(2, channels, in);
    List<Dim> dims = new ArrayList<>(List.of(batch, channels));
    List<Dim> kernel = Windows.kernel(in, op.kernelShape(), w);
    if (op.outputShape().isPresent()) {
      List<Long> asked = op.outputShape().get();
      if (asked.size() != rank - 2) {
        throw in.error("attribute 'output_shape' has the wrong number of elements")
            .expected(rank - 2, asked)
            .toException();
      }
      asked.forEach(d -> dims.add(Dim.of(d)));
    } else if (kernel == null || !x.isRanked()) {
      dims.addAll(in.freshShape(rank - 2, "spatial").dims());
    } else {
      Windows windows =
          Windows.of(in, kernel, op.strides(), op.dilations(), op.pads(), op.autoPad(), false);
      List<Long> padding =
          op.outputPadding().orElseGet(() -> Collections.nCopies(kernel.size(), 0L));
      if (padding.size() != kernel.size()) {
        throw in.error("attribute 'output_padding' has the wrong number of elements")
            .expected(kernel.size(), padding)
            .toException();
      }
      dims.addAll(windows.unslide(x.dims().subList(2, rank), padding));
    }
    in.result(0, Shape.of(dims));
  }

  private static void checkRanks(Shape x, Shape w, InferenceContext in) {
    if (x.isRanked() && x.rank() < 3) {
      throw in.error("X needs batch, channels and a spatial axis")
          .expected("rank 3 or more", x)
          .toException();
    }
    if (x.isRanked() && w.isRanked() && x.rank() != w.rank()) {
      throw in.error("X and W must have the same rank").expected(x.rank(), w).toException();
    }
    if (w.isRanked() && w.rank() < 3) {
      throw in.error("W needs two channel axes and a spatial axis")
          .expected("rank 3 or more", w)
          .toException();
    }
  }

  private static void checkGroup(long group, InferenceContext in) {
    if (group < 1) {
      throw in.error("attribute 'group' must be positive")
          .expected("at least 1", group)
          .toException();
    }
  }

  private static void checkBias(int input, Dim channels, InferenceContext in) {
    if (input >= 0 && in.has(input)) {
      in.requireRank(input, "the bias", 1);
      if (in.shape(input).hasRank(1)) {
        in.requireEqual(channels, in.shape(input).dim(0), "the lengths of bias and channels");
      }
    }
  }

  private static void causal(InferenceContext in) {
    in.requireRank(0, "input", 3);
    in.requireRank(1, "weight", 3);
    in.result(0, in.shape(0));
    if (in.shape(0).isRanked() && in.shape(1).isRanked()) {
      Shape x = in.shape(0);
      in.result(1, Shape.of(x.dim(0), x.dim(1), in.shape(1).dim(2).plus(-1)));
    } else if (in.shape(3).isRanked()) {
      in.result(1, in.shape(3));
    }
  }

  private static void fold(InferenceContext in) {
    in.requireRank(0, "input", 3);
    Shape x = in.shape(0);
    int rank = in.length(1).orElse(in.length(2).orElse(-1));
    if (rank < 0) {
      return;
    }
    Dim batch = x.isRanked() ? x.dim(0) : in.freshSymbol("batch");
    Dim channels =
        x.isRanked() && in.vector(2).isPresent()
            ? x.dim(1).floorDiv(Shape.of(in.vector(2).get()).size())
            : in.freshSymbol("channels");
    List<Dim> dims = new ArrayList<>(List.of(batch, channels));
    dims.addAll(in.vector(1).orElseGet(() -> in.freshShape(rank, "image").dims()));
    in.result(0, Shape.of(dims));
  }
}
