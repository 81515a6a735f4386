package dev.isomorph.ir.tensor;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * An immutable n-dimensional array: element type, concrete shape, storage. Elements are in
 * row-major order. Safe for many threads. Reading a tensor whose owner was closed is an {@link
 * IllegalStateException} that names the owner.
 */
public final class Tensor implements Datum {
  /** Alignment of memory that we allocate, in bytes. A mapped slice may lie at any byte. */
  public static final long ALIGNMENT = 64;

  /** Layouts for dense elements: little-endian, at any alignment. */
  public static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfFloat LE_FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfDouble LE_DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final DType dtype;
  private final long[] dims;
  private final long size;
  private final Storage storage;

  private Tensor(DType dtype, long[] dims, Storage storage) {
    this.dtype = requireNonNull(dtype, "dtype is null");
    this.storage = requireNonNull(storage, "storage is null");
    this.dims = dims.clone();
    this.size = sizeOf(dims);
    long actual =
        switch (storage) {
          case Storage.Dense dense -> dense.segment().byteSize();
          case Storage.Strings strings -> strings.values().size();
          case Storage.Lazy _ -> -1;
        };
    if (dtype == DType.STRING != storage instanceof Storage.Strings) {
      throw new IllegalArgumentException(dtype + " cannot be stored as " + storage.getClass());
    }
    long needed = dtype == DType.STRING ? size : dtype.byteSize(size);
    if (actual >= 0 && actual != needed) {
      throw new IllegalArgumentException(
          dtype + Arrays.toString(dims) + " needs " + needed + " bytes, got " + actual);
    }
  }

  /**
   * {@return a tensor over existing memory that the garbage collector owns}
   *
   * @param segment native, exactly the elements' bytes, never written again
   * @throws IllegalArgumentException if the segment's size does not fit
   */
  public static Tensor of(DType dtype, long[] dims, MemorySegment segment) {
    return new Tensor(dtype, dims, new Storage.Dense(segment, null));
  }

  /**
   * {@return a tensor over existing memory of {@code owner}: usually a slice of a mapped file}
   *
   * @param segment native, exactly the elements' bytes, never written again
   * @throws IllegalArgumentException if the segment's size does not fit
   */
  public static Tensor of(DType dtype, long[] dims, MemorySegment segment, TensorArena owner) {
    return new Tensor(dtype, dims, new Storage.Dense(segment, owner));
  }

  /** {@return a tensor whose elements are made when they are asked for} */
  public static Tensor lazy(DType dtype, long[] dims, Storage.Lazy storage) {
    return new Tensor(dtype, dims, storage);
  }

  /** {@return an f32 tensor with a copy of {@code values}} */
  public static Tensor of(float[] values, long... dims) {
    MemorySegment segment = allocate(DType.F32.byteSize(values.length));
    MemorySegment.copy(values, 0, segment, LE_FLOAT, 0, values.length);
    return of(DType.F32, dims, segment);
  }

  /** {@return an f64 tensor with a copy of {@code values}} */
  public static Tensor of(double[] values, long... dims) {
    MemorySegment segment = allocate(DType.F64.byteSize(values.length));
    MemorySegment.copy(values, 0, segment, LE_DOUBLE, 0, values.length);
    return of(DType.F64, dims, segment);
  }

  /** {@return an i64 tensor with a copy of {@code values}} */
  public static Tensor of(long[] values, long... dims) {
    MemorySegment segment = allocate(DType.I64.byteSize(values.length));
    MemorySegment.copy(values, 0, segment, LE_LONG, 0, values.length);
    return of(DType.I64, dims, segment);
  }

  /** {@return an i32 tensor with a copy of {@code values}} */
  public static Tensor of(int[] values, long... dims) {
    MemorySegment segment = allocate(DType.I32.byteSize(values.length));
    MemorySegment.copy(values, 0, segment, LE_INT, 0, values.length);
    return of(DType.I32, dims, segment);
  }

