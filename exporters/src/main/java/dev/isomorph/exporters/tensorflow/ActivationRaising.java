package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.op.CeluOp;
import dev.isomorph.ir.op.EluOp;
import dev.isomorph.ir.op.GeluOp;
import dev.isomorph.ir.op.HardSigmoidOp;
import dev.isomorph.ir.op.HardSwishOp;
import dev.isomorph.ir.op.LeakyReluOp;
import dev.isomorph.ir.op.LogSoftmaxOp;
import dev.isomorph.ir.op.MishOp;
import dev.isomorph.ir.op.PReluOp;
import dev.isomorph.ir.op.ReluOp;
import dev.isomorph.ir.op.SeluOp;
import dev.isomorph.ir.op.SigmoidOp;
import dev.isomorph.ir.op.SoftmaxOp;
import dev.isomorph.ir.op.SoftplusOp;
import dev.isomorph.ir.op.SoftsignOp;
import dev.isomorph.ir.op.SwishOp;
import dev.isomorph.ir.op.TanhOp;
import dev.isomorph.ir.op.ThresholdedReluOp;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.stream.LongStream;

/** Activation functions. */
final class ActivationRaising {
  private ActivationRaising() {}

  static void register(RaisingRules rules) {
    unary(rules, ReluOp.class, "Relu");
    unary(rules, SigmoidOp.class, "Sigmoid");
    unary(rules, TanhOp.class, "Tanh");
    unary(rules, SoftplusOp.class, "Softplus");
    unary(rules, SoftsignOp.class, "Softsign");
    rules.on(LeakyReluOp.class, ActivationRaising::leakyRelu);
    rules.on(PReluOp.class, ActivationRaising::pRelu);
    rules.on(EluOp.class, ActivationRaising::elu);
    rules.on(SeluOp.class, ActivationRaising::selu);
    rules.on(CeluOp.class, ActivationRaising::celu);
    rules.on(ThresholdedReluOp.class, ActivationRaising::thresholded);
    rules.on(GeluOp.class, ActivationRaising::gelu);
    rules.on(HardSigmoidOp.class, (op, n) -> hardSigmoid(n, op.alpha(), op.beta(), true));
    rules.on(HardSwishOp.class, ActivationRaising::hardSwish);
    rules.on(SwishOp.class, ActivationRaising::swish);
    rules.on(MishOp.class, ActivationRaising::mish);
    rules.on(SoftmaxOp.class, (op, n) -> alongLast(n, op.axis(), "Softmax"));
    rules.on(LogSoftmaxOp.class, (op, n) -> alongLast(n, op.axis(), "LogSoftmax"));
  }

  private static <O extends Op> void unary(RaisingRules rules, Class<O> operator, String name) {
    rules.on(operator, (_, node) -> node.main(name, node.in(0)));
  }

  private static Ref leakyRelu(LeakyReluOp op, RaisingNode node) {
    if (node.dtype(0) == DType.F32) {
      return node.main(
          "LeakyRelu", Attributes.none().real("alpha", (float) op.alpha()), node.in(0));
    }
    Ref x = node.in(0);
    Ref scaled = node.sub("Mul", x, node.scalar(node.dtype(0), op.alpha()));
    Ref negative = node.sub("Less", x, node.scalar(node.dtype(0), 0));
    return node.main("SelectV2", negative, scaled, x);
  }

  private static Ref pRelu(PReluOp op, RaisingNode node) {
    Ref x = node.in(0);
    Ref negative = node.sub("Less", x, node.scalar(node.dtype(0), 0));
    return node.main("SelectV2", negative, node.sub("Mul", x, node.in(1)), x);
  }

  private static Ref elu(EluOp op, RaisingNode node) {
    if (op.alpha() == 1) {
      return node.main("Elu", node.in(0));
    }
    return node.main(
        "SelectV2", positive(node), node.in(0), scaledExp(node, node.in(0), op.alpha()));
  }

