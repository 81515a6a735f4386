package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes one graph into a function, node by node. What TensorFlow cannot say is collected, so that
 * one run tells all of it. Not safe for many threads.
 */
final class GraphRaising {
  private final FunctionWriter writer;
  private final StoredTensors stored;
  private final Map<Value, Ref> refs = new IdentityHashMap<>();
  private final Map<String, Ref> reads = new LinkedHashMap<>();
  private final Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Diagnostic> refused = new ArrayList<>();
  private int depth;
  private String principal = "";
  private String principalName = "";

  GraphRaising(FunctionWriter writer, StoredTensors stored) {
    this.writer = writer;
    this.stored = stored;
  }

  FunctionWriter writer() {
    return writer;
  }

  /** {@return everything that TensorFlow cannot say} */
  List<Diagnostic> refused() {
    return Collections.unmodifiableList(refused);
  }

  /** {@return the variables that the function reads, by the name of its argument, in order} */
  List<String> variables() {
    return List.copyOf(reads.keySet());
  }

  /** {@return the results; null for one that could not be written} */
  List<Ref> raise(Graph graph, List<Ref> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      refs.put(graph.inputs().get(i), inputs.get(i));
    }
    used.addAll(graph.outputs());
    markUsed(graph);
    graph.nodes().forEach(this::raise);
    return graph.outputs().stream().map(this::known).toList();
  }

  private void markUsed(Graph graph) {
    graph.nodes().forEach(node -> used.addAll(node.inputs()));
  }

  private Ref known(Value value) {
    return value instanceof Value.Parameter parameter
        ? stored(parameter, Form.PLAIN)
        : refs.getOrDefault(value, FAILED);
  }

  /** What stands for the result of a node that could not be written. */
  private static final Ref FAILED = new Ref("", DType.F32);

  boolean isUsed(Value value) {
    return used.contains(value);
  }

  /** {@return what stands for a value} */
  Ref ref(Value value) {
    return known(value);
  }

  /** {@return a stored tensor in a form} */
  Ref stored(Value.Parameter parameter, Form wanted) {
    stored.demand(parameter, wanted);
    if (!stored.isVariable(parameter)) {
      return writer.constant(parameter.name(), wanted.apply(parameter.tensor()));
    }
    String variable = stored.variable(parameter);
    Ref read = reads.get(variable);
    if (read == null) {
      Ref handle = new Ref(stored.argument(variable), parameter.tensor().dtype());
      read =
          writer.emit(
              variable + "/Read/ReadVariableOp",
              "ReadVariableOp",
              Attributes.none().type("dtype", parameter.tensor().dtype()),
              List.of(handle));
      reads.put(variable, read);
    }
    Form form = stored.form(parameter);
    return form.equals(wanted)
        ? read
        : formed(variable, plain(variable, read, form, parameter), wanted);
  }

  private Ref plain(String variable, Ref read, Form form, Value.Parameter parameter) {
    Ref value = read;
    if (!form.dims().isEmpty()) {
      long[] permuted = new Form(form.perm(), List.of()).apply(parameter.tensor()).dims();
      value = reshape(variable, value, permuted);
    }
    return form.perm().isEmpty()
        ? value
        : writer.transpose(variable + "/plain", value, form.inversePerm());
  }

  private Ref formed(String variable, Ref plain, Form form) {
    Ref value =
        form.perm().isEmpty()
            ? plain
            : writer.transpose(variable + "/permuted", plain, form.perm());
    return form.dims().isEmpty() ? value : reshape(variable, value, Form.toArray(form.dims()));
  }

  private Ref reshape(String variable, Ref value, long[] dims) {
    Ref shape = writer.constant(variable + "/shape", Tensor.vector(dims));
    return writer.emit(variable + "/reshaped", "Reshape", Attributes.none(), List.of(value, shape));
  }

  private void raise(Node node) {
    boolean failed = node.inputs().stream().anyMatch(v -> !v.isAbsent() && refs.get(v) == FAILED);
    List<Ref> results = failed ? List.of() : write(node);
    for (int i = 0; i < node.results().size(); i++) {
      Value result = node.result(i);
      if (i < results.size()) {
        refs.put(result, results.get(i));
      } else {
        refs.put(result, FAILED);
        if (!results.isEmpty() && isUsed(result)) {
          refused.add(refusal(node, "result " + i + " of " + node.op().name()));
        }
      }
    }
  }

  private static Diagnostic refusal(Node node, String what) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_TARGET, "a SavedModel cannot say this: %s", what)
        .atNode(node.describe())
        .from(node.origin().toString());
  }

  private List<Ref> write(Node node) {
    try {
      return write(node.op(), node);
    } catch (IsomorphException e) {
      e.diagnostics()
          .forEach(d -> refused.add(d.atNode(node.describe()).from(node.origin().toString())));
      return List.of();
    }
  }

  private <O extends Op> List<Ref> write(O op, Node node) {
    Optional<RaisingRule<O>> rule = RaisingRules.find(op);
    if (rule.isPresent()) {
      return rule.get().raise(op, new RaisingNode(node, this));
    }
    if (op instanceof CompositeCall call && depth < 16) {
      return expand(call, node);
    }
    throw refusal(node, "operator " + op.name()).toException();
  }

  /** {@return the only node of a body that does more than transpose} */
  private static Optional<Node> only(Graph body) {
    List<Node> working =
        body.nodes().stream().filter(n -> !(n.op() instanceof TransposeOp)).toList();
    return working.size() == 1 ? Optional.of(working.getFirst()) : Optional.empty();
  }

  /** {@return the name under which a node is written: that of a composite for its only worker} */
  String name(Node node) {
    return node.name().equals(principal) ? principalName : node.name();
  }

  /** Writes the body of a composite that has no rule. */
  private List<Ref> expand(CompositeCall call, Node node) {
    GraphBuilder body = new GraphBuilder(node.name()).under(node.name() + "/");
    List<Value> inputs = new ArrayList<>();
    for (Value operand : node.inputs()) {
      if (operand.isAbsent() || operand instanceof Value.Parameter) {
        inputs.add(operand);
      } else {
        Value input = body.input(operand.name(), operand.type(), operand.contents().orElse(null));
        refs.put(input, refs.get(operand));
        inputs.add(input);
      }
    }
    body.at(node.origin());
    Graph expanded = body.build(call.composite().expansion().build(call, inputs, body));
    used.addAll(expanded.outputs());
    markUsed(expanded);
    depth++;
    String before = principal;
    principal = only(expanded).map(Node::name).orElse("");
    String outer = principalName;
    principalName = node.name();
    expanded.nodes().forEach(this::raise);
    principal = before;
    principalName = outer;
    depth--;
    List<Ref> results = expanded.outputs().stream().map(this::known).toList();
    return results.contains(FAILED) ? List.of() : results;
  }
}
