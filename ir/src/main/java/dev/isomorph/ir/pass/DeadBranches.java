package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.IfOp;
import java.util.List;
import java.util.Optional;

/** Puts the branch that is taken in the place of an {@code If} whose condition is known. */
public final class DeadBranches extends RewritePass {
  /** Makes the pass. */
  public DeadBranches() {
    super(
        "dead-branches", List.of(RewriteRule.on("known branch", IfOp.class, DeadBranches::inline)));
  }

  private static Optional<Patch> inline(IfOp op, Node node, Site site) {
    Optional<Boolean> condition = known(node.input(0));
    if (condition.isEmpty()) {
      return Optional.empty();
    }
    Graph branch = condition.get() ? op.thenBranch() : op.elseBranch();
    Patch.Builder p = Patch.of(node);
    List<Value> results = p.inline(branch, List.of(), node.captures(branch));
    // What the branch alone does not tell, such as a declared type, may not be lost.
    for (int i = 0; i < results.size(); i++) {
      if (!node.result(i).type().isCompatible(results.get(i).type())) {
        return Optional.empty();
      }
    }
    return Optional.of(p.replaceWith(results));
  }

  private static Optional<Boolean> known(Value condition) {
    return condition
        .contents()
        .filter(c -> c.dims().size() == 1 && c.isKnown())
        .map(c -> c.known()[0] != 0)
        .or(() -> condition.constant().filter(t -> t.size() == 1).map(t -> t.toLongs()[0] != 0));
  }
}
