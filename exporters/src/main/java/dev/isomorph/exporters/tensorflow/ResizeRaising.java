package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Resizing of images: the modes whose positions TensorFlow computes alike. */
final class ResizeRaising {
  private ResizeRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ResizeOp.class, ResizeRaising::resize);
  }

  private static Ref resize(ResizeOp op, RaisingNode node) {
    if (op.antialias() != 0 || !op.keepAspectRatioPolicy().equals("stretch")) {
      throw node.refused("Resize with antialias or keep_aspect_ratio_policy");
    }
    if (node.rank(0) != 4) {
      throw node.refused("Resize of other than images");
    }
    List<Long> sizes = sizes(op, node);
    boolean linear = op.mode().equals("linear");
    if (linear && node.dtype(0) != DType.F32) {
      throw node.refused("linear Resize of %s, which TensorFlow computes in f32", node.dtype(0));
    }
    Attributes attributes = positions(op, node, sizes, linear);
    Ref size = node.constant(Tensor.of(sizes.stream().mapToInt(Math::toIntExact).toArray(), 2));
    ImageOps image = new ImageOps(node);
    String name = linear ? "ResizeBilinear" : "ResizeNearestNeighbor";
    return image.leave(node.main(name, attributes, image.enter(node.in(0)), size));
  }

  private static Attributes positions(
      ResizeOp op, RaisingNode node, List<Long> sizes, boolean linear) {
    String how = op.coordinateTransformationMode();
    String rounding = op.nearestMode();
    if (!linear && !op.mode().equals("nearest")) {
      throw node.refused("Resize with mode = %s", op.mode());
    }
    Attributes attributes = Attributes.none();
    switch (how) {
      case "asymmetric" -> {}
      case "half_pixel" -> attributes.flag("half_pixel_centers", true);
      case "pytorch_half_pixel" -> {
        if (sizes.contains(1L)) {
          throw node.refused("Resize to one element with pytorch_half_pixel");
        }
        attributes.flag("half_pixel_centers", true);
      }
      case "align_corners" -> attributes.flag("align_corners", true);
      default -> throw node.refused("Resize with coordinates %s", how);
    }
    if (linear) {
      return attributes;
    }
    boolean asymmetric = how.equals("asymmetric");
    boolean same = rounding.equals(asymmetric ? "floor" : "round_prefer_ceil");
    if (!same && !integerFactor(node, sizes, how, rounding)) {
      throw node.refused("nearest Resize with coordinates %s rounded by %s", how, rounding);
    }
    return attributes;
  }

  /**
   * {@return whether rounding cannot matter}: an enlargement by a whole odd factor with half-pixel
   * positions never meets a half, and by any whole factor none that {@code round_prefer_floor}
   * would round down wrongly except at even factors
   */
  private static boolean integerFactor(
      RaisingNode node, List<Long> sizes, String how, String rounding) {
    if (!how.equals("half_pixel") || !rounding.equals("round_prefer_floor")) {
      return false;
    }
    for (int i = 0; i < 2; i++) {
      long from = node.length(node.shape(0).dim(2 + i), "a length that is resized");
      if (sizes.get(i) % from != 0) {
        return false;
      }
    }
    // (i + 0.5) / f - 0.5 is a half exactly if (2i + 1) / (2f) is whole, and 2i + 1 is odd.
    return true;
  }

  /** {@return height and width of the result} */
  private static List<Long> sizes(ResizeOp op, RaisingNode node) {
    Shape in = node.shape(0);
    Shape out = node.resultShape(0);
    List<Long> axes = op.axes().orElseGet(() -> LongStream.range(0, 4).boxed().toList());
    if (node.has(2)) {
      requireWholeSizes(node, axes);
    }
    for (int axis : new int[] {0, 1}) {
      if (!in.dim(axis).equals(out.dim(axis))) {
        throw node.refused("Resize of batch or channels");
      }
    }
    List<Long> sizes = new ArrayList<>();
    for (int axis : new int[] {2, 3}) {
      sizes.add(node.length(out.dim(axis), "a length of the resized image"));
    }
    return sizes;
  }

  /** Scales are used as they are given, where TensorFlow divides the lengths. */
  private static void requireWholeSizes(RaisingNode node, List<Long> axes) {
    double[] scales =
        node.value(2)
            .constant()
            .map(Tensor::toDoubles)
            .orElseThrow(() -> node.refused("scales that depend on the inputs"));
    for (int i = 0; i < scales.length; i++) {
      int axis = RaisingNode.axis(axes.get(i), 4);
      if (scales[i] == 1) {
        continue;
      }
      long length = node.length(node.shape(0).dim(axis), "a length that is resized");
      if (scales[i] * length != Math.rint(scales[i] * length)) {
        throw node.refused("scales that do not give whole lengths");
      }
    }
  }
}
