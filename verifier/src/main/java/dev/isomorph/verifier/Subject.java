package dev.isomorph.verifier;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.op.RangeOp;
import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.NodeObserver;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import dev.isomorph.verifier.inputs.InputSet;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One side of a comparison: a way to call a model, and the ways to run it on the reference runtime.
 */
final class Subject {
  /**
   * A run with everything it computed on the way.
   *
   * @param outputs by name, in order
   * @param values every value of the whole graph, regions not included
   */
  record Trace(SequencedMap<String, Datum> outputs, Map<Value, Datum> values) {}

  private final Model model;
  private final Signature signature;
  private final Graph lifted;
  private final List<Value.Parameter> weights;

  Subject(Model model, Signature signature) {
    this.model = model;
    this.signature = signature;
    this.weights = liftable(signature.graph());
    this.lifted = lift(signature.graph(), weights);
  }

  Model model() {
    return model;
  }

  Signature signature() {
    return signature;
  }

  Graph graph() {
    return signature.graph();
  }

  /** {@return float parameters that {@link #runWith} can replace} */
  List<Value.Parameter> weights() {
    return weights;
  }

  /** {@return the outputs by name, in order} */
  SequencedMap<String, Datum> run(InputSet set, RunOptions options) {
    return named(new Executor(options).run(signature.graph(), operands(set)));
  }

  /** {@return the outputs and every value on the way} */
  Trace trace(InputSet set, RunOptions options) {
    Map<Value, Datum> values = new IdentityHashMap<>();
    Set<Node> own = Set.copyOf(signature.graph().nodes());
    NodeObserver observer =
        (node, _, results) -> {
          if (own.contains(node)) {
            for (int i = 0; i < Math.min(results.size(), node.results().size()); i++) {
              values.put(node.result(i), results.get(i));
            }
          }
        };
    List<Datum> operands = operands(set);
    for (int i = 0; i < operands.size(); i++) {
      values.put(signature.graph().inputs().get(i), operands.get(i));
    }
    SequencedMap<String, Datum> outputs =
        named(new Executor(options, observer).run(signature.graph(), operands));
    return new Trace(outputs, values);
  }

  /** {@return the outputs with other values for some of {@link #weights}} */
  SequencedMap<String, Datum> runWith(
      InputSet set, Map<Value.Parameter, Tensor> replaced, RunOptions options) {
    List<Datum> operands = operands(set);
    for (Value.Parameter weight : weights) {
      operands.add(replaced.getOrDefault(weight, weight.tensor()));
    }
    return named(new Executor(options).run(lifted, operands));
  }

  private List<Datum> operands(InputSet set) {
    List<Datum> operands = new ArrayList<>();
    for (Signature.Port port : signature.inputs()) {
      Tensor tensor = set.values().get(port.name());
      if (tensor == null) {
        throw Diagnostic.error(
                ErrorCode.INPUT_MISMATCH, "no value is given for the input '%s'", port.name())
            .inFile(model.name())
            .expected(
                signature.inputs().stream()
                    .map(p -> p.name() + ": " + p.type())
                    .collect(Collectors.joining(", ")),
                String.join(", ", set.values().keySet()))
            .toException();
      }
      operands.add(tensor);
    }
    signature.states().forEach(state -> operands.add(state.initial().tensor()));
    return operands;
  }

  private SequencedMap<String, Datum> named(List<Datum> results) {
    SequencedMap<String, Datum> outputs = new LinkedHashMap<>();
    for (int i = 0; i < signature.outputs().size(); i++) {
      outputs.put(signature.outputs().get(i).name(), results.get(i));
    }
    for (int i = 0; i < signature.states().size(); i++) {
      outputs.put(
          "state " + signature.states().get(i).name(), results.get(signature.outputs().size() + i));
    }
    return outputs;
  }

  /**
   * Float parameters that nodes of the whole graph use. Those that decide shapes are left out:
   * moving a scale by half a unit could change a size.
   */
  private static List<Value.Parameter> liftable(Graph graph) {
    List<Value.Parameter> found = new ArrayList<>();
    for (Value.Parameter parameter : graph.parameters()) {
      List<Graph.Use> uses = graph.uses(parameter);
      boolean decidesShapes =
          uses.stream()
              .map(use -> use.node().op())
              .anyMatch(op -> op instanceof ResizeOp || op instanceof RangeOp);
      if (parameter.tensor().dtype().isFloat() && !uses.isEmpty() && !decidesShapes) {
        found.add(parameter);
      }
    }
    return found;
  }

  /**
   * The same graph with some parameters as inputs, so that a run can give other values for them.
   */
  private static Graph lift(Graph graph, List<Value.Parameter> parameters) {
    GraphBuilder builder = new GraphBuilder(graph.name());
    Map<Value, Value> map = new IdentityHashMap<>();
    graph.inputs().forEach(input -> map.put(input, builder.input(input.name(), input.type())));
    parameters.forEach(p -> map.put(p, builder.input(p.name(), p.type())));
    for (Node node : graph.nodes()) {
      for (Graph region : node.op().regions()) {
        builder.adopt(
            region, node.captures(region).stream().map(v -> map.getOrDefault(v, v)).toList());
      }
      Node copy =
          builder
              .at(node.origin())
              .add(
                  node.name(),
                  node.op(),
                  node.inputs().stream().map(v -> map.getOrDefault(v, v)).toList(),
                  node.results().stream().map(Value::name).toList(),
                  node.results().stream().map(Value::type).toList());
      for (int i = 0; i < node.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    return builder.build(graph.outputs().stream().map(v -> map.getOrDefault(v, v)).toList());
  }
}
