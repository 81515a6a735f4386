package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Lowers what a signature asks for, with all functions inlined. What is unsupported is collected,
 * so that one run tells all of it. Not safe for many threads.
 */
final class GraphLowering {
  private static final int MAX_ORIGINS = 5;

  private final GraphBuilder builder;
  private final Functions functions;
  private final DerivedWeights weights;
  private final Function<TensorProto, Tensor> decoder;
  private final Function<NodeDef, Optional<Value>> leaves;
  private final Limits limits;
  private final SideEffects effects;
  private final Map<String, Set<String>> unknown = new LinkedHashMap<>();
  private final List<Diagnostic> refused = new ArrayList<>();
  private final Deque<String> calls = new ArrayDeque<>();
  private long steps;

  /**
   * Starts with nothing lowered.
   *
   * @param decoder reads constants
   * @param leaves what nodes of the main graph stand for that are no operators: variables
   */
  GraphLowering(
      GraphBuilder builder,
      Functions functions,
      DerivedWeights weights,
      Function<TensorProto, Tensor> decoder,
      Function<NodeDef, Optional<Value>> leaves,
      Limits limits) {
    this.builder = builder;
    this.functions = functions;
    this.weights = weights;
    this.decoder = decoder;
    this.leaves = leaves;
    this.limits = limits;
    this.effects = new SideEffects(functions);
  }

  /** One body in the course of being lowered. */
  private record Frame(Body body, String prefix, Map<String, List<Value>> values) {}

  /**
   * {@return the wanted values; {@link Value#ABSENT} for what depends on something unsupported}
   *
   * @param given values of nodes that are not to be lowered: fed inputs, variables
   */
  List<Value> lower(Body body, List<Edge> wanted, Map<String, List<Value>> given) {
    return lower(new Frame(body, "", new HashMap<>(given)), wanted);
  }

  /** Reports everything that was unsupported so far. */
  void report(Consumer<Diagnostic> errors) {
    unknown.forEach((op, origins) -> errors.accept(unknownOperator(op, origins)));
    refused.forEach(errors);
    effects.refused().forEach(errors);
  }

