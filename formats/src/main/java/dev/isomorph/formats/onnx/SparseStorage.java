package dev.isomorph.formats.onnx;

import static dev.isomorph.formats.onnx.OnnxTensors.invalid;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The elements of a sparse tensor: explicit values at ascending positions, zero elsewhere. This is
 * the coordinate format of ONNX's {@code SparseTensorProto}.
 *
 * @param values the explicit values, of rank 1
 * @param positions their row-major positions, ascending; an i64 vector of the same length
 */
public record SparseStorage(Tensor values, Tensor positions) implements Storage.Lazy {

  /** {@return whether zero bytes are zero elements, each at an address of its own} */
  static boolean holds(DType dtype) {
    return dtype != DType.STRING && !dtype.isPacked() && dtype != DType.F8E8M0;
  }

  /**
   * {@return a tensor of shape {@code dims}}
   *
   * @param indices i64: positions {@code [n]}, or coordinates {@code [n, rank]}
   */
  static Tensor tensor(Tensor values, Tensor indices, long[] dims) {
    if (values.rank() != 1) {
      throw invalid("a sparse tensor's values are no vector: " + values.typeText()).toException();
    }
    long count = values.size();
    boolean linear = indices.rank() == 1 && indices.dim(0) == count;
    boolean coordinates =
        indices.rank() == 2 && indices.dim(0) == count && indices.dim(1) == dims.length;
    if (indices.dtype() != DType.I64 || !linear && !coordinates) {
      throw invalid("a sparse tensor's indices do not fit its values and dims")
          .expected(
              "i64[" + count + "] or i64[" + count + "," + dims.length + "]", indices.typeText())
          .toException();
    }
    MemorySegment in = indices.segment();
    MemorySegment out = Tensor.allocate(DType.I64.byteSize(count));
    long size = Tensor.sizeOf(dims);
    long last = -1;
    for (long i = 0; i < count; i++) {
      long at = linear ? in.get(Tensor.LE_LONG, i * 8) : position(in, i, dims);
      if (at <= last || at >= size) {
        throw invalid("index " + i + " of a sparse tensor is outside its dims or out of order")
            .expected("between " + (last + 1) + " and " + (size - 1), at)
            .toException();
      }
      out.set(Tensor.LE_LONG, i * 8, at);
      last = at;
    }
    SparseStorage storage =
        new SparseStorage(values, Tensor.of(DType.I64, new long[] {count}, out));
    return Tensor.lazy(values.dtype(), dims, storage);
  }

  private static long position(MemorySegment in, long row, long[] dims) {
    long at = 0;
    for (int i = 0; i < dims.length; i++) {
      long coordinate = in.get(Tensor.LE_LONG, (row * dims.length + i) * 8);
      if (coordinate < 0 || coordinate >= dims[i]) {
        throw invalid("a sparse tensor has the coordinate " + coordinate + " on axis " + i)
            .expected("within " + Arrays.toString(dims), coordinate)
            .toException();
      }
      at = at * dims[i] + coordinate;
    }
    return at;
  }

  @Override
  public void write(long from, long count, MemorySegment target) {
    long width = values.dtype().byteSize(1);
    target.asSlice(0, count * width).fill((byte) 0);
    MemorySegment at = positions.segment();
    MemorySegment bytes = values.segment();
    for (long i = firstAtLeast(at, from); i < values.size(); i++) {
      long position = at.get(Tensor.LE_LONG, i * 8);
      if (position >= from + count) {
        break;
      }
      MemorySegment.copy(bytes, i * width, target, (position - from) * width, width);
    }
  }

  private long firstAtLeast(MemorySegment at, long position) {
    long low = 0;
    long high = values.size();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (at.get(Tensor.LE_LONG, middle * 8) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public String description() {
    return "made dense from " + values.size() + " explicit values";
  }
}
