package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import java.util.EnumMap;
import java.util.Map;

/**
 * Element types of TensorFlow and ours. A quantized type is stored as its integers; a reference
 * type ({@code DT_FLOAT_REF}) as what it refers to.
 */
public final class DataTypes {
  private static final int REFERENCE = 100;
  private static final Map<DataType, DType> TO_OURS = new EnumMap<>(DataType.class);
  private static final Map<DType, DataType> TO_THEIRS = new EnumMap<>(DType.class);

  static {
    pair(DataType.DT_FLOAT, DType.F32);
    pair(DataType.DT_DOUBLE, DType.F64);
    pair(DataType.DT_HALF, DType.F16);
    pair(DataType.DT_BFLOAT16, DType.BF16);
    pair(DataType.DT_INT8, DType.I8);
    pair(DataType.DT_INT16, DType.I16);
    pair(DataType.DT_INT32, DType.I32);
    pair(DataType.DT_INT64, DType.I64);
    pair(DataType.DT_UINT8, DType.U8);
    pair(DataType.DT_UINT16, DType.U16);
    pair(DataType.DT_UINT32, DType.U32);
    pair(DataType.DT_UINT64, DType.U64);
    pair(DataType.DT_BOOL, DType.BOOL);
    pair(DataType.DT_STRING, DType.STRING);
    pair(DataType.DT_COMPLEX64, DType.C64);
    pair(DataType.DT_COMPLEX128, DType.C128);
    pair(DataType.DT_FLOAT8_E4M3FN, DType.F8E4M3FN);
    pair(DataType.DT_FLOAT8_E4M3FNUZ, DType.F8E4M3FNUZ);
    pair(DataType.DT_FLOAT8_E5M2, DType.F8E5M2);
    pair(DataType.DT_FLOAT8_E5M2FNUZ, DType.F8E5M2FNUZ);
    pair(DataType.DT_INT4, DType.I4);
    pair(DataType.DT_UINT4, DType.U4);
    pair(DataType.DT_INT2, DType.I2);
    pair(DataType.DT_UINT2, DType.U2);
    pair(DataType.DT_FLOAT4_E2M1FN, DType.F4E2M1);
    TO_OURS.put(DataType.DT_QINT8, DType.I8);
    TO_OURS.put(DataType.DT_QUINT8, DType.U8);
    TO_OURS.put(DataType.DT_QINT16, DType.I16);
    TO_OURS.put(DataType.DT_QUINT16, DType.U16);
    TO_OURS.put(DataType.DT_QINT32, DType.I32);
  }

  private DataTypes() {}

  private static void pair(DataType theirs, DType ours) {
    TO_OURS.put(theirs, ours);
    TO_THEIRS.put(ours, theirs);
  }

  /**
   * {@return our type}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} for resources, variants and types
   *     that have no counterpart
   */
  public static DType ours(DataType theirs) {
    DType ours = TO_OURS.get(withoutReference(theirs));
    if (ours == null) {
      boolean unknown = theirs == DataType.DT_INVALID || theirs == DataType.UNRECOGNIZED;
      throw Diagnostic.error(
              unknown ? ErrorCode.FORMAT_INVALID : ErrorCode.UNSUPPORTED_DTYPE,
              "the element type is %s",
              theirs)
          .toException();
    }
    return ours;
  }

  /** {@return the type that a reference type refers to; any other type as it is} */
  public static DataType withoutReference(DataType type) {
    if (type == DataType.UNRECOGNIZED || type.getNumber() <= REFERENCE) {
      return type;
    }
    return DataType.forNumber(type.getNumber() - REFERENCE);
  }

  /**
   * {@return TensorFlow's type}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_TARGET} for {@code f8e8m0}
   */
  public static DataType theirs(DType ours) {
    DataType theirs = TO_THEIRS.get(ours);
    if (theirs == null) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_TARGET, "TensorFlow has no type for %s", ours)
          .toException();
    }
    return theirs;
  }
}
