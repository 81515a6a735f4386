package dev.isomorph.ir.pass;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Brings the inside of a model to one order of axes. Towards NCHW, for a graph in which an importer
 * stood spatial operators between transposes: the transposes are moved down through all that does
 * not care, with attributes remapped and constants permuted, until they meet and cancel. Towards
 * NHWC, spatial operators first become those of {@link ChannelsLast} between transposes. Axes are
 * followed by their place and not by their length, so that equal lengths do not matter. Values are
 * the same bit for bit; only sums over a reordered axis may be added in another order.
 */
public final class AssignLayout implements Pass {
  private final Layout target;

  /**
   * A transpose that is left.
   *
   * @param transpose the node
   * @param blockedBy what keeps it: nodes, inputs or results, as they are shown to the user
   */
  public record Remaining(Node transpose, List<String> blockedBy) {
    @Override
    public String toString() {
      return transpose.describe() + " is kept by " + String.join(", ", blockedBy);
    }
  }

  /**
   * Makes the pass.
   *
   * @param target {@link Layout#NCHW} or {@link Layout#NHWC}
   */
  public AssignLayout(Layout target) {
    if (target == Layout.NONE) {
      throw new IllegalArgumentException("a layout is needed");
    }
    this.target = target;
  }

  @Override
  public String name() {
    return "assign-layout-" + target.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public Model run(Model model, PassContext context) {
    List<Pass> steps = new ArrayList<>();
    if (target == Layout.NHWC) {
      steps.add(new RewritePass("channels-last", List.of(new Wrap())));
    }
    steps.add(new RewritePass(name(), SinkTransposes.rules(target)));
    steps.add(new CommonSubexpressions());
    steps.add(new RewritePass(name(), SinkTransposes.rules(target)));
    Model current = model;
    for (Pass step : steps) {
      Model next = step.run(current, context);
      if (current != model && current != next) {
        current.close();
      }
      current = next;
    }
    return current;
  }

  /** Stands a spatial operator in its form with channels last between transposes. */
  private static final class Wrap implements RewriteRule {
    @Override
    public String name() {
      return "channels last";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      Optional<Op> last = ChannelsLast.of(node.op());
      Shape shape = node.input(0).type().shape();
      boolean wrapped = shape.isRanked() && shape.rank() >= 3 && node.results().size() == 1;
      if (last.isEmpty() || !wrapped) {
        return Optional.empty();
      }
      Permutation toLast = Permutation.channelsLast(shape.rank());
      Patch.Builder p = Patch.of(node);
      List<Value> operands = new ArrayList<>(node.inputs());
      operands.set(0, p.emit(toLast.toOp(), List.of(node.input(0)), 1).getFirst());
      Value made = p.emit(last.get(), operands, 1).getFirst();
      return Optional.of(p.replaceWith(p.emit(toLast.inverse().toOp(), List.of(made), 1)));
    }
  }

  /**
   * {@return the layout transposes that are left in a model, each with what keeps it}: of those
   * that lead to the target's order what makes their operand, of those that lead away from it what
   * uses their result
   */
  public List<Remaining> remaining(Model model) {
    List<Remaining> all = new ArrayList<>();
    for (Graph graph : Graphs.all(model)) {
      for (Node node : graph.nodes()) {
        if (node.op() instanceof TransposeOp op && node.input(0).type().shape().isRanked()) {
          int rank = node.input(0).type().shape().rank();
          Permutation perm = Permutation.of(op, rank);
          if (rank < 3) {
            continue;
          }
          if (perm.equals(SinkTransposes.sunk(target, rank))) {
            all.add(new Remaining(node, users(node.result(0), graph)));
          } else if (perm.equals(SinkTransposes.sunk(target, rank).inverse())) {
            all.add(new Remaining(node, List.of(maker(node.input(0)))));
          }
        }
      }
    }
    return all;
  }

  private static List<String> users(Value value, Graph graph) {
    List<String> users =
        graph.uses(value).stream()
            .map(use -> use.node().describe())
            .distinct()
            .collect(Collectors.toCollection(ArrayList::new));
    if (graph.isOutput(value)) {
      users.add("result '" + value.name() + "'");
    }
    return users;
  }

  private static String maker(Value value) {
    return value.producer().map(Node::describe).orElse("input '" + value.name() + "'");
  }
}
