package dev.isomorph.formats.onnx;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.io.TensorBytes;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.StringStringEntryProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MessageWriter;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes ONNX model files. Tensor data flows from the tensors to the file region by region; the
 * outputs appear when they are complete; the same model gives the same bytes.
 */
public final class OnnxWriter {
  /** Tensors from this size on go to the external file: onnx's own {@code size_threshold}. */
  private static final long EXTERNAL_SIZE = 1024;

  private static final long INLINE_SIZE = 4096;
  private static final long PAGE = 4096;

  /** Windows maps files at multiples of 64 KiB only. */
  private static final long GRANULARITY = 65536;

  private static final long GRANULAR_SIZE = 1 << 20;

  private OnnxWriter() {}

  /** Where the data of large tensors goes. */
  public enum DataPlacement {
    /** Into the model file, or beside it when protobuf's 2 GiB do not suffice. */
    AUTO,
    /** Into the file {@code <model file>.data} beside the model. */
    EXTERNAL
  }

  /**
   * {@return a tensor as a message}
   *
   * @param name the initializer's name, may be empty
   * @param large gets the data when it is not small
   */
  public static TensorProto toProto(String name, Tensor tensor, LargeFields large) {
    TensorProto.Builder out = TensorProto.newBuilder().setDataType(tensor.dtype().onnxCode());
    for (long dim : tensor.dims()) {
      out.addDims(dim);
    }
    if (!name.isEmpty()) {
      out.setName(name);
    }
    if (tensor.dtype() == DType.STRING) {
      tensor.strings().forEach(s -> out.addStringData(ByteString.copyFromUtf8(s)));
    } else if (tensor.byteSize() < INLINE_SIZE) {
      MemorySegment bytes = tensor.segment();
      out.setRawData(ByteString.copyFrom(bytes.toArray(ValueLayout.JAVA_BYTE)));
    } else {
      out.setRawData(large.add(tensor));
    }
    return out.build();
  }

  /**
   * Writes a model, and beside it the file {@code <model file>.data} when data is external.
   *
   * @param target the model file
   * @param model tensor data that is external already stays as it is
   * @param large the data that {@code model} refers to
   * @param replace whether existing files may be replaced
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}, or
   *     {@link ErrorCode#UNSUPPORTED_TARGET} when even without its tensors the model has 2 GiB
   */
  public static void write(
      Path target, ModelProto model, LargeFields large, DataPlacement placement, boolean replace) {
    requireNonNull(model, "model is null");
    if (placement == DataPlacement.AUTO && fits(model, large)) {
      try (AtomicOutput output = AtomicOutput.file(target, replace)) {
        writeModel(output, model, large);
        output.commit();
      }
      return;
    }
    Path dataFile = target.resolveSibling(target.getFileName() + ".data");
    Layout layout = new Layout(dataFile.getFileName().toString(), large);
    ModelProto moved = new TensorProtos(layout::move, t -> t).rewrite(model);
    if (!fits(moved, large)) {
      moved = new TensorProtos(t -> t, layout::move).rewrite(moved);
    }
    if (!fits(moved, large)) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET,
              "the graph alone, without tensors, is larger than an ONNX file can be")
          .inFile(target.toString())
          .expected("at most " + Integer.MAX_VALUE + " bytes", MessageWriter.size(moved, large))
          .toException();
    }
    if (layout.offsets.isEmpty()) {
      write(target, moved, large, DataPlacement.AUTO, replace);
      return;
    }
    try (AtomicOutput data = AtomicOutput.file(dataFile, replace);
        AtomicOutput output = AtomicOutput.file(target, replace)) {
      layout.writeTo(data);
      writeModel(output, moved, large);
      AtomicOutput.commit(List.of(data, output));
    }
  }

  private static boolean fits(ModelProto model, LargeFields large) {
    return MessageWriter.size(model, large) <= Integer.MAX_VALUE;
  }

  private static void writeModel(AtomicOutput output, ModelProto model, LargeFields large) {
    try (FileChannel channel = FileChannel.open(output.path(), StandardOpenOption.WRITE)) {
      MessageWriter.write(model, large, channel);
    } catch (IOException e) {
      throw AtomicOutput.failed(output.target(), e);
    }
  }

  /** The external file: which tensor lies where. */
  private static final class Layout {
    private final String location;
    private final LargeFields large;
    private final Map<Object, Long> known = new HashMap<>();
    private final Map<Long, Object> offsets = new LinkedHashMap<>();
    private long end;

    Layout(String location, LargeFields large) {
      this.location = location;
      this.large = large;
    }

    /** {@return the message with its data in the external file, if it is large enough} */
    TensorProto move(TensorProto proto) {
      if (!proto.hasRawData() || proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        return proto;
      }
      Tensor kept = large.get(proto.getRawData()).orElse(null);
      long size = kept == null ? proto.getRawData().size() : kept.byteSize();
      if (size < EXTERNAL_SIZE) {
        return proto;
      }
      Object identity = identity(kept);
      Long offset = kept == null ? null : known.get(identity);
      if (offset == null) {
        long alignment = size >= GRANULAR_SIZE ? GRANULARITY : PAGE;
        offset = Math.ceilDiv(end, alignment) * alignment;
        end = offset + size;
        offsets.put(offset, kept == null ? proto.getRawData() : kept);
        if (kept != null) {
          known.put(identity, offset);
        }
      }
      return proto.toBuilder()
          .clearRawData()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(entry("location", location))
          .addExternalData(entry("offset", Long.toString(offset)))
          .addExternalData(entry("length", Long.toString(size)))
          .build();
    }

    /** The same memory is written once, whatever tensors show it: tied weights stay tied. */
    private static Object identity(Tensor tensor) {
      return tensor != null && tensor.storage() instanceof Storage.Dense dense
          ? new Memory(dense.segment().address(), dense.segment().byteSize())
          : tensor;
    }

    private record Memory(long address, long size) {}

    private static StringStringEntryProto entry(String key, String value) {
      return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    void writeTo(AtomicOutput output) {
      try (FileChannel channel = FileChannel.open(output.path(), StandardOpenOption.WRITE)) {
        for (Map.Entry<Long, Object> entry : offsets.entrySet()) {
          // What lies between two tensors is never written, and reads as zeros.
          channel.position(entry.getKey());
          switch (entry.getValue()) {
            case Tensor tensor -> TensorBytes.write(tensor, channel);
            case ByteString bytes ->
                TensorBytes.writeFully(ByteBuffer.wrap(bytes.toByteArray()), channel);
            default -> throw new IllegalStateException("neither tensor nor bytes");
          }
        }
      } catch (IOException e) {
        throw AtomicOutput.failed(output.target(), e);
      }
    }
  }
}
