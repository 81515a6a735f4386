package dev.isomorph.formats.pickle;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What a pickle may construct: the closed list of callables by their qualified names, globals that
 * are values themselves, and the meaning of persistent ids. Immutable.
 */
public final class PickleDialect {
  private final Map<String, Constructor> constructors;
  private final Map<String, PickleValue> constants;
  private final BiFunction<PickleValue, Long, PickleValue> persistent;

  private PickleDialect(
      Map<String, Constructor> constructors,
      Map<String, PickleValue> constants,
      BiFunction<PickleValue, Long, PickleValue> persistent) {
    this.constructors = constructors;
    this.constants = constants;
    this.persistent = persistent;
  }

  /** {@return Python's own types; persistent ids stay unresolved} */
  public static PickleDialect python() {
    return new PickleDialect(PythonTypes.constructors(), Map.of(), PersistentId::new);
  }

  /** {@return a dialect that constructs nothing: every call is an inert object} */
  public static PickleDialect inert() {
    return new PickleDialect(Map.of(), Map.of(), PersistentId::new);
  }

  /** {@return this with more callables and constants} */
  public PickleDialect with(
      Map<String, Constructor> moreConstructors, Map<String, PickleValue> moreConstants) {
    Map<String, Constructor> allConstructors = new HashMap<>(constructors);
    allConstructors.putAll(moreConstructors);
    Map<String, PickleValue> allConstants = new HashMap<>(constants);
    allConstants.putAll(moreConstants);
    return new PickleDialect(Map.copyOf(allConstructors), Map.copyOf(allConstants), persistent);
  }

  /**
   * {@return this with a meaning for persistent ids}
   *
   * @param resolve takes the id and the byte offset
   */
  public PickleDialect withPersistentIds(BiFunction<PickleValue, Long, PickleValue> resolve) {
    return new PickleDialect(constructors, constants, resolve);
  }

  /** {@return whether a global is on the closed list} */
  public boolean knows(String qualifiedName) {
    return constructors.containsKey(qualifiedName) || constants.containsKey(qualifiedName);
  }

  Optional<Constructor> constructor(GlobalValue global) {
    return Optional.ofNullable(constructors.get(global.qualifiedName()));
  }

  Optional<PickleValue> constant(GlobalValue global) {
    return Optional.ofNullable(constants.get(global.qualifiedName()));
  }

  PickleValue persistent(PickleValue id, long offset) {
    return persistent.apply(id, offset);
  }
}
