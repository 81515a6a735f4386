package dev.isomorph.ir;

import java.util.List;

/**
 * How a parameter came from tensors of the source: one line of the weight ledger. Immutable.
 *
 * @param how {@code kept}, {@code transposed}, {@code cast from f32}, {@code folded}, …
 * @param keys the source's keys it was made from; empty for one that was kept
 */
public record Derivation(String how, List<String> keys) {
  /** The tensor is the source's own. */
  public static final Derivation KEPT = new Derivation("kept", List.of());

  public Derivation {
    keys = List.copyOf(keys);
  }
}
