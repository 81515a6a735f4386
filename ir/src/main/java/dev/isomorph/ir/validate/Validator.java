package dev.isomorph.ir.validate;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.infer.InferenceContext;
import dev.isomorph.ir.infer.TypeInference;
import dev.isomorph.ir.shape.Dim;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Checks that a model keeps the rules of its graphs and operators: every value is made before it is
 * used, names are unique, regions use nothing from outside but what they capture, operands fit
 * their operators and results have the types that inference finds. Ports and states fit the graph.
 */
public final class Validator {
  private final Diagnostics errors = new Diagnostics();
  private final Limits limits;
  private final Set<String> nodeNames = new HashSet<>();
  private final Set<String> valueNames = new HashSet<>();
  private int fresh;

  private Validator(Limits limits) {
    this.limits = limits;
  }

  /**
   * Checks a model.
   *
   * @throws IsomorphException {@link ErrorCode#MODEL_INVALID} with every fault, each with its node
   */
  public static void check(Model model) {
    check(model, Limits.defaults());
  }

  /** Checks a model whose regions may be nested no deeper than {@code limits} allow. */
  public static void check(Model model, Limits limits) {
    Diagnostics errors = new Diagnostics();
    for (Signature signature : model.signatures()) {
      Validator validator = new Validator(limits);
      validator.signature(signature);
      validator.errors.all().forEach(errors);
    }
    errors.throwIfErrors();
  }

  private void signature(Signature signature) {
    Graph graph = signature.graph();
    if (!graph.captures().isEmpty()) {
      error("graph '%s' captures values, but nothing is around it", graph.name());
    }
    graph(graph, 0);
    for (int i = 0; i < signature.inputs().size(); i++) {
      port("input", signature.inputs().get(i), graph.inputs().get(i).type());
    }
    for (int i = 0; i < signature.outputs().size(); i++) {
      port("output", signature.outputs().get(i), graph.outputs().get(i).type());
    }
    unique("input", signature.inputs().stream().map(Signature.Port::name).toList());
    unique("output", signature.outputs().stream().map(Signature.Port::name).toList());
    for (int i = 0; i < signature.states().size(); i++) {
      Signature.State state = signature.states().get(i);
      ValueType initial = state.initial().type();
      ValueType read = graph.inputs().get(signature.inputs().size() + i).type();
      ValueType written = graph.outputs().get(signature.outputs().size() + i).type();
      if (!initial.isCompatible(read) || !read.isCompatible(written)) {
        errors.accept(
            Diagnostic.error(
                    ErrorCode.MODEL_INVALID,
                    "state '%s' does not keep its type from call to call",
                    state.name())
                .expected(initial, "read as " + read + ", written as " + written));
      }
    }
  }

  private void port(String what, Signature.Port port, ValueType type) {
    if (!port.type().isCompatible(type)) {
      errors.accept(
          Diagnostic.error(
                  ErrorCode.MODEL_INVALID,
                  "%s '%s' is declared with a type that its value cannot have",
                  what,
                  port.name())
              .expected(port.type(), type));
    }
  }

  private void unique(String what, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        error("two %ss are named '%s'", what, name);
      }
    }
  }

  private void graph(Graph graph, int depth) {
    if (depth > limits.nesting()) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "regions are nested too deeply")
          .expected("at most " + limits.nesting(), depth)
          .toException();
    }
    Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
    graph.inputs().forEach(v -> define(v, defined));
    graph.captures().forEach(v -> define(v, defined));
    for (Node node : graph.nodes()) {
      node(node, graph, defined, depth);
    }
    for (Value output : graph.outputs()) {
      if (output.isAbsent() || !isDefined(output, defined)) {
        error(
            "result '%s' of graph '%s' is made by none of its nodes", output.name(), graph.name());
      }
    }
  }

  private void define(Value value, Set<Value> defined) {
    defined.add(value);
    if (!valueNames.add(value.name())) {
      error("two values are named '%s'", value.name());
    }
  }

  private static boolean isDefined(Value value, Set<Value> defined) {
    return value instanceof Value.Parameter || defined.contains(value);
  }

  private void node(Node node, Graph graph, Set<Value> defined, int depth) {
    if (!nodeNames.add(node.name())) {
      errors.accept(at(node, "two nodes are named '%s'", node.name()));
    }
    boolean complete = true;
    for (Value operand : node.inputs()) {
      if (!operand.isAbsent() && !isDefined(operand, defined)) {
        errors.accept(
            at(node, "operand '%s' is not made before it is used", operand.name())
                .expected("a value of graph '" + graph.name() + "'", operand));
        complete = false;
      }
    }
    for (Graph region : node.op().regions()) {
      captures(node, region, defined);
      graph(region, depth + 1);
    }
    if (complete) {
      types(node);
    }
    for (Value.Result result : node.results()) {
      if (result.node() != node) {
        errors.accept(at(node, "result '%s' names another node as its maker", result.name()));
      }
      define(result, defined);
    }
  }

  private void captures(Node node, Graph region, Set<Value> defined) {
    int expected = node.op().regions().stream().mapToInt(r -> r.captures().size()).sum();
    if (expected != node.captures().size()) {
      errors.accept(
          at(node, "the regions' captures are not those of the node")
              .expected(expected, node.captures().size()));
      return;
    }
    List<Value> outer = node.captures(region);
    for (int i = 0; i < outer.size(); i++) {
      Value inner = region.captures().get(i);
      if (!isDefined(outer.get(i), defined)) {
        errors.accept(
            at(node, "captured value '%s' is not made before it is used", outer.get(i).name()));
      }
      if (!inner.type().isCompatible(outer.get(i).type())) {
        errors.accept(
            at(node, "captured value '%s' has another type inside", inner.name())
                .expected(outer.get(i).type(), inner.type()));
      }
    }
  }

  /** Infers the results anew; what stands there may say less or more, but nothing else. */
  private void types(Node node) {
    InferenceContext context =
        new InferenceContext(
            node.describe(),
            node.inputs(),
            node.results().size(),
            hint -> Dim.symbol(hint + "'" + fresh++),
            _ -> {});
    try {
      TypeInference.infer(node.op(), context, node.results().stream().map(Value::type).toList());
    } catch (IsomorphException e) {
      e.map(d -> d.atNode(node.describe()).from(node.origin().toString()))
          .diagnostics()
          .forEach(errors);
    }
  }

  private static Diagnostic at(Node node, String format, Object... args) {
    return Diagnostic.error(ErrorCode.MODEL_INVALID, format, args)
        .atNode(node.describe())
        .from(node.origin().toString());
  }

  private void error(String format, Object... args) {
    errors.accept(Diagnostic.error(ErrorCode.MODEL_INVALID, format, args));
  }
}
