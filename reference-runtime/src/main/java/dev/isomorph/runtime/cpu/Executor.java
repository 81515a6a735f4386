package dev.isomorph.runtime.cpu;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.NodeObserver;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs graphs on the CPU, node by node in the graph's order; a value is let go after its last use.
 * Composites run their bodies. The results are the same from run to run and for any number of
 * threads. Not safe for many threads.
 */
public final class Executor {
  private record Plan(List<List<Value>> dying) {}

  private final RunOptions options;
  private final NodeObserver observer;
  private final KernelRegistry registry = KernelRegistry.standard();
  private final Map<Graph, Plan> plans = new IdentityHashMap<>();
  private final Map<Node, Map<String, Graph>> bodies = new IdentityHashMap<>();
  private final Map<String, Integer> calls = new HashMap<>();
  private long liveBytes;
  private long peakBytes;

  /** Makes an executor that sees nothing. */
  public Executor(RunOptions options) {
    this(options, NodeObserver.NONE);
  }

  /**
   * Makes an executor.
   *
   * @param observer sees every node as it is computed
   */
  public Executor(RunOptions options, NodeObserver observer) {
    this.options = requireNonNull(options, "options is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  /** {@return one error for each operator of the graph and its regions that cannot be run} */
  public static List<Diagnostic> unsupported(Graph graph) {
    Map<String, Diagnostic> found = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    collect(graph, found, counts);
    List<Diagnostic> out = new ArrayList<>();
    found.forEach(
        (name, diagnostic) -> {
          int more = counts.get(name) - 1;
          out.add(more == 0 ? diagnostic : diagnostic.help(more + " more of this operator"));
        });
    return out;
  }

  private static void collect(
      Graph graph, Map<String, Diagnostic> found, Map<String, Integer> counts) {
    for (Node node : graph.nodes()) {
      boolean runs =
          switch (node.op()) {
            case StandardOp op -> KernelRegistry.standard().supports(op);
            case CompositeCall _ -> true;
            case OpaqueCall _ -> false;
          };
      if (!runs) {
        String name = node.op().name().toString();
        counts.merge(name, 1, Integer::sum);
        String why = node.op() instanceof OpaqueCall ? "its meaning is not known" : "no kernel";
        found.computeIfAbsent(
            name,
            _ ->
                Diagnostic.error(
                        ErrorCode.UNSUPPORTED_OPERATOR,
                        "operator %s cannot be run on the CPU: %s",
                        name,
                        why)
                    .atNode(node.describe())
                    .from(node.origin().toString()));
      }
      node.op().regions().forEach(region -> collect(region, found, counts));
      if (node.op() instanceof CompositeCall call) {
        declaredBody(node, call).ifPresent(body -> collect(body, found, counts));
      }
    }
  }

  /**
   * {@return the body for the declared types, unless it can only be built for the shapes of a run}.
   * In that case what it cannot be built for is an error of the run, with the same text.
   */
  private static Optional<Graph> declaredBody(Node node, CompositeCall call) {
    boolean known =
        node.inputs().stream()
            .allMatch(v -> v.isAbsent() || v.type().shape().isKnown() || !v.type().isTensor());
    if (!known) {
      return Optional.empty();
    }
    GraphBuilder builder = new GraphBuilder(node.name());
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value declared = node.input(i);
      operands.add(
          declared.isAbsent() || declared instanceof Value.Parameter
              ? declared
              : builder.input("x" + i, declared.type(), declared.contents().orElse(null)));
    }
    return Optional.of(builder.build(call.composite().expansion().build(call, operands, builder)));
  }

  /** {@return the most bytes of values that were alive at once in the runs so far} */
  public long peakBytes() {
    return peakBytes;
  }

  /**
   * {@return the results of a whole graph}. They are carried in the run's precision and stay valid
   * as long as the model's own tensors that they may share.
   *
   * @param inputs one per input of the graph
   * @throws IsomorphException if a node fails; the error names node and origin
   */
  public List<Datum> run(Graph graph, List<? extends Datum> inputs) {
    calls.clear();
    liveBytes = 0;
    return run(graph, inputs.stream().map(this::carried).toList(), List.of());
  }

  /**
   * {@return the results of one node}
   *
   * @param inputs its operands; null where one is absent
   * @param captures what its regions capture, as {@link Node#captures()}
   */
  public List<Datum> runNode(Node node, List<Datum> inputs, List<Datum> captures) {
    List<Datum> carried = new ArrayList<>();
    for (Datum input : inputs) {
      carried.add(input == null ? null : carried(input));
    }
    return compute(node, carried, captures.stream().map(this::carried).toList());
  }

  private Datum carried(Datum value) {
    return switch (value) {
      case Tensor tensor -> KernelContext.inRunType(tensor, options.precision());
      case SequenceValue(var elements) ->
          new SequenceValue(elements.stream().map(this::carried).toList());
      case OptionalValue(var element) -> new OptionalValue(element.map(this::carried));
      case MapValue(var entries) -> {
        Map<Object, Datum> changed = new LinkedHashMap<>();
        entries.forEach((key, element) -> changed.put(key, carried(element)));
        yield new MapValue(changed);
      }
    };
  }

  private List<Datum> run(Graph graph, List<? extends Datum> inputs, List<Datum> captures) {
    Plan plan = plans.computeIfAbsent(graph, Executor::plan);
    Map<Value, Datum> values = new IdentityHashMap<>();
    bind(graph.inputs(), inputs, values);
    bind(graph.captures(), captures, values);
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      List<Datum> operands = new ArrayList<>();
      for (Value input : node.inputs()) {
        operands.add(input.isAbsent() ? null : value(input, values));
      }
      List<Datum> captured = new ArrayList<>();
      for (Value capture : node.captures()) {
        captured.add(value(capture, values));
      }
      List<Datum> results = compute(node, operands, captured);
      for (int r = 0; r < Math.min(results.size(), node.results().size()); r++) {
        values.put(node.result(r), results.get(r));
        liveBytes += bytes(results.get(r));
      }
      peakBytes = Math.max(peakBytes, liveBytes);
      if (liveBytes > options.maxMemory()) {
        throw Diagnostic.error(ErrorCode.RUN_FAILED, "the values need too much memory")
            .expected("at most " + options.maxMemory() + " bytes", liveBytes + " bytes")
            .atNode(node.describe())
            .from(node.origin().toString())
            .toException();
      }
      for (Value dead : plan.dying.get(i)) {
        liveBytes -= bytes(values.remove(dead));
      }
    }
    List<Datum> outputs = new ArrayList<>();
    for (Value output : graph.outputs()) {
      outputs.add(carried(value(output, values)));
    }
    return outputs;
  }

