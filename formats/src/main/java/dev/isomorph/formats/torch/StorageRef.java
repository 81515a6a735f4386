package dev.isomorph.formats.torch;

import dev.isomorph.formats.LazyBytes;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A storage: flat memory that tensors are windows of. Two tensors share memory exactly when their
 * storages are the same object. Safe for many threads once its file is read.
 */
public final class StorageRef implements ForeignValue {
  private final String key;
  private final Optional<TorchDType> dtype;
  private final long count;
  private final String location;
  private final Map<DType, Tensor> flat = new EnumMap<>(DType.class);
  private MemorySegment bytes;
  private TensorArena owner;

  StorageRef(String key, Optional<TorchDType> dtype, long count, String location) {
    this.key = key;
    this.dtype = dtype;
    this.count = count;
    this.location = location;
  }

  /** {@return its key in the file} */
  public String key() {
    return key;
  }

  /** {@return the type that its class implies; empty for an untyped storage} */
  public Optional<TorchDType> dtype() {
    return dtype;
  }

  /** {@return elements, or bytes of an untyped storage} */
  public long count() {
    return count;
  }

  /** {@return the device that it was on, such as {@code cuda:0}} */
  public String location() {
    return location;
  }

  /** {@return its bytes} */
  public long byteSize() {
    return Math.multiplyExact(count, dtype.map(TorchDType::bytes).orElse(1));
  }

  /** {@return elements of a type that fit into it} */
  long capacity(TorchDType as) {
    return byteSize() / as.bytes();
  }

  /** Gives it its bytes. */
  void bind(MemorySegment content, TensorArena holder, boolean bigEndian) {
    if (content.byteSize() != byteSize()) {
      throw Diagnostic.error(
              content.byteSize() < byteSize()
                  ? ErrorCode.FORMAT_TRUNCATED
                  : ErrorCode.FORMAT_INVALID,
              "the storage %s has another size than the pickle says",
              Text.quote(key))
          .expected(byteSize() + " bytes", content.byteSize())
          .toException();
    }
    this.bytes = content;
    this.owner = holder;
    if (bigEndian) {
      TorchDType type =
          dtype.orElseThrow(
              () ->
                  Diagnostic.error(
                          ErrorCode.UNSUPPORTED_FEATURE,
                          "the storage %s is big-endian and untyped: which of its bytes to swap is"
                              + " not known",
                          Text.quote(key))
                      .toException());
      this.bytes = little(type, content, holder);
    }
  }

  private static MemorySegment little(TorchDType type, MemorySegment content, TensorArena holder) {
    DType dtype = type.dtype().orElse(DType.U8);
    DType swapped = dtype.isPacked() ? DType.U8 : dtype;
    long[] dims = {content.byteSize() / swapped.byteSize(1)};
    Tensor stored = Tensor.of(swapped, dims, content, holder);
    Tensor little = LazyBytes.swapped(stored);
    if (little == stored) {
      return content;
    }
    MemorySegment made = holder.allocate(content.byteSize()).asSlice(0, content.byteSize());
    little.write(0, little.size(), made);
    return made.asReadOnly();
  }

  boolean isBound() {
    return bytes != null;
  }

  /** {@return the little-endian bytes} */
  MemorySegment bytes() {
    if (bytes == null) {
      throw missing();
    }
    return bytes;
  }

  TensorArena owner() {
    return owner;
  }

  /** {@return the whole storage as a flat tensor, always the same one for a type} */
  synchronized Tensor flat(TorchDType as) {
    if (bytes == null) {
      throw missing();
    }
    DType type = as.dtype().orElseThrow();
    return flat.computeIfAbsent(
        type,
        _ -> {
          long size = type.isPacked() ? byteSize() * 8 / type.bits() : capacity(as);
          return Tensor.of(type, new long[] {size}, bytes.asSlice(0, type.byteSize(size)), owner);
        });
  }

  private IsomorphException missing() {
    return Diagnostic.error(
            ErrorCode.FORMAT_INVALID, "the file holds no data for the storage %s", Text.quote(key))
        .toException();
  }

  @Override
  public String describe() {
    return "a storage of " + count + " elements";
  }
}
