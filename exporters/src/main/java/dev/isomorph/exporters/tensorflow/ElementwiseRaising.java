package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.op.AbsOp;
import dev.isomorph.ir.op.AcosOp;
import dev.isomorph.ir.op.AcoshOp;
import dev.isomorph.ir.op.AddOp;
import dev.isomorph.ir.op.AndOp;
import dev.isomorph.ir.op.AsinOp;
import dev.isomorph.ir.op.AsinhOp;
import dev.isomorph.ir.op.AtanOp;
import dev.isomorph.ir.op.AtanhOp;
import dev.isomorph.ir.op.CastLikeOp;
import dev.isomorph.ir.op.CastOp;
import dev.isomorph.ir.op.CeilOp;
import dev.isomorph.ir.op.ClipOp;
import dev.isomorph.ir.op.CosOp;
import dev.isomorph.ir.op.CoshOp;
import dev.isomorph.ir.op.DivOp;
import dev.isomorph.ir.op.DropoutOp;
import dev.isomorph.ir.op.EqualOp;
import dev.isomorph.ir.op.ErfOp;
import dev.isomorph.ir.op.ExpOp;
import dev.isomorph.ir.op.FloorOp;
import dev.isomorph.ir.op.GreaterOp;
import dev.isomorph.ir.op.GreaterOrEqualOp;
import dev.isomorph.ir.op.IdentityOp;
import dev.isomorph.ir.op.IsInfOp;
import dev.isomorph.ir.op.IsNaNOp;
import dev.isomorph.ir.op.LessOp;
import dev.isomorph.ir.op.LessOrEqualOp;
import dev.isomorph.ir.op.LogOp;
import dev.isomorph.ir.op.MaxOp;
import dev.isomorph.ir.op.MeanOp;
import dev.isomorph.ir.op.MinOp;
import dev.isomorph.ir.op.ModOp;
import dev.isomorph.ir.op.MulOp;
import dev.isomorph.ir.op.NegOp;
import dev.isomorph.ir.op.NotOp;
import dev.isomorph.ir.op.OrOp;
import dev.isomorph.ir.op.PowOp;
import dev.isomorph.ir.op.ReciprocalOp;
import dev.isomorph.ir.op.RoundOp;
import dev.isomorph.ir.op.SignOp;
import dev.isomorph.ir.op.SinOp;
import dev.isomorph.ir.op.SinhOp;
import dev.isomorph.ir.op.SqrtOp;
import dev.isomorph.ir.op.SubOp;
import dev.isomorph.ir.op.SumOp;
import dev.isomorph.ir.op.TanOp;
import dev.isomorph.ir.op.WhereOp;
import dev.isomorph.ir.op.XorOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/** Operators that work element by element, with numpy's broadcasting. */
final class ElementwiseRaising {
  private ElementwiseRaising() {}

  static void register(RaisingRules rules) {
    unary(rules, AbsOp.class, "Abs");
    unary(rules, NegOp.class, "Neg");
    unary(rules, ExpOp.class, "Exp");
    unary(rules, LogOp.class, "Log");
    unary(rules, SqrtOp.class, "Sqrt");
    unary(rules, ReciprocalOp.class, "Reciprocal");
    unary(rules, FloorOp.class, "Floor");
    unary(rules, CeilOp.class, "Ceil");
    // Halves to even.
    unary(rules, RoundOp.class, "Rint");
    unary(rules, SignOp.class, "Sign");
    unary(rules, SinOp.class, "Sin");
    unary(rules, CosOp.class, "Cos");
    unary(rules, TanOp.class, "Tan");
    unary(rules, AsinOp.class, "Asin");
    unary(rules, AcosOp.class, "Acos");
    unary(rules, AtanOp.class, "Atan");
    unary(rules, SinhOp.class, "Sinh");
    unary(rules, CoshOp.class, "Cosh");
    unary(rules, AsinhOp.class, "Asinh");
    unary(rules, AcoshOp.class, "Acosh");
    unary(rules, AtanhOp.class, "Atanh");
    unary(rules, ErfOp.class, "Erf");
    unary(rules, NotOp.class, "LogicalNot");
    unary(rules, IsNaNOp.class, "IsNan");
    unary(rules, IdentityOp.class, "Identity");
    rules.on(IsInfOp.class, ElementwiseRaising::isInf);
    rules.several(DropoutOp.class, ElementwiseRaising::dropout);

    binary(rules, AddOp.class, "AddV2");
    binary(rules, SubOp.class, "Sub");
    binary(rules, MulOp.class, "Mul");
    binary(rules, EqualOp.class, "Equal");
    binary(rules, GreaterOp.class, "Greater");
    binary(rules, GreaterOrEqualOp.class, "GreaterEqual");
    binary(rules, LessOp.class, "Less");
    binary(rules, LessOrEqualOp.class, "LessEqual");
    binary(rules, AndOp.class, "LogicalAnd");
    binary(rules, OrOp.class, "LogicalOr");
    binary(rules, XorOp.class, "NotEqual");
    rules.on(
        DivOp.class,
        (_, n) -> n.main(n.dtype(0).isInteger() ? "TruncateDiv" : "RealDiv", n.in(0), n.in(1)));
    rules.on(PowOp.class, ElementwiseRaising::pow);
    rules.on(
        ModOp.class,
        (op, n) -> n.main(op.fmod() == 0 ? "FloorMod" : "TruncateMod", n.in(0), n.in(1)));
    rules.on(MaxOp.class, (_, n) -> chain(n, "Maximum"));
    rules.on(MinOp.class, (_, n) -> chain(n, "Minimum"));
    rules.on(SumOp.class, (_, n) -> chain(n, "AddV2"));
    rules.on(MeanOp.class, ElementwiseRaising::mean);
    rules.on(WhereOp.class, (_, n) -> n.main("SelectV2", n.in(0), n.in(1), n.in(2)));
    rules.on(CastOp.class, ElementwiseRaising::cast);
    rules.on(
        CastLikeOp.class,
        (_, n) -> n.main("Cast", Attributes.none().type("DstT", n.dtype(1)), n.in(0)));
    rules.on(ClipOp.class, ElementwiseRaising::clip);
  }