  private static Ref positive(RaisingNode node) {
    return node.sub("Greater", node.in(0), node.scalar(node.dtype(0), 0));
  }

  private static Ref scaledExp(RaisingNode node, Ref x, double alpha) {
    return node.sub("Mul", node.sub("Expm1", x), node.scalar(node.dtype(0), alpha));
  }

  private static Ref selu(SeluOp op, RaisingNode node) {
    Ref inner =
        node.sub("SelectV2", positive(node), node.in(0), scaledExp(node, node.in(0), op.alpha()));
    return node.main("Mul", inner, node.scalar(node.dtype(0), op.gamma()));
  }

  private static Ref celu(CeluOp op, RaisingNode node) {
    Ref divided = node.sub("RealDiv", node.in(0), node.scalar(node.dtype(0), op.alpha()));
    return node.main("SelectV2", positive(node), node.in(0), scaledExp(node, divided, op.alpha()));
  }

  private static Ref thresholded(ThresholdedReluOp op, RaisingNode node) {
    DType dtype = node.dtype(0);
    Ref above = node.sub("Greater", node.in(0), node.scalar(dtype, op.alpha()));
    return node.main("SelectV2", above, node.in(0), node.scalar(dtype, 0));
  }

  private static Ref gelu(GeluOp op, RaisingNode node) {
    Ref x = node.in(0);
    DType dtype = node.dtype(0);
    Ref half = node.sub("Mul", x, node.scalar(dtype, 0.5));
    Ref curve;
    if (op.approximate().equals("tanh")) {
      Ref cube = node.sub("Mul", node.sub("Mul", x, x), x);
      Ref sum = node.sub("AddV2", x, node.sub("Mul", cube, node.scalar(dtype, 0.044715)));
      curve = node.sub("Tanh", node.sub("Mul", sum, node.scalar(dtype, Math.sqrt(2 / Math.PI))));
    } else {
      curve = node.sub("Erf", node.sub("Mul", x, node.scalar(dtype, Math.sqrt(0.5))));
    }
    return node.main("Mul", half, node.sub("AddV2", curve, node.scalar(dtype, 1)));
  }

  private static Ref hardSigmoid(RaisingNode node, double alpha, double beta, boolean last) {
    DType dtype = node.dtype(0);
    Ref scaled = node.sub("Mul", node.in(0), node.scalar(dtype, alpha));
    Ref moved = node.sub("AddV2", scaled, node.scalar(dtype, beta));
    Ref low = node.sub("Maximum", moved, node.scalar(dtype, 0));
    Ref one = node.scalar(dtype, 1);
    return last ? node.main("Minimum", low, one) : node.sub("Minimum", low, one);
  }

  private static Ref hardSwish(HardSwishOp op, RaisingNode node) {
    return node.main("Mul", node.in(0), hardSigmoid(node, 1.0 / 6, 0.5, false));
  }

  private static Ref swish(SwishOp op, RaisingNode node) {
    Ref scaled =
        op.alpha() == 1
            ? node.in(0)
            : node.sub("Mul", node.in(0), node.scalar(node.dtype(0), op.alpha()));
    return node.main("Mul", node.in(0), node.sub("Sigmoid", scaled));
  }

  private static Ref mish(MishOp op, RaisingNode node) {
    return node.main("Mul", node.in(0), node.sub("Tanh", node.sub("Softplus", node.in(0))));
  }

  /** TensorFlow works along the last axis alone. */
  private static Ref alongLast(RaisingNode node, long axis, String op) {
    if (axis == -1) {
      return node.main(op, node.in(0));
    }
    int rank = node.rank(0);
    int at = RaisingNode.axis(axis, rank);
    if (at == rank - 1) {
      return node.main(op, node.in(0));
    }
    List<Long> perm =
        LongStream.range(0, rank)
            .map(i -> i == at ? rank - 1 : i == rank - 1 ? at : i)
            .boxed()
            .toList();
    Ref swapped = node.main(op, node.transpose(node.in(0), perm));
    return node.transpose(swapped, perm);
  }
}
