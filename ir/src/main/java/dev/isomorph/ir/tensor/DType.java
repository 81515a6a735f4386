package dev.isomorph.ir.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Element types: all of ONNX's {@code TensorProto.DataType}. The short name is what the text form,
 * the command line and messages use.
 */
public enum DType {
  F32("f32", 32, Kind.FLOAT, 1),
  U8("u8", 8, Kind.UNSIGNED, 2),
  I8("i8", 8, Kind.SIGNED, 3),
  U16("u16", 16, Kind.UNSIGNED, 4),
  I16("i16", 16, Kind.SIGNED, 5),
  I32("i32", 32, Kind.SIGNED, 6),
  I64("i64", 64, Kind.SIGNED, 7),
  STRING("string", 0, Kind.STRING, 8),
  BOOL("bool", 8, Kind.BOOL, 9),
  F16("f16", 16, Kind.FLOAT, 10),
  F64("f64", 64, Kind.FLOAT, 11),
  U32("u32", 32, Kind.UNSIGNED, 12),
  U64("u64", 64, Kind.UNSIGNED, 13),
  /** Two {@code f32}, real part first. */
  C64("c64", 64, Kind.COMPLEX, 14),
  /** Two {@code f64}, real part first. */
  C128("c128", 128, Kind.COMPLEX, 15),
  BF16("bf16", 16, Kind.FLOAT, 16),
  F8E4M3FN("f8e4m3fn", 8, Kind.FLOAT, 17),
  F8E4M3FNUZ("f8e4m3fnuz", 8, Kind.FLOAT, 18),
  F8E5M2("f8e5m2", 8, Kind.FLOAT, 19),
  F8E5M2FNUZ("f8e5m2fnuz", 8, Kind.FLOAT, 20),
  U4("u4", 4, Kind.UNSIGNED, 21),
  I4("i4", 4, Kind.SIGNED, 22),
  F4E2M1("f4e2m1", 4, Kind.FLOAT, 23),
  /** An exponent alone: powers of two, no sign, no zero. */
  F8E8M0("f8e8m0", 8, Kind.FLOAT, 24),
  U2("u2", 2, Kind.UNSIGNED, 25),
  I2("i2", 2, Kind.SIGNED, 26);

  /** Families of element types. */
  public enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED,
    BOOL,
    COMPLEX,
    STRING
  }

  private static final Map<String, DType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(DType::shortName, Function.identity()));

  private final String shortName;
  private final int bits;
  private final Kind kind;
  private final int onnxCode;

  DType(String shortName, int bits, Kind kind, int onnxCode) {
    this.shortName = shortName;
    this.bits = bits;
    this.kind = kind;
    this.onnxCode = onnxCode;
  }

  /** {@return the name in the text form and on the command line, such as {@code f32}} */
  public String shortName() {
    return shortName;
  }

  /** {@return bits of one element; 0 for strings} */
  public int bits() {
    return bits;
  }

  /** {@return the family} */
  public Kind kind() {
    return kind;
  }

  /** {@return the number in ONNX's {@code TensorProto.DataType}} */
  public int onnxCode() {
    return onnxCode;
  }

  /** {@return whether the type is a real floating-point type of any width} */
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /** {@return whether the type is a signed or unsigned integer; bool is none} */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /** {@return whether several elements share a byte} */
  public boolean isPacked() {
    return bits > 0 && bits < 8;
  }

  /**
   * {@return the bytes of {@code elements} dense elements; packed types round up to a whole byte}
   *
   * @throws IllegalStateException for strings, which have no fixed size
   * @throws ArithmeticException if the count overflows 63 bits
   */
  public long byteSize(long elements) {
    if (kind == Kind.STRING) {
      throw new IllegalStateException("strings have no fixed size");
    }
    return isPacked()
        ? Math.ceilDiv(Math.multiplyExact(elements, bits), 8L)
        : Math.multiplyExact(elements, bits / 8);
  }

  /** {@return the type with this short name} */
  public static Optional<DType> byName(String shortName) {
    return Optional.ofNullable(BY_NAME.get(shortName));
  }

  /** {@return the type with this number in ONNX's {@code TensorProto.DataType}} */
  public static Optional<DType> byOnnxCode(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }

  @Override
  public String toString() {
    return shortName;
  }
}