  private static void bind(
      List<Value.Input> formals, List<? extends Datum> actuals, Map<Value, Datum> values) {
    if (formals.size() != actuals.size()) {
      throw Diagnostic.error(ErrorCode.INPUT_MISMATCH, "the graph has another number of inputs")
          .expected(formals.size(), actuals.size())
          .toException();
    }
    for (int i = 0; i < formals.size(); i++) {
      values.put(formals.get(i), actuals.get(i));
    }
  }

  private static Datum value(Value value, Map<Value, Datum> values) {
    if (value instanceof Value.Parameter parameter) {
      return parameter.tensor();
    }
    Datum known = values.get(value);
    if (known == null) {
      throw Diagnostic.error(
              ErrorCode.RUN_FAILED, "value '%s' was not computed by its node", value.name())
          .toException();
    }
    return known;
  }

  private static long bytes(Datum value) {
    return switch (value) {
      case null -> 0;
      case Tensor tensor -> tensor.byteSize();
      case SequenceValue(var elements) -> elements.stream().mapToLong(Executor::bytes).sum();
      case OptionalValue(var element) -> element.map(Executor::bytes).orElse(0L);
      case MapValue(var entries) -> entries.values().stream().mapToLong(Executor::bytes).sum();
    };
  }

  private static Plan plan(Graph graph) {
    Map<Value, Integer> last = new IdentityHashMap<>();
    List<Node> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (Value result : nodes.get(i).results()) {
        last.put(result, i);
      }
      for (Value input : nodes.get(i).inputs()) {
        last.put(input, i);
      }
      for (Value capture : nodes.get(i).captures()) {
        last.put(capture, i);
      }
    }
    graph.outputs().forEach(last::remove);
    List<List<Value>> dying = new ArrayList<>(Collections.nCopies(nodes.size(), List.of()));
    last.forEach(
        (value, at) -> {
          if (value instanceof Value.Result) {
            List<Value> list = new ArrayList<>(dying.get(at));
            list.add(value);
            dying.set(at, list);
          }
        });
    return new Plan(dying);
  }

  private List<Datum> compute(Node node, List<Datum> inputs, List<Datum> captures) {
    try {
      List<Datum> results =
          switch (node.op()) {
            case StandardOp _ -> kernel(node, inputs, captures);
            case CompositeCall call -> run(body(node, call, inputs), present(inputs), List.of());
            case OpaqueCall call ->
                throw Diagnostic.error(
                        ErrorCode.UNSUPPORTED_OPERATOR,
                        "operator %s cannot be run on the CPU: its meaning is not known",
                        call.name())
                    .toException();
          };
      observer.computed(node, inputs, results);
      return results;
    } catch (IsomorphException e) {
      throw e.map(d -> d.atNode(node.describe()).from(node.origin().toString()));
    } catch (OutOfMemoryError e) {
      throw failure(node, ErrorCode.RUN_FAILED, "memory ran out: " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw failure(node, ErrorCode.RUN_FAILED, "a size is too large: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw failure(node, ErrorCode.INTERNAL, "the kernel failed: " + e, e);
    }
  }

  private static IsomorphException failure(
      Node node, ErrorCode code, String message, Throwable cause) {
    return new IsomorphException(
        List.of(
            Diagnostic.error(code, "%s", message)
                .atNode(node.describe())
                .from(node.origin().toString())),
        cause);
  }

  private static List<Datum> present(List<Datum> inputs) {
    return inputs.stream().filter(java.util.Objects::nonNull).toList();
  }

  private List<Datum> kernel(Node node, List<Datum> inputs, List<Datum> captures) {
    KernelRegistry.Entry<?> entry =
        registry
            .find(node.op())
            .orElseThrow(
                () ->
                    Diagnostic.error(
                            ErrorCode.UNSUPPORTED_OPERATOR,
                            "operator %s cannot be run on the CPU: no kernel",
                            node.op().name())
                        .toException());
    // By name rather than by count of nodes: the same node draws the same numbers in a rewritten
    // graph.
    long serial = node.name().hashCode() & 0xFFFFFFFFL;
    serial = serial << 24 ^ calls.merge(node.name(), 1, Integer::sum);
    KernelContext context =
        new KernelContext(
            node,
            inputs,
            options,
            serial,
            (region, regionInputs) -> run(region, regionInputs, captured(node, region, captures)));
    List<Datum> results = entry.run(node.op(), context);
    boolean exact = entry.rounding() == Rounding.EXACT || context.isExact();
    if (options.perturbation().isEmpty() || exact) {
      return results;
    }
    List<Datum> moved = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      moved.add(
          Perturbation.move(results.get(i), options.perturbation().getAsLong(), serial * 31 + i));
    }
    return moved;
  }

  private static List<Datum> captured(Node node, Graph region, List<Datum> captures) {
    int from = 0;
    for (Graph candidate : node.op().regions()) {
      int count = candidate.captures().size();
      if (candidate == region) {
        return captures.subList(from, from + count);
      }
      from += count;
    }
    throw new IllegalArgumentException(region.name() + " is no region of " + node);
  }

  /** {@return a composite's body for operands of these types, which its inputs are in order} */
  private Graph body(Node node, CompositeCall call, List<Datum> inputs) {
    StringBuilder key = new StringBuilder();
    for (Datum input : inputs) {
      key.append(input instanceof Tensor t ? t.typeText() : input == null ? "-" : "?").append(' ');
    }
    return bodies
        .computeIfAbsent(node, _ -> new HashMap<>())
        .computeIfAbsent(key.toString(), _ -> expand(node, call, inputs));
  }

  private static Graph expand(Node node, CompositeCall call, List<Datum> inputs) {
    GraphBuilder builder = new GraphBuilder(node.name());
    builder.at(node.origin());
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Value declared = node.input(i);
      if (inputs.get(i) == null) {
        operands.add(Value.ABSENT);
        continue;
      }
      ValueType type = declared.type();
      if (inputs.get(i) instanceof Tensor tensor) {
        DType dtype = type instanceof ValueType.TensorType t ? t.dtype() : tensor.dtype();
        type = ValueType.tensor(dtype, tensor.dims());
      }
      Value input = builder.input("x" + i, type, declared.contents().orElse(null));
      operands.add(declared instanceof Value.Parameter ? declared : input);
    }
    return builder.build(call.composite().expansion().build(call, operands, builder));
  }
}
