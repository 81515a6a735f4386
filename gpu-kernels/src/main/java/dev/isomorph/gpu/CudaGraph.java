package dev.isomorph.gpu;

import dev.isomorph.gpu.driver.CudaContext;
import dev.isomorph.gpu.kernel.CudaKernelRegistry;
import dev.isomorph.gpu.kernel.Decision;
import dev.isomorph.gpu.kernel.DeviceTensor;
import dev.isomorph.gpu.kernel.KernelCall;
import dev.isomorph.gpu.kernel.Workspace;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.ConstantOfShapeOp;
import dev.isomorph.ir.op.ConstantOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import dev.isomorph.runtime.device.PreparedGraph;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A graph on the CUDA device. Values stay there from node to node and are copied only where the CPU
 * computes, and at the end; parameters are copied once, when they are first used. Runs one call at
 * a time.
 */
public final class CudaGraph implements PreparedGraph {
  private static final long FEW_ELEMENTS = 64;

  private final Graph graph;
  private final RunOptions options;
  private final CudaContext context;
  private final Workspace workspace;
  private final Map<Node, List<Value>> dying;
  private final Map<Tensor, RunValue> parameters = new IdentityHashMap<>();
  private final Map<Node, Placement> placements = new LinkedHashMap<>();
  private boolean closed;

  CudaGraph(Graph graph, RunOptions options, CudaContext context, Workspace workspace) {
    this.graph = graph;
    this.options = options;
    this.context = context;
    this.workspace = workspace;
    this.dying = dying(graph);
  }

  /** {@return where each node was computed in the last call, in the graph's order} */
  public List<Placement> placements() {
    return List.copyOf(placements.values());
  }

  /** {@return the most bytes of device memory that were in use at once, parameters included} */
  public long peakBytes() {
    return workspace.allocator().peakBytes();
  }