  private static <O extends Op> void unary(RaisingRules rules, Class<O> operator, String name) {
    rules.on(operator, (_, node) -> node.main(name, node.in(0)));
  }

  private static <O extends Op> void binary(RaisingRules rules, Class<O> operator, String name) {
    rules.on(operator, (_, node) -> node.main(name, node.in(0), node.in(1)));
  }

  private static Ref isInf(IsInfOp op, RaisingNode node) {
    if (op.detectPositive() == 1 && op.detectNegative() == 1) {
      return node.main("IsInf", node.in(0));
    }
    DType dtype = node.dtype(0);
    double wanted = op.detectPositive() == 1 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    if (op.detectPositive() == 0 && op.detectNegative() == 0) {
      throw node.refused("IsInf that detects nothing");
    }
    return node.main("Equal", node.in(0), node.scalar(dtype, wanted));
  }

  /** In inference, the identity; the mask of what is kept is true everywhere. */
  private static List<Ref> dropout(DropoutOp op, RaisingNode node) {
    boolean training =
        node.has(2) && node.value(2).constant().map(t -> t.toLongs()[0] != 0).orElse(true);
    if (training) {
      throw node.refused("Dropout in training");
    }
    Ref same = node.main("Identity", node.in(0));
    if (!node.isUsed(1)) {
      return List.of(same);
    }
    Ref shape = node.shapeOf(node.in(0));
    return List.of(same, node.sub("Fill", shape, node.constant(Tensor.scalar(DType.BOOL, 1L))));
  }

  private static Ref pow(PowOp op, RaisingNode node) {
    return node.main("Pow", node.in(0), node.cast(node.in(1), node.dtype(0)));
  }

  private static Ref chain(RaisingNode node, String op) {
    List<Ref> all = node.all();
    if (all.size() == 1) {
      return node.main("Identity", all.getFirst());
    }
    Ref value = all.getFirst();
    for (int i = 1; i < all.size(); i++) {
      value =
          i == all.size() - 1 ? node.main(op, value, all.get(i)) : node.sub(op, value, all.get(i));
    }
    return value;
  }

  private static Ref mean(MeanOp op, RaisingNode node) {
    List<Ref> all = node.all();
    Ref sum = all.getFirst();
    for (Ref next : all.subList(1, all.size())) {
      sum = node.sub("AddV2", sum, next);
    }
    return node.main("RealDiv", sum, node.scalar(node.dtype(0), all.size()));
  }

  private static Ref cast(CastOp op, RaisingNode node) {
    DType to = DType.byOnnxCode((int) op.to()).orElseThrow();
    DType from = node.dtype(0);
    if (to == DType.STRING || from == DType.STRING) {
      throw node.refused("a cast between numbers and strings");
    }
    if (to.isFloat() && to.bits() <= 8 && from != to) {
      throw node.refused("a cast to %s, which saturates or rounds in its own way", to);
    }
    return node.main("Cast", Attributes.none().type("DstT", to), node.in(0));
  }

  private static Ref clip(ClipOp op, RaisingNode node) {
    if (!node.has(1) && !node.has(2)) {
      return node.main("Identity", node.in(0));
    }
    if (!node.has(2)) {
      return node.main("Maximum", node.in(0), node.in(1));
    }
    Ref low = node.has(1) ? node.sub("Maximum", node.in(0), node.in(1)) : node.in(0);
    return node.main("Minimum", low, node.in(2));
  }
}
