package dev.isomorph.formats.numpy;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.util.List;
import java.util.Optional;

/** A NumPy dtype in a pickle: {@code numpy.dtype("f4")}, whose state adds the byte order. */
public final class NumpyDType implements ForeignValue {
  private final String code;
  private char order = '|';
  private boolean record;

  NumpyDType(String code) {
    boolean ordered = !code.isEmpty() && "<>|=".indexOf(code.charAt(0)) >= 0;
    this.code = ordered ? code.substring(1) : code;
    this.order = ordered ? code.charAt(0) : '|';
  }

  /** {@return the type string, such as {@code <f4}} */
  public String descr() {
    return order + code;
  }

  boolean isPlain() {
    return !record && !code.startsWith("O");
  }

  Tensor decode(
      boolean fortran, long[] shape, PickleValue.Bytes data, TensorArena owner, Limits limits) {
    NumpyTypes.Descr descr = NumpyTypes.parse(descr(), -1);
    return NumpyTypes.decode(
        descr, fortran, shape, data.value(), owner, Optional.empty(), limits, -1);
  }

  /** Takes {@code (version, byte order, subdtype, names, fields, …)}. */
  @Override
  public void setState(PickleValue state) {
    List<PickleValue> parts = state instanceof TupleValue t ? t.items() : List.of();
    if (parts.size() < 5
        || !(parts.get(1) instanceof StrValue text)
        || text.value().length() != 1) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "a NumPy dtype has a state that does not fit")
          .expected("(version, byte order, …)", state.describe())
          .toException();
    }
    order = text.value().charAt(0);
    record = parts.get(2) != PickleValue.None.NONE || parts.get(3) != PickleValue.None.NONE;
  }

  @Override
  public String describe() {
    return "the NumPy dtype " + Text.quote(descr());
  }
}
