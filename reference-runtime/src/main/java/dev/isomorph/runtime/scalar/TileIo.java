package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies runs of elements between dense native memory and tiles. */
final class TileIo {
  private TileIo() {}

  /** Reads {@code n} elements from element {@code from} on, {@code step} apart. */
  static void load(
      MemorySegment in, DType dtype, long from, long step, double[] tile, int at, int n) {
    switch (dtype) {
      case F32 -> loadF32(in, from, step, tile, at, n);
      case F64 -> loadF64(in, from, step, tile, at, n);
      case BOOL -> {
        for (int i = 0; i < n; i++) {
          tile[at + i] = in.get(ValueLayout.JAVA_BYTE, from + i * step) != 0 ? 1 : 0;
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          tile[at + i] = Elements.getDouble(in, dtype, from + i * step);
        }
      }
    }
  }

  private static void loadF32(
      MemorySegment in, long from, long step, double[] tile, int at, int n) {
    if (step == 1) {
      for (int i = 0; i < n; i++) {
        tile[at + i] = in.get(Tensor.LE_FLOAT, (from + i) * 4);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      tile[at + i] = in.get(Tensor.LE_FLOAT, (from + i * step) * 4);
    }
  }

  private static void loadF64(
      MemorySegment in, long from, long step, double[] tile, int at, int n) {
    if (step == 1) {
      MemorySegment.copy(in, Tensor.LE_DOUBLE, from * 8, tile, at, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      tile[at + i] = in.get(Tensor.LE_DOUBLE, (from + i * step) * 8);
    }
  }

  /** Reads integers or truth values; {@code u64} keeps its bits. */
  static void load(
      MemorySegment in, DType dtype, long from, long step, long[] tile, int at, int n) {
    switch (dtype) {
      case I64, U64 -> {
        for (int i = 0; i < n; i++) {
          tile[at + i] = in.get(Tensor.LE_LONG, (from + i * step) * 8);
        }
      }
      case I32 -> {
        for (int i = 0; i < n; i++) {
          tile[at + i] = in.get(Tensor.LE_INT, (from + i * step) * 4);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          tile[at + i] = Elements.getLong(in, dtype, from + i * step);
        }
      }
    }
  }

  /** Writes {@code n} elements from element {@code at} on, rounded once to the type. */
  static void store(double[] tile, int n, MemorySegment out, DType dtype, long at) {
    switch (dtype) {
      case F32 -> {
        for (int i = 0; i < n; i++) {
          out.set(Tensor.LE_FLOAT, (at + i) * 4, (float) tile[i]);
        }
      }
      case F64 -> MemorySegment.copy(tile, 0, out, Tensor.LE_DOUBLE, at * 8, n);
      case BOOL -> {
        for (int i = 0; i < n; i++) {
          out.set(ValueLayout.JAVA_BYTE, at + i, (byte) (tile[i] != 0 ? 1 : 0));
        }
      }
      case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ -> {
        for (int i = 0; i < n; i++) {
          out.set(
              ValueLayout.JAVA_BYTE,
              at + i,
              (byte) dev.isomorph.ir.tensor.NarrowFloats.encode(dtype, tile[i], false));
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          Elements.setDouble(out, dtype, at + i, tile[i]);
        }
      }
    }
  }

  /** Writes integers modulo the type's width, or truth values. */
  static void store(long[] tile, int n, MemorySegment out, DType dtype, long at) {
    switch (dtype) {
      case I64, U64 -> MemorySegment.copy(tile, 0, out, Tensor.LE_LONG, at * 8, n);
      case I32 -> {
        for (int i = 0; i < n; i++) {
          out.set(Tensor.LE_INT, (at + i) * 4, (int) tile[i]);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          Elements.setLong(out, dtype, at + i, tile[i]);
        }
      }
    }
  }
}
