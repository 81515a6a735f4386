package dev.isomorph.verifier;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a verification came to. Immutable.
 *
 * @param status the whole verdict
 * @param rows every comparison, in order
 * @param local the node by node test
 * @param doubts why the verdict is inconclusive; empty if it is not
 * @param witness who vouches that the source was read rightly: an engine or recorded values; absent
 *     if the source was not run by its own framework
 * @param engines every engine that was considered, with what became of it
 * @param accuracy share of right labels by engine, where labels were given
 * @param ledger what became of each stored tensor
 * @param notes what the user should know beside it
 * @param seed where the inputs' random numbers started
 */
public record Verdict(
    Status status,
    List<CheckRow> rows,
    LocalResult local,
    List<String> doubts,
    Optional<String> witness,
    List<EngineUse> engines,
    List<Accuracy> accuracy,
    List<LedgerRow> ledger,
    List<Diagnostic> notes,
    long seed) {

  /** The three verdicts there are. */
  public enum Status {
    PASS,
    FAIL,
    /** Nothing contradicts, but the comparison cannot tell. */
    INCONCLUSIVE
  }

  /**
   * The node by node test.
   *
   * @param tested nodes of the target that were fed the truth's operands
   * @param nodes nodes of the target
   * @param divergent nodes that do not compute what their counterpart computes, in order; the first
   *     is where the fault is
   * @param missing nodes of the source that have no counterpart, by name and operator
   * @param graph the target's graph, or the source's if there is no target; for pictures: its
   *     tensors may be closed
   * @param shares the largest share of what it was allowed that each tested node's results differ
   *     by, by the node's name
   */
  public record LocalResult(
      int tested,
      int nodes,
      List<DivergentNode> divergent,
      List<String> missing,
      Graph graph,
      Map<String, Double> shares) {
    public LocalResult {
      divergent = List.copyOf(divergent);
      missing = List.copyOf(missing);
      shares = Map.copyOf(shares);
    }

    /** {@return the result for a graph of which no node was tested} */
    public static LocalResult none(Graph graph) {
      return new LocalResult(0, 0, List.of(), List.of(), graph, Map.of());
    }
  }

  /**
   * A node that computes something else than its counterpart.
   *
   * @param source name and operator in the source
   * @param target name and operator in the target
   * @param origin where the source's node comes from
   * @param inputs the input set that shows it
   * @param maxAbs largest difference of a result, NaN if the results cannot be compared
   * @param detail what differs: attributes, shapes, values
   */
  public record DivergentNode(
      String source, String target, String origin, String inputs, double maxAbs, String detail) {}

  /** An engine: whether it ran, with its version, or why it did not. */
  public record EngineUse(String name, String version, boolean ran, String reason) {}

  /** Share of right labels, from 0 to 1. */
  public record Accuracy(String engine, long right, long total) {
    /** {@return the share} */
    public double share() {
      return total == 0 ? 0 : (double) right / total;
    }
  }

  /** A stored tensor: its key, where it is in the target, and what was done to it. */
  public record LedgerRow(String key, String target, String type, String change) {}

  public Verdict {
    rows = List.copyOf(rows);
    doubts = List.copyOf(doubts);
    engines = List.copyOf(engines);
    accuracy = List.copyOf(accuracy);
    ledger = List.copyOf(ledger);
    notes = List.copyOf(notes);
  }

  /** {@return whether parity is proved} */
  public boolean passed() {
    return status == Status.PASS;
  }

  /** {@return the comparison nearest to failing, or furthest beyond} */
  public Optional<CheckRow> worst() {
    return rows.stream().max(java.util.Comparator.comparingDouble(CheckRow::ratio));
  }
}
