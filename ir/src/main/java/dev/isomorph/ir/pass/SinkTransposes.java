package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * The table by which transposes move down: for each operator, the same one on the operand before
 * the transpose, with axes remapped, and a transpose behind it. An operator that is not in the
 * table keeps the transpose before it.
 */
final class SinkTransposes implements RewriteRule {
  /** How one operator lets a transpose pass. */
  @FunctionalInterface
  private interface Row {
    /**
     * What replaces the node.
     *
     * @param perm what the transposes before it do
     */
    Optional<Patch> sink(Node node, Permutation perm, Site site);
  }

  private static final Map<Class<? extends Op>, Row> TABLE = new HashMap<>();

  static {
    row(SoftmaxOp.class, (op, m) -> SoftmaxOp.builder().axis(m.applyAsLong(op.axis())).build());
    row(
        LogSoftmaxOp.class,
        (op, m) -> LogSoftmaxOp.builder().axis(m.applyAsLong(op.axis())).build());
    row(HardmaxOp.class, (op, m) -> HardmaxOp.builder().axis(m.applyAsLong(op.axis())).build());
    row(
        LpNormalizationOp.class,
        (op, m) -> LpNormalizationOp.builder().axis(m.applyAsLong(op.axis())).p(op.p()).build());
    row(
        SplitOp.class,
        (op, m) -> {
          SplitOp.Builder b = SplitOp.builder().axis(m.applyAsLong(op.axis()));
          op.numOutputs().ifPresent(b::numOutputs);
          return b.build();
        });
    TABLE.put(DropoutOp.class, SinkTransposes::firstOperand);
    TABLE.put(ConcatOp.class, SinkTransposes::concat);
    TABLE.put(PadOp.class, (n, perm, _) -> axesOperand(n, perm, 3, PadOp.class));
    TABLE.put(SliceOp.class, (n, perm, _) -> axesOperand(n, perm, 3, SliceOp.class));
    TABLE.put(ShapeOp.class, (n, perm, _) -> shape(n, perm));
    TABLE.put(ReshapeOp.class, (n, perm, _) -> FlattenRules.sameOrder(n, perm));
    TABLE.put(FlattenOp.class, (n, perm, _) -> FlattenRules.sameOrder(n, perm));
    TABLE.put(SqueezeOp.class, (n, perm, _) -> FlattenRules.sameOrder(n, perm));
    TABLE.put(ReduceMeanOp.class, (n, p, _) -> reduce(n, p, ((ReduceMeanOp) n.op()).keepdims()));
    TABLE.put(ReduceSumOp.class, (n, p, _) -> reduce(n, p, ((ReduceSumOp) n.op()).keepdims()));
    TABLE.put(ReduceMaxOp.class, (n, p, _) -> reduce(n, p, ((ReduceMaxOp) n.op()).keepdims()));
    TABLE.put(ReduceMinOp.class, (n, p, _) -> reduce(n, p, ((ReduceMinOp) n.op()).keepdims()));
    TABLE.put(ReduceProdOp.class, (n, p, _) -> reduce(n, p, ((ReduceProdOp) n.op()).keepdims()));
    TABLE.put(ReduceL1Op.class, (n, p, _) -> reduce(n, p, ((ReduceL1Op) n.op()).keepdims()));
    TABLE.put(ReduceL2Op.class, (n, p, _) -> reduce(n, p, ((ReduceL2Op) n.op()).keepdims()));
    TABLE.put(
        ReduceSumSquareOp.class,
        (n, p, _) -> reduce(n, p, ((ReduceSumSquareOp) n.op()).keepdims()));
    TABLE.put(ArgMaxOp.class, (n, p, _) -> pick(n, p));
    TABLE.put(ArgMinOp.class, (n, p, _) -> pick(n, p));
  }

  private final Layout target;

  private SinkTransposes(Layout target) {
    this.target = target;
  }

  /** All rules that move transposes towards a layout. */
  static List<RewriteRule> rules(Layout target) {
    List<RewriteRule> rules = new ArrayList<>();
    rules.add(new SinkTransposes(target));
    rules.addAll(FlattenRules.rules(target));
    rules.add(CancelTransposes.joining());
    return rules;
  }

  /** What the transposes that move down do: they lead away from the target's order. */
  static Permutation sunk(Layout target, int rank) {
    return target == Layout.NCHW ? Permutation.channelsLast(rank) : Permutation.channelsFirst(rank);
  }

