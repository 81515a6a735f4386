package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;

/** Convolutions of one to three spatial axes. */
final class AtenConvolutions {
  private AtenConvolutions() {}

  static void register() {
    for (int n = 1; n <= 3; n++) {
      int spatial = n;
      AtenRules.on("conv" + n + "d", c -> convolution(c, spatial));
      AtenRules.on("conv_transpose" + n + "d", AtenConvolutions::transposed);
    }
    AtenRules.on("convolution", c -> general(c));
    AtenRules.on("_convolution", c -> general(c));
  }

  private static PyObject transposed(AtenCall c) {
    return transposed(
        c,
        c.tensor("weight").rank() - 2,
        c.tensor("input"),
        c.value("weight"),
        c.optionalValue("bias"));
  }

  private static PyObject general(AtenCall c) {
    TensorRef x = c.tensor("input");
    Value weight = c.value("weight");
    Value bias = c.optionalValue("bias");
    int spatial = c.tensor("weight").rank() - 2;
    if (c.flag("transposed")) {
      return transposed(c, spatial, x, weight, bias);
    }
    c.ignore("output_padding");
    return convolution(c, spatial);
  }

  private static TensorRef batched(AtenCall c, TensorRef x, int spatial) {
    return x.rank() == spatial + 1
        ? c.result(c.graph().unsqueeze(x.value(), c.trace().vector(0)))
        : x;
  }

  private static PyObject unbatched(AtenCall c, Value y, TensorRef original, int spatial) {
    return c.result(original.rank() == spatial + 1 ? c.graph().squeeze(y, c.trace().vector(0)) : y);
  }

  /** {@return begins, then ends, of every spatial axis} */
  private static long[] pads(AtenCall c, int spatial, TensorRef weight, long[] dilation) {
    long[] pads = new long[2 * spatial];
    PyObject padding = c.get("padding");
    if (padding instanceof PyObject.Str s) {
      if (s.value().equals("same")) {
        for (int i = 0; i < spatial; i++) {
          long total = dilation[i] * (weight.dim(i + 2).known() - 1);
          pads[i] = total / 2;
          pads[i + spatial] = total - total / 2;
        }
      }
      return pads;
    }
    long[] both = c.spread("padding", spatial);
    System.arraycopy(both, 0, pads, 0, spatial);
    System.arraycopy(both, 0, pads, spatial, spatial);
    return pads;
  }

  private static PyObject convolution(AtenCall c, int spatial) {
    TensorRef x = c.tensor("input");
    TensorRef weight = c.tensor("weight");
    Value bias = c.optionalValue("bias");
    long[] stride = c.spread("stride", spatial);
    long[] dilation = c.spread("dilation", spatial);
    long[] pads = pads(c, spatial, weight, dilation);
    long groups = c.integer("groups");
    Value in = batched(c, x, spatial).value();
    Value y =
        c.graph()
            .conv(
                in,
                weight.value(),
                bias,
                a ->
                    a.strides(stride)
                        .dilations(dilation)
                        .pads(pads)
                        .group(groups)
                        .kernelShape(kernel(weight, spatial)));
    return unbatched(c, y, x, spatial);
  }

  private static long[] kernel(TensorRef weight, int spatial) {
    long[] kernel = new long[spatial];
    for (int i = 0; i < spatial; i++) {
      kernel[i] = weight.dim(i + 2).known();
    }
    return kernel;
  }

  private static PyObject transposed(
      AtenCall c, int spatial, TensorRef x, Value weight, Value bias) {
    long[] stride = c.spread("stride", spatial);
    long[] dilation = c.spread("dilation", spatial);
    long[] padding = c.spread("padding", spatial);
    long[] extra = c.spread("output_padding", spatial);
    long groups = c.integer("groups");
    long[] pads = new long[2 * spatial];
    System.arraycopy(padding, 0, pads, 0, spatial);
    System.arraycopy(padding, 0, pads, spatial, spatial);
    Value y =
        c.graph()
            .convTranspose(
                batched(c, x, spatial).value(),
                weight,
                bias,
                a ->
                    a.strides(stride)
                        .dilations(dilation)
                        .pads(pads)
                        .outputPadding(extra)
                        .group(groups)
                        .kernelShape(kernel(c.tensor("weight"), spatial)));
    return unbatched(c, y, x, spatial);
  }
}
