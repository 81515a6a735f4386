package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;

/**
 * A value that a dialect's own constructor made: PyTorch's tensors, storages and dtypes, NumPy's
 * arrays.
 */
public non-sealed interface ForeignValue extends PickleValue {
  /**
   * Takes the state that {@code BUILD} gives.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} if such a value has no state
   */
  default void setState(PickleValue state) {
    throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s takes no state", describe()).toException();
  }
}
