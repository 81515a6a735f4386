package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operators that act on each element. */
final class ElementwiseRaising {
  private static final Map<Class<? extends Op>, String> UNARY = new LinkedHashMap<>();
  private static final Map<Class<? extends Op>, String> INFIX = new LinkedHashMap<>();

  static {
    UNARY.put(AbsOp.class, "torch.abs(%s)");
    UNARY.put(AcosOp.class, "torch.acos(%s)");
    UNARY.put(AcoshOp.class, "torch.acosh(%s)");
    UNARY.put(AsinOp.class, "torch.asin(%s)");
    UNARY.put(AsinhOp.class, "torch.asinh(%s)");
    UNARY.put(AtanOp.class, "torch.atan(%s)");
    UNARY.put(AtanhOp.class, "torch.atanh(%s)");
    UNARY.put(BitwiseNotOp.class, "torch.bitwise_not(%s)");
    UNARY.put(CeilOp.class, "torch.ceil(%s)");
    UNARY.put(CosOp.class, "torch.cos(%s)");
    UNARY.put(CoshOp.class, "torch.cosh(%s)");
    UNARY.put(ErfOp.class, "torch.erf(%s)");
    UNARY.put(ExpOp.class, "torch.exp(%s)");
    UNARY.put(FloorOp.class, "torch.floor(%s)");
    UNARY.put(HardSwishOp.class, "F.hardswish(%s)");
    UNARY.put(IdentityOp.class, "%s");
    UNARY.put(IsNaNOp.class, "torch.isnan(%s)");
    UNARY.put(LogOp.class, "torch.log(%s)");
    UNARY.put(MishOp.class, "F.mish(%s)");
    UNARY.put(NegOp.class, "torch.neg(%s)");
    UNARY.put(NotOp.class, "torch.logical_not(%s)");
    UNARY.put(ReciprocalOp.class, "torch.reciprocal(%s)");
    UNARY.put(ReluOp.class, "F.relu(%s)");
    UNARY.put(RoundOp.class, "torch.round(%s)");
    UNARY.put(SigmoidOp.class, "torch.sigmoid(%s)");
    UNARY.put(SignOp.class, "torch.sign(%s)");
    UNARY.put(SinOp.class, "torch.sin(%s)");
    UNARY.put(SinhOp.class, "torch.sinh(%s)");
    UNARY.put(SoftplusOp.class, "F.softplus(%s, threshold=1000000.0)");
    UNARY.put(SoftsignOp.class, "F.softsign(%s)");
    UNARY.put(SqrtOp.class, "torch.sqrt(%s)");
    UNARY.put(TanOp.class, "torch.tan(%s)");
    UNARY.put(TanhOp.class, "torch.tanh(%s)");
    INFIX.put(AddOp.class, "+");
    INFIX.put(SubOp.class, "-");
    INFIX.put(MulOp.class, "*");
    INFIX.put(EqualOp.class, "==");
    INFIX.put(GreaterOp.class, ">");
    INFIX.put(GreaterOrEqualOp.class, ">=");
    INFIX.put(LessOp.class, "<");
    INFIX.put(LessOrEqualOp.class, "<=");
    INFIX.put(AndOp.class, "&");
    INFIX.put(OrOp.class, "|");
    INFIX.put(XorOp.class, "^");
    INFIX.put(BitwiseAndOp.class, "&");
    INFIX.put(BitwiseOrOp.class, "|");
    INFIX.put(BitwiseXorOp.class, "^");
  }

  private ElementwiseRaising() {}

  static void register(RaisingRules rules) {
    UNARY.forEach((op, text) -> rules.on(op, (_, r) -> text.formatted(tensor(r, 0))));
    INFIX.forEach(
        (op, sign) ->
            rules.on(op, (_, r) -> "%s %s %s".formatted(tensor(r, 0), sign, scalarOr(r, 1))));
    rules.on(DivOp.class, ElementwiseRaising::div);
    rules.on(ModOp.class, ElementwiseRaising::mod);
    rules.on(
        PowOp.class,
        (_, r) -> "torch.pow(%s, %s)%s".formatted(tensor(r, 0), scalarOr(r, 1), likeFirst(r)));
    rules.on(MaxOp.class, (_, r) -> fold("torch.maximum", r));
    rules.on(MinOp.class, (_, r) -> fold("torch.minimum", r));
    rules.on(SumOp.class, (_, r) -> join(" + ", r));
    rules.on(MeanOp.class, (_, r) -> "(" + join(" + ", r) + ") / " + r.node().inputs().size());
    rules.on(
        WhereOp.class,
        (_, r) -> "torch.where(%s, %s, %s)".formatted(r.in(0), tensor(r, 1), tensor(r, 2)));
    rules.on(CastOp.class, (op, r) -> cast(op, r));
    rules.on(CastLikeOp.class, (_, r) -> "%s.to(%s)".formatted(tensor(r, 0), r.torch(r.dtype(1))));
    rules.on(ClipOp.class, ElementwiseRaising::clip);
    rules.on(
        CeluOp.class,
        (op, r) -> "F.celu(%s, alpha=%s)".formatted(r.in(0), Raise.number(op.alpha())));
    rules.on(
        EluOp.class, (op, r) -> "F.elu(%s, alpha=%s)".formatted(r.in(0), Raise.number(op.alpha())));
    rules.on(
        GeluOp.class,
        (op, r) -> "F.gelu(%s, approximate=\"%s\")".formatted(r.in(0), op.approximate()));
    rules.on(HardSigmoidOp.class, ElementwiseRaising::hardSigmoid);
    rules.on(
        LeakyReluOp.class,
        (op, r) ->
            "F.leaky_relu(%s, negative_slope=%s)".formatted(r.in(0), Raise.number(op.alpha())));
    rules.on(PReluOp.class, ElementwiseRaising::prelu);
    rules.on(SeluOp.class, ElementwiseRaising::selu);
    rules.on(
        ShrinkOp.class,
        (op, r) -> {
          String x = r.in(0);
          String l = Raise.number(op.lambd());
          String b = Raise.number(op.bias());
          return "torch.where(%s < -%s, %s + %s, torch.where(%s > %s, %s - %s, torch.zeros_like(%s)))"
              .formatted(x, l, x, b, x, l, x, b, x);
        });
    rules.on(
        SwishOp.class,
        (op, r) ->
            op.alpha() == 1
                ? "F.silu(%s)".formatted(r.in(0))
                : "%s * torch.sigmoid(%s * %s)"
                    .formatted(r.in(0), Raise.number(op.alpha()), r.in(0)));
    rules.on(
        ThresholdedReluOp.class,
        (op, r) -> "F.threshold(%s, %s, 0.0)".formatted(r.in(0), Raise.number(op.alpha())));
    rules.on(SoftmaxOp.class, (op, r) -> "torch.softmax(%s, dim=%d)".formatted(r.in(0), op.axis()));
    rules.on(
        LogSoftmaxOp.class,
        (op, r) -> "torch.log_softmax(%s, dim=%d)".formatted(r.in(0), op.axis()));
    rules.on(DropoutOp.class, ElementwiseRaising::dropout);
  }

