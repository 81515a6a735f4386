package dev.isomorph.exporters.tensorflow;

import dev.isomorph.exporters.tensorflow.ImageOps.Padding;
import dev.isomorph.exporters.tensorflow.ImageOps.Window;
import dev.isomorph.ir.op.AveragePoolOp;
import dev.isomorph.ir.op.GlobalAveragePoolOp;
import dev.isomorph.ir.op.GlobalMaxPoolOp;
import dev.isomorph.ir.op.MaxPoolOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/** Pools. */
final class PoolingRaising {
  private PoolingRaising() {}

  static void register(RaisingRules rules) {
    rules.on(MaxPoolOp.class, PoolingRaising::max);
    rules.on(AveragePoolOp.class, PoolingRaising::average);
    rules.on(GlobalAveragePoolOp.class, (_, n) -> global(n, "Mean"));
    rules.on(GlobalMaxPoolOp.class, (_, n) -> global(n, "Max"));
  }

  private static Ref global(RaisingNode node, String op) {
    long[] axes = LongStream.range(2, node.rank(0)).toArray();
    return node.main(op, Attributes.none().flag("keep_dims", true), node.in(0), node.vector(axes));
  }

  private static Ref max(MaxPoolOp op, RaisingNode node) {
    if (node.isUsed(1)) {
      throw node.refused("the positions of the maxima");
    }
    ImageOps image = new ImageOps(node);
    Window window =
        new Window(
            op.kernelShape(),
            image.orOnes(op.strides()),
            image.orOnes(op.dilations()),
            op.autoPad(),
            op.pads(),
            op.ceilMode() == 1);
    requireDense(node, window);
    Padding padding = image.padding(window);
    Ref x = image.enter(node.in(0));
    if (padding.isExplicit()) {
      x = image.padded(x, padding, Optional.of(lowest(node)));
    }
    String name = image.spatial() == 3 ? "MaxPool3D" : "MaxPool";
    Attributes attributes = attributes(image, window, padding);
    Ref y = padding.isExplicit() ? node.sub(name, attributes, x) : node.main(name, attributes, x);
    return image.leave(y);
  }

  private static void requireDense(RaisingNode node, Window window) {
    if (window.dilations().stream().anyMatch(d -> d != 1)) {
      throw node.refused("a pool with dilations");
    }
  }

  private static Ref lowest(RaisingNode node) {
    DType dtype = node.dtype(0);
    if (dtype.isFloat()) {
      return node.scalar(dtype, Double.NEGATIVE_INFINITY);
    }
    long low = dtype.kind() == DType.Kind.UNSIGNED ? 0 : -1L << (dtype.bits() - 1);
    return node.constant(Tensor.scalar(dtype, low));
  }

  private static Attributes attributes(ImageOps image, Window window, Padding padding) {
    return Attributes.none()
        .integers("ksize", image.perAxis(window.kernel()))
        .integers("strides", image.perAxis(window.strides()))
        .text("padding", padding.text());
  }

  private static Ref average(AveragePoolOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Window window =
        new Window(
            op.kernelShape(),
            image.orOnes(op.strides()),
            image.orOnes(op.dilations()),
            op.autoPad(),
            op.pads(),
            op.ceilMode() == 1);
    requireDense(node, window);
    Padding padding = image.padding(window);
    String name = image.spatial() == 3 ? "AvgPool3D" : "AvgPool";
    Attributes attributes = attributes(image, window, padding);
    boolean counted = op.countIncludePad() == 1;
    Ref x = image.enter(node.in(0));
    // TensorFlow's SAME leaves the padding out of the mean.
    if (!padding.isExplicit() && !(counted && padding.same())) {
      return image.leave(node.main(name, attributes, x));
    }
    if (counted) {
      return image.leave(included(op, node, image, window, padding, name, x));
    }
    Attributes valid =
        attributes(image, window, new Padding(false, padding.before(), padding.behind()));
    Ref mean = node.sub(name, valid, image.padded(x, padding, Optional.empty()));
    Attributes again =
        attributes(image, window, new Padding(false, padding.before(), padding.behind()));
    Ref share = node.sub(name, again, image.padded(ones(node, image), padding, Optional.empty()));
    return image.leave(node.main("RealDiv", mean, share));
  }

  /**
   * Padding counts as elements of the window, what ceil mode adds beyond it does not; the two can
   * only be told apart where there is no such rest.
   */
  private static Ref included(
      AveragePoolOp op,
      RaisingNode node,
      ImageOps image,
      Window window,
      Padding padding,
      String name,
      Ref x) {
    if (padding.same() && op.pads().isEmpty() && !op.autoPad().equals("NOTSET")) {
      throw node.refused("a mean with automatic padding counted");
    }
    if (op.ceilMode() == 1) {
      throw node.refused("a mean with counted padding in ceil mode");
    }
    Padding explicit = new Padding(false, padding.before(), padding.behind());
    Ref padded = image.padded(x, explicit, Optional.empty());
    return node.main(name, attributes(image, window, explicit), padded);
  }

  /** {@return an image of ones, as large as the operand} */
  private static Ref ones(RaisingNode node, ImageOps image) {
    int axes = Math.max(image.spatial(), 2) + 2;
    long[] dims = new long[axes];
    Arrays.fill(dims, 1);
    for (int i = 0; i < image.spatial(); i++) {
      dims[i + (image.isFlat() ? 2 : 1)] =
          node.length(node.shape(0).dim(2 + i), "a length that the mean's padding needs");
    }
    return node.sub("Fill", node.vector(dims), node.scalar(node.dtype(0), 1));
  }
}
