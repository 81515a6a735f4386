package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.ir.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * PyTorch's dtypes that can be saved, with the storage classes that imply them ({@code
 * torch/storage.py}). Those without a class are saved as untyped storages.
 */
public enum TorchDType implements ForeignValue {
  FLOAT64("float64", "DoubleStorage", DType.F64, 8),
  FLOAT32("float32", "FloatStorage", DType.F32, 4),
  FLOAT16("float16", "HalfStorage", DType.F16, 2),
  BFLOAT16("bfloat16", "BFloat16Storage", DType.BF16, 2),
  INT64("int64", "LongStorage", DType.I64, 8),
  INT32("int32", "IntStorage", DType.I32, 4),
  INT16("int16", "ShortStorage", DType.I16, 2),
  INT8("int8", "CharStorage", DType.I8, 1),
  UINT8("uint8", "ByteStorage", DType.U8, 1),
  BOOL("bool", "BoolStorage", DType.BOOL, 1),
  COMPLEX64("complex64", "ComplexFloatStorage", DType.C64, 8),
  COMPLEX128("complex128", "ComplexDoubleStorage", DType.C128, 16),
  QINT8("qint8", "QInt8Storage", DType.I8, 1),
  QUINT8("quint8", "QUInt8Storage", DType.U8, 1),
  QINT32("qint32", "QInt32Storage", DType.I32, 4),
  /** Two elements a byte; storages count bytes. */
  QUINT4X2("quint4x2", "QUInt4x2Storage", DType.U4, 1),
  /** Four elements a byte; storages count bytes. */
  QUINT2X4("quint2x4", "QUInt2x4Storage", DType.U2, 1),
  UINT16("uint16", null, DType.U16, 2),
  UINT32("uint32", null, DType.U32, 4),
  UINT64("uint64", null, DType.U64, 8),
  FLOAT8_E4M3FN("float8_e4m3fn", null, DType.F8E4M3FN, 1),
  FLOAT8_E4M3FNUZ("float8_e4m3fnuz", null, DType.F8E4M3FNUZ, 1),
  FLOAT8_E5M2("float8_e5m2", null, DType.F8E5M2, 1),
  FLOAT8_E5M2FNUZ("float8_e5m2fnuz", null, DType.F8E5M2FNUZ, 1),
  FLOAT8_E8M0FNU("float8_e8m0fnu", null, DType.F8E8M0, 1),
  /** Two elements a byte; PyTorch's shapes count bytes. */
  FLOAT4_E2M1FN_X2("float4_e2m1fn_x2", null, DType.F4E2M1, 1),
  COMPLEX32("complex32", null, null, 4),
  BITS8("bits8", null, null, 1),
  BITS16("bits16", null, null, 2),
  BITS1X8("bits1x8", null, null, 1),
  BITS2X4("bits2x4", null, null, 1),
  BITS4X2("bits4x2", null, null, 1);

  private static final Map<String, TorchDType> BY_STORAGE =
      Arrays.stream(values())
          .filter(t -> t.storageClass != null)
          .collect(Collectors.toMap(t -> t.storageClass, Function.identity()));

  private final String torchName;
  private final String storageClass;
  private final DType dtype;
  private final int bytes;

  TorchDType(String torchName, String storageClass, DType dtype, int bytes) {
    this.torchName = torchName;
    this.storageClass = storageClass;
    this.dtype = dtype;
    this.bytes = bytes;
  }

  /** {@return the name below {@code torch}: {@code float32}} */
  public String torchName() {
    return torchName;
  }

  /** {@return the class of its storages; empty where only untyped storages hold it} */
  public Optional<String> storageClass() {
    return Optional.ofNullable(storageClass);
  }

  /** {@return our type of its elements; empty where we have none} */
  public Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }

  /** {@return bytes of one element of a storage} */
  public int bytes() {
    return bytes;
  }

  /** {@return whether its integers stand for real numbers by a scale} */
  public boolean isQuantized() {
    return switch (this) {
      case QINT8, QUINT8, QINT32, QUINT4X2, QUINT2X4 -> true;
      default -> false;
    };
  }

  /** {@return the dtype that a storage class implies, such as {@code FloatStorage}} */
  public static Optional<TorchDType> ofStorageClass(String name) {
    return Optional.ofNullable(BY_STORAGE.get(name));
  }

  /** {@return the dtype that is written for our type; never a quantized one} */
  public static Optional<TorchDType> of(DType dtype) {
    return Arrays.stream(values()).filter(t -> t.dtype == dtype && !t.isQuantized()).findFirst();
  }

  @Override
  public String describe() {
    return "torch." + torchName;
  }
}
