package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that are run for what they do and not for a result. Those that change nothing a result
 * depends on may be left out; any other is refused, because the graph is a function of its inputs.
 * Not safe for many threads.
 */
final class SideEffects {
  /** Have no result to speak of, or fail on bad values alone. */
  private static final Set<String> HARMLESS =
      Set.of("NoOp", "Assert", "VarHandleOp", "VariableV2", "Placeholder", "VarIsInitializedOp");

  private final Functions functions;
  private final Map<String, Diagnostic> refused = new LinkedHashMap<>();
  private final Map<Body, Set<String>> seen = new IdentityHashMap<>();

  SideEffects(Functions functions) {
    this.functions = functions;
  }

  /** Follows a node, and all that it waits for, in search of effects. */
  void follow(Body body, String start) {
    Deque<Map.Entry<Body, String>> open = new ArrayDeque<>();
    open.push(Map.entry(body, start));
    while (!open.isEmpty()) {
      Map.Entry<Body, String> next = open.pop();
      Body here = next.getKey();
      NodeDef node = here.nodes().get(next.getValue());
      if (node == null || !seen(here).add(node.getName())) {
        continue;
      }
      functions
          .called(node)
          .ifPresentOrElse(
              called -> called.effects().forEach(e -> open.push(Map.entry(called, e))),
              () -> check(here, node));
      for (String input : node.getInputList()) {
        open.push(Map.entry(here, Edge.parse(input).node()));
      }
    }
  }

  private Set<String> seen(Body body) {
    return seen.computeIfAbsent(body, _ -> new HashSet<>());
  }

  private void check(Body body, NodeDef node) {
    if (!HARMLESS.contains(node.getOp()) && Rules.find(node.getOp()).isEmpty()) {
      refused.putIfAbsent(
          body.name() + "/" + node.getName(),
          Diagnostic.error(
                  ErrorCode.UNSUPPORTED_FEATURE,
                  "the node is run for its effect, which the graph cannot have")
              .inEntry(body.place())
              .atNode("\"" + node.getName() + "\" (" + node.getOp() + ")"));
    }
  }

  /** {@return one refusal per node with an effect} */
  Iterable<Diagnostic> refused() {
    return Collections.unmodifiableCollection(refused.values());
  }
}
