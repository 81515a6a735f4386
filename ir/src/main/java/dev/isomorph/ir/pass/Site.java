package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a rule sees around a node: its graph as it was when the sweep began. */
public final class Site {
  private final Graph graph;
  private final PassContext context;
  private final Function<Value, Value> now;
  private final Map<RewriteRule, Object> memory = new HashMap<>();

  Site(Graph graph, PassContext context, Function<Value, Value> now) {
    this.graph = graph;
    this.context = context;
    this.now = now;
  }

  /** {@return the graph or region} */
  public Graph graph() {
    return graph;
  }

  /** {@return the settings of the run} */
  public PassContext context() {
    return context;
  }

  /** {@return what stands for a value after the rewrites made so far in this sweep} */
  public Value now(Value value) {
    return now.apply(value);
  }

  /** {@return what a rule keeps for this graph during a sweep} */
  @SuppressWarnings("unchecked")
  public <T> T memory(RewriteRule rule, Supplier<T> initial) {
    return (T) memory.computeIfAbsent(rule, _ -> initial.get());
  }

  /** {@return the node that makes a value, if it is one of this operator} */
  public <O extends Op> Optional<Node> producer(Value value, Class<O> operator) {
    return value.producer().filter(n -> operator.isInstance(n.op()));
  }

  /** {@return the node that makes a value for this one use alone, if it is of this operator} */
  public <O extends Op> Optional<Node> soleProducer(Value value, Class<O> operator) {
    return producer(value, operator).filter(_ -> graph.hasSingleUse(value));
  }

  /** {@return a stored tensor that may be replaced by one computed from it} */
  public Optional<Value.Parameter> foldable(Value value) {
    return value instanceof Value.Parameter parameter && context.mayFold(parameter)
        ? Optional.of(parameter)
        : Optional.empty();
  }

  /** {@return the tensor of a constant of the program, whatever may be done to weights} */
  public static Optional<Tensor> constant(Value value) {
    return value.constant();
  }
}
