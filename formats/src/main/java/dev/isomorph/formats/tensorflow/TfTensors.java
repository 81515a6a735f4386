package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MappedMessages;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * TensorFlow's {@code TensorProto} and tensors of ours. As in {@code Tensor::FromProto} of
 * TensorFlow's {@code core/framework/tensor.cc}: {@code tensor_content} wins and has exactly the
 * tensor's bytes; a typed list that is too short repeats its last element, and an empty one means
 * zeros; what is too long in a list is ignored by TensorFlow and refused here. Types below a byte
 * take a byte for each element in the message. Stateless.
 */
public final class TfTensors {
  /** Content that stays in a mapped file. */
  static final List<MappedMessages.Kept> KEPT;

  private static final int INLINE_SIZE = 4096;

  static {
    var content =
        TensorProto.getDescriptor().findFieldByNumber(TensorProto.TENSOR_CONTENT_FIELD_NUMBER);
    KEPT = List.of(new MappedMessages.Kept(content, content, DType.U8));
  }

  private TfTensors() {}

  /**
   * {@return the tensor}
   *
   * @param large what stayed in the map
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE}, {@link ErrorCode#FORMAT_INVALID}
   *     if content and shape disagree, {@link ErrorCode#FORMAT_LIMIT} if a short list stands for
   *     too many elements
   */
  public static Tensor toTensor(TensorProto proto, LargeFields large, Limits limits) {
    DType dtype = DataTypes.ours(proto.getDtype());
    long[] dims = dims(proto.getTensorShape());
    long size = size(dims);
    ByteString content = proto.getTensorContent();
    if (dtype == DType.STRING) {
      if (!content.isEmpty()) {
        throw invalid("strings are in tensor_content").toException();
      }
      return strings(proto, dims, size, limits);
    }
    if (!content.isEmpty()) {
      return content(content, large, dtype, dims, size);
    }
    return new TypedFields(proto, dtype, dims, size).toTensor(limits);
  }

  private static Tensor content(
      ByteString content, LargeFields large, DType dtype, long[] dims, long size) {
    Tensor kept = large.get(content).orElse(null);
    long actual = kept == null ? content.size() : kept.byteSize();
    if (kept != null && kept.dtype() == dtype && dtype != DType.U8) {
      return kept.reshape(dims);
    }
    long needed = unpackedSize(dtype, size);
    if (actual != needed) {
      throw invalid("tensor_content does not have the size of " + dtype + Arrays.toString(dims))
          .expected(needed + " bytes", actual)
          .toException();
    }
    MemorySegment bytes =
        kept == null ? MemorySegment.ofBuffer(content.asReadOnlyByteBuffer()) : kept.segment();
    if (dtype.isPacked()) {
      return Tensor.of(dtype, dims, packed(bytes, dtype, size));
    }
    if (kept != null && kept.storage() instanceof Storage.Dense(MemorySegment _, TensorArena o)) {
      return Tensor.of(dtype, dims, bytes, o);
    }
    MemorySegment copy = Tensor.allocate(needed);
    copy.copyFrom(bytes);
    return Tensor.of(dtype, dims, copy);
  }

  static long unpackedSize(DType dtype, long size) {
    try {
      return dtype.isPacked() ? size : dtype.byteSize(size);
    } catch (ArithmeticException _) {
      throw invalid("the tensor's size overflows 63 bits").toException();
    }
  }

  /** {@return elements that took a byte each, packed} */
  static MemorySegment packed(MemorySegment bytes, DType dtype, long size) {
    MemorySegment out = Tensor.allocate(dtype.byteSize(size));
    int perByte = 8 / dtype.bits();
    int mask = (1 << dtype.bits()) - 1;
    for (long i = 0; i < size; i++) {
      int value = (bytes.get(ValueLayout.JAVA_BYTE, i) & mask) << i % perByte * dtype.bits();
      byte old = out.get(ValueLayout.JAVA_BYTE, i / perByte);
      out.set(ValueLayout.JAVA_BYTE, i / perByte, (byte) (old | value));
    }
    return out;
  }

