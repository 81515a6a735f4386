package dev.isomorph.ir.pass;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import java.util.Optional;

/**
 * Says what could stand in the place of one node. A rule only looks; the driver checks the patch,
 * counts it and puts it in. Each rule must reach an end: what it makes may not call for it again
 * without bound.
 */
public interface RewriteRule {
  /** {@return the name, in lower case with dashes} */
  String name();

  /**
   * {@return what may replace the node's results, or empty if the rule does not apply}
   *
   * @param node the node that is looked at
   * @param site its surroundings
   */
  Optional<Patch> rewrite(Node node, Site site);

  /** What a rule for one operator does with its attributes at hand. */
  @FunctionalInterface
  interface Body<O extends Op> {
    /** {@return what may replace the node's results, or empty if the rule does not apply} */
    Optional<Patch> rewrite(O op, Node node, Site site);
  }

  /** {@return a rule that looks at nodes of one operator} */
  static <O extends Op> RewriteRule on(String name, Class<O> operator, Body<O> body) {
    return new RewriteRule() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Optional<Patch> rewrite(Node node, Site site) {
        return operator.isInstance(node.op())
            ? body.rewrite(operator.cast(node.op()), node, site)
            : Optional.empty();
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }
}
