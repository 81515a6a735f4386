package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.isomorph.formats.LazyBytes;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.tensorflow.proto.BundleEntryProto;
import dev.isomorph.formats.tensorflow.proto.BundleHeaderProto;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.TensorSliceProto;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A checkpoint in TensorFlow's tensor bundle format: {@code <prefix>.index}, a sorted table of
 * entries, and {@code <prefix>.data-00000-of-00001}, the tensors. Tensors are slices of the mapped
 * data; checksums of the index are verified when it is read, those of a tensor when it is asked
 * for. Safe for many threads.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/tensor_bundle/tensor_bundle.h">tensor_bundle.h</a>
 */
public final class TensorBundle {
  /** The key of the object graph of a checkpoint of TensorFlow 2. */
  public static final String OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private final Path prefix;
  private final TensorArena arena;
  private final Limits limits;
  private final SortedMap<ByteString, ByteString> entries;
  private final BundleHeaderProto header;
  private final List<String> names = new ArrayList<>();
  private final Map<Integer, MemorySegment> shards = new HashMap<>();

  private TensorBundle(
      Path prefix, TensorArena arena, Limits limits, SortedMap<ByteString, ByteString> entries) {
    this.prefix = prefix;
    this.arena = arena;
    this.limits = limits;
    this.entries = entries;
    this.header = parse(BundleHeaderProto.parser(), entries.get(ByteString.EMPTY), "the header");
    for (ByteString key : entries.keySet()) {
      if (!key.isEmpty() && key.byteAt(0) != 0) {
        names.add(TfTensors.utf8(key, names.size()));
      }
    }
  }

