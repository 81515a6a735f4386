package dev.isomorph.importers.python;

import java.util.SequencedMap;
import java.util.function.Supplier;

/** Evaluates both arms of a condition that is only known when the model runs. */
public interface Branching {
  /**
   * What an arm left.
   *
   * @param returned what it returned, or {@code null} if it went on
   * @param variables the variables that either arm may bind; {@code null} where unbound
   */
  record Arm(PyObject returned, SequencedMap<String, PyObject> variables) {}

  /** {@return whether both arms must be evaluated} */
  boolean isOpen(Interpreter in, PyObject condition);

  /**
   * Takes a condition for granted, where the source itself refuses everything else: an {@code
   * assert}, or an {@code if} that only raises.
   *
   * @return whether it could; false where the condition is decided anyway
   */
  boolean assume(PyObject condition, boolean holds);

  /**
   * {@return both arms joined}. Each supplier is called once, from the state before the condition.
   */
  Arm join(Interpreter in, PyObject condition, Supplier<Arm> then, Supplier<Arm> otherwise);
}
