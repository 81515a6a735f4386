package dev.isomorph.runtime;

import dev.isomorph.ir.Node;
import dev.isomorph.ir.tensor.Datum;
import java.util.List;

/** Sees every node as it is computed. */
@FunctionalInterface
public interface NodeObserver {
  /** Sees nothing. */
  NodeObserver NONE = (_, _, _) -> {};

  /**
   * Called after each node of the graph, of its regions and of composites' bodies, in the order of
   * computation, on the thread that runs the graph. The values stay valid after the run.
   *
   * @param node the node
   * @param inputs its operands; null where one is absent
   * @param results its results
   */
  void computed(Node node, List<Datum> inputs, List<Datum> results);
}
