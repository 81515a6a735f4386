package dev.isomorph.ir.infer;

import dev.isomorph.ir.Op;

/**
 * Says what is known of an operator's results before it runs. A rule states facts, never guesses:
 * what it does not know it leaves unknown.
 *
 * @param <O> the operator's attribute record
 */
@FunctionalInterface
public interface InferenceRule<O extends Op> {
  /** Reads operands from {@code in} and sets the results there. */
  void infer(O op, InferenceContext in);
}
