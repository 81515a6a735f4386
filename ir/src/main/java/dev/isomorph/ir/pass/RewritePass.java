package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A pass that applies rules until none of them applies any more. */
public class RewritePass implements Pass {
  private final String name;
  private final List<RewriteRule> rules;

  /** Makes a pass of these rules; the first one that applies to a node wins. */
  public RewritePass(String name, List<RewriteRule> rules) {
    this.name = name;
    this.rules = List.copyOf(rules);
  }

  @Override
  public String name() {
    return name;
  }

  /** {@return the rules in order} */
  public List<RewriteRule> rules() {
    return rules;
  }

  @Override
  public Model run(Model model, PassContext context) {
    Set<Value.Parameter> parameters = new LinkedHashSet<>(model.parameters());
    return Graphs.rewrite(
        model,
        (graph, assumptions) -> {
          GraphRewriter rewriter = new GraphRewriter(rules, context, parameters);
          Graph next = rewriter.rewrite(graph);
          assumptions.addAll(rewriter.assumptions());
          return next;
        });
  }
}
