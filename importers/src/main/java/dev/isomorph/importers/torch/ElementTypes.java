package dev.isomorph.importers.torch;

import dev.isomorph.ir.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** PyTorch's element types, and its rules of type promotion. */
final class ElementTypes {
  private static final Map<String, TorchConstant.ElementType> BY_NAME = new LinkedHashMap<>();
  private static final Map<DType, TorchConstant.ElementType> BY_TYPE = new LinkedHashMap<>();

  /** Numbers of PyTorch's {@code ScalarType}, in order. */
  private static final List<DType> BY_CODE =
      List.of(
          DType.U8,
          DType.I8,
          DType.I16,
          DType.I32,
          DType.I64,
          DType.F16,
          DType.F32,
          DType.F64,
          DType.C64,
          DType.C64,
          DType.C128,
          DType.BOOL);

  static {
    add(DType.F32, "float32", "float");
    add(DType.F64, "float64", "double");
    add(DType.F16, "float16", "half");
    add(DType.BF16, "bfloat16");
    add(DType.U8, "uint8");
    add(DType.I8, "int8");
    add(DType.I16, "int16", "short");
    add(DType.I32, "int32", "int");
    add(DType.I64, "int64", "long");
    add(DType.U16, "uint16");
    add(DType.U32, "uint32");
    add(DType.U64, "uint64");
    add(DType.BOOL, "bool");
    add(DType.C64, "complex64", "cfloat");
    add(DType.C128, "complex128", "cdouble");
    add(DType.F8E4M3FN, "float8_e4m3fn");
    add(DType.F8E5M2, "float8_e5m2");
  }

  private ElementTypes() {}

  private static void add(DType type, String... names) {
    TorchConstant.ElementType made = new TorchConstant.ElementType(type, names[0]);
    BY_TYPE.put(type, made);
    for (String name : names) {
      BY_NAME.put(name, made);
    }
  }

  static Map<String, TorchConstant.ElementType> byName() {
    return BY_NAME;
  }

  static TorchConstant.ElementType of(DType type) {
    return BY_TYPE.get(type);
  }

  /** {@return the type of a {@code ScalarType} number, as TorchScript writes it} */
  static DType ofCode(int code) {
    return code == 15 ? DType.BF16 : BY_CODE.get(code);
  }

  /** Classes of types that promotion compares. */
  private static int category(DType type) {
    return switch (type.kind()) {
      case BOOL -> 0;
      case SIGNED, UNSIGNED -> 1;
      case FLOAT -> 2;
      default -> 3;
    };
  }

  /** {@return {@code torch.promote_types(a, b)}; {@code null} stands for no type} */
  static DType promote(DType a, DType b) {
    if (a == null || b == null || a == b) {
      return a == null ? b : a;
    }
    int ca = category(a);
    int cb = category(b);
    if (ca != cb) {
      DType high = ca > cb ? a : b;
      DType low = ca > cb ? b : a;
      return high == DType.C64 && low == DType.F64 ? DType.C128 : high;
    }
    if (ca == 1) {
      boolean ua = a.kind() == DType.Kind.UNSIGNED;
      boolean ub = b.kind() == DType.Kind.UNSIGNED;
      if (ua == ub) {
        return a.bits() >= b.bits() ? a : b;
      }
      DType signed = ua ? b : a;
      DType unsigned = ua ? a : b;
      return signed.bits() > unsigned.bits() ? signed : DType.I16;
    }
    if (ca == 2 && a.bits() == b.bits()) {
      return DType.F32;
    }
    return a.bits() >= b.bits() ? a : b;
  }

  /**
   * {@return the type of an operator's result}, as {@code torch.result_type}: tensors with axes
   * count before tensors without, and those before Python's numbers.
   */
  static DType result(DType dimensioned, DType zeroDim, DType number) {
    return combine(dimensioned, combine(zeroDim, number));
  }

  private static DType combine(DType higher, DType lower) {
    if (higher == null || lower == null) {
      return higher == null ? lower : higher;
    }
    if (category(higher) == 3) {
      return higher;
    }
    if (category(higher) == 2) {
      return category(lower) == 3 ? (higher == DType.F64 ? DType.C128 : DType.C64) : higher;
    }
    if (higher == DType.BOOL || category(lower) >= 2) {
      return promote(higher, lower);
    }
    return higher;
  }
}
