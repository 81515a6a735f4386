package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;

/** Normalisations. */
final class AtenNormalization {
  private AtenNormalization() {}

  static void register() {
    AtenRules.on("batch_norm", AtenNormalization::batchNorm);
    AtenRules.on("layer_norm", AtenNormalization::layerNorm);
    AtenRules.on("group_norm", AtenNormalization::groupNorm);
    AtenRules.on("instance_norm", AtenNormalization::instanceNorm);
  }

  private static Value constant(AtenCall c, DType type, double value, long size) {
    double[] all = new double[(int) size];
    java.util.Arrays.fill(all, value);
    return c.graph().constant(Tensor.of(type, all, size));
  }

  private static Value orConstant(AtenCall c, String name, DType type, double value, long size) {
    return c.isNone(name) ? constant(c, type, value, size) : c.trace().cast(c.value(name), type);
  }

  private static long channels(AtenCall c, TensorRef x) {
    Dim channels = x.dim(1);
    if (!channels.isKnown()) {
      throw c.trace().unknownSize(c.name(), channels);
    }
    return channels.known();
  }

  private static PyObject batchNorm(AtenCall c) {
    c.ignore("momentum", "cudnn_enabled");
    TensorRef x = c.tensor("input");
    long channels = channels(c, x);
    double eps = c.real("eps");
    if (c.flag("training")) {
      throw c.in().unsupported("batch normalisation by the batch's own statistics");
    }
    return c.result(
        c.graph()
            .batchNormalization(
                x.value(),
                orConstant(c, "weight", x.dtype(), 1, channels),
                orConstant(c, "bias", x.dtype(), 0, channels),
                c.value("running_mean"),
                c.value("running_var"),
                a -> a.epsilon(eps)));
  }

  private static PyObject layerNorm(AtenCall c) {
    c.ignore("cudnn_enable");
    TensorRef x = c.tensor("input");
    int axes = c.list("normalized_shape").size();
    double eps = c.real("eps");
    Value scale = c.optionalValue("weight");
    if (scale.isAbsent()) {
      long[] dims = c.integers("normalized_shape").stream().mapToLong(Long::longValue).toArray();
      double[] ones = new double[(int) Tensor.sizeOf(dims)];
      java.util.Arrays.fill(ones, 1);
      scale = c.graph().constant(Tensor.of(x.dtype(), ones, dims));
    }
    Value bias = c.optionalValue("bias");
    return c.result(
        bias.isAbsent()
            ? c.graph().layerNormalization(x.value(), scale, a -> a.axis(-axes).epsilon(eps))
            : c.graph()
                .layerNormalization(x.value(), scale, bias, a -> a.axis(-axes).epsilon(eps)));
  }

  private static PyObject groupNorm(AtenCall c) {
    c.ignore("cudnn_enabled");
    TensorRef x = c.tensor("input");
    long channels = channels(c, x);
    long groups = c.integer("num_groups");
    double eps = c.real("eps");
    Value scale = orConstant(c, "weight", x.dtype(), 1, channels);
    Value bias = orConstant(c, "bias", x.dtype(), 0, channels);
    Value in = x.rank() == 2 ? c.graph().unsqueeze(x.value(), c.trace().vector(2)) : x.value();
    Value y = c.graph().groupNormalization(in, scale, bias, a -> a.numGroups(groups).epsilon(eps));
    return c.result(x.rank() == 2 ? c.graph().squeeze(y, c.trace().vector(2)) : y);
  }

  private static PyObject instanceNorm(AtenCall c) {
    c.ignore("momentum", "cudnn_enabled");
    TensorRef x = c.tensor("input");
    double eps = c.real("eps");
    long channels = channels(c, x);
    Value scale = orConstant(c, "weight", x.dtype(), 1, channels);
    Value bias = orConstant(c, "bias", x.dtype(), 0, channels);
    if (!c.flag("use_input_stats")) {
      return c.result(
          c.graph()
              .batchNormalization(
                  x.value(),
                  scale,
                  bias,
                  c.value("running_mean"),
                  c.value("running_var"),
                  a -> a.epsilon(eps)));
    }
    c.ignore("running_mean", "running_var");
    return c.result(c.graph().instanceNormalization(x.value(), scale, bias, a -> a.epsilon(eps)));
  }
}