  @Override
  public List<Datum> run(List<Datum> inputs) {
    if (closed) {
      throw new IllegalStateException("the graph '" + graph.name() + "' is closed");
    }
    if (inputs.size() != graph.inputs().size()) {
      throw Diagnostic.error(ErrorCode.INPUT_MISMATCH, "the graph has another number of inputs")
          .expected(graph.inputs().size(), inputs.size())
          .toException();
    }
    context.use();
    placements.clear();
    Map<Value, RunValue> values = new IdentityHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i), RunValue.of(workspace, inputs.get(i)));
    }
    try {
      Executor cpu = new Executor(options);
      for (Node node : graph.nodes()) {
        List<RunValue> results = compute(node, values, cpu);
        for (int i = 0; i < node.results().size() && i < results.size(); i++) {
          values.put(node.result(i), results.get(i));
        }
        checkMemory(node);
        for (Value dead : dying.get(node)) {
          RunValue value = values.remove(dead);
          if (value != null) {
            value.release();
          }
        }
      }
      workspace.finish();
      List<Datum> outputs = new ArrayList<>();
      for (Value output : graph.outputs()) {
        outputs.add(output(find(output, values)));
      }
      return outputs;
    } finally {
      values.values().forEach(RunValue::release);
      workspace.endRun();
    }
  }

  /** Results have the run's types, those that no node computed too. */
  private Datum output(RunValue value) {
    boolean other =
        value.isTensor()
            && value.onHost() instanceof Tensor tensor
            && tensor.dtype() != value.dtype();
    return other
        ? Tensor.of(value.dtype(), ((Tensor) value.onHost()).toDoubles(), value.dims())
        : value.onHost();
  }

  private RunValue find(Value value, Map<Value, RunValue> values) {
    if (value instanceof Value.Parameter parameter) {
      return parameters.computeIfAbsent(
          parameter.tensor(), tensor -> RunValue.of(workspace, tensor));
    }
    RunValue known = values.get(value);
    if (known == null) {
      throw Diagnostic.error(
              ErrorCode.RUN_FAILED, "value '%s' was not computed by its node", value.name())
          .toException();
    }
    return known;
  }

  private void checkMemory(Node node) {
    if (workspace.allocator().liveBytes() > options.maxMemory()) {
      throw Diagnostic.error(ErrorCode.RUN_FAILED, "the values need too much memory")
          .expected(
              "at most " + options.maxMemory() + " bytes",
              workspace.allocator().liveBytes() + " bytes")
          .atNode(node.describe())
          .from(node.origin().toString())
          .toException();
    }
  }

  private List<RunValue> compute(Node node, Map<Value, RunValue> values, Executor cpu) {
    try {
      List<RunValue> operands = new ArrayList<>();
      for (Value input : node.inputs()) {
        operands.add(input.isAbsent() ? null : find(input, values));
      }
      if (node.op() instanceof ConstantOp) {
        return onCpu(node, operands, values, cpu, Placement.Place.NOTHING_TO_COMPUTE, "");
      }
      if (isShapeArithmetic(node, operands)) {
        return onCpu(node, operands, values, cpu, Placement.Place.SHAPE_ARITHMETIC, "");
      }
      return switch (decide(node, operands)) {
        case Decision.Compute(var launch) ->
            placed(node, Placement.Place.DEVICE, held(launch.get()));
        case Decision.View(var results) ->
            placed(node, Placement.Place.NOTHING_TO_COMPUTE, held(results.get()));
        case Decision.Known(var results) ->
            placed(
                node,
                Placement.Place.NOTHING_TO_COMPUTE,
                results.stream().map(tensor -> RunValue.of(workspace, tensor)).toList());
        case Decision.Refuse(var reason) ->
            onCpu(node, operands, values, cpu, Placement.Place.CPU, reason);
      };
    } catch (IsomorphException e) {
      throw e.map(d -> d.atNode(node.describe()).from(node.origin().toString()));
    }
  }

  private List<RunValue> held(List<DeviceTensor> tensors) {
    return tensors.stream().map(tensor -> RunValue.of(workspace, tensor)).toList();
  }

  private List<RunValue> placed(Node node, Placement.Place place, List<RunValue> results) {
    placements.put(node, new Placement(node, place, ""));
    return results;
  }

  private static boolean isShapeArithmetic(Node node, List<RunValue> operands) {
    List<RunValue> given = operands.stream().filter(Objects::nonNull).toList();
    if (node.op() instanceof ConstantOfShapeOp && makesMany(given.getFirst())) {
      return false;
    }
    return node.op() instanceof StandardOp
        && node.op().regions().isEmpty()
        && !given.isEmpty()
        && given.stream().allMatch(CudaGraph::isFewIntegersOnHost);
  }

  private static boolean makesMany(RunValue shape) {
    return shape.isOnDevice()
        || java.util.Arrays.stream(((Tensor) shape.onHost()).toLongs()).reduce(1, (a, b) -> a * b)
            > FEW_ELEMENTS;
  }

  private static boolean isFewIntegersOnHost(RunValue value) {
    return !value.isOnDevice()
        && value.isTensor()
        && (value.dtype().isInteger() || value.dtype() == DType.BOOL)
        && Tensor.sizeOf(value.dims()) <= FEW_ELEMENTS;
  }

  private Decision decide(Node node, List<RunValue> operands) {
    if (!(node.op() instanceof StandardOp)) {
      return Decision.refuse("its body runs on the CPU");
    }
    if (!node.op().regions().isEmpty()) {
      return Decision.refuse("control flow runs on the CPU");
    }
    if (operands.stream().anyMatch(value -> value != null && !value.isTensor())) {
      return Decision.refuse("an operand is no tensor");
    }
    KernelCall.Operand[] given = new KernelCall.Operand[operands.size()];
    for (int i = 0; i < given.length; i++) {
      given[i] = operands.get(i) == null ? null : new Operand(node, operands.get(i));
    }
    return CudaKernelRegistry.standard().decide(node.op(), new KernelCall(node, workspace, given));
  }

  /** A value as one node's operand. */
  private record Operand(Node node, RunValue value) implements KernelCall.Operand {
    @Override
    public DType dtype() {
      return value.dtype();
    }

    @Override
    public long[] dims() {
      return value.dims();
    }

    @Override
    public DeviceTensor onDevice() {
      return value.onDevice(node);
    }

    @Override
    public long[] longs() {
      return ((Tensor) value.onHost()).toLongs();
    }
  }

  private List<RunValue> onCpu(
      Node node,
      List<RunValue> operands,
      Map<Value, RunValue> values,
      Executor cpu,
      Placement.Place place,
      String reason) {
    placements.put(node, new Placement(node, place, reason));
    List<Datum> inputs = new ArrayList<>();
    for (RunValue operand : operands) {
      inputs.add(operand == null ? null : operand.onHost());
    }
    List<Datum> captures = new ArrayList<>();
    for (Value capture : node.captures()) {
      captures.add(find(capture, values).onHost());
    }
    return cpu.runNode(node, inputs, captures).stream()
        .map(datum -> RunValue.of(workspace, datum))
        .toList();
  }

  private static Map<Node, List<Value>> dying(Graph graph) {
    Map<Value, Node> last = new IdentityHashMap<>();
    for (Node node : graph.nodes()) {
      node.results().forEach(result -> last.put(result, node));
      node.inputs().forEach(input -> last.put(input, node));
      node.captures().forEach(capture -> last.put(capture, node));
    }
    graph.outputs().forEach(last::remove);
    Map<Node, List<Value>> dying = new IdentityHashMap<>();
    graph.nodes().forEach(node -> dying.put(node, new ArrayList<>()));
    last.forEach(
        (value, node) -> {
          if (!(value instanceof Value.Parameter)) {
            dying.get(node).add(value);
          }
        });
    return dying;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.use();
      workspace.close();
    }
  }
}
