package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.infer.InferenceContext;
import dev.isomorph.ir.infer.TypeInference;
import dev.isomorph.ir.op.OperatorBuilder;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes a graph node by node; the types of results are inferred at once. {@code Value y = b.conv(x,
 * w, bias, a -> a.strides(2, 2))}. A region's builder ({@link #region}) captures outer values by
 * itself when an operand is one. Not safe for many threads.
 */
public final class GraphBuilder extends OperatorBuilder {
  /** What all builders of one model share: names and symbols in use, recorded assumptions. */
  private static final class Shared {
    private final Set<String> nodeNames = new HashSet<>();
    private final Set<String> valueNames = new HashSet<>();
    private final Map<String, Integer> counters = new HashMap<>();
    private final Map<Graph, List<Value>> captured = new IdentityHashMap<>();
    private final Set<String> symbols = new HashSet<>();
    private final List<String> assumptions = new ArrayList<>();
  }

  private final String name;
  private final GraphBuilder outer;
  private final Shared shared;
  private final List<Value.Input> inputs = new ArrayList<>();
  private final List<Value.Input> captureInputs = new ArrayList<>();
  private final List<Value> captured = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
  private Origin origin = Origin.NONE;
  private boolean built;

  private GraphBuilder(String name, GraphBuilder outer, Shared shared) {
    this.name = requireNonNull(name, "name is null");
    this.outer = outer;
    this.shared = shared;
  }

  /** Starts a whole graph. */
  public GraphBuilder(String name) {
    this(name, null, new Shared());
  }

  /**
   * {@return a builder for a region of a node of this graph; see {@link #region} for the usual way}
   */
  public GraphBuilder newRegion(String name) {
    GraphBuilder inner = new GraphBuilder(name, this, shared);
    inner.origin = origin;
    return inner;
  }

  /**
   * {@return a region of this graph, for an attribute of the next node}
   *
   * @param body adds inputs and nodes and returns the outputs
   */
  public Graph region(String name, Function<GraphBuilder, List<Value>> body) {
    GraphBuilder inner = newRegion(name);
    return inner.build(body.apply(inner));
  }

  /** Sets the origin of the nodes that follow. */
  public GraphBuilder at(Origin origin) {
    this.origin = requireNonNull(origin, "origin is null");
    return this;
  }

  /** {@return the origin of the nodes that follow} */
  public Origin origin() {
    return origin;
  }

  /** {@return a new formal parameter} */
  public Value.Input input(String name, ValueType type) {
    return input(name, type, null);
  }

  /** {@return a new formal parameter whose elements are known as expressions} */
  public Value.Input input(String name, ValueType type, Contents contents) {
    Value.Input input = new Value.Input(uniqueValue(name), type, contents);
    reserveSymbols(type);
    inputs.add(input);
    defined.add(input);
    return input;
  }

  /** {@return a constant of the program} */
  public Value constant(Tensor tensor) {
    return constant("const", tensor);
  }

  /** {@return a constant of the program whose name starts with {@code hint}} */
  public Value constant(String hint, Tensor tensor) {
    return Value.Parameter.constant(freshName(hint), tensor);
  }

  /** {@return a constant i64 vector} */
  public Value constant(long... values) {
    return constant(Tensor.vector(values));
  }

  @Override
  public List<Value> emit(Op op, List<Value> operands, int outputs) {
    List<String> resultNames = new ArrayList<>();
    String base = op.name().name().toLowerCase(Locale.ROOT);
    String first = freshName(base);
    shared.valueNames.remove(first);
    for (int i = 0; i < outputs; i++) {
      resultNames.add(i == 0 ? first : first + "." + i);
    }
    return List.copyOf(add(first, op, operands, resultNames, List.of()).results());
  }

  /**
   * {@return a new node with names of its own}
   *
   * @param nodeName name of the node; made unique
   * @param resultNames one per result; made unique
   * @param declared types that the source declares for the results, to be joined with what is
   *     inferred; may be shorter than {@code resultNames}
   * @throws IsomorphException {@link ErrorCode#MODEL_INVALID} if operands or attributes break the
   *     operator's rules
   */
  public Node add(
      String nodeName,
      Op op,
      List<Value> operands,
      List<String> resultNames,
      List<ValueType> declared) {
    checkOpen();
    List<Value> resolved = new ArrayList<>();
    for (Value operand : operands) {
      resolved.add(resolve(requireNonNull(operand, "operand is null")));
    }
    while (!resolved.isEmpty() && resolved.getLast().isAbsent()) {
      resolved.removeLast();
    }
    List<Value> captures = new ArrayList<>();
    for (Graph region : op.regions()) {
      List<Value> outerValues = shared.captured.get(region);
      if (outerValues == null) {
        throw new IllegalArgumentException(
            "region '" + region.name() + "' of " + op.name() + " was made by another builder");
      }
      outerValues.forEach(v -> captures.add(resolve(v)));
    }
    String unique = unique(nodeName, shared.nodeNames);
    InferenceContext context =
        new InferenceContext(
            "\"" + unique + "\" (" + op.name() + ")",
            resolved,
            resultNames.size(),
            this::freshSymbol,
            shared.assumptions::add);
    try {
      TypeInference.infer(op, context, declared);
    } catch (IsomorphException e) {
      throw e.map(d -> d.atNode(context.node()).from(origin.toString()));
    }
    Node node =
        new Node(
            unique,
            op,
            resolved,
            captures,
            resultNames.stream().map(this::uniqueValue).toList(),
            context.types(),
            context.resultContents(),
            origin);
    append(node);
    return node;
  }

