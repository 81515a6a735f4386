package dev.isomorph.ir.pass;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.DropoutOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes once what is computed twice: nodes of one operator with equal attributes on the same
 * values. Operators of chance, opaque ones and those with regions stay. Small constants of the
 * program with equal bits count as the same value; weights do so only when they are one parameter.
 */
public final class CommonSubexpressions extends RewritePass {
  private static final long MAX_COMPARED_BYTES = 256;

  /** Makes the pass. */
  public CommonSubexpressions() {
    super("common-subexpressions", List.of(new Rule()));
  }

  /** What a node computes: nodes with equal keys have equal results. */
  private record Key(Op op, List<Object> operands, int results) {}

  /** What was seen in a graph so far. */
  private static final class Memory {
    private final Map<Key, Node> nodes = new HashMap<>();
    private final Map<List<Object>, Value> contents = new HashMap<>();
  }

  private static final class Rule implements RewriteRule {
    @Override
    public String name() {
      return "computed before";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      if (!isRepeatable(node) || touchesOutputs(node, site)) {
        return Optional.empty();
      }
      Optional<Patch> known = sameContents(node, site);
      if (known.isPresent()) {
        return known;
      }
      Map<Key, Node> before = site.memory(this, Memory::new).nodes;
      List<Object> operands = new ArrayList<>();
      for (Value operand : node.inputs()) {
        operands.add(identity(site.now(operand)));
      }
      Node first = before.putIfAbsent(new Key(node.op(), operands, node.results().size()), node);
      if (first == null) {
        return Optional.empty();
      }
      for (int i = 0; i < node.results().size(); i++) {
        if (!Precision.says(first.result(i).type(), node.result(i).type())) {
          return Optional.empty();
        }
      }
      Patch.Builder p = Patch.of(node).standingFor(first);
      return Optional.of(p.replaceWith(List.copyOf(first.results())));
    }

    /** Shapes that are known to be equal are one, whatever they are computed from. */
    private Optional<Patch> sameContents(Node node, Site site) {
      if (node.results().size() != 1 || node.result(0).contents().isEmpty()) {
        return Optional.empty();
      }
      Value.Result result = node.result(0);
      List<Object> key = List.of(result.type(), result.contents().get());
      Value first = site.memory(this, Memory::new).contents.putIfAbsent(key, result);
      return first == null || first == result
          ? Optional.empty()
          : Optional.of(Patch.by(node, first));
    }

    /** Two results of the graph keep two values, because files name results by their values. */
    private static boolean touchesOutputs(Node node, Site site) {
      return node.results().stream().anyMatch(site.graph()::isOutput);
    }

    private static boolean isRepeatable(Node node) {
      if (!node.op().regions().isEmpty()) {
        return false;
      }
      return switch (node.op()) {
        case DropoutOp _ -> node.optionalInput(2).isEmpty();
        case StandardOp op -> op.schema().deterministic();
        case CompositeCall _ -> true;
        case OpaqueCall _ -> false;
      };
    }

    private static Object identity(Value value) {
      if (value instanceof Value.Parameter parameter
          && parameter.kind() == Value.Parameter.Kind.CONSTANT
          && parameter.tensor().byteSize() <= MAX_COMPARED_BYTES
          && parameter.tensor().dtype() != dev.isomorph.ir.tensor.DType.STRING) {
        var tensor = parameter.tensor();
        var bytes = tensor.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        return List.of(tensor.typeText(), java.nio.ByteBuffer.wrap(bytes));
      }
      return value;
    }
  }
}
