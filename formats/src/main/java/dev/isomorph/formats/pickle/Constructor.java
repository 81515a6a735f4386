package dev.isomorph.formats.pickle;

/** Makes a value from the arguments of a call: an entry of the closed list. */
@FunctionalInterface
public interface Constructor {
  /**
   * {@return the value}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException when the arguments do not fit
   */
  PickleValue construct(Call call);
}
