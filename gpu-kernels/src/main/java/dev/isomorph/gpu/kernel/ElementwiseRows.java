package dev.isomorph.gpu.kernel;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.op.*;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** Which row of the scalar table an elementwise operator is, by its attributes and operands. */
final class ElementwiseRows {
  /**
   * A row and the values of its attributes.
   *
   * @param name as in the scalar table
   */
  record Row(String name, double... attributes) {}

  private final Map<Class<? extends Op>, BiFunction<Op, IntPredicate, Row>> rows =
      new LinkedHashMap<>();

  ElementwiseRows() {
    simple(AbsOp.class, AcosOp.class, AcoshOp.class, AddOp.class, AndOp.class, AsinOp.class);
    simple(AsinhOp.class, AtanOp.class, AtanhOp.class, BitwiseAndOp.class, BitwiseNotOp.class);
    simple(BitwiseOrOp.class, BitwiseXorOp.class, CeilOp.class, CosOp.class, CoshOp.class);
    simple(DivOp.class, EqualOp.class, ErfOp.class, ExpOp.class, FloorOp.class, GreaterOp.class);
    simple(GreaterOrEqualOp.class, HardSwishOp.class, IsNaNOp.class, LessOp.class);
    simple(LessOrEqualOp.class, LogOp.class, MishOp.class, MulOp.class, NegOp.class);
    simple(NotOp.class, OrOp.class, PReluOp.class, PowOp.class, ReciprocalOp.class, ReluOp.class);
    simple(RoundOp.class, SigmoidOp.class, SignOp.class, SinOp.class, SinhOp.class);
    simple(SoftplusOp.class, SoftsignOp.class, SqrtOp.class, SubOp.class, TanOp.class);
    simple(TanhOp.class, WhereOp.class, XorOp.class);

    with(CeluOp.class, op -> new Row("Celu", op.alpha()));
    with(EluOp.class, op -> new Row("Elu", op.alpha()));
    with(HardSigmoidOp.class, op -> new Row("HardSigmoid", op.alpha(), op.beta()));
    with(LeakyReluOp.class, op -> new Row("LeakyRelu", op.alpha()));
    with(SeluOp.class, op -> new Row("Selu", op.alpha(), op.gamma()));
    with(ShrinkOp.class, op -> new Row("Shrink", op.bias(), op.lambd()));
    with(SwiGLUOp.class, op -> new Row("SwiGLU", op.alpha()));
    with(SwishOp.class, op -> new Row("Swish", op.alpha()));
    with(ThresholdedReluOp.class, op -> new Row("ThresholdedRelu", op.alpha()));
    with(GeluOp.class, op -> new Row(op.approximate().equals("tanh") ? "Gelu.tanh" : "Gelu"));
    with(ModOp.class, op -> new Row(op.fmod() != 0 ? "Mod.fmod" : "Mod"));
    with(
        BitShiftOp.class,
        op -> new Row(op.direction().equals("LEFT") ? "BitShift.left" : "BitShift.right"));
    with(
        IsInfOp.class,
        op ->
            new Row(
                op.detectNegative() == 0
                    ? "IsInf.positive"
                    : op.detectPositive() == 0 ? "IsInf.negative" : "IsInf"));
    put(
        ClipOp.class,
        (_, given) ->
            new Row(
                given.test(1)
                    ? given.test(2) ? "Clip.both" : "Clip.min"
                    : given.test(2) ? "Clip.max" : "Clip"));
  }

  /** {@return the operators} */
  Set<Class<? extends Op>> operators() {
    return Collections.unmodifiableSet(rows.keySet());
  }

  /**
   * {@return the row of an operator}
   *
   * @param given whether an operand is given
   */
  Optional<Row> of(Op op, IntPredicate given) {
    return Optional.ofNullable(rows.get(op.getClass())).map(row -> row.apply(op, given));
  }

  @SafeVarargs
  private void simple(Class<? extends StandardOp>... types) {
    for (Class<? extends StandardOp> type : types) {
      String name = type.getSimpleName();
      Row row = new Row(name.substring(0, name.length() - 2));
      put(type, (_, _) -> row);
    }
  }

  private <O extends StandardOp> void with(Class<O> type, Function<O, Row> row) {
    put(type, (op, _) -> row.apply(op));
  }

  private <O extends StandardOp> void put(Class<O> type, BiFunction<O, IntPredicate, Row> row) {
    rows.put(type, (op, given) -> row.apply(type.cast(op), given));
  }
}
