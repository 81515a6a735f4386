package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.*;
import java.util.Set;

/** The operators that act on each element by itself, whatever axis it lies on. */
final class PerElement {
  private static final Set<Class<? extends Op>> UNARY =
      Set.of(
          AbsOp.class,
          AcosOp.class,
          AcoshOp.class,
          AsinOp.class,
          AsinhOp.class,
          AtanOp.class,
          AtanhOp.class,
          BitwiseNotOp.class,
          CastOp.class,
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
          IdentityOp.class,
          IsInfOp.class,
          IsNaNOp.class,
          LeakyReluOp.class,
          LogOp.class,
          MishOp.class,
          NegOp.class,
          NotOp.class,
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

  private static final Set<Class<? extends Op>> BROADCAST =
      Set.of(
          AddOp.class,
          AndOp.class,
          BitShiftOp.class,
          BitwiseAndOp.class,
          BitwiseOrOp.class,
          BitwiseXorOp.class,
          DivOp.class,
          EqualOp.class,
          GreaterOp.class,
          GreaterOrEqualOp.class,
          LessOp.class,
          LessOrEqualOp.class,
          MaxOp.class,
          MeanOp.class,
          MinOp.class,
          ModOp.class,
          MulOp.class,
          OrOp.class,
          PReluOp.class,
          PowOp.class,
          SubOp.class,
          SumOp.class,
          SwiGLUOp.class,
          WhereOp.class,
          XorOp.class);

  private PerElement() {}

  /** Whether a node acts on each element of its operands after numpy's broadcasting. */
  static boolean isBroadcast(Node node) {
    return BROADCAST.contains(node.op().getClass());
  }

  /** Whether a node acts on each element of its first operand; others are scalars. */
  static boolean isPlainUnary(Node node) {
    return UNARY.contains(node.op().getClass());
  }

  /** Whether a node acts on each element of one operand; all others are stored scalars. */
  static boolean isUnary(Node node) {
    return isPlainUnary(node) || isBroadcast(node) && dataOperand(node) >= 0;
  }

  /** The one operand that is no stored scalar; -1 if there are several or none. */
  static int dataOperand(Node node) {
    if (isPlainUnary(node)) {
      return 0;
    }
    int found = -1;
    for (int i = 0; i < node.inputs().size(); i++) {
      Value operand = node.input(i);
      if (!operand.isAbsent() && !isStoredScalar(operand)) {
        if (found >= 0) {
          return -1;
        }
        found = i;
      }
    }
    return found;
  }

  private static boolean isStoredScalar(Value value) {
    return value instanceof Value.Parameter p && p.tensor().rank() == 0;
  }
}
