package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;

/** Activations that are operators of ONNX; the others are decompositions. */
final class AtenActivations {
  private AtenActivations() {}

  static void register() {
    AtenRules.on("relu", c -> c.result(c.graph().relu(c.value("self"))));
    AtenRules.on("selu", c -> c.result(c.graph().selu(c.value("self"))));
    AtenRules.on("mish", c -> c.result(c.graph().mish(c.value("self"))));
    AtenRules.on("hardswish", c -> c.result(c.graph().hardSwish(c.value("self"))));
    AtenRules.on(
        "leaky_relu",
        c -> {
          double slope = c.real("negative_slope");
          return c.result(c.graph().leakyRelu(c.value("self"), a -> a.alpha(slope)));
        });
    AtenRules.on(
        "gelu",
        c -> {
          String approximate = c.text("approximate");
          return c.result(c.graph().gelu(c.value("self"), a -> a.approximate(approximate)));
        });
    AtenRules.on(
        "silu",
        c -> {
          Value x = c.value("self");
          return c.result(c.graph().mul(x, c.graph().sigmoid(x)));
        });
    AtenRules.on("prelu", AtenActivations::prelu);
    AtenRules.on(
        "softmax",
        c -> {
          Value x = input(c);
          int axis = c.axis("dim", c.tensor("self").rank());
          return c.result(c.graph().softmax(x, a -> a.axis(axis)));
        });
    AtenRules.on(
        "log_softmax",
        c -> {
          Value x = input(c);
          int axis = c.axis("dim", c.tensor("self").rank());
          return c.result(c.graph().logSoftmax(x, a -> a.axis(axis)));
        });
  }

  private static Value input(AtenCall c) {
    DType type = c.dtype("dtype");
    Value x = AtenElementwise.asFloat(c.trace(), c.tensor("self"));
    return type == null ? x : c.trace().cast(x, type);
  }

  private static PyObject prelu(AtenCall c) {
    TensorRef self = c.tensor("self");
    TensorRef weight = c.tensor("weight");
    Value slope = weight.value();
    if (weight.rank() == 1 && self.rank() > 2 && !weight.dim(0).is(1)) {
      long[] axes = java.util.stream.LongStream.range(1, self.rank() - 1).toArray();
      slope = c.graph().unsqueeze(slope, c.trace().vector(axes));
    }
    return c.result(c.graph().pRelu(self.value(), slope));
  }
}