  private static Diagnostic unknownOperator(String op, Set<String> origins) {
    int count = origins.size();
    String more = count > MAX_ORIGINS ? " and " + (count - MAX_ORIGINS) + " more" : "";
    String names = String.join(", ", origins.stream().limit(MAX_ORIGINS).toList()) + more;
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_OPERATOR,
            "no rule is known for TensorFlow's operator %s, used %s",
            op,
            count == 1 ? "once" : count + " times")
        .from(names);
  }

  private List<Value> lower(Frame frame, List<Edge> wanted) {
    for (String name : order(frame, wanted)) {
      Limits.check("the number of nodes after inlining", ++steps, limits.steps());
      frame.values.put(name, lowerNode(frame, frame.body.nodes().get(name)));
    }
    return wanted.stream().map(edge -> value(frame, edge)).toList();
  }

  /** {@return the nodes that the wanted values need, each after those that it needs} */
  private List<String> order(Frame frame, List<Edge> wanted) {
    Set<String> done = new LinkedHashSet<>();
    Set<String> entered = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    wanted.reversed().forEach(edge -> open.push(edge.node()));
    while (!open.isEmpty()) {
      String name = open.peek();
      if (done.contains(name) || frame.values.containsKey(name)) {
        open.pop();
        continue;
      }
      if (!entered.add(name)) {
        open.pop();
        done.add(name);
        continue;
      }
      NodeDef node = node(frame, name);
      for (String text : node.getInputList().reversed()) {
        Edge edge = Edge.parse(text);
        if (edge.control()) {
          effects.follow(frame.body, edge.node());
        } else if (!done.contains(edge.node())) {
          if (entered.contains(edge.node()) && !frame.values.containsKey(edge.node())) {
            throw cycle(frame, name, edge.node());
          }
          open.push(edge.node());
        }
      }
    }
    return List.copyOf(done);
  }

  private static NodeDef node(Frame frame, String name) {
    NodeDef node = frame.body.nodes().get(name);
    if (node == null) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a node that is used does not exist")
          .inEntry(frame.body.place())
          .atNode(name)
          .toException();
    }
    return node;
  }

  private static IsomorphException cycle(Frame frame, String from, String to) {
    String op = frame.body.nodes().get(to).getOp();
    boolean loop =
        frame.body.nodes().values().stream().anyMatch(n -> n.getOp().endsWith("NextIteration"));
    return Diagnostic.error(
            loop ? ErrorCode.UNSUPPORTED_FEATURE : ErrorCode.FORMAT_INVALID,
            loop
                ? "a loop of TensorFlow 1 (Enter, Merge, NextIteration, Exit)"
                : "the graph has a cycle")
        .inEntry(frame.body.place())
        .atNode("\"" + to + "\" (" + op + ")")
        .expected("no cycle", from + " and " + to + " need each other")
        .toException();
  }

  private Value value(Frame frame, Edge edge) {
    List<Value> values = frame.values.get(edge.node());
    if (values.isEmpty()) {
      return Value.ABSENT;
    }
    int index = edge.index();
    if (!edge.output().isEmpty()) {
      NodeDef node = node(frame, edge.node());
      index +=
          Rules.outputStart(node.getOp(), edge.output())
              .orElseThrow(
                  () ->
                      Diagnostic.error(
                              ErrorCode.FORMAT_INVALID,
                              "operator %s has no output '%s'",
                              node.getOp(),
                              edge.output())
                          .inEntry(frame.body.place())
                          .atNode(node.getName())
                          .toException());
    }
    if (index >= values.size()) {
      NodeDef node = node(frame, edge.node());
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "result %d of the operator is not supported", index)
          .inEntry(frame.body.place())
          .atNode("\"" + node.getName() + "\" (" + node.getOp() + ")")
          .toException();
    }
    return values.get(index);
  }

  /** {@return the node's results; none if it, or what it needs, is unsupported} */
  private List<Value> lowerNode(Frame frame, NodeDef node) {
    if (frame.body.name().isEmpty()) {
      Optional<Value> leaf = leaves.apply(node);
      if (leaf.isPresent()) {
        return List.of(leaf.get());
      }
    }
    List<Value> operands =
        node.getInputList().stream()
            .map(Edge::parse)
            .filter(edge -> !edge.control())
            .map(edge -> value(frame, edge))
            .toList();
    if (operands.stream().anyMatch(Value::isAbsent)) {
      return List.of();
    }
    Optional<Body> called = functions.called(node);
    if (called.isPresent()) {
      return call(frame, node, called.get(), operands);
    }
    String name = frame.prefix + NodeNames.decode(node.getName());
    Optional<Rule> rule = Rules.find(node.getOp());
    if (rule.isEmpty()) {
      unknown.computeIfAbsent(node.getOp(), _ -> new LinkedHashSet<>()).add(place(frame, node));
      return List.of();
    }
    builder.at(Origin.of(place(frame, node), scope(name))).under(name + "/");
    TfNode view = new TfNode(node, name, operands, builder, weights, decoder);
    try {
      List<Value> results = rule.get().lower(view);
      checkRead(view);
      return results;
    } catch (IsomorphException e) {
      List<Diagnostic> all =
          e.diagnostics().stream()
              .map(d -> d.atNode("\"" + name + "\" (" + node.getOp() + ")"))
              .map(d -> d.from(place(frame, node)))
              .toList();
      if (all.stream().anyMatch(d -> d.code().kind() != ErrorCode.Kind.UNSUPPORTED)) {
        throw new IsomorphException(all);
      }
      refused.addAll(all);
      return List.of();
    } finally {
      builder.at(Origin.NONE).under("").named("");
    }
  }

  private void checkRead(TfNode view) {
    for (String attribute : view.attributes().unread()) {
      refused.add(
          view.error(
              ErrorCode.UNSUPPORTED_ATTRIBUTE,
              "attribute '%s' of %s is read by no rule",
              attribute,
              view.op()));
    }
    for (int operand : view.unreadOperands()) {
      refused.add(
          view.error(
              ErrorCode.UNSUPPORTED_ATTRIBUTE,
              "operand %d of %s is read by no rule",
              operand,
              view.op()));
    }
  }

  private static String place(Frame frame, NodeDef node) {
    return "TF node \"" + frame.prefix + node.getName() + "\"";
  }

  private static String scope(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash).replace('/', '.');
  }

  private List<Value> call(Frame frame, NodeDef node, Body function, List<Value> operands) {
    if (calls.contains(function.name())) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "a function calls itself")
          .inEntry(function.place())
          .atNode(node.getName())
          .toException();
    }
    Limits.check("the nesting of function calls", calls.size() + 1L, limits.nesting());
    if (function.arguments().size() != operands.size()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a call has the wrong number of operands")
          .inEntry(function.place())
          .atNode(node.getName())
          .expected(function.arguments().size(), operands.size())
          .toException();
    }
    Map<String, List<Value>> arguments = new HashMap<>();
    for (int i = 0; i < operands.size(); i++) {
      arguments.put(function.arguments().get(i), List.of(operands.get(i)));
    }
    function.effects().forEach(effect -> effects.follow(function, effect));
    calls.push(function.name());
    String prefix = NodeNames.prefix(frame.prefix, NodeNames.decode(node.getName()));
    List<Value> results = lower(new Frame(function, prefix, arguments), function.results());
    calls.pop();
    return results;
  }
}
