package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;

/** Activation functions. */
final class ActivationRules {
  /** TensorFlow's constants, {@code tensorflow/core/kernels/relu_op_functor.h}. */
  private static final double SELU_SCALE = 1.0507009873554804934193349852946;

  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

  private ActivationRules() {}

  static void register(Rules rules) {
    rules.on("Relu", n -> n.main().relu(n.in(0)));
    rules.on("Relu6", ActivationRules::relu6);
    rules.on("LeakyRelu", ActivationRules::leakyRelu);
    rules.on("Elu", n -> n.main().elu(n.in(0)));
    rules.on("Selu", ActivationRules::selu);
    rules.on("Sigmoid", n -> n.main().sigmoid(n.in(0)));
    rules.on("Tanh", n -> n.main().tanh(n.in(0)));
    rules.on("Softplus", n -> n.main().softplus(n.in(0)));
    rules.on("Softsign", n -> n.main().softsign(n.in(0)));
    rules.on("Softmax", n -> n.main().softmax(n.in(0)));
    rules.on("LogSoftmax", n -> n.main().logSoftmax(n.in(0)));
  }

  private static Value relu6(TfNode node) {
    DType dtype = node.dtype(0);
    GraphBuilder b = node.builder();
    Value low = b.constant(node.name() + "/low", Tensor.scalar(dtype, 0.0));
    Value high = b.constant(node.name() + "/high", Tensor.scalar(dtype, 6.0));
    return node.main().clip(node.in(0), low, high);
  }

  private static Value leakyRelu(TfNode node) {
    double alpha = node.attributes().real("alpha", 0.2f);
    return node.main().leakyRelu(node.in(0), a -> a.alpha(alpha));
  }

  private static Value selu(TfNode node) {
    boolean wide = node.dtype(0) == DType.F64;
    return node.main()
        .selu(
            node.in(0),
            a ->
                a.alpha(wide ? SELU_ALPHA : (float) SELU_ALPHA)
                    .gamma(wide ? SELU_SCALE : (float) SELU_SCALE));
  }
}
