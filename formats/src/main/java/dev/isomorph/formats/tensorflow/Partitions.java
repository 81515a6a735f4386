package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.tensorflow.proto.TensorSliceProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Puts the parts of a partitioned variable together. Each part is a box; together they tile it. */
final class Partitions {
  private record Part(long[] start, long[] dims, Tensor tensor) {}

  private final DType dtype;
  private final long[] dims;
  private final List<Part> parts = new ArrayList<>();

  Partitions(DType dtype, long[] dims) {
    this.dtype = dtype;
    this.dims = dims;
  }

  /** {@return the shape of one part} */
  long[] dims(TensorSliceProto slice) {
    if (slice.getExtentCount() != dims.length) {
      throw invalid("a part has " + slice.getExtentCount() + " axes, the whole " + dims.length);
    }
    long[] part = new long[dims.length];
    for (int i = 0; i < part.length; i++) {
      long start = slice.getExtent(i).getStart();
      part[i] = slice.getExtent(i).hasLength() ? slice.getExtent(i).getLength() : dims[i];
      if (start < 0 || part[i] < 0 || start > dims[i] || part[i] > dims[i] - start) {
        throw invalid("a part leaves axis " + i + " of the whole");
      }
    }
    return part;
  }

  void add(TensorSliceProto slice, Tensor tensor) {
    long[] start = slice.getExtentList().stream().mapToLong(e -> e.getStart()).toArray();
    parts.add(new Part(start, tensor.dims(), tensor));
  }

  Tensor whole() {
    checkTiling();
    for (int axis = 0; axis < dims.length; axis++) {
      if (isRow(axis)) {
        int along = axis;
        parts.sort(Comparator.comparingLong(p -> p.start[along]));
        return LazyTensors.concat(parts.stream().map(Part::tensor).toList(), axis);
      }
    }
    MemorySegment out = Tensor.allocate(dtype.byteSize(Tensor.sizeOf(dims)));
    parts.forEach(part -> copy(part, out));
    return Tensor.of(dtype, dims, out);
  }

  private void checkTiling() {
    long total = 0;
    for (int i = 0; i < parts.size(); i++) {
      total += parts.get(i).tensor.size();
      for (int k = 0; k < i; k++) {
        if (overlap(parts.get(i), parts.get(k))) {
          throw invalid("two parts overlap");
        }
      }
    }
    if (total != Tensor.sizeOf(dims)) {
      throw invalid("the parts have " + total + " of " + Tensor.sizeOf(dims) + " elements");
    }
  }

  private static boolean overlap(Part a, Part b) {
    for (int i = 0; i < a.start.length; i++) {
      if (a.start[i] >= b.start[i] + b.dims[i] || b.start[i] >= a.start[i] + a.dims[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the parts lie one after another along {@code axis} and are whole along the others. */
  private boolean isRow(int axis) {
    return parts.stream()
        .allMatch(
            part -> {
              long[] rest = part.dims.clone();
              rest[axis] = dims[axis];
              return Arrays.equals(rest, dims);
            });
  }

  private void copy(Part part, MemorySegment out) {
    if (part.tensor.size() == 0) {
      return;
    }
    MemorySegment in = part.tensor.segment();
    long[] strides = LazyTensors.rowMajorStrides(dims);
    int last = dims.length - 1;
    long row = dtype.byteSize(part.dims[last]);
    long[] index = new long[dims.length];
    for (long done = 0; done < in.byteSize(); done += row) {
      long at = part.start[last];
      for (int i = 0; i < last; i++) {
        at += (part.start[i] + index[i]) * strides[i];
      }
      MemorySegment.copy(in, done, out, dtype.byteSize(at), row);
      for (int i = last - 1; i >= 0 && ++index[i] == part.dims[i]; i--) {
        index[i] = 0;
      }
    }
  }

  private static IsomorphException invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "a partitioned tensor is broken: %s", what)
        .toException();
  }
}
