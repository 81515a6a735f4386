package dev.isomorph.exporters;

import java.util.List;

/**
 * What became of one stored tensor: a line of the weight ledger.
 *
 * @param key the parameter's key in the model
 * @param target its name in the written file
 * @param type its type in the written file, such as {@code f32[10,64]}
 * @param how {@code kept}, {@code transposed}, {@code cast from f32}, …
 * @param sources the source's keys it was made from
 */
public record LedgerEntry(
    String key, String target, String type, String how, List<String> sources) {
  public LedgerEntry {
    sources = List.copyOf(sources);
  }
}
