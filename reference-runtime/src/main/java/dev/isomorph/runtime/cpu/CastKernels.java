package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.BitCastOp;
import dev.isomorph.ir.op.CastLikeOp;
import dev.isomorph.ir.op.CastOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.NarrowFloats;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.Precision;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Conversion between element types. A truth run keeps floats that are cast to floats in f64. */
final class CastKernels {
  private CastKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(
        CastOp.class, (op, c) -> cast(c, target(op.to(), c), op.saturate() != 0, op.roundMode()));
    r.rounds(
        CastLikeOp.class,
        (op, c) -> cast(c, c.declaredType(1), op.saturate() != 0, op.roundMode()));
    r.exact(BitCastOp.class, (op, c) -> bitCast(op, c));
  }

  static DType target(long onnxCode, KernelContext c) {
    return DType.byOnnxCode(Math.toIntExact(onnxCode))
        .orElseThrow(() -> c.error("there is no element type %d", onnxCode));
  }

  private static Tensor cast(KernelContext c, DType to, boolean saturate, String roundMode) {
    Tensor x = c.input(0);
    DType target = c.runType(to);
    boolean widens = target.isFloat() && x.dtype().isFloat() && target.bits() > x.dtype().bits();
    if (x.dtype() == target || widens || !target.isFloat()) {
      c.markExact();
    }
    if (target == DType.F8E8M0 && !roundMode.equals("up")) {
      throw c.unsupported("Cast to f8e8m0 with round_mode %s", roundMode);
    }
    return cast(x, target, saturate);
  }

  /**
   * {@return the tensor in another type}. Floats become integers by truncation; what does not fit
   * wraps modulo the width from 64 bits, NaN is 0.
   */
  static Tensor cast(Tensor x, DType to, boolean saturate) {
    DType from = x.dtype();
    if (from == to) {
      return x;
    }
    long size = x.size();
    if (to == DType.STRING) {
      return Tensor.of(texts(x), x.dims());
    }
    MemorySegment out = Tensor.allocate(to.byteSize(size));
    if (from == DType.STRING) {
      List<String> texts = x.strings();
      for (int i = 0; i < size; i++) {
        parse(texts.get(i).strip(), out, to, i);
      }
      return Tensor.of(to, x.dims(), out);
    }
    MemorySegment in = x.segment();
    boolean narrow = to.isFloat() && to.bits() <= 8;
    boolean integers =
        (from.isInteger() || from == DType.BOOL) && (from != DType.U64 || to.isInteger());
    for (long i = 0; i < size; i++) {
      if (integers && !to.isFloat()) {
        Elements.setLong(out, to, i, Elements.getLong(in, from, i));
      } else {
        double value = Elements.getDouble(in, from, i);
        if (narrow && !to.isPacked()) {
          out.set(
              java.lang.foreign.ValueLayout.JAVA_BYTE,
              i,
              (byte)
                  (to == DType.F8E8M0
                      ? upwards(value, saturate)
                      : NarrowFloats.encode(to, value, saturate)));
        } else if (to == DType.U64 && value >= 0x1p63) {
          Elements.setLong(out, to, i, (long) (value - 0x1p63) + Long.MIN_VALUE);
        } else {
          Elements.setDouble(out, to, i, value);
        }
      }
    }
    return Tensor.of(to, x.dims(), out);
  }

  /** The smallest power of two that is not below the value. */
  private static int upwards(double value, boolean saturate) {
    if (Double.isNaN(value) || value < 0) {
      return 0xFF;
    }
    if (Double.isInfinite(value)) {
      return saturate ? 0xFE : 0xFF;
    }
    if (value == 0) {
      return 0;
    }
    int exponent = Math.getExponent(value);
    if (Math.scalb(1.0, exponent) < value) {
      exponent++;
    }
    int biased = exponent + 127;
    return biased < 0 ? 0 : biased > 0xFE ? (saturate ? 0xFE : 0xFF) : biased;
  }

  private static void parse(String text, MemorySegment out, DType to, long at) {
    try {
      if (to.isInteger()) {
        BigInteger value =
            text.matches("[+-]?[0-9]+")
                ? new BigInteger(text)
                : new java.math.BigDecimal(text).toBigInteger();
        Elements.setLong(out, to, at, value.longValue());
      } else if (to == DType.BOOL) {
        Elements.setLong(out, to, at, Double.parseDouble(text) != 0 ? 1 : 0);
      } else {
        Elements.setDouble(out, to, at, number(text));
      }
    } catch (NumberFormatException e) {
      throw dev.isomorph.ir.diagnostic.Diagnostic.error(
              dev.isomorph.ir.diagnostic.ErrorCode.RUN_FAILED, "\"%s\" is not a number", text)
          .toException();
    }
  }

  private static double number(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static List<String> texts(Tensor x) {
    List<String> out = new ArrayList<>();
    MemorySegment in = x.segment();
    for (long i = 0; i < x.size(); i++) {
      if (x.dtype() == DType.BOOL) {
        out.add(Elements.getLong(in, x.dtype(), i) != 0 ? "True" : "False");
      } else if (x.dtype() == DType.U64) {
        out.add(Long.toUnsignedString(Elements.getLong(in, x.dtype(), i)));
      } else if (x.dtype().isInteger()) {
        out.add(Long.toString(Elements.getLong(in, x.dtype(), i)));
      } else {
        out.add(text(Elements.getDouble(in, x.dtype(), i), x.dtype()));
      }
    }
    return out;
  }

  /** The shortest text that reads back as the same number of its type. */
  private static String text(double value, DType type) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "INF" : "-INF";
    }
    String text = type == DType.F32 ? Float.toString((float) value) : Double.toString(value);
    String plain = text.contains("E") ? new java.math.BigDecimal(text).toString() : text;
    return plain.toLowerCase(Locale.ROOT);
  }

  private static Tensor bitCast(BitCastOp op, KernelContext c) {
    if (c.options().precision() == Precision.TRUTH
        && (c.declaredType(0).isFloat() && c.declaredType(0) != DType.F64)) {
      throw c.unsupported(
          "BitCast of %s in a truth run, which has no bits of that type", c.declaredType(0));
    }
    DType to = target(op.to(), c);
    Tensor x = c.input(0);
    if (x.dtype().bits() != to.bits()) {
      throw c.error("BitCast needs types of equal width, not %s and %s", x.dtype(), to);
    }
    return KernelContext.inRunType(Tensor.of(to, x.dims(), x.segment()), c.options().precision());
  }
}
