package dev.isomorph.verifier.engine;

import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import java.util.SequencedMap;

/** A model that an engine has loaded. Not safe for many threads. */
public interface EngineSession extends AutoCloseable {
  /**
   * Runs the model once.
   *
   * @param inputs by the file's own names, in the file's order
   * @return outputs by the file's own names, in its order; they survive the session
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code RUN_FAILED} with the engine's own
   *     words
   */
  SequencedMap<String, Datum> run(SequencedMap<String, Tensor> inputs);

  /** Lets the model go. */
  @Override
  void close();
}
