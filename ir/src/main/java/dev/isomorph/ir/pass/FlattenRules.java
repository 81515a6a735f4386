package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Transposes before reshapes: dropped where no element moves, taken into the weight behind. */
final class FlattenRules {
  private FlattenRules() {}

  static List<RewriteRule> rules(Layout target) {
    return List.of(
        RewriteRule.on(
            "transpose into weight",
            MatMulOp.class,
            (_, node, site) -> intoWeight(node, 0, target, site)),
        RewriteRule.on(
            "transpose into weight",
            GemmOp.class,
            (op, node, site) ->
                op.transA() != 0
                    ? Optional.empty()
                    : intoWeight(node, op.transB() != 0 ? 1 : 0, target, site)));
  }

  /** A reshape, flatten or squeeze behind a transpose that moves axes of length 1 alone. */
  static Optional<Patch> sameOrder(Node node, Permutation perm) {
    Value before = node.input(0).producer().orElseThrow().input(0);
    Shape result = node.result(0).type().shape();
    if (!Reordered.keepsOrder(before.type().shape(), perm) || !result.isRanked()) {
      return Optional.empty();
    }
    Patch.Builder p = Patch.of(node);
    return Reordered.reshape(p, before, result).map(p::replaceWith);
  }

  /**
   * {@code MatMul(Flatten(Transpose(x)), w)} is {@code MatMul(Flatten(x), w')}, where the rows of
   * {@code w'} are those of {@code w} in the order of the axes before the transpose.
   *
   * @param rows the axis of the weight along which it is multiplied
   */
  private static Optional<Patch> intoWeight(Node node, int rows, Layout target, Site site) {
    Optional<Node> flat = node.input(0).producer().filter(n -> isFlatten(n.op()) && flattensAll(n));
    Optional<Node> transpose = flat.flatMap(n -> SinkTransposes.transpose(n.input(0), target));
    boolean stored =
        node.input(1) instanceof Value.Parameter p
            && p.tensor().rank() == 2
            && !p.tensor().dtype().isPacked();
    if (transpose.isEmpty() || !stored) {
      return Optional.empty();
    }
    Value x = transpose.get().input(0);
    int rank = x.type().shape().rank();
    Permutation perm = SinkTransposes.sunk(target, rank);
    List<Dim> inner = x.type().shape().dims().subList(1, rank);
    Optional<long[]> lengths = Reordered.known(inner);
    boolean moves = !Reordered.keepsOrder(x.type().shape(), perm);
    if (perm.axes().getFirst() != 0 || lengths.isEmpty() || !moves) {
      return Optional.empty();
    }
    Value.Parameter weight = (Value.Parameter) node.input(1);
    Tensor permuted = permuteRows(weight.tensor(), rows, perm, lengths.get());
    Patch.Builder p = Patch.of(node).standingFor(flat.get());
    List<Value> operands = new ArrayList<>(node.inputs());
    operands.set(0, p.flatten(x, a -> a.axis(1)));
    operands.set(1, Derived.from(weight, permuted, "rows reordered"));
    return Optional.of(p.replaceWith(p.emit(node.op(), operands, 1)));
  }

  private static boolean isFlatten(Op op) {
    return op instanceof FlattenOp || op instanceof ReshapeOp;
  }

  /** Whether the result keeps axis 0 and has all other axes as one. */
  private static boolean flattensAll(Node node) {
    Shape from = node.input(0).type().shape();
    Shape to = node.result(0).type().shape();
    return from.isRanked()
        && from.rank() >= 3
        && to.hasRank(2)
        && to.dim(1).isKnown()
        && to.dim(1).equals(from.slice(1, from.rank()).size());
  }

  /**
   * The weight with the axis {@code rows} split into the transposed axes, put in the order before
   * the transpose, and joined again.
   *
   * @param lengths of the axes before the transpose, without the batch
   */
  private static Tensor permuteRows(Tensor weight, int rows, Permutation perm, long[] lengths) {
    List<Long> behind =
        perm.axes().subList(1, perm.rank()).stream().map(a -> lengths[a - 1]).toList();
    List<Integer> back =
        perm.inverse().axes().subList(1, perm.rank()).stream().map(a -> a - 1).toList();
    int count = lengths.length;
    List<Long> dims = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    if (rows == 0) {
      dims.addAll(behind);
      dims.add(weight.dim(1));
      order.addAll(back);
      order.add(count);
    } else {
      dims.add(weight.dim(0));
      dims.addAll(behind);
      order.add(0);
      IntStream.range(0, count).forEach(i -> order.add(back.get(i) + 1));
    }
    Tensor split = weight.reshape(dims.stream().mapToLong(Long::longValue).toArray());
    int[] axes = order.stream().mapToInt(Integer::intValue).toArray();
    return LazyTensors.transpose(split, axes).reshape(weight.dims());
  }
}