  /** {@return a bool tensor with a copy of {@code values}} */
  public static Tensor of(boolean[] values, long... dims) {
    MemorySegment segment = allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
    }
    return of(DType.BOOL, dims, segment);
  }

  /** {@return a string tensor} */
  public static Tensor of(List<String> values, long... dims) {
    return new Tensor(DType.STRING, dims, new Storage.Strings(values));
  }

  /** {@return an i64 vector, as ONNX uses for shapes and axes} */
  public static Tensor vector(long... values) {
    return of(values, values.length);
  }

  /**
   * {@return a tensor of any numeric type whose elements are {@code values}, each rounded once to
   * nearest even; integers take the value modulo their width}
   */
  public static Tensor of(DType dtype, double[] values, long... dims) {
    MemorySegment segment = allocate(dtype.byteSize(values.length));
    for (int i = 0; i < values.length; i++) {
      Elements.setDouble(segment, dtype, i, values[i]);
    }
    return of(dtype, dims, segment);
  }

  /** {@return a tensor of rank 0 of any real type with this value, rounded once} */
  public static Tensor scalar(DType dtype, double value) {
    return of(dtype, new double[] {value});
  }

  /** {@return a tensor of rank 0 of an integer or bool type} */
  public static Tensor scalar(DType dtype, long value) {
    MemorySegment segment = allocate(dtype.byteSize(1));
    Elements.setLong(segment, dtype, 0, value);
    return of(dtype, new long[0], segment);
  }

  /** {@return zeroed native memory that the garbage collector owns, aligned} */
  public static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, ALIGNMENT);
  }

  /** {@return the element type} */
  public DType dtype() {
    return dtype;
  }

  /** {@return a copy of the shape} */
  public long[] dims() {
    return dims.clone();
  }

  /** {@return the length of an axis, {@code 0 <= axis < rank}} */
  public long dim(int axis) {
    return dims[axis];
  }

  /** {@return the number of axes} */
  public int rank() {
    return dims.length;
  }

  /** {@return the number of elements} */
  public long size() {
    return size;
  }

  /** {@return the bytes of the dense form; 0 for strings} */
  public long byteSize() {
    return dtype == DType.STRING ? 0 : dtype.byteSize(size);
  }

  /** {@return where the elements are} */
  public Storage storage() {
    return storage;
  }

  /**
   * {@return the dense little-endian bytes, read-only}. A lazy tensor is made anew at each call:
   * use {@link #write} to go through a large one by regions.
   *
   * @throws IllegalStateException for strings, or when the owner was closed
   */
  public MemorySegment segment() {
    return switch (storage) {
      case Storage.Dense dense -> {
        if (dense.owner() != null) {
          dense.owner().checkOpen();
        }
        yield dense.segment();
      }
      case Storage.Lazy lazy -> {
        MemorySegment made = allocate(byteSize());
        lazy.write(0, size, made);
        yield made.asReadOnly();
      }
      case Storage.Strings _ -> throw new IllegalStateException("strings have no segment");
    };
  }

  /**
   * Writes the dense bytes of the elements {@code [from, from + count)} in row-major order.
   *
   * @param from first element; for packed types a multiple of the elements per byte
   * @param target native, at least {@code dtype.byteSize(count)} bytes
   */
  public void write(long from, long count, MemorySegment target) {
    java.util.Objects.checkFromIndexSize(from, count, size);
    if (storage instanceof Storage.Lazy lazy) {
      lazy.write(from, count, target);
    } else {
      MemorySegment.copy(segment(), dtype.byteSize(from), target, 0, dtype.byteSize(count));
    }
  }

  /** {@return this with dense storage} */
  public Tensor dense() {
    return storage instanceof Storage.Lazy ? of(dtype, dims, segment()) : this;
  }

  /**
   * {@return this in memory of its own that the garbage collector owns}: what a caller keeps after
   * the owner is closed. Memory that has no owner is not copied.
   */
  public Tensor detached() {
    if (!(storage instanceof Storage.Dense dense) || dense.owner() == null) {
      return dense();
    }
    MemorySegment made = allocate(byteSize());
    made.copyFrom(segment());
    return of(dtype, dims, made);
  }

  /**
   * {@return the same elements in another shape, sharing storage}
   *
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Tensor reshape(long... newDims) {
    if (sizeOf(newDims) != size) {
      throw new IllegalArgumentException(
          "cannot reshape " + Arrays.toString(dims) + " to " + Arrays.toString(newDims));
    }
    return new Tensor(dtype, newDims, storage);
  }

  /** {@return the strings, row-major; for string tensors} */
  public List<String> strings() {
    if (storage instanceof Storage.Strings s) {
      return s.values();
    }
    throw new IllegalStateException(dtype + " holds no strings");
  }

  /** {@return all elements as doubles; exact but for 64-bit integers beyond 2^53} */
  public double[] toDoubles() {
    MemorySegment bytes = segment();
    double[] out = new double[Math.toIntExact(size)];
    for (int i = 0; i < out.length; i++) {
      out[i] = Elements.getDouble(bytes, dtype, i);
    }
    return out;
  }

  /** {@return all elements as floats, rounded once} */
  public float[] toFloats() {
    double[] wide = toDoubles();
    float[] out = new float[wide.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) wide[i];
    }
    return out;
  }

  /**
   * {@return all elements of an integer or bool tensor; u64 beyond 2^63 wraps}
   *
   * @throws IllegalArgumentException for other types
   */
  public long[] toLongs() {
    MemorySegment bytes = segment();
    long[] out = new long[Math.toIntExact(size)];
    for (int i = 0; i < out.length; i++) {
      out[i] = Elements.getLong(bytes, dtype, i);
    }
    return out;
  }

  /** {@return whether type, shape and every stored bit are equal} */
  public boolean contentEquals(Tensor other) {
    if (dtype != other.dtype || !Arrays.equals(dims, other.dims)) {
      return false;
    }
    return dtype == DType.STRING
        ? strings().equals(other.strings())
        : segment().mismatch(other.segment()) < 0;
  }

  /**
   * {@return the number of elements of a shape}
   *
   * @throws IllegalArgumentException if a dim is negative
   * @throws ArithmeticException if it overflows
   */
  public static long sizeOf(long... dims) {
    boolean empty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dim in " + Arrays.toString(dims));
      }
      empty |= dim == 0;
    }
    if (empty) {
      return 0;
    }
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** {@return the type as in the text form, such as {@code f32[3,224,224]}} */
  public String typeText() {
    StringJoiner joiner = new StringJoiner(",", dtype.shortName() + "[", "]");
    for (long dim : dims) {
      joiner.add(Long.toString(dim));
    }
    return joiner.toString();
  }

  /** {@return the type, and the elements when there are few} */
  @Override
  public String toString() {
    if (size > 8) {
      return typeText();
    }
    if (dtype == DType.STRING) {
      return typeText() + strings();
    }
    return typeText()
        + (dtype.isInteger() || dtype == DType.BOOL
            ? Arrays.toString(toLongs())
            : dtype.kind() == DType.Kind.COMPLEX ? "" : Arrays.toString(toDoubles()));
  }
}
