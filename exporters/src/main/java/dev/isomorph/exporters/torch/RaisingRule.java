package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Op;

/**
 * Says one operator in PyTorch.
 *
 * @param <O> the operator's attribute record
 */
@FunctionalInterface
interface RaisingRule<O extends Op> {
  /**
   * {@return a Python expression for the result; for several results one that unpacks to them}
   *
   * @param raise the operands as expressions, and the way to modules, parameters and refusals
   */
  String raise(O op, Raise raise);
}
