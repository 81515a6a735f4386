package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import java.util.ArrayList;
import java.util.List;

/** Pooling over one to three spatial axes. */
final class AtenPooling {
  private AtenPooling() {}

  static void register() {
    for (int n = 1; n <= 3; n++) {
      int spatial = n;
      AtenRules.on("max_pool" + n + "d", c -> maxPool(c, spatial, false));
      AtenRules.on("max_pool" + n + "d_with_indices", c -> maxPool(c, spatial, true));
      AtenRules.on("avg_pool" + n + "d", c -> averagePool(c, spatial));
      AtenRules.on("adaptive_avg_pool" + n + "d", c -> adaptive(c, spatial, true));
      AtenRules.on("adaptive_max_pool" + n + "d", c -> adaptiveMax(c, spatial));
    }
  }

  private static TensorRef batched(AtenCall c, TensorRef x, int spatial) {
    return x.rank() == spatial + 1
        ? c.result(c.graph().unsqueeze(x.value(), c.trace().vector(0)))
        : x;
  }

  private static Value unbatched(AtenCall c, Value y, TensorRef original, int spatial) {
    return original.rank() == spatial + 1 ? c.graph().squeeze(y, c.trace().vector(0)) : y;
  }

  private static long[] strides(AtenCall c, int spatial, long[] kernel) {
    return c.list("stride").isEmpty() ? kernel : c.spread("stride", spatial);
  }

  private static long[] doubled(long[] padding) {
    long[] pads = new long[2 * padding.length];
    System.arraycopy(padding, 0, pads, 0, padding.length);
    System.arraycopy(padding, 0, pads, padding.length, padding.length);
    return pads;
  }

  private static PyObject maxPool(AtenCall c, int spatial, boolean indices) {
    TensorRef x = c.tensor("self");
    long[] kernel = c.spread("kernel_size", spatial);
    long[] stride = strides(c, spatial, kernel);
    long[] pads = doubled(c.spread("padding", spatial));
    long[] dilation = c.spread("dilation", spatial);
    boolean ceil = c.flag("ceil_mode");
    Value in = batched(c, x, spatial).value();
    if (!indices) {
      Value y =
          c.graph()
              .maxPool(
                  in,
                  a ->
                      a.kernelShape(kernel)
                          .strides(stride)
                          .pads(pads)
                          .dilations(dilation)
                          .ceilMode(ceil));
      return c.result(unbatched(c, y, x, spatial));
    }
    List<Value> both =
        c.graph()
            .maxPoolAll(
                in,
                a ->
                    a.kernelShape(kernel)
                        .strides(stride)
                        .pads(pads)
                        .dilations(dilation)
                        .ceilMode(ceil));
    return c.results(
        unbatched(c, both.get(0), x, spatial),
        unbatched(c, withinPlane(c, both.get(1), in, spatial), x, spatial));
  }

  /** ONNX counts positions through the whole tensor, PyTorch within each plane. */
  private static Value withinPlane(AtenCall c, Value indices, Value x, int spatial) {
    PyObject plane = PyObject.of(1);
    for (int i = 0; i < spatial; i++) {
      plane = c.in().operators().binary("*", plane, c.trace().size(x, i + 2));
    }
    return c.graph().mod(indices, c.trace().scalarOf(plane));
  }

  private static PyObject averagePool(AtenCall c, int spatial) {
    TensorRef x = c.tensor("self");
    long[] kernel = c.spread("kernel_size", spatial);
    long[] stride = strides(c, spatial, kernel);
    long[] pads = doubled(c.spread("padding", spatial));
    boolean ceil = c.flag("ceil_mode");
    boolean include = c.flag("count_include_pad");
    boolean ownDivisor = c.has("divisor_override") && !c.isNone("divisor_override");
    Value in = batched(c, x, spatial).value();
    Value y =
        c.graph()
            .averagePool(
                in,
                a ->
                    a.kernelShape(kernel)
                        .strides(stride)
                        .pads(pads)
                        .ceilMode(ceil)
                        .countIncludePad(include || ownDivisor));
    if (ownDivisor) {
      if (ceil) {
        throw c.in().unsupported("divisor_override with ceil_mode in %s", c.name());
      }
      long area = 1;
      for (long k : kernel) {
        area *= k;
      }
      Value factor = c.trace().scalar(x.dtype(), (double) area / c.integer("divisor_override"));
      y = c.graph().mul(y, factor);
    }
    return c.result(unbatched(c, y, x, spatial));
  }

  private static PyObject adaptiveMax(AtenCall c, int spatial) {
    PyObject values = adaptive(c, spatial, false);
    return new PyTuple(
        List.of(
            values,
            new dev.isomorph.importers.python.Unavailable(
                "the indices of " + c.name(), c.in().place())));
  }

  private static PyObject adaptive(AtenCall c, int spatial, boolean mean) {
    TensorRef x = c.tensor("self");
    List<PyObject> wanted = new ArrayList<>(c.list("output_size"));
    while (wanted.size() < spatial) {
      wanted.add(wanted.getFirst());
    }
    int first = x.rank() - spatial;
    boolean ones = wanted.stream().allMatch(w -> w.equals(PyObject.of(1)));
    if (ones) {
      return c.result(reduce(c, x.value(), first, x.rank(), mean));
    }
    Value y = x.value();
    long[] kernel = new long[spatial];
    boolean even = true;
    for (int i = 0; i < spatial; i++) {
      Dim in = x.dim(first + i);
      PyObject w = wanted.get(i) == PyObject.NONE ? x.size(first + i) : wanted.get(i);
      wanted.set(i, w);
      Dim out = c.trace().dimOf(w);
      if (in.equals(out)) {
        kernel[i] = 1;
      } else if (!in.isKnown() || !out.isKnown()) {
        throw c.trace().unknownSize(c.name(), in);
      } else {
        even &= in.known() % out.known() == 0;
        kernel[i] = in.known() / out.known();
      }
    }
    if (even) {
      Value in = batched(c, x, spatial).value();
      y =
          mean
              ? c.graph().averagePool(in, a -> a.kernelShape(kernel).strides(kernel))
              : c.graph().maxPool(in, a -> a.kernelShape(kernel).strides(kernel));
      return c.result(unbatched(c, y, x, spatial));
    }
    for (int i = 0; i < spatial; i++) {
      y = bins(c, y, first + i, Values.longValue(c.in(), wanted.get(i)), mean);
    }
    return c.result(y);
  }

  private static Value reduce(AtenCall c, Value x, int from, int to, boolean mean) {
    Value axes = c.trace().vector(java.util.stream.LongStream.range(from, to).toArray());
    return mean
        ? c.graph().reduceMean(x, axes, a -> a.keepdims(true))
        : c.graph().reduceMax(x, axes, a -> a.keepdims(true));
  }

  /** Reduces the bins {@code [⌊i·n/w⌋, ⌈(i+1)·n/w⌉)} of one axis. */
  private static Value bins(AtenCall c, Value x, int axis, long wanted, boolean mean) {
    long size = x.type().shape().dim(axis).known();
    if (size == wanted) {
      return x;
    }
    List<Value> parts = new ArrayList<>();
    for (long i = 0; i < wanted; i++) {
      long from = i * size / wanted;
      long to = Math.ceilDiv((i + 1) * size, wanted);
      Value bin =
          c.graph().slice(x, c.trace().vector(from), c.trace().vector(to), c.trace().vector(axis));
      parts.add(reduce(c, bin, axis, axis + 1, mean));
    }
    return parts.size() == 1 ? parts.getFirst() : c.graph().concat(parts, a -> a.axis(axis));
  }
}