  /**
   * Takes a node of another graph over as it is. Its operands must be values of this graph.
   *
   * @throws IllegalArgumentException if an operand is not
   */
  public void share(Node node) {
    checkOpen();
    for (Value operand : node.inputs()) {
      if (resolve(operand) != operand) {
        throw new IllegalArgumentException(operand + " is not defined in " + name);
      }
    }
    shared.nodeNames.add(node.name());
    node.results().forEach(r -> shared.valueNames.add(r.name()));
    append(node);
    for (Graph region : node.op().regions()) {
      shared.captured.put(region, node.captures(region));
    }
  }

  /** Takes a formal parameter of another graph over as it is. */
  public void share(Value.Input input) {
    shared.valueNames.add(input.name());
    reserveSymbols(input.type());
    inputs.add(input);
    defined.add(input);
  }

  private void append(Node node) {
    nodes.add(node);
    defined.addAll(node.results());
    node.results().forEach(r -> reserveSymbols(r.type()));
  }

  /** {@return the value inside this builder: itself, or what stands for it after capturing it} */
  private Value resolve(Value value) {
    if (value.isAbsent() || value instanceof Value.Parameter || defined.contains(value)) {
      return value;
    }
    for (int i = 0; i < captured.size(); i++) {
      if (captured.get(i) == value) {
        return captureInputs.get(i);
      }
    }
    if (outer == null) {
      throw new IllegalArgumentException(value + " is not defined in graph '" + name + "'");
    }
    Value from = outer.resolve(value);
    return capture(from, value);
  }

  private Value.Input capture(Value from, Value asked) {
    for (int i = 0; i < captured.size(); i++) {
      if (captured.get(i) == from) {
        return captureInputs.get(i);
      }
    }
    Value.Input inner =
        new Value.Input(freshName(asked.name()), from.type(), from.contents().orElse(null));
    captured.add(from);
    captureInputs.add(inner);
    defined.add(inner);
    return inner;
  }

  /** {@return what stands inside this region for an outer value, capturing it} */
  public Value.Input captureAs(String innerName, Value outerValue) {
    if (outer == null) {
      throw new IllegalStateException("a whole graph captures nothing");
    }
    Value from = outer.resolve(outerValue);
    Value.Input inner =
        new Value.Input(uniqueValue(innerName), from.type(), from.contents().orElse(null));
    captured.add(from);
    captureInputs.add(inner);
    defined.add(inner);
    return inner;
  }

  /**
   * {@return the graph}. The builder cannot be used afterwards.
   *
   * @param outputs results in order, values of this graph or parameters
   */
  public Graph build(List<Value> outputs) {
    checkOpen();
    List<Value> resolved = outputs.stream().map(this::resolve).toList();
    built = true;
    Graph graph = new Graph(name, inputs, captureInputs, nodes, resolved);
    if (outer != null) {
      shared.captured.put(graph, List.copyOf(captured));
    }
    return graph;
  }

  /** Tells that {@code region}, made elsewhere, captures these values of this graph. */
  public void adopt(Graph region, List<Value> capturedValues) {
    if (region.captures().size() != capturedValues.size()) {
      throw new IllegalArgumentException("captures of '" + region.name() + "' do not match");
    }
    shared.captured.put(region, List.copyOf(capturedValues));
  }

  /** {@return facts that inference took for granted, such as dims that must be equal, in order} */
  public List<String> assumptions() {
    return List.copyOf(shared.assumptions);
  }

  /** {@return a symbol that no type of this model uses yet, for a size that depends on data} */
  public Dim freshSymbol(String hint) {
    String base = Dim.isSymbolName(hint) ? hint : "u";
    String candidate = base;
    for (int i = 1; !shared.symbols.add(candidate); i++) {
      candidate = base + "_" + i;
    }
    return Dim.symbol(candidate);
  }

  /** {@return a name that no node and no value of this model has yet} */
  public String freshName(String hint) {
    String base = hint.isEmpty() ? "v" : hint;
    String candidate = base;
    int i = shared.counters.getOrDefault(base, 0);
    while (shared.nodeNames.contains(candidate) || shared.valueNames.contains(candidate)) {
      candidate = base + "_" + ++i;
    }
    shared.counters.put(base, i);
    shared.valueNames.add(candidate);
    return candidate;
  }

  private String uniqueValue(String wanted) {
    return unique(wanted, shared.valueNames);
  }

  // Sources give a node and its result the same name, and both must survive: two spaces of names.
  private String unique(String wanted, Set<String> space) {
    String base = wanted.isEmpty() ? "v" : wanted;
    String candidate = base;
    for (int i = 1; !space.add(candidate); i++) {
      candidate = base + "_" + i;
    }
    return candidate;
  }

  private void reserveSymbols(ValueType type) {
    shared.symbols.addAll(type.shape().symbols());
  }

  private void checkOpen() {
    if (built) {
      throw new IllegalStateException("graph '" + name + "' is built already");
    }
  }

  /** {@return an error about the graph that is being built, at its current origin} */
  public IsomorphException invalid(String format, Object... args) {
    return Diagnostic.error(ErrorCode.MODEL_INVALID, format, args)
        .from(origin.toString())
        .toException();
  }
}
