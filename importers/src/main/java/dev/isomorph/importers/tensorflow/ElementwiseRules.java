package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.function.BiFunction;

/** Operators that work element by element, with numpy's broadcasting. */
final class ElementwiseRules {
  /** A plain operator of one operand. */
  private interface Unary extends BiFunction<GraphBuilder, Value, Value> {}

  /** A plain operator of two operands. */
  private interface Binary {
    Value apply(GraphBuilder builder, Value x, Value y);
  }

  private ElementwiseRules() {}

  static void register(Rules rules) {
    unary(rules, "Abs", GraphBuilder::abs);
    unary(rules, "Neg", GraphBuilder::neg);
    unary(rules, "Exp", GraphBuilder::exp);
    unary(rules, "Log", GraphBuilder::log);
    unary(rules, "Sqrt", GraphBuilder::sqrt);
    unary(rules, "Floor", GraphBuilder::floor);
    unary(rules, "Ceil", GraphBuilder::ceil);
    // Both round halves to even.
    unary(rules, "Round", GraphBuilder::round);
    unary(rules, "Rint", GraphBuilder::round);
    unary(rules, "Sign", GraphBuilder::sign);
    unary(rules, "Sin", GraphBuilder::sin);
    unary(rules, "Cos", GraphBuilder::cos);
    unary(rules, "Tan", GraphBuilder::tan);
    unary(rules, "Asin", GraphBuilder::asin);
    unary(rules, "Acos", GraphBuilder::acos);
    unary(rules, "Atan", GraphBuilder::atan);
    unary(rules, "Sinh", GraphBuilder::sinh);
    unary(rules, "Cosh", GraphBuilder::cosh);
    unary(rules, "Asinh", GraphBuilder::asinh);
    unary(rules, "Acosh", GraphBuilder::acosh);
    unary(rules, "Atanh", GraphBuilder::atanh);
    unary(rules, "Erf", GraphBuilder::erf);
    unary(rules, "LogicalNot", GraphBuilder::not_);
    unary(rules, "IsNan", GraphBuilder::isNaN);
    unary(rules, "IsInf", GraphBuilder::isInf);
    unary(rules, "Reciprocal", GraphBuilder::reciprocal);
    unary(rules, "Inv", GraphBuilder::reciprocal);
    rules.on("Square", n -> n.main().mul(n.in(0), n.in(0)));
    rules.on("Rsqrt", ElementwiseRules::rsqrt);
    rules.on("IsFinite", ElementwiseRules::isFinite);
    rules.on("Erfc", ElementwiseRules::erfc);
    rules.on("Expm1", ElementwiseRules::expm1);
    rules.on("Log1p", ElementwiseRules::log1p);

    binary(rules, "Add", GraphBuilder::add);
    binary(rules, "AddV2", GraphBuilder::add);
    binary(rules, "Sub", GraphBuilder::sub);
    binary(rules, "Mul", GraphBuilder::mul);
    binary(rules, "RealDiv", GraphBuilder::div);
    // Integers are divided towards zero, as the plain operator does.
    binary(rules, "Div", GraphBuilder::div);
    binary(rules, "TruncateDiv", GraphBuilder::div);
    binary(rules, "Pow", GraphBuilder::pow);
    binary(rules, "Maximum", (b, x, y) -> b.max(List.of(x, y)));
    binary(rules, "Minimum", (b, x, y) -> b.min(List.of(x, y)));
    binary(rules, "Greater", GraphBuilder::greater);
    binary(rules, "GreaterEqual", GraphBuilder::greaterOrEqual);
    binary(rules, "Less", GraphBuilder::less);
    binary(rules, "LessEqual", GraphBuilder::lessOrEqual);
    binary(rules, "LogicalAnd", GraphBuilder::and_);
    binary(rules, "LogicalOr", GraphBuilder::or_);
    rules.on("TruncateMod", n -> n.main().mod(n.in(0), n.in(1), a -> a.fmod(true)));
    rules.on("Mod", n -> n.main().mod(n.in(0), n.in(1), a -> a.fmod(true)));
    rules.on("Equal", ElementwiseRules::equal);
    rules.on("NotEqual", ElementwiseRules::notEqual);
    rules.on("AddN", n -> n.main().sum(n.all()));
    rules.on("SquaredDifference", ElementwiseRules::squaredDifference);
    rules.on("DivNoNan", ElementwiseRules::divNoNan);
    rules.on("FloorDiv", ElementwiseRules::floorDiv);
    rules.on("FloorMod", ElementwiseRules::floorMod);
    rules.on("SelectV2", n -> n.main().where(n.in(0), n.in(1), n.in(2)));
    rules.on("Select", ElementwiseRules::select);
    rules.on("ClipByValue", ElementwiseRules::clip);
  }

  private static void unary(Rules rules, String op, Unary plain) {
    rules.on(op, node -> plain.apply(node.main(), node.in(0)));
  }