  /**
   * Reads the index of a bundle.
   *
   * @param prefix the files' common beginning, such as {@code variables/variables}
   * @param arena owns the maps of all files
   * @throws IsomorphException if the index is missing, cut, no table, or fails its checksums
   */
  public static TensorBundle open(Path prefix, TensorArena arena, Limits limits) {
    Path index = sibling(prefix, ".index");
    try {
      MemorySegment bytes = arena.map(index);
      if (bytes.byteSize() == 0) {
        throw Diagnostic.error(ErrorCode.FILE_EMPTY, "the file is empty").toException();
      }
      return new TensorBundle(prefix, arena, limits, SortedTable.read(bytes, limits));
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(index.toString()));
    }
  }

  /** {@return whether the bytes end as those of an index do} */
  public static boolean isIndex(MemorySegment bytes) {
    return SortedTable.isTable(bytes);
  }

  private static Path sibling(Path prefix, String suffix) {
    return prefix.resolveSibling(prefix.getFileName() + suffix);
  }

  /** {@return the names of all tensors, sorted bytewise} */
  public List<String> names() {
    return List.copyOf(names);
  }

  /** {@return whether there is a tensor of this name} */
  public boolean contains(String name) {
    return !name.isEmpty() && entries.containsKey(ByteString.copyFromUtf8(name));
  }

  /** {@return type and shape of a tensor, as TensorFlow says them} */
  public BundleEntryProto entry(String name) {
    return entry(name, ByteString.copyFromUtf8(name));
  }

  private BundleEntryProto entry(String name, ByteString key) {
    ByteString value = key.isEmpty() ? null : entries.get(key);
    if (value == null) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the checkpoint has no tensor %s", Text.quote(name))
          .inFile(prefix.toString())
          .toException();
    }
    return parse(BundleEntryProto.parser(), value, "the entry of " + Text.quote(name));
  }

  private static <M extends MessageLite> M parse(Parser<M> parser, ByteString bytes, String what) {
    if (bytes == null) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s is missing", what).toException();
    }
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IsomorphException(
          List.of(
              Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s is no protobuf message", what)
                  .help(e.getMessage())),
          e);
    }
  }

  /**
   * {@return a tensor}
   *
   * @throws IsomorphException if there is none of this name, its type has no counterpart
   *     (resources, variants), its data is cut or fails its checksum
   */
  public Tensor tensor(String name) {
    try {
      BundleEntryProto entry = entry(name);
      DType dtype = DataTypes.ours(entry.getDtype());
      long[] dims = TfTensors.dims(entry.getShape());
      long size = TfTensors.size(dims);
      if (entry.getSlicesCount() > 0) {
        return partitioned(name, entry, dtype, dims);
      }
      if (dtype == DType.STRING) {
        List<String> values = new ArrayList<>();
        for (ByteString bytes : strings(entry, size)) {
          values.add(TfTensors.utf8(bytes, values.size()));
        }
        return Tensor.of(values, dims);
      }
      return stored(entry, dtype, dims, size);
    } catch (IsomorphException e) {
      throw in(e, name);
    }
  }

  private IsomorphException in(IsomorphException e, String name) {
    return e.map(d -> d.inEntry("tensor " + Text.quote(name)).inFile(prefix.toString()));
  }

  private Tensor stored(BundleEntryProto entry, DType dtype, long[] dims, long size) {
    long needed = TfTensors.unpackedSize(dtype, size);
    if (entry.getSize() != needed) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a tensor's size does not fit its shape")
          .expected(needed + " bytes", entry.getSize())
          .toException();
    }
    MemorySegment bytes = bytes(entry);
    verify(entry, Crc.masked(bytes));
    if (dtype.isPacked()) {
      return Tensor.of(dtype, dims, TfTensors.packed(bytes, dtype, size));
    }
    Tensor tensor = Tensor.of(dtype, dims, bytes, arena);
    return header.getEndianness() == BundleHeaderProto.Endianness.BIG
        ? LazyBytes.swapped(tensor)
        : tensor;
  }

  private static void verify(BundleEntryProto entry, int actual) {
    if (entry.getCrc32C() != actual) {
      throw Diagnostic.error(ErrorCode.FORMAT_CHECKSUM, "a tensor has another checksum")
          .expected("%08x".formatted(entry.getCrc32C()), "%08x".formatted(actual))
          .toException();
    }
  }

  private synchronized MemorySegment bytes(BundleEntryProto entry) {
    int shard = entry.getShardId();
    if (shard < 0 || shard >= header.getNumShards()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "an entry is in a shard that is not there")
          .expected("below " + header.getNumShards(), shard)
          .toException();
    }
    MemorySegment all = shards.get(shard);
    if (all == null) {
      String suffix =
          String.format(Locale.ROOT, ".data-%05d-of-%05d", shard, header.getNumShards());
      all = arena.map(sibling(prefix, suffix));
      shards.put(shard, all);
    }
    long offset = entry.getOffset();
    long size = entry.getSize();
    if (offset < 0 || size < 0 || offset > all.byteSize() || size > all.byteSize() - offset) {
      throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "a tensor reaches beyond its shard")
          .expected("within " + all.byteSize() + " bytes", offset + " + " + size)
          .toException();
    }
    return all.asSlice(offset, size);
  }

  /**
   * {@return the elements of a string tensor as they are stored: bytes that need not be text}
   *
   * @throws IsomorphException as {@link #tensor}
   */
  public List<ByteString> strings(String name) {
    try {
      BundleEntryProto entry = entry(name);
      if (entry.getDtype() != DataType.DT_STRING || entry.getSlicesCount() > 0) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "not a tensor of strings").toException();
      }
      return strings(entry, TfTensors.size(TfTensors.dims(entry.getShape())));
    } catch (IsomorphException e) {
      throw in(e, name);
    }
  }

  private List<ByteString> strings(BundleEntryProto entry, long count) {
    Limits.check("the number of strings", count, Math.min(entry.getSize(), limits.objects()));
    return BundleStrings.read(bytes(entry), (int) count, crc -> verify(entry, crc));
  }

  /**
   * {@return the object graph of a checkpoint of TensorFlow 2, if it has one}
   *
   * @throws IsomorphException if it is broken
   */
  public Optional<TrackableObjectGraph> objectGraph() {
    if (!contains(OBJECT_GRAPH)) {
      return Optional.empty();
    }
    List<ByteString> values = strings(OBJECT_GRAPH);
    try {
      return Optional.of(
          parse(
              TrackableObjectGraph.parser(),
              values.isEmpty() ? null : values.getFirst(),
              "the object graph"));
    } catch (IsomorphException e) {
      throw in(e, OBJECT_GRAPH);
    }
  }

  private Tensor partitioned(String name, BundleEntryProto entry, DType dtype, long[] dims) {
    if (dtype == DType.STRING || dtype.isPacked()) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_DTYPE, "a partitioned tensor of %s", dtype)
          .toException();
    }
    Partitions partitions = new Partitions(dtype, dims);
    for (TensorSliceProto slice : entry.getSlicesList()) {
      BundleEntryProto part = entry(name, SliceKeys.key(name, slice));
      long[] partDims = partitions.dims(slice);
      partitions.add(slice, stored(part, dtype, partDims, TfTensors.size(partDims)));
    }
    return partitions.whole();
  }
}
