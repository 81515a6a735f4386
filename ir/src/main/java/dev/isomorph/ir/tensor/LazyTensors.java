package dev.isomorph.ir.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Tensors that are made region by region from others, without a copy of the whole. */
public final class LazyTensors {
  private static final long TILE = 1 << 16;

  private LazyTensors() {}

  /**
   * {@return the tensor with its axes permuted: axis {@code i} of the result is axis {@code
   * perm[i]} of the source}
   */
  public static Tensor transpose(Tensor source, int... perm) {
    long[] strides = rowMajorStrides(source.dims());
    long[] dims = new long[perm.length];
    long[] permuted = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      dims[i] = source.dim(perm[i]);
      permuted[i] = strides[perm[i]];
    }
    return strided(source, dims, permuted, 0, "transposed");
  }

  /** {@return a part: {@code dims[i]} elements along each axis from {@code starts[i]}} */
  public static Tensor slice(Tensor source, long[] starts, long[] dims) {
    long[] strides = rowMajorStrides(source.dims());
    long offset = 0;
    for (int i = 0; i < starts.length; i++) {
      Objects.checkFromIndexSize(starts[i], dims[i], source.dim(i));
      offset += starts[i] * strides[i];
    }
    return strided(source, dims, strides, offset, "sliced");
  }

  /**
   * {@return a view of a flat storage with any strides, as PyTorch's tensors are stored}. A view
   * that is contiguous is dense and shares the storage's memory.
   *
   * @param storage elements in memory order; its own shape does not matter
   * @param dims the view's shape
   * @param strides elements from one index to the next along each axis
   * @param offset the first element
   * @throws IndexOutOfBoundsException if the view leaves the storage
   */
  public static Tensor strided(
      Tensor storage, long[] dims, long[] strides, long offset, String description) {
    long size = Tensor.sizeOf(dims);
    if (size > 0) {
      long lowest = offset;
      long highest = offset;
      for (int i = 0; i < dims.length; i++) {
        long reach = Math.multiplyExact(dims[i] - 1, strides[i]);
        lowest = Math.addExact(lowest, Math.min(reach, 0));
        highest = Math.addExact(highest, Math.max(reach, 0));
      }
      Objects.checkIndex(lowest, storage.size());
      Objects.checkIndex(highest, storage.size());
    }
    DType dtype = storage.dtype();
    if (dtype.isPacked() || dtype == DType.STRING) {
      return gathered(storage, dims, strides, offset);
    }
    if (storage.storage() instanceof Storage.Dense dense && isContiguous(dims, strides)) {
      long width = dtype.byteSize(1);
      MemorySegment bytes = dense.segment().asSlice(size == 0 ? 0 : offset * width, size * width);
      return dense.owner() == null
          ? Tensor.of(dtype, dims, bytes)
          : Tensor.of(dtype, dims, bytes, dense.owner());
    }
    Tensor base = storage.dense();
    return Tensor.lazy(
        dtype, dims, new Strided(base, dims.clone(), strides.clone(), offset, description));
  }

  /**
   * {@return the tensor with every element converted: real numbers as {@link Elements#setDouble}
   * does, integers as {@link Elements#setLong} does}
   */
  public static Tensor cast(Tensor source, DType target) {
    if (source.dtype() == target) {
      return source;
    }
    if (target.isPacked()) {
      MemorySegment made = Tensor.allocate(target.byteSize(source.size()));
      new Cast(source, target).write(0, source.size(), made);
      return Tensor.of(target, source.dims(), made);
    }
    return Tensor.lazy(target, source.dims(), new Cast(source, target));
  }

  // Elements that share a byte, and strings, cannot be written from any element on: they are made
  // at once.
  private static Tensor gathered(Tensor storage, long[] dims, long[] strides, long offset) {
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    long[] from = new long[size];
    long[] index = new long[dims.length];
    long at = offset;
    for (int done = 0; done < size; done++) {
      from[done] = at;
      for (int i = dims.length - 1; i >= 0; i--) {
        at += strides[i];
        if (++index[i] < dims[i]) {
          break;
        }
        at -= strides[i] * dims[i];
        index[i] = 0;
      }
    }
    DType dtype = storage.dtype();
    if (dtype == DType.STRING) {
      List<String> strings = storage.strings();
      return Tensor.of(Arrays.stream(from).mapToObj(i -> strings.get((int) i)).toList(), dims);
    }
    MemorySegment bytes = storage.segment();
    MemorySegment made = Tensor.allocate(dtype.byteSize(size));
    for (int i = 0; i < size; i++) {
      Elements.setBits(made, dtype, i, Elements.bits(bytes, dtype, from[i]));
    }
    return Tensor.of(dtype, dims, made);
  }

  /**
   * {@return the parts one after another along {@code axis}}
   *
   * @throws IllegalArgumentException if types or other dims differ
   */
  public static Tensor concat(List<Tensor> parts, int axis) {
    Tensor first = parts.getFirst();
    long[] dims = first.dims();
    dims[axis] = 0;
    for (Tensor part : parts) {
      long[] other = part.dims();
      dims[axis] += other[axis];
      other[axis] = first.dim(axis);
      if (part.dtype() != first.dtype() || !Arrays.equals(other, first.dims())) {
        throw new IllegalArgumentException(
            "cannot concatenate " + part.typeText() + " to " + first.typeText());
      }
    }
    if (first.dtype().isPacked() || first.dtype() == DType.STRING) {
      return concatNow(parts, axis, dims);
    }
    return Tensor.lazy(first.dtype(), dims, new Concat(List.copyOf(parts), axis, dims));
  }

  private static Tensor concatNow(List<Tensor> parts, int axis, long[] dims) {
    DType dtype = parts.getFirst().dtype();
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    boolean packed = dtype.isPacked();
    MemorySegment made = Tensor.allocate(packed ? dtype.byteSize(size) : 0);
    List<MemorySegment> bytes = packed ? parts.stream().map(Tensor::segment).toList() : List.of();
    List<String> strings = new ArrayList<>();
    long inner = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      inner *= dims[i];
    }
    long row = 0;
    for (long done = 0; done < size; row++) {
      for (int p = 0; p < parts.size(); p++) {
        long length = parts.get(p).dim(axis) * inner;
        for (long i = row * length; i < (row + 1) * length; i++, done++) {
          if (packed) {
            Elements.setBits(made, dtype, done, Elements.bits(bytes.get(p), dtype, i));
          } else {
            strings.add(parts.get(p).strings().get((int) i));
          }
        }
      }
    }
    return packed ? Tensor.of(dtype, dims, made) : Tensor.of(strings, dims);
  }

  /** {@return elements from one index to the next along each axis of a dense tensor} */
  public static long[] rowMajorStrides(long... dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(dims[i], 1);
    }
    return strides;
  }

  private static boolean isContiguous(long[] dims, long[] strides) {
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      if (dims[i] == 0) {
        return true;
      }
      if (dims[i] != 1 && strides[i] != step) {
        return false;
      }
      step *= dims[i];
    }
    return true;
  }

  private record Strided(Tensor base, long[] dims, long[] strides, long offset, String description)
      implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment target) {
      if (count > 0) {
        new StridedCopy(base, dims, strides, offset, target).run(from, count);
      }
    }
  }

  private record Cast(Tensor source, DType target) implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment out) {
      DType dtype = source.dtype();
      boolean integers = dtype.isInteger() || dtype == DType.BOOL;
      if (source.storage() instanceof Storage.Dense) {
        convert(source.segment(), from, count, out, 0, integers);
        return;
      }
      MemorySegment tile = Tensor.allocate(dtype.byteSize(Math.min(TILE, count)));
      for (long done = 0; done < count; done += TILE) {
        long n = Math.min(TILE, count - done);
        source.write(from + done, n, tile);
        convert(tile, 0, n, out, done, integers);
      }
    }

    private void convert(
        MemorySegment in, long from, long count, MemorySegment out, long at, boolean integers) {
      DType dtype = source.dtype();
      for (long i = 0; i < count; i++) {
        if (integers) {
          long value = Elements.getLong(in, dtype, from + i);
          if (dtype == DType.U64) {
            Elements.setUnsigned(out, target, at + i, value);
          } else {
            Elements.setLong(out, target, at + i, value);
          }
        } else {
          Elements.setDouble(out, target, at + i, Elements.getDouble(in, dtype, from + i));
        }
      }
    }

    @Override
    public String description() {
      return "cast from " + source.dtype();
    }
  }

  private record Concat(List<Tensor> parts, int axis, long[] dims) implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment target) {
      DType dtype = parts.getFirst().dtype();
      long inner = 1;
      for (int i = axis + 1; i < dims.length; i++) {
        inner *= dims[i];
      }
      long done = 0;
      while (done < count) {
        long at = from + done;
        long row = at / (inner * dims[axis]);
        long within = at % (inner * dims[axis]);
        long passed = 0;
        for (Tensor part : parts) {
          long length = part.dim(axis) * inner;
          if (within < passed + length) {
            long start = within - passed;
            long n = Math.min(length - start, count - done);
            MemorySegment slice = target.asSlice(dtype.byteSize(done), dtype.byteSize(n));
            part.write(row * length + start, n, slice);
            done += n;
            break;
          }
          passed += length;
        }
      }
    }

    @Override
    public String description() {
      return "concatenated";
    }
  }
}
