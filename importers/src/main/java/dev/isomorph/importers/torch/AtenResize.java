package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Resampling: {@code upsample_*}, {@code grid_sampler}, {@code pad}, {@code im2col}, {@code
 * col2im}.
 */
final class AtenResize {
  private AtenResize() {}

  static void register() {
    for (int n = 1; n <= 3; n++) {
      AtenRules.on("upsample_nearest" + n + "d", AtenResize::nearestNeighbour);
      AtenRules.on("_upsample_nearest_exact" + n + "d", c -> resize(c, AtenResize::nearestExact));
    }
    AtenRules.on("upsample_linear1d", c -> resize(c, linear(c, false)));
    AtenRules.on("upsample_bilinear2d", c -> resize(c, linear(c, false)));
    AtenRules.on("upsample_trilinear3d", c -> resize(c, linear(c, false)));
    AtenRules.on("_upsample_bilinear2d_aa", c -> resize(c, linear(c, true)));
    AtenRules.on("upsample_bicubic2d", c -> resize(c, cubic(c)));
    AtenRules.on("grid_sampler", AtenResize::gridSample);
    AtenRules.on("affine_grid_generator", AtenResize::affineGrid);
    AtenRules.on("pad", AtenResize::pad);
    AtenRules.on("pixel_shuffle", AtenResize::pixelShuffle);
    AtenRules.on("pixel_unshuffle", AtenResize::pixelUnshuffle);
    AtenRules.on("col2im", AtenResize::fold);
  }

  private static void nearest(ResizeOp.Builder a) {
    a.mode("nearest").coordinateTransformationMode("asymmetric").nearestMode("floor");
  }

  private static void nearestExact(ResizeOp.Builder a) {
    a.mode("nearest").coordinateTransformationMode("half_pixel").nearestMode("round_prefer_ceil");
  }

  private static String transformation(AtenCall c) {
    return c.flag("align_corners") ? "align_corners" : "half_pixel";
  }

  private static Consumer<ResizeOp.Builder> linear(AtenCall c, boolean antialias) {
    String transformation = transformation(c);
    return a -> a.mode("linear").coordinateTransformationMode(transformation).antialias(antialias);
  }

  private static Consumer<ResizeOp.Builder> cubic(AtenCall c) {
    String transformation = transformation(c);
    return a -> a.mode("cubic").coordinateTransformationMode(transformation).cubicCoeffA(-0.75);
  }

  private static PyObject resize(AtenCall c, Consumer<ResizeOp.Builder> how) {
    TensorRef x = c.tensor(c.has("input") ? "input" : "self");
    int spatial = x.rank() - 2;
    if (c.has("scale_factors") && !c.isNone("scale_factors")) {
      c.get("output_size");
      float[] scales = new float[spatial + 2];
      scales[0] = 1;
      scales[1] = 1;
      List<PyObject> given = c.list("scale_factors");
      for (int i = 0; i < spatial; i++) {
        scales[i + 2] = (float) Values.doubleValue(c.in(), given.get(i));
      }
      Value constant = c.graph().constant(Tensor.of(scales, scales.length));
      return c.result(c.graph().resize(x.value(), Value.ABSENT, constant, how));
    }
    c.ignore("scale_factors", "scales", "scales_d", "scales_h", "scales_w");
    List<PyObject> sizes = new ArrayList<>(List.of(x.size(0), x.size(1)));
    sizes.addAll(c.list("output_size"));
    Value target = c.trace().vectorOf(sizes);
    return c.result(c.graph().resize(x.value(), Value.ABSENT, Value.ABSENT, target, how));
  }

  /**
   * PyTorch computes source indices in f32, so that some that are whole numbers come out one lower;
   * where that happens the rows are gathered by their numbers.
   */
  private static PyObject nearestNeighbour(AtenCall c) {
    TensorRef x = c.tensor(c.has("input") ? "input" : "self");
    int spatial = x.rank() - 2;
    boolean scaled = c.has("scale_factors") && !c.isNone("scale_factors");
    List<PyObject> given = scaled ? c.list("scale_factors") : c.list("output_size");
    List<long[]> rows = new ArrayList<>();
    boolean asOnnx = true;
    for (int i = 0; i < spatial; i++) {
      boolean known = x.dim(i + 2).isKnown() && !(given.get(i) instanceof SymInt);
      if (!known) {
        return resize(c, AtenResize::nearest);
      }
      long size = x.dim(i + 2).known();
      double factor = scaled ? Values.doubleValue(c.in(), given.get(i)) : 0;
      long wanted =
          scaled ? (long) Math.floor(size * factor) : Values.longValue(c.in(), given.get(i));
      float step = scaled ? (float) (1.0 / factor) : (float) size / wanted;
      long[] indices = new long[(int) wanted];
      for (int k = 0; k < wanted; k++) {
        indices[k] = Math.min((long) (k * step), size - 1);
        double exact = scaled ? k / (double) (float) factor : k * (double) size / wanted;
        asOnnx &= indices[k] == Math.min((long) Math.floor(exact), size - 1);
      }
      rows.add(indices);
    }
    if (asOnnx) {
      return resize(c, AtenResize::nearest);
    }
    c.ignore("output_size", "scale_factors");
    Value y = x.value();
    for (int i = 0; i < spatial; i++) {
      int axis = i + 2;
      y = c.graph().gather(y, c.trace().vector(rows.get(i)), a -> a.axis(axis));
    }
    return c.result(y);
  }