  /** The transpose that makes a value, if it is one that moves down. */
  static Optional<Node> transpose(Value value, Layout target) {
    return value
        .producer()
        .filter(n -> n.op() instanceof TransposeOp)
        .filter(
            n -> {
              Shape shape = n.input(0).type().shape();
              return shape.isRanked()
                  && shape.rank() >= 3
                  && Permutation.of((TransposeOp) n.op(), shape.rank())
                      .equals(sunk(target, shape.rank()));
            });
  }

  @Override
  public String name() {
    return "transpose moved down";
  }

  @Override
  public Optional<Patch> rewrite(Node node, Site site) {
    Optional<Node> first =
        node.inputs().stream().flatMap(v -> transpose(v, target).stream()).findFirst();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    Permutation perm = sunk(target, first.get().input(0).type().shape().rank());
    if (PerElement.isPlainUnary(node)) {
      return firstOperand(node, perm, site);
    }
    if (PerElement.isBroadcast(node)) {
      return broadcast(node, perm, node.op());
    }
    Row row = TABLE.get(node.op().getClass());
    return row == null || !isSunk(node.input(0), perm) && !(node.op() instanceof ConcatOp)
        ? Optional.empty()
        : row.sink(node, perm, site);
  }

  private static <O extends Op> void row(
      Class<O> operator, java.util.function.BiFunction<O, LongUnaryOperator, Op> remapped) {
    TABLE.put(
        operator,
        (node, perm, _) -> {
          Op op =
              remapped.apply(
                  operator.cast(node.op()),
                  axis -> perm.axes().get((int) (axis < 0 ? axis + perm.rank() : axis)));
          Patch.Builder p = Patch.of(node);
          List<Value> operands = new ArrayList<>(node.inputs());
          operands.set(0, before(node.input(0)));
          return Optional.of(behind(p, p.emit(op, operands, node.results().size()), perm));
        });
  }

  private static boolean isSunk(Value value, Permutation perm) {
    return value
        .producer()
        .filter(n -> n.op() instanceof TransposeOp)
        .filter(n -> n.input(0).type().shape().hasRank(perm.rank()))
        .filter(n -> Permutation.of((TransposeOp) n.op(), perm.rank()).equals(perm))
        .isPresent();
  }

  private static Value before(Value transposed) {
    return transposed.producer().orElseThrow().input(0);
  }

  private static Patch behind(Patch.Builder p, List<Value> results, Permutation perm) {
    if (perm.isIdentity()) {
      return p.replaceWith(results);
    }
    return p.replaceWith(
        results.stream().map(r -> p.emit(perm.toOp(), List.of(r), 1).getFirst()).toList());
  }

  /** An operator that acts on elements of its first operand alone. */
  private static Optional<Patch> firstOperand(Node node, Permutation perm, Site site) {
    if (!isSunk(node.input(0), perm)) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    List<Value> operands = new ArrayList<>(node.inputs());
    operands.set(0, before(node.input(0)));
    return Optional.of(behind(p, p.emit(node.op(), operands, node.results().size()), perm));
  }

  /**
   * An operator on several operands that all have, or are brought to, the order before the
   * transposes: stored ones are permuted, those in which only axes of length 1 would move are
   * reshaped, any other costs a transpose and must be outnumbered.
   */
  private static Optional<Patch> broadcast(Node node, Permutation perm, Op op) {
    Patch.Builder p = Patch.of(node);
    List<Value> operands = new ArrayList<>();
    int won = 0;
    int lost = 0;
    for (Value operand : node.inputs()) {
      if (operand.isAbsent() || isSunk(operand, perm)) {
        won += operand.isAbsent() ? 0 : 1;
        operands.add(operand.isAbsent() ? operand : before(operand));
        continue;
      }
      Shape shape = operand.type().shape();
      if (!shape.isRanked() || shape.rank() > perm.rank()) {
        return Optional.empty();
      }
      Optional<Value> cheap = Reordered.cheaply(p, operand, perm.inverse());
      if (cheap.isEmpty()) {
        if (shape.rank() != perm.rank()) {
          return Optional.empty();
        }
        lost++;
        cheap = Optional.of(p.emit(perm.inverse().toOp(), List.of(operand), 1).getFirst());
      }
      operands.add(cheap.get());
    }
    boolean pays = won > lost && node.result(0).type().shape().hasRank(perm.rank());
    return pays
        ? Optional.of(behind(p, p.emit(op, operands, node.results().size()), perm))
        : Optional.empty();
  }

