package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Value;
import java.util.List;

/** Says what one operator of TensorFlow means. */
@FunctionalInterface
interface Rule {
  /**
   * {@return the results in the order of the operator's definition; results that have no meaning
   * outside of training may be left out at the end}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException for what is malformed or unsupported
   */
  List<Value> lower(TfNode node);

  /** A rule of an operator with one result. */
  @FunctionalInterface
  interface Single {
    /** {@return the result} */
    Value lower(TfNode node);
  }
}