  /**
   * An operand that must be a tensor: a literal would leave the element type to PyTorch's defaults.
   */
  static String tensor(Raise r, int input) {
    String text = r.in(input);
    boolean literal = r.parameter(input).isPresent() && !text.startsWith("self");
    return literal ? "torch.tensor(%s, dtype=%s)".formatted(text, r.torch(r.dtype(input))) : text;
  }

  /**
   * An operand that may be a literal where the other one fixes the element type: a number takes the
   * other's type, as ONNX demands of both operands anyway.
   */
  private static String scalarOr(Raise r, int input) {
    return r.parameter(1 - input).isPresent() ? tensor(r, input) : r.in(input);
  }

  private static String likeFirst(Raise r) {
    return r.dtype(0) == r.dtype(1) ? "" : ".to(%s)".formatted(r.torch(r.dtype(0)));
  }

  private static String div(DivOp op, Raise r) {
    return r.dtype(0).isInteger()
        ? "torch.div(%s, %s, rounding_mode=\"trunc\")".formatted(tensor(r, 0), scalarOr(r, 1))
        : "%s / %s".formatted(tensor(r, 0), scalarOr(r, 1));
  }

  private static String mod(ModOp op, Raise r) {
    String function = op.fmod() != 0 ? "torch.fmod" : "torch.remainder";
    return "%s(%s, %s)".formatted(function, tensor(r, 0), scalarOr(r, 1));
  }

  private static String fold(String function, Raise r) {
    String text = tensor(r, 0);
    for (int i = 1; i < r.node().inputs().size(); i++) {
      text = "%s(%s, %s)".formatted(function, text, tensor(r, i));
    }
    return text;
  }

  private static String join(String separator, Raise r) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < r.node().inputs().size(); i++) {
      parts.add(tensor(r, i));
    }
    return String.join(separator, parts);
  }

  private static String cast(CastOp op, Raise r) {
    DType to =
        DType.byOnnxCode((int) op.to())
            .orElseThrow(() -> r.refuse("element type %d is unknown", op.to()));
    boolean fromString = r.dtype(0) == DType.STRING || to == DType.STRING;
    if (fromString) {
      throw r.refuse("PyTorch has no strings");
    }
    return "%s.to(%s)".formatted(tensor(r, 0), r.torch(to));
  }

  private static String clip(ClipOp op, Raise r) {
    List<String> bounds = new ArrayList<>();
    if (r.has(1)) {
      bounds.add("min=" + r.in(1));
    }
    if (r.has(2)) {
      bounds.add("max=" + r.in(2));
    }
    return bounds.isEmpty()
        ? r.in(0)
        : "torch.clamp(%s, %s)".formatted(r.in(0), String.join(", ", bounds));
  }

  private static String hardSigmoid(HardSigmoidOp op, Raise r) {
    return "torch.clamp(%s * %s + %s, min=0.0, max=1.0)"
        .formatted(r.in(0), Raise.number(op.alpha()), Raise.number(op.beta()));
  }

  private static String selu(SeluOp op, Raise r) {
    String x = r.in(0);
    return "%s * torch.where(%s > 0, %s, %s * torch.exp(%s) - %s)"
        .formatted(
            Raise.number(op.gamma()), x, x, Raise.number(op.alpha()), x, Raise.number(op.alpha()));
  }

  private static String prelu(PReluOp op, Raise r) {
    String x = r.in(0);
    return "torch.where(%s < 0, %s * %s, %s)".formatted(x, x, tensor(r, 1), x);
  }

  private static String dropout(DropoutOp op, Raise r) {
    boolean training = r.has(2) && r.constant(2).map(t -> t.toLongs()[0] != 0).orElse(true);
    if (training) {
      throw r.refuse("dropout in training mode draws random numbers");
    }
    boolean mask = r.node().results().size() > 1;
    if (mask) {
      return "%s, torch.ones_like(%s, dtype=torch.bool)".formatted(r.in(0), r.in(0));
    }
    Value data = r.node().input(0);
    return r.ref(data);
  }
}
