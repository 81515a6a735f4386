package dev.isomorph.formats.onnx;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes {@code TensorProto} and {@code SparseTensorProto}. Raw and external data are slices of
 * the mapped files; data in typed fields is copied to native memory. The layout of every field is
 * that of the comments in {@code onnx.proto}; as in ONNX Runtime, {@code raw_data} wins over a
 * typed field, and either must have exactly the size that the dims ask for. Immutable and safe for
 * many threads.
 */
public final class OnnxTensors {
  private final String file;
  private final TensorArena arena;
  private final LargeFields large;
  private final ExternalData external;
  private final Limits limits;

  private OnnxTensors(
      String file, TensorArena arena, LargeFields large, ExternalData external, Limits limits) {
    this.file = file;
    this.arena = arena;
    this.large = large;
    this.external = external;
    this.limits = limits;
  }

  /**
   * {@return a decoder for the tensors of one file}
   *
   * @param file the file, for messages
   * @param arena owns the file's map, and will own the maps of external data
   * @param large what stayed in the map
   * @param folder where external data lies, or {@code null} if there can be none
   */
  public static OnnxTensors of(
      String file, TensorArena arena, LargeFields large, Path folder, Limits limits) {
    return new OnnxTensors(file, arena, large, new ExternalData(arena, folder), limits);
  }

  /**
   * {@return the tensor}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE}, {@link ErrorCode#FORMAT_INVALID}
   *     if data and dims disagree, or as external data fails
   */
  public Tensor toTensor(TensorProto proto) {
    try {
      return decode(proto);
    } catch (IsomorphException e) {
      throw inTensor(e, proto.getName());
    }
  }

  /**
   * {@return the tensor, made dense region by region when it is read; its storage is a {@link
   * SparseStorage}}
   *
   * @throws IsomorphException as {@link #toTensor(TensorProto)}; also if an index is outside the
   *     dims, not in ascending order, or twice
   */
  public Tensor toTensor(SparseTensorProto proto) {
    try {
      long[] dims = dims(proto.getDimsList());
      long size = size(dims);
      Tensor values = decode(proto.getValues());
      if (!SparseStorage.holds(values.dtype())) {
        throw Diagnostic.error(ErrorCode.UNSUPPORTED_DTYPE, "a sparse tensor of %s", values.dtype())
            .toException();
      }
      Limits.check("the number of elements of a sparse tensor", size, limits.elements());
      return SparseStorage.tensor(values, decode(proto.getIndices()), dims);
    } catch (IsomorphException e) {
      throw inTensor(e, proto.getValues().getName());
    }
  }

  private IsomorphException inTensor(IsomorphException e, String name) {
    return e.map(d -> d.inEntry("tensor '" + name + "'").inFile(file));
  }

