package dev.isomorph.ir.pass;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The driver: goes through a graph and its regions node by node, asks the rules, checks their
 * patches and puts them in, until no rule applies. Nodes that nothing changes are shared with the
 * graph that is rewritten.
 */
final class GraphRewriter {
  // Each sweep with a change brings a graph closer to its end; far beyond what real graphs need.
  private static final int MAX_SWEEPS = 1000;

  private final List<? extends RewriteRule> rules;
  private final PassContext context;
  private final Set<Value.Parameter> parameters;
  private final List<String> assumptions = new ArrayList<>();

  /**
   * Makes a driver.
   *
   * @param parameters the model's parameters, to which new ones are added
   */
  GraphRewriter(
      List<? extends RewriteRule> rules, PassContext context, Set<Value.Parameter> parameters) {
    this.rules = rules;
    this.context = context;
    this.parameters = parameters;
  }

  /** What inference took for granted while nodes were made anew. */
  List<String> assumptions() {
    return assumptions;
  }

  /** The graph after as many sweeps as change something; the same one if none does. */
  Graph rewrite(Graph graph) {
    Graph current = graph;
    for (int i = 0; i < MAX_SWEEPS; i++) {
      long before = context.count();
      Graph next = sweep(current);
      if (context.count() == before) {
        return current;
      }
      current = DeadNodes.remove(next);
    }
    throw Diagnostic.error(
            ErrorCode.INTERNAL,
            "the rules %s do not come to an end on graph '%s'",
            rules.stream().map(RewriteRule::name).toList(),
            graph.name())
        .toException();
  }

  private Graph sweep(Graph graph) {
    GraphBuilder builder = GraphBuilder.rewriting(graph).reserve(parameters);
    graph.inputs().forEach(builder::share);
    Copy copy = new Copy(graph, builder);
    copy.nodes();
    Graph result = builder.build(graph.outputs().stream().map(copy::now).toList());
    assumptions.addAll(builder.assumptions());
    return result;
  }

  /** One graph or region on its way into a builder. */
  private final class Copy {
    private final Graph graph;
    private final GraphBuilder builder;
    private final Map<Value, Value> replaced = new IdentityHashMap<>();
    private final Site site;
    private boolean changed;

    Copy(Graph graph, GraphBuilder builder) {
      this.graph = graph;
      this.builder = builder;
      this.site = new Site(graph, context, this::now);
    }

    Value now(Value value) {
      return replaced.getOrDefault(value, value);
    }

    void nodes() {
      for (Node node : graph.nodes()) {
        if (!patched(node)) {
          carryOver(node);
        }
      }
    }

    private boolean patched(Node node) {
      for (RewriteRule rule : rules) {
        if (!context.mayRewrite()) {
          return false;
        }
        Optional<Patch> patch = at(rule, node);
        if (patch.isPresent() && keepsWhatIsKnown(rule, node, patch.get())) {
          splice(node, patch.get());
          context.rewritten(rule.name(), node.describe());
          changed = true;
          return true;
        }
      }
      return false;
    }

    private Optional<Patch> at(RewriteRule rule, Node node) {
      try {
        return rule.rewrite(node, site);
      } catch (IsomorphException e) {
        throw e.map(
            d -> d.atNode(node.describe()).from(node.origin().toString()).inEntry(rule.name()));
      }
    }

    /**
     * Whether nothing that is known of the results would be lost. New nodes get the results' types
     * declared; a value that is there already must say as much.
     */
    private boolean keepsWhatIsKnown(RewriteRule rule, Node node, Patch patch) {
      Graph body = patch.body();
      if (body.outputs().size() != node.results().size()) {
        throw refused(rule, node, node.results().size() + " results", body.outputs().size());
      }
      for (int i = 0; i < node.results().size(); i++) {
        ValueType before = node.result(i).type();
        Value replacement = body.outputs().get(i);
        if (!before.isCompatible(replacement.type())) {
          throw refused(rule, node, before, replacement.type());
        }
        if (replacement.producer().isEmpty() && !Precision.says(replacement.type(), before)) {
          return false;
        }
      }
      return true;
    }

    private void splice(Node node, Patch patch) {
      builder.free(node);
      boolean keepsValues = node.results().stream().anyMatch(graph::isOutput);
      List<Value> results =
          new Splicer(builder, patch, this::now, parameters).splice(node, keepsValues);
      for (int i = 0; i < results.size(); i++) {
        replaced.put(node.result(i), results.get(i));
      }
    }

    private IsomorphException refused(RewriteRule rule, Node node, Object expected, Object actual) {
      return Diagnostic.error(
              ErrorCode.INTERNAL,
              "rule '%s' would replace a node by one of another type",
              rule.name())
          .atNode(node.describe())
          .from(node.origin().toString())
          .expected(expected, actual)
          .toException();
    }

    /** Takes a node over: as it is where nothing changed around it, else made anew. */
    private void carryOver(Node node) {
      Map<Graph, Graph> regions = new IdentityHashMap<>();
      boolean same = true;
      for (Graph region : node.op().regions()) {
        Graph next = region(node, region);
        regions.put(region, next);
        same &= next == region;
      }
      same &= unchanged(node.inputs()) && unchanged(node.captures());
      if (same) {
        builder.share(node);
        return;
      }
      changed = true;
      builder.free(node);
      builder.at(node.origin());
      for (Graph region : node.op().regions()) {
        if (regions.get(region) == region) {
          builder.adopt(region, node.captures(region).stream().map(this::now).toList());
        }
      }
      Node made =
          builder.add(
              node.name(),
              withRegions(node.op(), regions),
              node.inputs().stream().map(this::now).toList(),
              node.results().stream().map(Value::name).toList(),
              node.results().stream().map(Value::type).toList());
      for (int i = 0; i < node.results().size(); i++) {
        replaced.put(node.result(i), made.result(i));
      }
    }

    private boolean unchanged(List<Value> values) {
      return values.stream().allMatch(v -> now(v) == v);
    }

    /** The region after its own rewrites; the same one if there are none. */
    private Graph region(Node node, Graph region) {
      GraphBuilder inner = builder.newRegion(region.name());
      Copy copy = new Copy(region, inner);
      region.inputs().forEach(inner::share);
      List<Value> captured = node.captures(region);
      for (int i = 0; i < captured.size(); i++) {
        Value from = now(captured.get(i));
        Value.Input stand = region.captures().get(i);
        if (from instanceof Value.Parameter) {
          copy.replaced.put(stand, from);
          copy.changed = true;
        } else {
          inner.shareCapture(stand, from);
        }
      }
      copy.nodes();
      Graph made = inner.build(region.outputs().stream().map(copy::now).toList());
      return copy.changed ? made : region;
    }
  }

  static Op withRegions(Op op, Map<Graph, Graph> regions) {
    if (regions.isEmpty()) {
      return op;
    }
    AttributeMap attributes = op.newAttributes();
    op.attributes()
        .forEach(
            (name, value) ->
                attributes.put(
                    name,
                    value instanceof Attribute.Region(Graph graph)
                        ? new Attribute.Region(regions.getOrDefault(graph, graph))
                        : value));
    return op.withAttributes(attributes);
  }
}
