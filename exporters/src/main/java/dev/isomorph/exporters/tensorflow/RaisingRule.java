package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.Op;
import java.util.List;

/**
 * Says how TensorFlow says one operator.
 *
 * @param <O> the operator's attribute record
 */
@FunctionalInterface
interface RaisingRule<O extends Op> {
  /**
   * {@return the results in order; results that nothing uses may be left out at the end}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException for what TensorFlow cannot say
   */
  List<Ref> raise(O op, RaisingNode node);

  /**
   * A rule of an operator with one result.
   *
   * @param <O> the operator's attribute record
   */
  @FunctionalInterface
  interface Single<O extends Op> {
    /** {@return the result} */
    Ref raise(O op, RaisingNode node);
  }
}
