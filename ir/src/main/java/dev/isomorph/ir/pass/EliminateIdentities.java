package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Takes out nodes whose result is their operand, bit for bit, NaN, −0 and infinities included. What
 * a symbolic shape does not prove stays. A node between an input or a parameter and a result of the
 * graph stays as well: files cannot give one value the names of both.
 */
public final class EliminateIdentities extends RewritePass {
  /** Makes the pass. */
  public EliminateIdentities() {
    super(
        "eliminate-identities",
        List.of(
            keepsOperand("identity", IdentityOp.class, (_, _) -> true),
            keepsOperand("no-op cast", CastOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op cast", CastLikeOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op cast", BitCastOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op reshape", ReshapeOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op reshape", FlattenOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op reshape", SqueezeOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op reshape", UnsqueezeOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op expand", ExpandOp.class, (_, n) -> sameType(n)),
            keepsOperand("no-op tile", TileOp.class, (_, n) -> all(n.input(1), 1)),
            keepsOperand("no-op transpose", TransposeOp.class, (op, n) -> isIdentity(op, n)),
            keepsOperand("no-op slice", SliceOp.class, (_, n) -> isWholeSlice(n)),
            keepsOperand("no-op pad", PadOp.class, (_, n) -> all(n.input(1), 0)),
            keepsOperand("no-op concat", ConcatOp.class, (_, n) -> n.inputs().size() == 1),
            keepsOperand("no-op split", SplitOp.class, (_, n) -> n.results().size() == 1),
            keepsOperand("no-op clip", ClipOp.class, (_, n) -> n.inputs().size() == 1),
            keepsOperand("sum of one", SumOp.class, (_, n) -> n.inputs().size() == 1),
            keepsOperand("maximum of one", MaxOp.class, (_, n) -> n.inputs().size() == 1),
            keepsOperand("minimum of one", MinOp.class, (_, n) -> n.inputs().size() == 1),
            keepsOperand("dropout", DropoutOp.class, (_, n) -> isInference(n)),
            // x · 1 and x / 1 keep −0, infinities and NaN; x − 0 does, but x + 0 turns −0 into 0.
            keepsOperand("factor 1", MulOp.class, (_, n) -> sameType(n) && isOne(n.input(1))),
            swapped("factor 1", MulOp.class, (_, n) -> isOne(n.input(0))),
            keepsOperand("divisor 1", DivOp.class, (_, n) -> sameType(n) && isOne(n.input(1))),
            keepsOperand("minus 0", SubOp.class, (_, n) -> sameType(n) && isZero(n.input(1))),
            keepsOperand(
                "integer plus 0", AddOp.class, (_, n) -> sameType(n) && isIntegerZero(n.input(1))),
            swapped("integer plus 0", AddOp.class, (_, n) -> isIntegerZero(n.input(0))),
            new ExpandBeforeBroadcast()));
  }

  /** An operator that broadcasts its operands does not need them expanded. */
  private static final class ExpandBeforeBroadcast implements RewriteRule {
    @Override
    public String name() {
      return "expand before broadcast";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      if (!PerElement.isBroadcast(node) || !(node.op() instanceof StandardOp)) {
        return Optional.empty();
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        Optional<Node> expand = site.producer(node.input(i), ExpandOp.class);
        if (expand.isPresent()) {
          List<Value> operands = new ArrayList<>(node.inputs());
          operands.set(i, expand.get().input(0));
          if (broadcast(operands).equals(node.result(0).type().shape())) {
            Patch.Builder p = Patch.of(node);
            return Optional.of(p.replaceWith(p.emit(node.op(), operands, 1)));
          }
        }
      }
      return Optional.empty();
    }

    private static Shape broadcast(List<Value> operands) {
      Shape shape = Shape.scalar();
      for (Value operand : operands) {
        try {
          shape = shape.broadcast(operand.type().shape());
        } catch (IllegalArgumentException e) {
          return Shape.UNKNOWN;
        }
      }
      return shape;
    }
  }

  private static <O extends Op> RewriteRule keepsOperand(
      String name, Class<O> operator, BiPredicate<O, Node> when) {
    return operand(name, operator, 0, when);
  }

  private static <O extends Op> RewriteRule swapped(
      String name, Class<O> operator, BiPredicate<O, Node> when) {
    return operand(
        name,
        operator,
        1,
        (op, n) -> n.input(1).type().equals(n.result(0).type()) && when.test(op, n));
  }

  private static <O extends Op> RewriteRule operand(
      String name, Class<O> operator, int index, BiPredicate<O, Node> when) {
    return RewriteRule.on(
        name,
        operator,
        (op, node, site) -> {
          Value operand = node.input(index);
          boolean applies =
              onlyFirstResultUsed(node, site)
                  && when.test(op, node)
                  && Precision.says(operand.type(), node.result(0).type())
                  && mayBeOutput(operand, node, site);
          return applies ? Optional.of(byOperand(node, operand)) : Optional.empty();
        });
  }

  private static Patch byOperand(Node node, Value operand) {
    Patch.Builder p = Patch.of(node);
    if (node.results().size() == 1) {
      return p.replaceWith(operand);
    }
    // Dropout's unused mask stands for itself until it is taken out as dead.
    List<Value> same = p.like(node, node.op(), node.inputs());
    return p.replaceWith(List.of(operand, same.get(1)));
  }

  private static boolean onlyFirstResultUsed(Node node, Site site) {
    return node.results().stream()
        .skip(1)
        .allMatch(r -> site.graph().uses(r).isEmpty() && !site.graph().isOutput(r));
  }

  private static boolean mayBeOutput(Value operand, Node node, Site site) {
    return !site.graph().isOutput(node.result(0))
        || operand.producer().isPresent() && !site.graph().isOutput(operand);
  }

  private static boolean sameType(Node node) {
    ValueType type = node.input(0).type();
    return type.equals(node.result(0).type()) && type.shape().isRanked();
  }

  private static boolean isIdentity(TransposeOp op, Node node) {
    Shape shape = node.input(0).type().shape();
    if (!shape.isRanked()) {
      return false;
    }
    return Permutation.of(op, shape.rank()).isIdentity();
  }

  /** A slice that takes as many elements as there are, forwards, takes all in their order. */
  private static boolean isWholeSlice(Node node) {
    boolean forwards =
        node.optionalInput(4).isEmpty()
            || node.input(4)
                .contents()
                .filter(c -> c.dims().stream().allMatch(d -> d.isAtLeast(1)))
                .isPresent();
    return forwards && sameType(node);
  }

  private static boolean all(Value value, long number) {
    return value
        .contents()
        .filter(c -> !c.scalar() && c.dims().stream().allMatch(d -> d.is(number)))
        .isPresent();
  }

  private static boolean isInference(Node node) {
    return node.optionalInput(2).isEmpty()
        || node.input(2).contents().filter(c -> c.dims().getFirst().is(0)).isPresent();
  }

  private static boolean isOne(Value value) {
    return isNumber(value, 1);
  }

  private static boolean isZero(Value value) {
    return isNumber(value, 0.0);
  }

  private static boolean isIntegerZero(Value value) {
    return value.type() instanceof ValueType.TensorType t && t.dtype().isInteger() && isZero(value);
  }

  private static boolean isNumber(Value value, double number) {
    Optional<Tensor> tensor = value.constant();
    if (tensor.isEmpty()
        || tensor.get().size() != 1
        || !(tensor.get().dtype().isFloat() || tensor.get().dtype().isInteger())) {
      return value
          .contents()
          .filter(c -> c.dims().equals(List.of(Dim.of((long) number))))
          .isPresent();
    }
    return Double.compare(tensor.get().toDoubles()[0], number) == 0;
  }
}