  private Tensor decode(TensorProto proto) {
    DType dtype = dtype(proto.getDataType());
    long[] dims = dims(proto.getDimsList());
    long size = size(dims);
    if (proto.hasSegment()) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "a tensor in several segments")
          .toException();
    }
    boolean outside = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    if (dtype == DType.STRING) {
      if (outside || proto.hasRawData()) {
        throw invalid("strings can only be in string_data").toException();
      }
      return strings(proto, dims, size);
    }
    long needed = byteSize(dtype, size);
    if (outside) {
      return Tensor.of(dtype, dims, external.bytes(proto, needed), arena);
    }
    if (proto.hasRawData()) {
      return raw(proto.getRawData(), dtype, dims, needed);
    }
    return new TypedFields(proto, dtype, dims, size).toTensor();
  }

  private Tensor raw(ByteString data, DType dtype, long[] dims, long needed) {
    Tensor kept = large.get(data).orElse(null);
    if (kept != null && !List.of(DType.U8, dtype, partType(dtype)).contains(kept.dtype())) {
      String field = kept.dtype() == DType.F32 ? "float_data" : "double_data";
      throw invalid(field + " cannot hold elements of type " + dtype).toException();
    }
    long size = kept == null ? data.size() : kept.byteSize();
    if (size != needed) {
      throw invalid("the data does not have the size of " + dtype + Arrays.toString(dims))
          .expected(needed + " bytes", size)
          .toException();
    }
    if (kept == null) {
      MemorySegment copy = Tensor.allocate(needed);
      copy.copyFrom(MemorySegment.ofBuffer(data.asReadOnlyByteBuffer()));
      return Tensor.of(dtype, dims, copy);
    }
    return kept.storage() instanceof Storage.Dense(MemorySegment bytes, TensorArena owner)
        ? Tensor.of(dtype, dims, bytes, owner)
        : kept.dtype() == dtype ? kept.reshape(dims) : Tensor.of(dtype, dims, kept.segment());
  }

  private static DType partType(DType dtype) {
    return switch (dtype) {
      case C64 -> DType.F32;
      case C128 -> DType.F64;
      default -> dtype;
    };
  }

  private static Tensor strings(TensorProto proto, long[] dims, long size) {
    if (proto.getStringDataCount() != size) {
      throw invalid("string_data does not have the tensor's number of elements")
          .expected(size, proto.getStringDataCount())
          .toException();
    }
    List<String> values = new ArrayList<>((int) size);
    for (ByteString bytes : proto.getStringDataList()) {
      try {
        values.add(
            StandardCharsets.UTF_8.newDecoder().decode(bytes.asReadOnlyByteBuffer()).toString());
      } catch (CharacterCodingException e) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_FEATURE, "string %d is not UTF-8 text", values.size())
            .toException();
      }
    }
    return Tensor.of(values, dims);
  }

  private static DType dtype(int code) {
    return DType.byOnnxCode(code)
        .orElseThrow(
            () -> {
              TensorProto.DataType known = TensorProto.DataType.forNumber(code);
              return Diagnostic.error(
                      known == null || code == 0
                          ? ErrorCode.FORMAT_INVALID
                          : ErrorCode.UNSUPPORTED_DTYPE,
                      "the element type is %s",
                      known == null ? "the unknown number " + code : known.name())
                  .toException();
            });
  }

  private static long[] dims(List<Long> list) {
    long[] dims = new long[list.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = list.get(i);
      if (dims[i] < 0) {
        throw invalid("a dim is negative").expected("0 or more", dims[i]).toException();
      }
    }
    return dims;
  }

  private static long size(long[] dims) {
    try {
      return Tensor.sizeOf(dims);
    } catch (ArithmeticException _) {
      throw invalid("the number of elements overflows 63 bits: " + Arrays.toString(dims))
          .toException();
    }
  }

  private static long byteSize(DType dtype, long size) {
    try {
      return dtype.byteSize(size);
    } catch (ArithmeticException _) {
      throw invalid("the tensor's size overflows 63 bits").toException();
    }
  }

  static Diagnostic invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what);
  }

  /** The typed fields of one {@code TensorProto}, each with the element types that it holds. */
  private record TypedFields(TensorProto proto, DType dtype, long[] dims, long size) {
    Tensor toTensor() {
      return switch (dtype) {
        case F32 -> floats(1);
        case C64 -> floats(2);
        case F64 -> doubles(1);
        case C128 -> doubles(2);
        case I64 -> longs("int64_data", proto.getInt64DataCount());
        case U64, U32 -> longs("uint64_data", proto.getUint64DataCount());
        default -> ints();
      };
    }

    private MemorySegment memory(String field, int count, long expected) {
      if (count != expected) {
        throw invalid(field + " does not have the size of " + dtype + Arrays.toString(dims))
            .expected(expected + " entries", count)
            .toException();
      }
      return Tensor.allocate(dtype.byteSize(size));
    }

    private Tensor floats(int parts) {
      int count = proto.getFloatDataCount();
      MemorySegment out = memory("float_data", count, Math.multiplyExact(size, parts));
      for (int i = 0; i < count; i++) {
        out.set(Tensor.LE_FLOAT, i * 4L, proto.getFloatData(i));
      }
      return Tensor.of(dtype, dims, out);
    }

    private Tensor doubles(int parts) {
      int count = proto.getDoubleDataCount();
      MemorySegment out = memory("double_data", count, Math.multiplyExact(size, parts));
      for (int i = 0; i < count; i++) {
        out.set(Tensor.LE_DOUBLE, i * 8L, proto.getDoubleData(i));
      }
      return Tensor.of(dtype, dims, out);
    }

    private Tensor longs(String field, int count) {
      MemorySegment out = memory(field, count, size);
      for (int i = 0; i < count; i++) {
        long value = dtype == DType.I64 ? proto.getInt64Data(i) : proto.getUint64Data(i);
        if (dtype != DType.U32) {
          out.set(Tensor.LE_LONG, i * 8L, value);
        } else if (value >>> 32 == 0) {
          out.set(Tensor.LE_INT, i * 4L, (int) value);
        } else {
          throw invalid("entry " + i + " of uint64_data does not fit u32").toException();
        }
      }
      return Tensor.of(dtype, dims, out);
    }

    /** An entry is one element; of types below a byte, one byte of several elements. */
    private Tensor ints() {
      int count = proto.getInt32DataCount();
      int width = Math.max(dtype.bits(), 8);
      MemorySegment out =
          memory("int32_data", count, dtype.isPacked() ? dtype.byteSize(size) : size);
      boolean signed = dtype.kind() == DType.Kind.SIGNED && !dtype.isPacked();
      for (int i = 0; i < count; i++) {
        int value = proto.getInt32Data(i);
        int low = signed ? value << 32 - width >> 32 - width : value & (int) ((1L << width) - 1);
        if (low != value && !fitsOtherwise(value, width)) {
          throw invalid("entry " + i + " of int32_data does not fit " + dtype)
              .expected(width + " bits", value)
              .toException();
        }
        switch (width) {
          case 8 -> out.set(ValueLayout.JAVA_BYTE, i, (byte) value);
          case 16 -> out.set(Tensor.LE_SHORT, i * 2L, (short) value);
          default -> out.set(Tensor.LE_INT, i * 4L, value);
        }
      }
      return Tensor.of(dtype, dims, out);
    }

    /** Bit patterns are written sign-extended by some writers and zero-extended by others. */
    private static boolean fitsOtherwise(int value, int width) {
      return value >= -(1L << width - 1) && value < 1L << width;
    }
  }
}
