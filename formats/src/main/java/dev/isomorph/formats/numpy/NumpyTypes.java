package dev.isomorph.formats.numpy;

import dev.isomorph.formats.LazyBytes;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * NumPy's array protocol type strings ({@code <f4}, {@code |b1}, {@code >U12}; "array interface"
 * page of NumPy's reference) and the decoding of raw array data.
 */
final class NumpyTypes {
  /** A parsed type string. */
  record Descr(boolean bigEndian, char kind, int size) {}

  private static final Map<String, DType> BY_CODE = new TreeMap<>();

  static {
    BY_CODE.put("f2", DType.F16);
    BY_CODE.put("f4", DType.F32);
    BY_CODE.put("f8", DType.F64);
    BY_CODE.put("i1", DType.I8);
    BY_CODE.put("i2", DType.I16);
    BY_CODE.put("i4", DType.I32);
    BY_CODE.put("i8", DType.I64);
    BY_CODE.put("u1", DType.U8);
    BY_CODE.put("u2", DType.U16);
    BY_CODE.put("u4", DType.U32);
    BY_CODE.put("u8", DType.U64);
    BY_CODE.put("b1", DType.BOOL);
    BY_CODE.put("c8", DType.C64);
    BY_CODE.put("c16", DType.C128);
  }

  private NumpyTypes() {}

  static Descr parse(String descr, long offset) {
    if (descr.length() >= 2 && "<>|=".indexOf(descr.charAt(0)) >= 0) {
      String digits = descr.substring(2);
      if (digits.matches("[0-9]{1,9}")) {
        return new Descr(descr.charAt(0) == '>', descr.charAt(1), Integer.parseInt(digits));
      }
      if (descr.charAt(1) == 'O') {
        throw refused(
            "the array holds Python objects as a pickle, which is never executed", descr, offset);
      }
    }
    throw refused("the array's element type is not known", descr, offset);
  }

  static Optional<DType> dtype(Descr descr) {
    return Optional.ofNullable(BY_CODE.get(descr.kind() + "" + descr.size()));
  }

  /** {@return the type string of a tensor's elements in an npy file} */
  static String descr(DType dtype) {
    for (Map.Entry<String, DType> e : BY_CODE.entrySet()) {
      if (e.getValue() == dtype) {
        return (dtype.bits() == 8 ? "|" : "<") + e.getKey();
      }
    }
    if (dtype == DType.STRING || dtype.isPacked()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_DTYPE, "npy files cannot hold elements of type %s", dtype)
          .help("cast the tensor to a type that NumPy has")
          .toException();
    }
    // The form in which NumPy itself stores the extension types of ml_dtypes: raw bytes.
    return dtype.bits() == 8 ? "|V1" : "<V2";
  }

  /**
   * {@return the tensor of raw array data}
   *
   * @param data exactly what follows the header, possibly more
   * @param raw the type that elements of a raw kind ({@code V}) have; NumPy does not store the
   *     names of types that are not its own
   */
  static Tensor decode(
      Descr descr,
      boolean fortran,
      long[] shape,
      MemorySegment data,
      TensorArena owner,
      Optional<DType> raw,
      Limits limits,
      long offset) {
    long size = size(shape, offset);
    boolean text = descr.kind() == 'S' || descr.kind() == 'U';
    DType dtype = text ? DType.STRING : elementType(descr, raw, offset);
    long width = text ? descr.size() * (descr.kind() == 'U' ? 4L : 1L) : dtype.byteSize(1);
    if (width == 0) {
      Limits.check("the number of empty strings", size, 1 << 20);
    }
    if (width > 0 && size > data.byteSize() / width) {
      throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "the array's data end too early")
          .at(offset)
          .expected(size + " elements of " + width + " bytes", data.byteSize() + " bytes")
          .toException();
    }
    MemorySegment bytes = data.asSlice(0, size * width);
    if (text) {
      return strings(descr, fortran, shape, bytes, size, offset);
    }
    Tensor flat =
        bytes.isNative()
            ? Tensor.of(dtype, new long[] {size}, bytes, owner)
            : Tensor.of(
                dtype, new long[] {size}, Tensor.allocate(bytes.byteSize()).copyFrom(bytes));
    Tensor little = descr.bigEndian() ? LazyBytes.swapped(flat) : flat;
    return fortran && shape.length > 1
        ? LazyTensors.strided(little, shape, fortranStrides(shape), 0, "transposed")
        : little.reshape(shape);
  }

  private static DType elementType(Descr descr, Optional<DType> raw, long offset) {
    if (descr.kind() != 'V') {
      return dtype(descr)
          .orElseThrow(
              () ->
                  refused(
                      "the array's element type has no counterpart",
                      descr.kind() + "" + descr.size(),
                      offset));
    }
    DType named = raw.orElse(null);
    if (named == null
        || named.isPacked()
        || named == DType.STRING
        || named.byteSize(1) != descr.size()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_DTYPE,
              "the array holds raw bytes: NumPy did not store what type they have")
          .at(offset)
          .expected("a type of NumPy's own", "V" + descr.size())
          .help("bfloat16 and float8 arrays are stored so; save them as float32")
          .toException();
    }
    return named;
  }

  static long size(long[] shape, long offset) {
    try {
      return Tensor.sizeOf(shape);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID,
              "the array's shape %s is impossible",
              Arrays.toString(shape))
          .at(offset)
          .toException();
    }
  }

  private static long[] fortranStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = 0; i < shape.length; i++) {
      strides[i] = step;
      step *= Math.max(shape[i], 1);
    }
    return strides;
  }

  private static Tensor strings(
      Descr descr, boolean fortran, long[] shape, MemorySegment bytes, long size, long offset) {
    // About what a short Java string costs; text of this size is never a weight.
    Limits.check("the number of strings", size, Runtime.getRuntime().maxMemory() / 512);
    long width = size == 0 ? 0 : bytes.byteSize() / size;
    List<String> out = new ArrayList<>((int) size);
    long[] index = new long[shape.length];
    long[] strides = fortran ? fortranStrides(shape) : LazyTensors.rowMajorStrides(shape);
    for (long i = 0; i < size; i++) {
      long at = 0;
      for (int axis = 0; axis < shape.length; axis++) {
        at += index[axis] * strides[axis];
      }
      out.add(string(descr, bytes.asSlice(at * width, width), offset + at * width));
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return Tensor.of(out, shape);
  }

  private static String string(Descr descr, MemorySegment cell, long offset) {
    if (descr.kind() == 'S') {
      byte[] raw = cell.toArray(ValueLayout.JAVA_BYTE);
      int end = raw.length;
      while (end > 0 && raw[end - 1] == 0) {
        end--;
      }
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw, 0, end)).toString();
      } catch (CharacterCodingException e) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID, "a byte string of the array is not UTF-8 text")
            .at(offset)
            .toException();
      }
    }
    StringBuilder text = new StringBuilder();
    for (long at = 0; at < cell.byteSize(); at += 4) {
      int point = cell.get(Tensor.LE_INT, at);
      point = descr.bigEndian() ? Integer.reverseBytes(point) : point;
      if (!Character.isValidCodePoint(point)) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID, "a string of the array holds no Unicode text")
            .at(offset + at)
            .toException();
      }
      text.appendCodePoint(point);
    }
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == 0) {
      end--;
    }
    return text.substring(0, end);
  }

  private static IsomorphException refused(String what, String descr, long offset) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_DTYPE, "%s", what)
        .at(offset)
        .expected(String.join(", ", BY_CODE.keySet()) + ", S, U", Text.quote(descr))
        .toException();
  }
}
