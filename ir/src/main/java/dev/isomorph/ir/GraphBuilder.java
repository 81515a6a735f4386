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
import java.util.Collection;
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
    private final Set<String> parameterNames = new HashSet<>();
    private final Set<String> reserved = new HashSet<>();
    private final Map<String, Integer> counters = new HashMap<>();
    private final Map<String, Integer> nodeCounters = new HashMap<>();
    private final Set<String> sharedNodeNames = new HashSet<>();
    private final Map<Graph, List<Value>> captured = new IdentityHashMap<>();
    private final Set<String> symbols = new HashSet<>();
    private final List<String> assumptions = new ArrayList<>();
    private InferenceContext call;
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
  private String prefix = "";
  private String nextName = "";
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
   * {@return a builder for another form of {@code graph}}. Names and symbols of the graph are kept
   * for the nodes that are taken over by {@link #share}; new ones get others.
   */
  public static GraphBuilder rewriting(Graph graph) {
    GraphBuilder builder = new GraphBuilder(graph.name());
    builder.reserve(graph);
    return builder;
  }

  /**
   * {@return a builder for a composite's body of which the types alone are asked for}: symbols and
   * assumptions that come up in the body are the call's.
   */
  public static GraphBuilder ofBody(String name, InferenceContext call) {
    GraphBuilder builder = new GraphBuilder(name);
    builder.shared.call = call;
    return builder;
  }

  /**
   * Keeps the keys of parameters that exist already, usually those of the model's other graphs,
   * from being given to new constants.
   */
  public GraphBuilder reserve(Iterable<Value.Parameter> parameters) {
    parameters.forEach(parameter -> shared.parameterNames.add(parameter.name()));
    return this;
  }

  private void reserve(Graph graph) {
    reserve(graph.parameters());
    graph.inputs().forEach(this::reserve);
    graph.captures().forEach(this::reserve);
    for (Node node : graph.nodes()) {
      shared.nodeNames.add(node.name());
      shared.sharedNodeNames.add(node.name());
      node.results().forEach(this::reserve);
      node.op().regions().forEach(this::reserve);
    }
  }

  private void reserve(Value value) {
    shared.valueNames.add(value.name());
    reserveSymbols(value.type());
    value.contents().ifPresent(c -> c.dims().forEach(dim -> shared.symbols.addAll(dim.symbols())));
  }

  /**
   * Gives the names of a node that is not taken over free again, for what stands in its place.
   *
   * @param node a node of the graph that this rewrites
   */
  public void free(Node node) {
    if (shared.sharedNodeNames.remove(node.name())) {
      shared.nodeNames.remove(node.name());
      node.results().forEach(result -> shared.valueNames.remove(result.name()));
    }
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

  /**
   * Puts a prefix in front of the names of the nodes that follow and that are named after their
   * operator: {@code under("conv1/").transpose(x)} is {@code conv1/transpose}.
   */
  public GraphBuilder under(String prefix) {
    this.prefix = requireNonNull(prefix, "prefix is null");
    return this;
  }

  /** Names the next node that an operator's method makes, and its first result. */
  public GraphBuilder named(String name) {
    nextName = requireNonNull(name, "name is null");
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
    return emit(op, operands, Collections.nCopies(outputs, ValueType.UNKNOWN));
  }

  /**
   * {@return the results of a new node that is named after its operator}
   *
   * @param declared one type per result, joined with what is inferred
   */
  public List<Value> emit(Op op, List<Value> operands, List<ValueType> declared) {
    List<String> resultNames = new ArrayList<>();
    String first = nextName;
    nextName = "";
    if (first.isEmpty()) {
      first = freshName(prefix + op.name().name().toLowerCase(Locale.ROOT));
      shared.valueNames.remove(first);
    }
    for (int i = 0; i < declared.size(); i++) {
      resultNames.add(i == 0 ? first : first + "." + i);
    }
    return List.copyOf(add(first, op, operands, resultNames, declared).results());
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
    String unique = unique(nodeName, shared.nodeNames, shared.nodeCounters);
    InferenceContext context =
        new InferenceContext(
            "\"" + unique + "\" (" + op.name() + ")",
            resolved,
            resultNames.size(),
            this::freshSymbol,
            this::assume);
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
   * Takes a node of another graph over as it is, with its name. Its operands and captures must be
   * values of this graph. A builder made by {@link #rewriting} keeps the names of all nodes that
   * may be shared; any other one must share them before it gives their names away.
   *
   * @throws IllegalArgumentException if an operand is not, or the name is given to another node
   */
  public void share(Node node) {
    checkOpen();
    for (Value operand : node.inputs()) {
      requireHere(operand);
    }
    node.captures().forEach(this::requireHere);
    boolean free = shared.sharedNodeNames.remove(node.name()) || shared.nodeNames.add(node.name());
    if (!free) {
      throw new IllegalArgumentException(
          "graph '" + name + "' has another node named '" + node.name() + "'");
    }
    node.results().forEach(this::reserve);
    node.op().regions().forEach(this::reserveInside);
    append(node);
    for (Graph region : node.op().regions()) {
      shared.captured.put(region, node.captures(region));
    }
  }

  private void requireHere(Value value) {
    if (value instanceof Value.Parameter parameter) {
      shared.parameterNames.add(parameter.name());
    } else if (!value.isAbsent() && !defined.contains(value)) {
      throw new IllegalArgumentException(value + " is not defined in graph '" + name + "'");
    }
  }

  // The nodes inside a shared region go along with it, so their names are not free for sharing.
  private void reserveInside(Graph region) {
    reserve(region);
    removeShared(region);
  }

  private void removeShared(Graph region) {
    for (Node node : region.nodes()) {
      shared.sharedNodeNames.remove(node.name());
      node.op().regions().forEach(this::removeShared);
    }
  }

  /** Takes a formal parameter of another graph over as it is. */
  public void share(Value.Input input) {
    checkOpen();
    reserve(input);
    inputs.add(input);
    defined.add(input);
  }

  /**
   * Takes what stands inside another region for an outer value over as it is, for the region that
   * this builds in its place.
   *
   * @param outerValue the outer value that it stands for now
   */
  public void shareCapture(Value.Input inner, Value outerValue) {
    checkOpen();
    if (outer == null) {
      throw new IllegalStateException("a whole graph captures nothing");
    }
    captured.add(outer.resolve(outerValue));
    captureInputs.add(inner);
    reserve(inner);
    defined.add(inner);
  }

  private void append(Node node) {
    nodes.add(node);
    defined.addAll(node.results());
    node.results().forEach(r -> reserveSymbols(r.type()));
  }

  /** {@return the value inside this builder: itself, or what stands for it after capturing it} */
  private Value resolve(Value value) {
    if (value instanceof Value.Parameter parameter) {
      shared.parameterNames.add(parameter.name());
      return value;
    }
    if (value.isAbsent() || defined.contains(value)) {
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
    if (shared.call != null) {
      return shared.call.freshSymbol(hint);
    }
    String base = Dim.isSymbolName(hint) ? hint : "u";
    String candidate = base;
    for (int i = 1; !shared.symbols.add(candidate); i++) {
      candidate = base + "_" + i;
    }
    return Dim.symbol(candidate);
  }

  private void assume(String sentence) {
    if (shared.call != null) {
      shared.call.assume("%s", sentence);
    } else {
      shared.assumptions.add(sentence);
    }
  }

  /**
   * Keeps names that the source gives to values and nodes which are still to come: {@link
   * #freshName} gives none of them away.
   */
  public void reserveNames(Collection<String> names) {
    shared.reserved.addAll(names);
  }

  /** {@return a name that no node, value or parameter has yet, as far as this builder knows} */
  public String freshName(String hint) {
    String base = hint.isEmpty() ? "v" : hint;
    String candidate = base;
    int i = shared.counters.getOrDefault(base, 0);
    while (shared.nodeNames.contains(candidate)
        || shared.valueNames.contains(candidate)
        || shared.parameterNames.contains(candidate)
        || shared.reserved.contains(candidate)) {
      candidate = base + "_" + ++i;
    }
    shared.counters.put(base, i);
    shared.valueNames.add(candidate);
    return candidate;
  }

  private String uniqueValue(String wanted) {
    return unique(wanted, shared.valueNames, shared.counters);
  }

  // Sources give a node and its result the same name, and both must survive: two spaces of names.
  private static String unique(String wanted, Set<String> space, Map<String, Integer> counters) {
    String base = wanted.isEmpty() ? "v" : wanted;
    if (space.add(base)) {
      return base;
    }
    // Files with thousands of nameless nodes exist: counting goes on where it stopped.
    int i = counters.getOrDefault(base, 0);
    String candidate;
    do {
      candidate = base + "_" + ++i;
    } while (!space.add(candidate));
    counters.put(base, i);
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