  private static PyObject gridSample(AtenCall c) {
    String mode =
        new String[] {"linear", "nearest", "cubic"}[(int) c.integer("interpolation_mode")];
    String padding =
        new String[] {"zeros", "border", "reflection"}[(int) c.integer("padding_mode")];
    boolean corners = c.flag("align_corners");
    return c.result(
        c.graph()
            .gridSample(
                c.value("input"),
                c.value("grid"),
                a -> a.mode(mode).paddingMode(padding).alignCorners(corners)));
  }

  private static PyObject affineGrid(AtenCall c) {
    boolean corners = c.flag("align_corners");
    Value size = c.trace().vectorOf(c.list("size"));
    return c.result(c.graph().affineGrid(c.value("theta"), size, a -> a.alignCorners(corners)));
  }

  private static PyObject pad(AtenCall c) {
    TensorRef x = c.tensor("self");
    List<PyObject> given = c.list("pad");
    String mode = c.text("mode");
    int rank = x.rank();
    PyObject[] begins = new PyObject[rank];
    PyObject[] ends = new PyObject[rank];
    java.util.Arrays.fill(begins, PyObject.of(0));
    java.util.Arrays.fill(ends, PyObject.of(0));
    for (int i = 0; i < given.size() / 2; i++) {
      begins[rank - 1 - i] = given.get(2 * i);
      ends[rank - 1 - i] = given.get(2 * i + 1);
    }
    List<PyObject> pads = new ArrayList<>(List.of(begins));
    pads.addAll(List.of(ends));
    Value amounts = c.trace().vectorOf(pads);
    PyObject fill = c.get("value");
    if (mode.equals("constant")) {
      PyObject value = fill == PyObject.NONE ? PyObject.of(0) : fill;
      Value scalar = Operands.scalar(c.trace(), value, x.dtype());
      return c.result(c.graph().pad(x.value(), amounts, scalar, a -> a.mode("constant")));
    }
    String onnx =
        switch (mode) {
          case "reflect" -> "reflect";
          case "replicate" -> "edge";
          case "circular" -> "wrap";
          default ->
              throw c.in().raise("NotImplementedError", "Unrecognised padding mode %s", mode);
        };
    return c.result(c.graph().pad(x.value(), amounts, a -> a.mode(onnx)));
  }

  private static PyObject pixelShuffle(AtenCall c) {
    long r = c.integer("upscale_factor");
    TensorRef x = c.tensor("self");
    if (x.rank() != 4) {
      throw c.in().unsupported("pixel_shuffle of a tensor of rank %d", x.rank());
    }
    return c.result(c.graph().depthToSpace(x.value(), a -> a.blocksize(r).mode("CRD")));
  }

  /** ONNX's SpaceToDepth puts blocks before channels, PyTorch channels before blocks. */
  private static PyObject pixelUnshuffle(AtenCall c) {
    long r = c.integer("downscale_factor");
    TensorRef x = c.tensor("self");
    if (x.rank() != 4 || !x.dim(1).isKnown()) {
      throw c.in().unsupported("pixel_unshuffle of a tensor %s", x.value().type());
    }
    long channels = x.dim(1).known();
    Value blocks = c.graph().spaceToDepth(x.value(), a -> a.blocksize(r));
    long[] order = new long[(int) (channels * r * r)];
    for (int i = 0; i < order.length; i++) {
      order[i] = i % (r * r) * channels + i / (r * r);
    }
    return c.result(c.graph().gather(blocks, c.trace().vector(order), a -> a.axis(1)));
  }

  private static PyObject fold(AtenCall c) {
    TensorRef x = c.tensor("self");
    long[] padding = c.spread("padding", 2);
    long[] dilation = c.spread("dilation", 2);
    long[] stride = c.spread("stride", 2);
    Value in = x.rank() == 2 ? c.graph().unsqueeze(x.value(), c.trace().vector(0)) : x.value();
    Value image = c.trace().vectorOf(c.list("output_size"));
    Value block = c.trace().vector(c.spread("kernel_size", 2));
    Value y =
        c.graph()
            .col2Im(
                in,
                image,
                block,
                a ->
                    a.dilations(dilation)
                        .strides(stride)
                        .pads(padding[0], padding[1], padding[0], padding[1]));
    return c.result(x.rank() == 2 ? c.graph().squeeze(y, c.trace().vector(0)) : y);
  }
}
