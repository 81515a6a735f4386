package dev.isomorph.exporters.tensorflow;

import dev.isomorph.exporters.tensorflow.ImageOps.Padding;
import dev.isomorph.exporters.tensorflow.ImageOps.Window;
import dev.isomorph.ir.op.ConvOp;
import dev.isomorph.ir.op.ConvTransposeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Convolutions, with channels last: TensorFlow's CPU kernels know no other layout. */
final class ConvolutionRaising {
  private ConvolutionRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ConvOp.class, ConvolutionRaising::conv);
    rules.on(ConvTransposeOp.class, ConvolutionRaising::transposed);
  }

  private static Ref conv(ConvOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Shape filter = node.shape(1);
    Window window =
        new Window(
            lengths(node, filter),
            image.orOnes(op.strides()),
            image.orOnes(op.dilations()),
            op.autoPad(),
            op.pads(),
            false);
    Padding padding = image.padding(window);
    Ref x = image.enter(node.in(0));
    if (padding.isExplicit()) {
      x = image.padded(x, padding, Optional.empty());
    }
    boolean whole = !padding.isExplicit() && !node.has(2);
    Attributes attributes =
        Attributes.none()
            .integers("strides", image.perAxis(window.strides()))
            .text("padding", padding.text());
    if (window.dilations().stream().anyMatch(d -> d != 1)) {
      attributes.integers("dilations", image.perAxis(window.dilations()));
    }
    Ref y =
        isDepthwise(op, filter, window, image)
            ? depthwise(op, node, image, x, attributes, whole)
            : grouped(op, node, image, x, attributes, whole);
    if (node.has(2)) {
      y = node.main("BiasAdd", y, node.in(2));
    }
    return image.leave(y);
  }

  private static List<Long> lengths(RaisingNode node, Shape filter) {
    return IntStream.range(2, filter.rank())
        .mapToObj(i -> node.length(filter.dim(i), "a length of the kernel"))
        .toList();
  }

  /** TensorFlow's operator wants one stride, and no stride beside a dilation. */
  private static boolean isDepthwise(ConvOp op, Shape filter, Window window, ImageOps image) {
    boolean oneStride = window.strides().stream().distinct().count() == 1;
    boolean dilated = window.dilations().stream().anyMatch(d -> d != 1);
    boolean strided = window.strides().getFirst() != 1;
    return op.group() > 1
        && filter.dim(1).is(1)
        && image.spatial() == 2
        && oneStride
        && !(dilated && strided);
  }

  private static Ref depthwise(
      ConvOp op, RaisingNode node, ImageOps image, Ref x, Attributes attributes, boolean whole) {
    Shape filter = node.shape(1);
    long out = node.length(filter.dim(0), "the number of kernels");
    List<Long> lengths = lengths(node, filter);
    Ref kernel =
        out == op.group()
            ? node.permuted(1, 2, 3, 0, 1)
            : node.reshaped(
                1,
                List.of(2L, 3L, 0L, 1L),
                lengths.get(0),
                lengths.get(1),
                op.group(),
                out / op.group());
    return whole
        ? node.main("DepthwiseConv2dNative", attributes, x, kernel)
        : node.sub("DepthwiseConv2dNative", attributes, x, kernel);
  }

  private static Ref grouped(
      ConvOp op, RaisingNode node, ImageOps image, Ref x, Attributes attributes, boolean whole) {
    String name = image.spatial() == 3 ? "Conv3D" : "Conv2D";
    Ref kernel = kernel(node, image);
    if (op.group() == 1) {
      return whole ? node.main(name, attributes, x, kernel) : node.sub(name, attributes, x, kernel);
    }
    int axis = Math.max(image.spatial(), 2) + 1;
    List<Ref> inputs = split(node, x, axis, op.group());
    List<Ref> kernels = split(node, kernel, axis, op.group());
    List<Ref> parts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Attributes own = Attributes.none();
      attributes.values().forEach(own::put);
      parts.add(node.sub(name, own, inputs.get(i), kernels.get(i)));
    }
    parts.add(node.scalar(DType.I32, (long) axis));
    Ref[] operands = parts.toArray(Ref[]::new);
    return whole ? node.main("ConcatV2", operands) : node.sub("ConcatV2", operands);
  }

  private static List<Ref> split(RaisingNode node, Ref value, long axis, long parts) {
    return node.several(
        "Split",
        Attributes.none().integer("num_split", parts),
        node.scalar(DType.I32, axis),
        value);
  }

  /** {@return the kernel with its spatial axes first} */
  private static Ref kernel(RaisingNode node, ImageOps image) {
    long[] perm =
        LongStream.concat(LongStream.range(2, 2L + image.spatial()), LongStream.of(1, 0)).toArray();
    Ref kernel = node.permuted(1, perm);
    return image.isFlat() ? node.sub("ExpandDims", kernel, node.scalar(DType.I32, 0L)) : kernel;
  }

  /**
   * The whole product of the two, of which padding cuts off the borders: exact for every pad and
   * output padding.
   */
  private static Ref transposed(ConvTransposeOp op, RaisingNode node) {
    ImageOps image = new ImageOps(node);
    Shape filter = node.shape(1);
    List<Long> kernel = lengths(node, filter);
    List<Long> strides = image.orOnes(op.strides());
    List<Long> dilations = image.orOnes(op.dilations());
    if (dilations.stream().anyMatch(d -> d != 1)) {
      throw node.refused("a transposed convolution with dilations, which TensorFlow's CPU lacks");
    }
    if (op.outputShape().isPresent() || !List.of("NOTSET", "VALID").contains(op.autoPad())) {
      throw node.refused("a transposed convolution with auto_pad or output_shape");
    }
    if (op.group() != 1) {
      throw node.refused("a transposed convolution in groups");
    }
    if (image.spatial() == 3) {
      throw node.refused("a transposed convolution of three spatial axes");
    }
    List<Long> extra = op.outputPadding().orElseGet(() -> Collections.nCopies(image.spatial(), 0L));
    List<Long> pads = op.pads().orElseGet(() -> Collections.nCopies(2 * image.spatial(), 0L));
    long channels = node.length(filter.dim(1), "the number of output channels");
    Ref x = image.enter(node.in(0));
    Ref sizes = sizes(node, image, x, kernel, strides, extra, channels);
    boolean cut = pads.stream().anyMatch(p -> p != 0);
    boolean whole = !cut && !node.has(2);
    Attributes attributes =
        Attributes.none().integers("strides", image.perAxis(strides)).text("padding", "VALID");
    Ref weights = kernel(node, image);
    Ref y =
        whole
            ? node.main("Conv2DBackpropInput", attributes, sizes, weights, x)
            : node.sub("Conv2DBackpropInput", attributes, sizes, weights, x);
    if (cut) {
      y = cropped(node, image, y, pads);
    }
    if (node.has(2)) {
      y = node.main("BiasAdd", y, node.in(2));
    }
    return image.leave(y);
  }

  private static Ref sizes(
      RaisingNode node,
      ImageOps image,
      Ref x,
      List<Long> kernel,
      List<Long> strides,
      List<Long> extra,
      long channels) {
    Shape shape = node.shape(0);
    Ref actual = null;
    List<Ref> sizes = new ArrayList<>();
    int axes = Math.max(image.spatial(), 2) + 2;
    for (int axis = 0; axis < axes - 1; axis++) {
      int i = axis - (image.isFlat() ? 2 : 1);
      if (axis > 0 && i < 0) {
        sizes.add(node.scalar(DType.I32, 1L));
        continue;
      }
      Dim dim = shape.dim(axis == 0 ? 0 : 2 + i);
      long stride = axis == 0 ? 1 : strides.get(i);
      long plus = axis == 0 ? 0 : kernel.get(i) + extra.get(i) - stride;
      if (dim.isKnown()) {
        sizes.add(node.scalar(DType.I32, dim.known() * stride + plus));
        continue;
      }
      if (actual == null) {
        actual = node.sub("Shape", Attributes.none().type("out_type", DType.I32), x);
      }
      Ref length =
          node.sub(
              "StridedSlice",
              Attributes.none().integer("shrink_axis_mask", 1),
              actual,
              ints(node, axis),
              ints(node, axis + 1),
              ints(node, 1));
      Ref scaled = stride == 1 ? length : node.sub("Mul", length, node.scalar(DType.I32, stride));
      sizes.add(plus == 0 ? scaled : node.sub("AddV2", scaled, node.scalar(DType.I32, plus)));
    }
    sizes.add(node.scalar(DType.I32, channels));
    return node.sub("Pack", sizes.toArray(Ref[]::new));
  }

  private static Ref ints(RaisingNode node, int value) {
    return node.constant(Tensor.of(new int[] {value}, 1));
  }

  private static Ref cropped(RaisingNode node, ImageOps image, Ref y, List<Long> pads) {
    int spatial = image.spatial();
    int axes = Math.max(spatial, 2) + 2;
    long[] begin = new long[axes];
    long[] end = new long[axes];
    long[] strides = new long[axes];
    Arrays.fill(strides, 1);
    int beginMask = (1 << axes) - 1;
    int endMask = (1 << axes) - 1;
    for (int i = 0; i < spatial; i++) {
      int axis = i + (image.isFlat() ? 2 : 1);
      begin[axis] = pads.get(i);
      beginMask &= ~(1 << axis);
      if (pads.get(spatial + i) > 0) {
        end[axis] = -pads.get(spatial + i);
        endMask &= ~(1 << axis);
      }
    }
    return node.sub(
        "StridedSlice",
        Attributes.none().integer("begin_mask", beginMask).integer("end_mask", endMask),
        y,
        node.vector(begin),
        node.vector(end),
        node.vector(strides));
  }
}
