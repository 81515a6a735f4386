package dev.isomorph.ir.infer;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.List;

/** Operators that act on each element: the result has the shape of the operands, broadcast. */
final class ElementwiseInference {
  /** One operand gives shape and element type; other operands do not matter. */
  private static final List<Class<? extends Op>> LIKE_FIRST =
      List.of(
          AcosOp.class,
          AcoshOp.class,
          AsinOp.class,
          AsinhOp.class,
          AtanOp.class,
          AtanhOp.class,
          BitwiseNotOp.class,
          CeilOp.class,
          CeluOp.class,
          CosOp.class,
          CoshOp.class,
          EluOp.class,
          ErfOp.class,
          ExpOp.class,
          FloorOp.class,
          GeluOp.class,
          HardSigmoidOp.class,
          HardSwishOp.class,
          LeakyReluOp.class,
          LogOp.class,
          MishOp.class,
          ReciprocalOp.class,
          ReluOp.class,
          RoundOp.class,
          SeluOp.class,
          ShrinkOp.class,
          SigmoidOp.class,
          SignOp.class,
          SinOp.class,
          SinhOp.class,
          SoftplusOp.class,
          SoftsignOp.class,
          SqrtOp.class,
          SwishOp.class,
          TanOp.class,
          TanhOp.class,
          ThresholdedReluOp.class);

  private static final List<Class<? extends Op>> BROADCAST =
      List.of(
          AddOp.class,
          SubOp.class,
          MulOp.class,
          DivOp.class,
          PowOp.class,
          ModOp.class,
          MaxOp.class,
          MinOp.class,
          MeanOp.class,
          SumOp.class,
          BitShiftOp.class,
          BitwiseAndOp.class,
          BitwiseOrOp.class,
          BitwiseXorOp.class);

  private static final List<Class<? extends Op>> PREDICATES =
      List.of(
          AndOp.class,
          OrOp.class,
          XorOp.class,
          EqualOp.class,
          GreaterOp.class,
          GreaterOrEqualOp.class,
          LessOp.class,
          LessOrEqualOp.class,
          IsNaNOp.class,
          IsInfOp.class);

  private ElementwiseInference() {}

  static void register(InferenceRules rules) {
    LIKE_FIRST.forEach(op -> rules.on(op, (_, in) -> like(in)));
    BROADCAST.forEach(op -> rules.on(op, ElementwiseInference::broadcast));
    PREDICATES.forEach(op -> rules.on(op, ElementwiseInference::broadcast));
    rules.on(IdentityOp.class, (_, in) -> unary(in, d -> d));
    rules.on(AbsOp.class, (_, in) -> unary(in, ContentArithmetic::absolute));
    rules.on(NegOp.class, (_, in) -> unary(in, d -> d.times(-1)));
    rules.on(NotOp.class, (_, in) -> unary(in, ContentArithmetic::not));
    rules.on(SoftmaxOp.class, (op, in) -> alongAxis(op.axis(), in));
    rules.on(LogSoftmaxOp.class, (op, in) -> alongAxis(op.axis(), in));
    rules.on(HardmaxOp.class, (op, in) -> alongAxis(op.axis(), in));
    rules.on(CumSumOp.class, (_, in) -> alongAxisOperand(in));
    rules.on(CumProdOp.class, (_, in) -> alongAxisOperand(in));
    rules.on(ClipOp.class, (_, in) -> clip(in));
    rules.on(TriluOp.class, (_, in) -> triangle(in));
    rules.on(SwiGLUOp.class, (_, in) -> sameShape(in));
    rules.on(PReluOp.class, (_, in) -> slope(in));
    rules.on(
        WhereOp.class,
        (_, in) -> {
          in.result(0, all(in, 0));
          ContentArithmetic.select(in);
        });
    rules.on(CastOp.class, (op, in) -> cast(in, dtype(op.to(), in)));
    rules.on(CastLikeOp.class, (_, in) -> in.dtype(1).ifPresent(d -> cast(in, d)));
    rules.on(BitCastOp.class, (op, in) -> bitCast(in, dtype(op.to(), in)));
    rules.on(
        DropoutOp.class,
        (_, in) -> {
          in.type(0, in.type(0));
          in.tensor(1, DType.BOOL, in.shape(0));
        });
  }

  /** The element type of an attribute. */
  static DType dtype(long code, InferenceContext in) {
    return DType.byOnnxCode((int) code)
        .orElseThrow(() -> in.invalid("%d is the number of no element type", code));
  }

  private static void like(InferenceContext in) {
    in.type(0, in.type(0));
  }

  private static void broadcast(Op op, InferenceContext in) {
    in.result(0, all(in, 0));
    ContentArithmetic.broadcast(op, in);
  }

  private static void unary(InferenceContext in, java.util.function.UnaryOperator<Dim> function) {
    in.type(0, in.type(0));
    ContentArithmetic.unary(in, function);
  }

  private static void cast(InferenceContext in, DType target) {
    in.tensor(0, target, in.shape(0));
    ContentArithmetic.unary(
        in, d -> target != DType.BOOL ? d : !d.isKnown() ? null : Dim.of(d.is(0) ? 0 : 1));
  }

  private static void bitCast(InferenceContext in, DType target) {
    if (in.dtype(0).isPresent() && in.dtype(0).get().bits() != target.bits()) {
      throw in.error("the target type has another width")
          .expected(in.dtype(0).get().bits() + " bits", target + " with " + target.bits())
          .toException();
    }
    in.tensor(0, target, in.shape(0));
  }

  private static void alongAxis(long axis, InferenceContext in) {
    if (in.shape(0).isRanked()) {
      in.axis(axis, in.shape(0).rank());
    }
    like(in);
  }

  private static void alongAxisOperand(InferenceContext in) {
    if (in.shape(0).isRanked()) {
      in.knownIntegers(1)
          .filter(a -> a.length == 1)
          .ifPresent(a -> in.axis(a[0], in.shape(0).rank()));
    }
    like(in);
  }

  private static void clip(InferenceContext in) {
    like(in);
    if (in.has(1) && in.scalar(1).isEmpty() || in.has(2) && in.scalar(2).isEmpty()) {
      return;
    }
    ContentArithmetic.unary(
        in,
        d -> {
          Dim raised = in.scalar(1).map(d::max).orElse(d);
          return in.scalar(2).map(raised::min).orElse(raised);
        });
  }

  private static void triangle(InferenceContext in) {
    Shape shape = in.shape(0);
    if (shape.isRanked() && shape.rank() < 2) {
      throw in.error("the operand must be a matrix or a batch of them")
          .expected("rank 2 or more", shape)
          .toException();
    }
    like(in);
  }

  private static void sameShape(InferenceContext in) {
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (!a.isCompatible(b)) {
      throw in.error("both operands must have the same shape").expected(a, b).toException();
    }
    in.result(0, a.isRanked() ? a : b);
  }

  /** The slope is broadcast to the operand in one direction alone. */
  private static void slope(InferenceContext in) {
    Shape x = in.shape(0);
    Shape slope = in.shape(1);
    if (x.isRanked() && slope.isRanked()) {
      if (slope.rank() > x.rank() || !in.broadcast(x, slope).isCompatible(x)) {
        throw in.error("the slope cannot be broadcast to the operand")
            .expected(x, slope)
            .toException();
      }
    }
    like(in);
  }

  private static Shape all(InferenceContext in, int from) {
    Shape shape = in.shape(from);
    for (int i = from + 1; i < in.inputCount(); i++) {
      shape = in.broadcast(shape, in.shape(i));
    }
    return shape;
  }
}
