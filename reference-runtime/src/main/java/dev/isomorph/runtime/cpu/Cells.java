package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.ComputePool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Elements of any type that are only moved: dense bytes, strings, or packed types with one byte per
 * element while they are moved.
 */
final class Cells {
  private final DType type;
  private final int width;
  private final MemorySegment bytes;
  private final String[] strings;

  private Cells(DType type, int width, MemorySegment bytes, String[] strings) {
    this.type = type;
    this.width = width;
    this.bytes = bytes;
    this.strings = strings;
  }

  /** {@return the elements of a tensor, to be read} */
  static Cells of(Tensor tensor) {
    DType type = tensor.dtype();
    if (type == DType.STRING) {
      return new Cells(type, 0, null, tensor.strings().toArray(String[]::new));
    }
    if (!type.isPacked()) {
      return new Cells(type, type.bits() / 8, tensor.segment(), null);
    }
    MemorySegment wide = Tensor.allocate(tensor.size());
    MemorySegment packed = tensor.segment();
    int perByte = 8 / type.bits();
    int mask = (1 << type.bits()) - 1;
    for (long i = 0; i < tensor.size(); i++) {
      int b = packed.get(ValueLayout.JAVA_BYTE, i / perByte);
      wide.set(ValueLayout.JAVA_BYTE, i, (byte) (b >> (i % perByte * type.bits()) & mask));
    }
    return new Cells(type, 1, wide, null);
  }

  /** {@return new elements: zero, false, or empty strings} */
  static Cells allocate(DType type, long count) {
    if (type == DType.STRING) {
      String[] strings = new String[Math.toIntExact(count)];
      Arrays.fill(strings, "");
      return new Cells(type, 0, null, strings);
    }
    int width = type.isPacked() ? 1 : type.bits() / 8;
    return new Cells(type, width, Tensor.allocate(Math.multiplyExact(count, width)), null);
  }

  DType type() {
    return type;
  }

  /** {@return the memory: dense elements of {@link #type}, unless that is packed or a string} */
  MemorySegment bytes() {
    return bytes;
  }

  /** {@return the tensor of these elements} */
  Tensor toTensor(long... dims) {
    if (strings != null) {
      return Tensor.of(List.of(strings), dims);
    }
    if (!type.isPacked()) {
      return Tensor.of(type, dims, bytes);
    }
    long size = Tensor.sizeOf(dims);
    MemorySegment packed = Tensor.allocate(type.byteSize(size));
    int perByte = 8 / type.bits();
    for (long i = 0; i < size; i++) {
      int at = (int) (i % perByte) * type.bits();
      int old = packed.get(ValueLayout.JAVA_BYTE, i / perByte);
      int cell = bytes.get(ValueLayout.JAVA_BYTE, i) << at;
      packed.set(ValueLayout.JAVA_BYTE, i / perByte, (byte) (old | cell));
    }
    return Tensor.of(type, dims, packed);
  }

  /** Copies a run of elements from another place of the same type. */
  void copy(Cells from, long fromAt, long at, long count) {
    if (strings != null) {
      System.arraycopy(from.strings, (int) fromAt, strings, (int) at, (int) count);
    } else if (count == 1) {
      one(from, fromAt, at);
    } else {
      MemorySegment.copy(from.bytes, fromAt * width, bytes, at * width, count * width);
    }
  }

  private void one(Cells from, long fromAt, long at) {
    switch (width) {
      case 1 -> bytes.set(ValueLayout.JAVA_BYTE, at, from.bytes.get(ValueLayout.JAVA_BYTE, fromAt));
      case 2 -> bytes.set(Tensor.LE_SHORT, at * 2, from.bytes.get(Tensor.LE_SHORT, fromAt * 2));
      case 4 -> bytes.set(Tensor.LE_INT, at * 4, from.bytes.get(Tensor.LE_INT, fromAt * 4));
      case 8 -> bytes.set(Tensor.LE_LONG, at * 8, from.bytes.get(Tensor.LE_LONG, fromAt * 8));
      default -> MemorySegment.copy(from.bytes, fromAt * width, bytes, at * width, width);
    }
  }

  /** Writes {@code count} copies of one element of another place of the same type. */
  void fill(Cells from, long fromAt, long at, long count) {
    for (long i = 0; i < count; i++) {
      copy(from, fromAt, at + i, 1);
    }
  }

  /** {@return the order of two elements; NaN is larger than all numbers} */
  int compare(long a, long b) {
    if (strings != null) {
      return strings[(int) a].compareTo(strings[(int) b]);
    }
    if (type.isFloat()) {
      return Double.compare(
          Elements.getDouble(bytes, type, a) + 0.0, Elements.getDouble(bytes, type, b) + 0.0);
    }
    long x =
        type.isPacked() ? bytes.get(ValueLayout.JAVA_BYTE, a) : Elements.getLong(bytes, type, a);
    long y =
        type.isPacked() ? bytes.get(ValueLayout.JAVA_BYTE, b) : Elements.getLong(bytes, type, b);
    return type == DType.U64 ? Long.compareUnsigned(x, y) : Long.compare(x, y);
  }

  /**
   * Fills this in row-major order of {@code dims} with the elements of {@code from} that strides
   * reach.
   */
  void gather(Cells from, long[] dims, long[] strides, long offset, ComputePool pool) {
    int rank = dims.length;
    if (rank == 0) {
      copy(from, offset, 0, 1);
      return;
    }
    long inner = dims[rank - 1];
    long step = strides[rank - 1];
    long rows = Index.product(dims, 0, rank - 1);
    Index outer =
        new Index(Arrays.copyOf(dims, rank - 1), Arrays.copyOf(strides, rank - 1), offset);
    if (inner == 0) {
      return;
    }
    pool.forRange(
        rows,
        Math.max(1, 16_384 / inner),
        (first, last) -> {
          for (long row = first; row < last; row++) {
            long source = outer.at(row);
            if (step == 1) {
              copy(from, source, row * inner, inner);
            } else {
              for (long i = 0; i < inner; i++) {
                copy(from, source + i * step, row * inner + i, 1);
              }
            }
          }
        });
  }
}
