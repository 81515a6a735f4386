package dev.isomorph.runtime.device;

import dev.isomorph.ir.tensor.Datum;
import java.util.List;

/** A graph with what a device prepared for it. Runs one call at a time. */
public interface PreparedGraph extends AutoCloseable {
  /**
   * {@return the graph's results in order}
   *
   * @param inputs one per input of the graph, in order, checked by the caller
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if a node fails; the error names node and
   *     origin
   */
  List<Datum> run(List<Datum> inputs);

  @Override
  default void close() {}
}
