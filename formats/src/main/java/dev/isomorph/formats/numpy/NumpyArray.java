package dev.isomorph.formats.numpy;

import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.util.List;
import java.util.Optional;

/** A NumPy array or scalar in a pickle; a scalar has rank 0. */
public final class NumpyArray implements ForeignValue {
  private final TensorArena owner;
  private final Limits limits;
  private NumpyDType dtype;
  private Tensor tensor;

  NumpyArray(TensorArena owner, Limits limits) {
    this.owner = owner;
    this.limits = limits;
  }

  NumpyArray(NumpyDType dtype, Tensor tensor) {
    this(null, Limits.defaults());
    this.dtype = dtype;
    this.tensor = tensor;
  }

  /** {@return whether {@link #tensor} succeeds: arrays of objects and of records have no tensor} */
  public boolean hasTensor() {
    return tensor != null;
  }

  /**
   * {@return the array}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} for arrays of objects or records
   */
  public Tensor tensor() {
    if (tensor == null) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_DTYPE, "the NumPy array's elements are no numbers or text")
          .expected("numbers, booleans or text", dtype == null ? "nothing" : dtype.describe())
          .toException();
    }
    return tensor;
  }

  /** Takes {@code (version, shape, dtype, is Fortran order, data)}. */
  @Override
  public void setState(PickleValue state) {
    List<PickleValue> parts = state instanceof TupleValue t ? t.items() : List.of();
    int first = parts.size() == 5 ? 1 : 0;
    boolean fits =
        parts.size() - first == 4
            && parts.get(first) instanceof TupleValue
            && parts.get(first + 1) instanceof NumpyDType;
    if (!fits) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "a NumPy array has a state that does not fit")
          .expected("(version, shape, dtype, order, data)", state.describe())
          .toException();
    }
    dtype = (NumpyDType) parts.get(first + 1);
    boolean fortran = parts.get(first + 2).equals(new PickleValue.Bool(true));
    Optional<PickleValue.Bytes> data = NumpyPickles.bytes(parts.get(first + 3));
    tensor =
        data.isPresent() && dtype.isPlain()
            ? dtype.decode(
                fortran,
                NumpyPickles.shape((TupleValue) parts.get(first)),
                data.get(),
                owner,
                limits)
            : null;
  }

  @Override
  public String describe() {
    return "a NumPy array" + (tensor == null ? "" : " of " + tensor.typeText());
  }
}
