package dev.isomorph.formats.safetensors;

import dev.isomorph.ir.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The element types of the format, in the order in which its own writer sorts tensors. */
enum SafetensorsType {
  U64(DType.U64, 64),
  I64(DType.I64, 64),
  F64(DType.F64, 64),
  C64(DType.C64, 64),
  F32(DType.F32, 32),
  U32(DType.U32, 32),
  I32(DType.I32, 32),
  BF16(DType.BF16, 16),
  F16(DType.F16, 16),
  U16(DType.U16, 16),
  I16(DType.I16, 16),
  F8_E5M2FNUZ(DType.F8E5M2FNUZ, 8),
  F8_E4M3FNUZ(DType.F8E4M3FNUZ, 8),
  F8_E8M0(DType.F8E8M0, 8),
  F8_E4M3(DType.F8E4M3FN, 8),
  F8_E5M2(DType.F8E5M2, 8),
  I8(DType.I8, 8),
  U8(DType.U8, 8),
  F6_E3M2(null, 6),
  F6_E2M3(null, 6),
  F4(DType.F4E2M1, 4),
  BOOL(DType.BOOL, 8);

  private static final Map<String, SafetensorsType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));

  private final DType dtype;
  private final int bits;

  SafetensorsType(DType dtype, int bits) {
    this.dtype = dtype;
    this.bits = bits;
  }

  static Optional<SafetensorsType> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Optional<SafetensorsType> of(DType dtype) {
    return Arrays.stream(values()).filter(t -> t.dtype == dtype).findFirst();
  }

  Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }

  int bits() {
    return bits;
  }
}
