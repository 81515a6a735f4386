package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.io.TensorBytes;
import dev.isomorph.formats.tensorflow.proto.BundleEntryProto;
import dev.isomorph.formats.tensorflow.proto.BundleHeaderProto;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.formats.tensorflow.proto.VersionDef;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Writes tensor bundles of one shard, as TensorFlow's {@code BundleWriter} does: tensors back to
 * back in the order of their names, little-endian, with checksums. The same tensors give the same
 * bytes.
 */
public final class TensorBundleWriter {
  private static final String SHARD = ".data-00000-of-00001";

  private TensorBundleWriter() {}

  /**
   * Writes a bundle into an existing folder, which is one that only appears when it is complete.
   *
   * @param prefix the files' common beginning
   * @param tensors by their keys
   * @param objectGraph the object graph of TensorFlow 2, if there is one
   * @throws IsomorphException {@link ErrorCode#OUTPUT_FAILED}, or {@link
   *     ErrorCode#UNSUPPORTED_TARGET} for a type or a name that a bundle cannot hold
   */
  public static void write(
      Path prefix, Map<String, Tensor> tensors, Optional<TrackableObjectGraph> objectGraph) {
    SortedMap<ByteString, Object> contents = new TreeMap<>(SortedTable.ORDER);
    tensors.forEach(
        (name, tensor) -> {
          if (name.isEmpty() || name.charAt(0) == 0) {
            throw Diagnostic.error(
                    ErrorCode.UNSUPPORTED_TARGET, "a checkpoint cannot hold a tensor with no name")
                .toException();
          }
          contents.put(ByteString.copyFromUtf8(name), tensor);
        });
    objectGraph.ifPresent(
        graph -> contents.put(ByteString.copyFromUtf8(TensorBundle.OBJECT_GRAPH), graph));
    SortedMap<ByteString, ByteString> entries = new TreeMap<>(SortedTable.ORDER);
    entries.put(
        ByteString.EMPTY,
        BundleHeaderProto.newBuilder()
            .setNumShards(1)
            .setVersion(VersionDef.newBuilder().setProducer(1))
            .build()
            .toByteString());
    Path data = prefix.resolveSibling(prefix.getFileName() + SHARD);
    Path index = prefix.resolveSibling(prefix.getFileName() + ".index");
    try {
      try (FileChannel out =
          FileChannel.open(data, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (Map.Entry<ByteString, Object> entry : contents.entrySet()) {
          BundleEntryProto.Builder proto = BundleEntryProto.newBuilder().setOffset(out.position());
          if (entry.getValue() instanceof Tensor tensor) {
            write(tensor, proto, out);
          } else {
            List<ByteString> graph =
                List.of(((TrackableObjectGraph) entry.getValue()).toByteString());
            write(graph, proto.setShape(TfTensors.shape()), out);
          }
          proto.setSize(out.position() - proto.getOffset());
          entries.put(entry.getKey(), proto.build().toByteString());
        }
      }
      Files.write(index, SortedTable.write(entries), StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw AtomicOutput.failed(prefix, e);
    }
  }

  private static void write(Tensor tensor, BundleEntryProto.Builder entry, FileChannel out)
      throws IOException {
    entry.setDtype(DataTypes.theirs(tensor.dtype())).setShape(TfTensors.shape(tensor.dims()));
    if (tensor.dtype() == DType.STRING) {
      write(tensor.strings().stream().map(ByteString::copyFromUtf8).toList(), entry, out);
      return;
    }
    Tensor stored =
        tensor.dtype().isPacked()
            ? Tensor.of(DType.U8, tensor.dims(), TfTensors.unpacked(tensor))
            : tensor;
    CRC32C crc = new CRC32C();
    TensorBytes.visit(
        stored,
        region -> {
          Crc.update(crc, region);
          TensorBytes.writeFully(region.asByteBuffer(), out);
        });
    entry.setCrc32C(Crc.masked(crc));
  }

  private static void write(
      List<ByteString> strings, BundleEntryProto.Builder entry, FileChannel out)
      throws IOException {
    BundleStrings.Written written = BundleStrings.write(strings);
    TensorBytes.writeFully(ByteBuffer.wrap(written.bytes()), out);
    entry.setDtype(DataType.DT_STRING).setCrc32C(written.crc());
  }
}
