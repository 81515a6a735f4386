package dev.isomorph.ir.pass;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Expands composites until everything is in a target's legal set. What has no expansion and is not
 * legal is refused: all of it at once, each by its name and origin.
 */
public final class Legalise implements Pass {
  private final String target;
  private final Predicate<Node> legal;

  /**
   * Makes the pass.
   *
   * @param target the target's name, for messages
   * @param legal whether the target can say a node as it is
   */
  public Legalise(String target, Predicate<Node> legal) {
    this.target = target;
    this.legal = legal;
  }

  @Override
  public String name() {
    return "legalise-" + target;
  }

  @Override
  public List<Condition> ensures() {
    return List.of(
        new Condition(
            "everything can be said by " + target,
            model -> {
              for (Graph graph : Graphs.all(model)) {
                for (Node node : graph.nodes()) {
                  if (!legal.test(node)) {
                    return node.describe();
                  }
                }
              }
              return null;
            }));
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code UNSUPPORTED_TARGET}, with every
   *     node that can neither be said nor be expanded
   */
  @Override
  public Model run(Model model, PassContext context) {
    Model expanded = new RewritePass(name(), List.of(new Expand())).run(model, context);
    Diagnostics refused = new Diagnostics();
    for (Graph graph : Graphs.all(expanded)) {
      for (Node node : graph.nodes()) {
        if (!legal.test(node) && !(node.op() instanceof CompositeCall && !context.mayRewrite())) {
          refused.accept(
              Diagnostic.error(
                      ErrorCode.UNSUPPORTED_TARGET,
                      "%s cannot be said in %s",
                      node.op().name(),
                      target)
                  .atNode(node.describe())
                  .from(node.origin().toString()));
        }
      }
    }
    if (!refused.errors().isEmpty() && expanded != model) {
      expanded.close();
    }
    refused.throwIfErrors();
    return expanded;
  }

  private final class Expand implements RewriteRule {
    @Override
    public String name() {
      return "expansion";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      if (!(node.op() instanceof CompositeCall call) || legal.test(node)) {
        return Optional.empty();
      }
      Patch.Builder p = Patch.of(node);
      List<Value> operands = new ArrayList<>();
      node.inputs().forEach(v -> operands.add(p.tap(v)));
      List<Value> results = call.composite().expansion().build(call, operands, p.body());
      p.own(results);
      return Optional.of(p.replaceWith(results.subList(0, node.results().size())));
    }
  }
}
