package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.OperatorBuilder;
import dev.isomorph.ir.tensor.Tensor;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What shall stand in the place of a node's results: a small graph whose inputs are taps on values
 * of the graph that is rewritten. Immutable; nothing changes until the driver takes it.
 */
public final class Patch {
  private final Graph body;
  private final List<Value> taps;
  private final Origin origin;

  private Patch(Graph body, List<Value> taps, Origin origin) {
    this.body = body;
    this.taps = List.copyOf(taps);
    this.origin = origin;
  }

  /** {@return the nodes, and in its outputs what replaces each result} */
  Graph body() {
    return body;
  }

  /** {@return the values of the rewritten graph that the body's inputs stand for} */
  List<Value> taps() {
    return taps;
  }

  /** {@return where the new nodes come from: all places of the nodes they stand for} */
  Origin origin() {
    return origin;
  }

  /** {@return a builder of what replaces the results of {@code node}} */
  public static Builder of(Node node) {
    return new Builder(node);
  }

  /** {@return a patch by which other values of the graph replace the results, in order} */
  public static Patch by(Node node, Value... values) {
    return of(node).replaceWith(List.of(values));
  }

  /**
   * Builds the nodes of a patch. Operands are values of the graph that is rewritten, or of the
   * patch itself.
   */
  public static final class Builder extends OperatorBuilder {
    private final GraphBuilder body = new GraphBuilder("patch");
    private final SequencedMap<Value, Value> taps = new LinkedHashMap<>();
    private final Set<Value> own = new HashSet<>();
    private Origin origin;

    private Builder(Node node) {
      this.origin = node.origin();
    }

    /** Adds the origins of another node whose work the patch does. */
    public Builder standingFor(Node node) {
      origin = origin.union(node.origin());
      return this;
    }

    @Override
    public List<Value> emit(Op op, List<Value> operands, int outputs) {
      List<Value> results = body.emit(op, operands.stream().map(this::tap).toList(), outputs);
      own.addAll(results);
      return results;
    }

    /**
     * {@return the results of a node like {@code node} on other operands; its regions capture what
     * they did}
     */
    public List<Value> like(Node node, Op op, List<Value> operands) {
      for (Graph region : op.regions()) {
        body.adopt(region, node.captures(region).stream().map(this::tap).toList());
      }
      return emit(op, operands, node.results().size());
    }

    /** {@return a constant of the program} */
    public Value constant(Tensor tensor) {
      return body.constant(tensor);
    }

    /** {@return a constant i64 vector} */
    public Value constant(long... values) {
      return body.constant(values);
    }

    /**
     * {@return the results of a region's nodes on these operands, without the region}
     *
     * @param inputs for the region's formal parameters
     * @param captures for what it captures
     */
    public List<Value> inline(Graph region, List<Value> inputs, List<Value> captures) {
      Map<Value, Value> mapped = new IdentityHashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        mapped.put(region.inputs().get(i), tap(inputs.get(i)));
      }
      for (int i = 0; i < captures.size(); i++) {
        mapped.put(region.captures().get(i), tap(captures.get(i)));
      }
      for (Node node : region.nodes()) {
        Splicer.copyNode(body, node, mapped);
      }
      List<Value> results = region.outputs().stream().map(v -> mapped.getOrDefault(v, v)).toList();
      own.addAll(results);
      return results;
    }

    /** {@return the builder itself and what stands there for a value, for an expansion} */
    public GraphBuilder body() {
      return body;
    }

    /** {@return what stands in the patch for a value of the rewritten graph} */
    public Value tap(Value value) {
      if (value.isAbsent() || value instanceof Value.Parameter || own.contains(value)) {
        return value;
      }
      Value stand =
          taps.computeIfAbsent(
              value, v -> body.input(v.name(), v.type(), v.contents().orElse(null)));
      own.add(stand);
      return stand;
    }

    /** Counts values that were built through {@link #body} as the patch's own. */
    void own(List<Value> values) {
      own.addAll(values);
    }

    /** {@return the patch}, with one value for each result of the node */
    public Patch replaceWith(List<Value> values) {
      Graph graph = body.build(values.stream().map(this::tap).toList());
      return new Patch(graph, List.copyOf(taps.sequencedKeySet()), origin);
    }

    /** {@return the patch} of a node with one result */
    public Patch replaceWith(Value value) {
      return replaceWith(List.of(value));
    }
  }
}