  private static Optional<Patch> concat(Node node, Permutation perm, Site site) {
    long axis = ((ConcatOp) node.op()).axis();
    int at = perm.axes().get((int) (axis < 0 ? axis + perm.rank() : axis));
    for (Value operand : node.inputs()) {
      if (!operand.type().shape().hasRank(perm.rank())) {
        return Optional.empty();
      }
    }
    return broadcast(node, perm, ConcatOp.builder().axis(at).build());
  }

  /** Pad and Slice: positions per axis, with the axes as an operand. */
  private static Optional<Patch> axesOperand(
      Node node, Permutation perm, int index, Class<? extends Op> operator) {
    Optional<List<Long>> axes = axes(node, index, operator);
    if (axes.isEmpty()) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    List<Value> operands = new ArrayList<>(node.inputs());
    while (operands.size() <= index) {
      operands.add(Value.ABSENT);
    }
    operands.set(0, before(node.input(0)));
    long[] remapped =
        axes.get().stream()
            .mapToLong(a -> perm.axes().get((int) (a < 0 ? a + perm.rank() : a)))
            .toArray();
    operands.set(index, p.constant(remapped));
    return Optional.of(behind(p, p.emit(node.op(), operands, 1), perm));
  }

  private static Optional<List<Long>> axes(Node node, int index, Class<? extends Op> operator) {
    if (node.optionalInput(index).isPresent()) {
      return integers(node.input(index));
    }
    Shape given = node.input(1).type().shape();
    if (!given.hasRank(1) || !given.dim(0).isKnown()) {
      return Optional.empty();
    }
    long count = given.dim(0).known() / (operator == PadOp.class ? 2 : 1);
    return Optional.of(java.util.stream.LongStream.range(0, count).boxed().toList());
  }

  static Optional<List<Long>> integers(Value value) {
    return value
        .contents()
        .filter(c -> c.isKnown())
        .map(c -> c.dims().stream().map(Dim::known).toList());
  }

  private static Optional<Patch> shape(Node node, Permutation perm) {
    ShapeOp op = (ShapeOp) node.op();
    if (op.start() != 0 || op.end().isPresent()) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    Value order = p.constant(perm.toLongs().stream().mapToLong(Long::longValue).toArray());
    return Optional.of(p.replaceWith(p.gather(p.shape(before(node.input(0))), order)));
  }

  private static Optional<Patch> reduce(Node node, Permutation perm, long keepdims) {
    Optional<List<Long>> axes = integers(node.input(1));
    if (node.optionalInput(1).isEmpty() || axes.isEmpty() || axes.get().isEmpty()) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    List<Integer> reduced =
        axes.get().stream().map(a -> perm.axes().get((int) (a < 0 ? a + perm.rank() : a))).toList();
    Value remapped = p.constant(reduced.stream().mapToLong(Integer::longValue).toArray());
    List<Value> results = p.emit(node.op(), List.of(before(node.input(0)), remapped), 1);
    return Optional.of(behind(p, results, keepdims != 0 ? perm : without(perm, reduced)));
  }

  private static Optional<Patch> pick(Node node, Permutation perm) {
    long axis = node.op() instanceof ArgMaxOp max ? max.axis() : ((ArgMinOp) node.op()).axis();
    boolean keep =
        (node.op() instanceof ArgMaxOp max ? max.keepdims() : ((ArgMinOp) node.op()).keepdims())
            != 0;
    int at = perm.axes().get((int) (axis < 0 ? axis + perm.rank() : axis));
    Patch.Builder p = Patch.of(node);
    Op op = node.op().withAttributes(withAxis(node.op(), at));
    List<Value> results = p.emit(op, List.of(before(node.input(0))), 1);
    return Optional.of(behind(p, results, keep ? perm : without(perm, List.of(at))));
  }

  private static dev.isomorph.ir.AttributeMap withAxis(Op op, long axis) {
    dev.isomorph.ir.AttributeMap map = op.newAttributes();
    op.attributes().forEach(map::put);
    return map.putInt("axis", axis);
  }

  /** The order of the axes that are left when some of the operand's go. */
  private static Permutation without(Permutation perm, List<Integer> gone) {
    List<Integer> left = perm.axes().stream().filter(a -> !gone.contains(a)).toList();
    List<Integer> sorted = left.stream().sorted().toList();
    return new Permutation(left.stream().map(sorted::indexOf).toList());
  }
}
