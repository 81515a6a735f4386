package dev.isomorph.formats.pickle;

/**
 * A reference to something outside the stream that no dialect resolved.
 *
 * @param id what the stream says
 * @param offset where
 */
public record PersistentId(PickleValue id, long offset) implements PickleValue {
  @Override
  public String describe() {
    return "a persistent id";
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