  private static Tensor strings(TensorProto proto, long[] dims, long size, Limits limits) {
    int count = proto.getStringValCount();
    if (count > size) {
      throw invalid("string_val has more elements than the shape")
          .expected(size, count)
          .toException();
    }
    Limits.check("the number of strings", size, limits.objects());
    List<String> values = new ArrayList<>((int) size);
    for (ByteString bytes : proto.getStringValList()) {
      values.add(utf8(bytes, values.size()));
    }
    String last = count == 0 ? "" : values.getLast();
    while (values.size() < size) {
      values.add(last);
    }
    return Tensor.of(values, dims);
  }

  static String utf8(ByteString bytes, long index) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asReadOnlyByteBuffer()).toString();
    } catch (CharacterCodingException _) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "string %d is not UTF-8 text", index)
          .toException();
    }
  }

  /**
   * {@return a shape as dims}
   *
   * @throws IsomorphException if the rank or a dim is unknown
   */
  static long[] dims(TensorShapeProto shape) {
    if (shape.getUnknownRank()) {
      throw invalid("the rank of a stored tensor is unknown").toException();
    }
    long[] dims = new long[shape.getDimCount()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.getDim(i).getSize();
      if (dims[i] < 0) {
        throw invalid("a dim of a stored tensor is negative")
            .expected("0 or more", dims[i])
            .toException();
      }
    }
    return dims;
  }

  static long size(long[] dims) {
    try {
      return Tensor.sizeOf(dims);
    } catch (ArithmeticException _) {
      throw invalid("the number of elements overflows 63 bits: " + Arrays.toString(dims))
          .toException();
    }
  }

  /** {@return dims as a message} */
  public static TensorShapeProto shape(long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDimBuilder().setSize(dim);
    }
    return shape.build();
  }

  /**
   * {@return a tensor as a message}
   *
   * @param large gets the content when it is not small
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_TARGET} for a type that TensorFlow lacks
   */
  public static TensorProto toProto(Tensor tensor, LargeFields large) {
    DType dtype = tensor.dtype();
    TensorProto.Builder out =
        TensorProto.newBuilder()
            .setDtype(DataTypes.theirs(dtype))
            .setTensorShape(shape(tensor.dims()));
    if (dtype == DType.STRING) {
      tensor.strings().forEach(s -> out.addStringVal(ByteString.copyFromUtf8(s)));
    } else if (dtype.isPacked()) {
      out.setTensorContent(large.add(Tensor.of(DType.U8, tensor.dims(), unpacked(tensor))));
    } else if (tensor.byteSize() < INLINE_SIZE) {
      byte[] bytes = tensor.segment().toArray(ValueLayout.JAVA_BYTE);
      out.setTensorContent(ByteString.copyFrom(bytes));
    } else {
      out.setTensorContent(large.add(tensor));
    }
    return out.build();
  }

  /** {@return the elements of a packed type, a byte each, signed ones sign-extended} */
  static MemorySegment unpacked(Tensor tensor) {
    DType dtype = tensor.dtype();
    MemorySegment bytes = tensor.segment();
    MemorySegment out = Tensor.allocate(tensor.size());
    DType read = dtype == DType.F4E2M1 ? DType.U4 : dtype;
    for (long i = 0; i < tensor.size(); i++) {
      out.set(ValueLayout.JAVA_BYTE, i, (byte) Elements.getLong(bytes, read, i));
    }
    return out;
  }

  private static Diagnostic invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what);
  }

  /** The typed lists of one message, each with the element types that it holds. */
  private record TypedFields(TensorProto proto, DType dtype, long[] dims, long size) {
    Tensor toTensor(Limits limits) {
      DType stored = dtype.isPacked() ? DType.U8 : dtype;
      int count = count();
      if (count > size) {
        throw invalid("a typed list has more elements than the shape")
            .expected(size + " for " + dtype + Arrays.toString(dims), count)
            .toException();
      }
      MemorySegment listed = Tensor.allocate(stored.byteSize(count));
      for (int i = 0; i < count; i++) {
        set(listed, stored, i);
      }
      if (count == size && !dtype.isPacked()) {
        return Tensor.of(dtype, dims, listed);
      }
      Limits.check("the number of elements that a short list stands for", size, limits.elements());
      Tensor prefix = Tensor.of(stored, new long[] {count}, listed);
      RepeatedLast all = new RepeatedLast(prefix);
      if (!dtype.isPacked()) {
        return Tensor.lazy(dtype, dims, all);
      }
      Limits.check("the bytes of a packed tensor", size, limits.foldedBytes());
      MemorySegment bytes = Tensor.allocate(size);
      all.write(0, size, bytes);
      return Tensor.of(dtype, dims, packed(bytes, dtype, size));
    }

    private int count() {
      return switch (dtype) {
        case F32 -> proto.getFloatValCount();
        case F64 -> proto.getDoubleValCount();
        case I64 -> proto.getInt64ValCount();
        case U32 -> proto.getUint32ValCount();
        case U64 -> proto.getUint64ValCount();
        case BOOL -> proto.getBoolValCount();
        case F16, BF16 -> proto.getHalfValCount();
        case C64 -> pairs(proto.getScomplexValCount());
        case C128 -> pairs(proto.getDcomplexValCount());
        case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ -> proto.getFloat8Val().size();
        default -> proto.getIntValCount();
      };
    }

    private static int pairs(int count) {
      if (count % 2 != 0) {
        throw invalid("a list of complex numbers has an odd number of parts").toException();
      }
      return count / 2;
    }

    private void set(MemorySegment out, DType stored, int i) {
      switch (dtype) {
        case F32 -> out.set(Tensor.LE_FLOAT, i * 4L, proto.getFloatVal(i));
        case F64 -> out.set(Tensor.LE_DOUBLE, i * 8L, proto.getDoubleVal(i));
        case I64 -> out.set(Tensor.LE_LONG, i * 8L, proto.getInt64Val(i));
        case U32 -> out.set(Tensor.LE_INT, i * 4L, proto.getUint32Val(i));
        case U64 -> out.set(Tensor.LE_LONG, i * 8L, proto.getUint64Val(i));
        case BOOL -> out.set(ValueLayout.JAVA_BYTE, i, (byte) (proto.getBoolVal(i) ? 1 : 0));
        case F16, BF16 -> out.set(Tensor.LE_SHORT, i * 2L, (short) proto.getHalfVal(i));
        case C64 -> {
          out.set(Tensor.LE_FLOAT, i * 8L, proto.getScomplexVal(2 * i));
          out.set(Tensor.LE_FLOAT, i * 8L + 4, proto.getScomplexVal(2 * i + 1));
        }
        case C128 -> {
          out.set(Tensor.LE_DOUBLE, i * 16L, proto.getDcomplexVal(2 * i));
          out.set(Tensor.LE_DOUBLE, i * 16L + 8, proto.getDcomplexVal(2 * i + 1));
        }
        case F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ ->
            out.set(ValueLayout.JAVA_BYTE, i, proto.getFloat8Val().byteAt(i));
        default -> Elements.setLong(out, stored, i, proto.getIntVal(i));
      }
    }
  }

  /**
   * A list that repeats its last element; zeros when it is empty.
   *
   * @param listed the elements of the list, of a type of whole bytes
   */
  private record RepeatedLast(Tensor listed) implements Storage.Lazy {
    @Override
    public void write(long from, long count, MemorySegment target) {
      long width = listed.dtype().byteSize(1);
      MemorySegment bytes = listed.segment();
      long given = Math.clamp(listed.size() - from, 0, count);
      MemorySegment.copy(bytes, Math.min(from, listed.size()) * width, target, 0, given * width);
      if (listed.size() == 0) {
        target.asSlice(0, count * width).fill((byte) 0);
        return;
      }
      MemorySegment last = bytes.asSlice((listed.size() - 1) * width, width);
      for (long i = given; i < count; i++) {
        MemorySegment.copy(last, 0, target, i * width, width);
      }
    }

    @Override
    public String description() {
      return "repeated from " + listed.size() + " elements";
    }
  }
}
