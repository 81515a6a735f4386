package dev.isomorph.ir.infer;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.Optional;

/** Operators that act on each element: the result has the shape of the operands, broadcast. */
final class ElementwiseInference {
  /** One operand gives shape and element type; other operands do not matter. */
  private static final List<Class<? extends Op>> LIKE_FIRST =
      List.of(
          AbsOp.class,
          AcosOp.class,
          AcoshOp.class,
          AsinOp.class,
          AsinhOp.class,
          AtanOp.class,
          AtanhOp.class,
          BitwiseNotOp.class,
          CeilOp.class,
          CeluOp.class,
          ClipOp.class,
          CosOp.class,
          CoshOp.class,
          EluOp.class,
          ErfOp.class,
          ExpOp.class,
          FloorOp.class,
          GeluOp.class,
          HardSigmoidOp.class,
          HardSwishOp.class,
          HardmaxOp.class,
          IdentityOp.class,
          LeakyReluOp.class,
          LogOp.class,
          LogSoftmaxOp.class,
          MishOp.class,
          NegOp.class,
          NotOp.class,
          PReluOp.class,
          ReciprocalOp.class,
          ReluOp.class,
          RoundOp.class,
          SeluOp.class,
          ShrinkOp.class,
          SigmoidOp.class,
          SignOp.class,
          SinOp.class,
          SinhOp.class,
          SoftmaxOp.class,
          SoftplusOp.class,
          SoftsignOp.class,
          SqrtOp.class,
          SwishOp.class,
          TanOp.class,
          TanhOp.class,
          ThresholdedReluOp.class,
          TriluOp.class,
          CumSumOp.class,
          CumProdOp.class);

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
    LIKE_FIRST.forEach(op -> rules.on(op, (_, in) -> in.type(0, in.type(0))));
    BROADCAST.forEach(op -> rules.on(op, (_, in) -> in.tensor(0, in.dtype(0), all(in, 0))));
    PREDICATES.forEach(op -> rules.on(op, (_, in) -> in.tensor(0, DType.BOOL, all(in, 0))));
    rules.on(WhereOp.class, (_, in) -> in.tensor(0, in.dtype(1), all(in, 0)));
    rules.on(CastOp.class, (op, in) -> in.tensor(0, DType.byOnnxCode((int) op.to()), in.shape(0)));
    rules.on(CastLikeOp.class, (_, in) -> in.tensor(0, in.dtype(1), in.shape(0)));
    rules.on(
        DropoutOp.class,
        (_, in) -> {
          in.type(0, in.type(0));
          in.tensor(1, Optional.of(DType.BOOL), in.shape(0));
        });
  }

  private static Shape all(InferenceContext in, int from) {
    Shape shape = in.shape(from);
    for (int i = from + 1; i < in.inputCount(); i++) {
      shape = in.broadcast(shape, in.shape(i));
    }
    return shape;
  }
}
