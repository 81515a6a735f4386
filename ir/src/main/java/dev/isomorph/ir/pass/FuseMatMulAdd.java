package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.AddOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.shape.Shape;
import java.util.List;
import java.util.Optional;

/**
 * {@code Add(MatMul(a, b), c)} of matrices becomes {@code Gemm(a, b, c)} where {@code c} is
 * broadcast to the product and not the other way round. NaN and infinities go the same way; a
 * kernel may add {@code c} before it rounds, so that the last bit may differ.
 */
public final class FuseMatMulAdd extends RewritePass {
  /** Makes the pass. */
  public FuseMatMulAdd() {
    super(
        "fuse-matmul-add",
        List.of(RewriteRule.on("matmul and add", AddOp.class, FuseMatMulAdd::fuse)));
  }

  private static Optional<Patch> fuse(AddOp op, Node node, Site site) {
    for (int side = 0; side < 2; side++) {
      Value added = node.input(1 - side);
      Optional<Node> product =
          site.soleProducer(node.input(side), MatMulOp.class)
              .filter(m -> isMatrix(m.input(0)) && isMatrix(m.input(1)))
              .filter(m -> isBroadcastTo(added, m.result(0)));
      if (product.isPresent()) {
        Node m = product.get();
        Patch.Builder p = Patch.of(node).standingFor(m);
        return Optional.of(p.replaceWith(p.gemm(m.input(0), m.input(1), added)));
      }
    }
    return Optional.empty();
  }

  private static boolean isMatrix(Value value) {
    return value.type().shape().hasRank(2);
  }

  private static boolean isBroadcastTo(Value added, Value product) {
    Shape from = added.type().shape();
    Shape to = product.type().shape();
    if (!from.isRanked() || from.rank() > 2) {
      return false;
    }
    for (int i = 1; i <= from.rank(); i++) {
      if (!from.dim(-i).is(1) && !from.dim(-i).equals(to.dim(-i))) {
        return false;
      }
    }
    return true;
  }
}