  private static void binary(Rules rules, String op, Binary plain) {
    rules.on(op, node -> plain.apply(node.main(), node.in(0), node.in(1)));
  }

  private static Value one(TfNode node) {
    return node.scalar(node.dtype(0), 1);
  }

  private static Value rsqrt(TfNode node) {
    Value root = node.builder().sqrt(node.in(0));
    return node.main().reciprocal(root);
  }

  private static Value erfc(TfNode node) {
    Value erf = node.builder().erf(node.in(0));
    return node.main().sub(one(node), erf);
  }

  private static Value clip(TfNode node) {
    Value lifted = node.builder().max(List.of(node.in(0), node.in(1)));
    return node.main().min(List.of(lifted, node.in(2)));
  }

  private static Value isFinite(TfNode node) {
    GraphBuilder b = node.builder();
    Value strange = b.or_(b.isNaN(node.in(0)), b.isInf(node.in(0)));
    return node.main().not_(strange);
  }

  /**
   * {@code exp(x) − 1} without losing the digits near zero: there it is {@code 2t / (1 − t)} with
   * {@code t = tanh(x / 2)}.
   */
  private static Value expm1(TfNode node) {
    GraphBuilder b = node.builder();
    Value x = node.in(0);
    DType dtype = node.dtype(0);
    Value t = b.tanh(b.mul(x, node.scalar(dtype, 0.5)));
    Value near = b.div(b.add(t, t), b.sub(one(node), t));
    Value far = b.sub(b.exp(x), one(node));
    Value small = b.less(b.abs(x), one(node));
    return node.main().where(small, near, far);
  }

  /**
   * {@code log(1 + x)} without losing the digits near zero: there it is {@code 2 atanh(x / (2 +
   * x))}.
   */
  private static Value log1p(TfNode node) {
    GraphBuilder b = node.builder();
    Value x = node.in(0);
    DType dtype = node.dtype(0);
    Value half = b.atanh(b.div(x, b.add(x, node.scalar(dtype, 2))));
    Value far = b.log(b.add(x, one(node)));
    Value small = b.less(b.abs(x), node.scalar(dtype, 0.5));
    Value near = b.add(half, half);
    return node.main().where(small, near, far);
  }

  private static Value equal(TfNode node) {
    return equalOf(node, node.main());
  }

  private static Value notEqual(TfNode node) {
    Value equal = equalOf(node, node.builder());
    return node.main().not_(equal);
  }

  private static Value equalOf(TfNode node, GraphBuilder builder) {
    if (!node.attributes().flag("incompatible_shape_error", true)) {
      throw node.unsupported("%s with incompatible_shape_error = false", node.op());
    }
    return builder.equal(node.in(0), node.in(1));
  }

  private static Value squaredDifference(TfNode node) {
    Value difference = node.builder().sub(node.in(0), node.in(1));
    return node.main().mul(difference, difference);
  }

  private static Value divNoNan(TfNode node) {
    GraphBuilder b = node.builder();
    Value zero = node.scalar(node.dtype(0), 0);
    Value quotient = b.div(node.in(0), node.in(1));
    Value undefined = b.equal(node.in(1), zero);
    return node.main().where(undefined, zero, quotient);
  }

  private static Value floorDiv(TfNode node) {
    GraphBuilder b = node.builder();
    Value x = node.in(0);
    Value y = node.in(1);
    if (node.dtype(0).isFloat()) {
      Value quotient = b.div(x, y);
      return node.main().floor(quotient);
    }
    Value multiple = node.dtype(0).kind() == DType.Kind.UNSIGNED ? x : b.sub(x, b.mod(x, y));
    return node.main().div(multiple, y);
  }

  /** The remainder has the divisor's sign. */
  private static Value floorMod(TfNode node) {
    GraphBuilder b = node.builder();
    Value x = node.in(0);
    Value y = node.in(1);
    if (node.dtype(0).isInteger()) {
      return node.main().mod(x, y);
    }
    Value zero = node.scalar(node.dtype(0), 0);
    Value remainder = b.mod(x, y, a -> a.fmod(true));
    Value otherSign = b.xor(b.less(y, zero), b.less(remainder, zero));
    Value shifted = b.and_(b.not_(b.equal(remainder, zero)), otherSign);
    Value moved = b.add(remainder, y);
    return node.main().where(shifted, moved, remainder);
  }

  /** The first version takes a vector of conditions for the leading axis. */
  private static Value select(TfNode node) {
    Value condition = node.in(0);
    int rank = node.rank(1);
    if (node.rank(0) == 1 && rank > 1) {
      long[] axes = new long[rank - 1];
      for (int i = 0; i < axes.length; i++) {
        axes[i] = i + 1;
      }
      condition = node.builder().unsqueeze(condition, node.vector(axes));
    }
    return node.main().where(condition, node.in(1), node.in(2));
  }
}
