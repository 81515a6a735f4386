package dev.isomorph.formats.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sorted tables of LevelDB, as TensorFlow's {@code core/lib/io/table} uses them for the index
 * of a tensor bundle: blocks of prefix-compressed entries with checksums, an index block, a footer.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">leveldb File
 *     format</a>
 */
final class SortedTable {
  static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

  private static final long MAGIC = 0xDB4775248B80FB57L;
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final int RAW = 0;
  private static final int SNAPPY = 1;
  private static final int RESTART_INTERVAL = 16;
  private static final int BLOCK_SIZE = 256 << 10;

  private final MemorySegment file;
  private final Limits limits;
  private long inflated;

  private SortedTable(MemorySegment file, Limits limits) {
    this.file = file;
    this.limits = limits;
  }

  /** {@return whether the last bytes are a table's} */
  static boolean isTable(MemorySegment file) {
    return file.byteSize() >= FOOTER
        && file.get(
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                file.byteSize() - 8)
            == MAGIC;
  }

  /**
   * {@return all entries}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}, {@link ErrorCode#FORMAT_TRUNCATED}
   *     or {@link ErrorCode#FORMAT_CHECKSUM} with the byte offset
   */
  static SortedMap<ByteString, ByteString> read(MemorySegment file, Limits limits) {
    Limits.check("the size of the index in bytes", file.byteSize(), limits.headerBytes());
    return new SortedTable(file, limits).read();
  }

  private record Handle(long offset, long size) {}

  private SortedMap<ByteString, ByteString> read() {
    if (!isTable(file)) {
      throw error(
              ErrorCode.FORMAT_TRUNCATED,
              "the file does not end with a table's footer",
              file.byteSize())
          .toException();
    }
    long footer = file.byteSize() - FOOTER;
    Cursor cursor = new Cursor(bytes(footer, FOOTER - 8), footer);
    cursor.handle();
    Handle index = cursor.handle();
    SortedMap<ByteString, ByteString> all = new TreeMap<>(ORDER);
    for (Map.Entry<ByteString, ByteString> block : entries(index, footer)) {
      Handle handle = new Cursor(block.getValue().toByteArray(), index.offset).handle();
      for (Map.Entry<ByteString, ByteString> entry : entries(handle, footer)) {
        if (!all.isEmpty() && ORDER.compare(all.lastKey(), entry.getKey()) >= 0) {
          throw error(
                  ErrorCode.FORMAT_INVALID, "the keys are not in ascending order", handle.offset)
              .toException();
        }
        all.put(entry.getKey(), entry.getValue());
        Limits.check("the number of entries", all.size(), limits.archiveEntries());
      }
    }
    return all;
  }

  private byte[] bytes(long offset, long size) {
    return file.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
  }

  private List<Map.Entry<ByteString, ByteString>> entries(Handle handle, long end) {
    if (handle.offset < 0
        || handle.size < 0
        || handle.offset > end - TRAILER
        || handle.size > end - TRAILER - handle.offset) {
      throw error(ErrorCode.FORMAT_INVALID, "a block lies outside the file", handle.offset)
          .expected("within " + end + " bytes", handle.offset + " + " + handle.size)
          .toException();
    }
    byte[] stored = bytes(handle.offset, handle.size);
    byte type = file.get(ValueLayout.JAVA_BYTE, handle.offset + handle.size);
    int expected =
        file.get(
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
            handle.offset + handle.size + 1);
    int actual = Crc.masked(file.asSlice(handle.offset, handle.size + 1));
    if (expected != actual) {
      throw error(
              ErrorCode.FORMAT_CHECKSUM, "a block of the index has another checksum", handle.offset)
          .expected("%08x".formatted(expected), "%08x".formatted(actual))
          .toException();
    }
    return switch (type) {
      case RAW -> block(stored, handle.offset);
      case SNAPPY -> {
        byte[] block = Snappy.decompress(stored, limits.headerBytes() - inflated);
        inflated += block.length;
        yield block(block, handle.offset);
      }
      default ->
          throw error(
                  ErrorCode.UNSUPPORTED_FEATURE,
                  "a block is compressed in the unknown way " + type,
                  handle.offset)
              .toException();
    };
  }

  private static List<Map.Entry<ByteString, ByteString>> block(byte[] block, long offset) {
    if (block.length < 4) {
      throw error(ErrorCode.FORMAT_INVALID, "a block has no restart count", offset).toException();
    }
    ByteBuffer buffer = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    long restarts = Integer.toUnsignedLong(buffer.getInt(block.length - 4));
    if (restarts > (block.length - 4) / 4) {
      throw error(ErrorCode.FORMAT_INVALID, "a block has more restarts than bytes", offset)
          .expected("at most " + (block.length - 4) / 4, restarts)
          .toException();
    }
    int end = block.length - 4 - 4 * (int) restarts;
    Cursor cursor = new Cursor(Arrays.copyOf(block, end), offset);
    List<Map.Entry<ByteString, ByteString>> entries = new ArrayList<>();
    ByteString key = ByteString.EMPTY;
    while (cursor.at < end) {
      long shared = cursor.varint();
      long own = cursor.varint();
      long length = cursor.varint();
      if (shared < 0 || shared > key.size()) {
        throw error(ErrorCode.FORMAT_INVALID, "an entry shares more than the key before it", offset)
            .expected("at most " + key.size(), shared)
            .toException();
      }
      ByteString suffix = cursor.take(own);
      key = ByteString.copyFrom(key.substring(0, (int) shared).concat(suffix).toByteArray());
      entries.add(Map.entry(key, cursor.take(length)));
    }
    return entries;
  }

  private static Diagnostic error(ErrorCode code, String what, long offset) {
    return Diagnostic.error(code, "%s", what).at(offset);
  }

  /** Reads varints and byte strings; {@code base} is where the bytes lie in the file. */
  private static final class Cursor {
    private final byte[] bytes;
    private final long base;
    private int at;

    Cursor(byte[] bytes, long base) {
      this.bytes = bytes;
      this.base = base;
    }

    Handle handle() {
      return new Handle(varint(), varint());
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at >= bytes.length) {
          throw error(ErrorCode.FORMAT_INVALID, "a varint leaves its block", base).toException();
        }
        byte b = bytes[at++];
        value |= (long) (b & 0x7F) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw error(ErrorCode.FORMAT_INVALID, "a varint has more than ten bytes", base).toException();
    }

    ByteString take(long length) {
      if (length < 0 || length > bytes.length - at) {
        throw error(ErrorCode.FORMAT_INVALID, "an entry leaves its block", base)
            .expected("at most " + (bytes.length - at) + " bytes", length)
            .toException();
      }
      at += (int) length;
      return ByteString.copyFrom(bytes, at - (int) length, (int) length);
    }
  }

  /** {@return the bytes of a table with these entries} */
  static byte[] write(SortedMap<ByteString, ByteString> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BlockBuilder index = new BlockBuilder();
    BlockBuilder block = new BlockBuilder();
    for (Map.Entry<ByteString, ByteString> entry : entries.entrySet()) {
      block.add(entry.getKey(), entry.getValue());
      if (block.size() >= BLOCK_SIZE) {
        index.add(block.last, block.finish(out));
        block = new BlockBuilder();
      }
    }
    if (block.size() > 0 || entries.isEmpty()) {
      index.add(block.last, block.finish(out));
    }
    ByteString metaHandle = new BlockBuilder().finish(out);
    ByteString indexHandle = index.finish(out);
    byte[] handles = metaHandle.concat(indexHandle).toByteArray();
    out.writeBytes(Arrays.copyOf(handles, FOOTER - 8));
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(MAGIC).array());
    return out.toByteArray();
  }

  static void writeVarint(long value, ByteArrayOutputStream out) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** One block under construction. */
  private static final class BlockBuilder {
    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
    private final List<Integer> restarts = new ArrayList<>(List.of(0));
    private ByteString last = ByteString.EMPTY;
    private int sinceRestart;

    int size() {
      return entries.size();
    }

    void add(ByteString key, ByteString value) {
      int shared = 0;
      if (sinceRestart == RESTART_INTERVAL) {
        restarts.add(entries.size());
        sinceRestart = 0;
      } else {
        int most = Math.min(last.size(), key.size());
        while (shared < most && last.byteAt(shared) == key.byteAt(shared)) {
          shared++;
        }
      }
      sinceRestart++;
      writeVarint(shared, entries);
      writeVarint(key.size() - shared, entries);
      writeVarint(value.size(), entries);
      entries.writeBytes(key.substring(shared).toByteArray());
      entries.writeBytes(value.toByteArray());
      last = key;
    }

    /** Appends the block to {@code out}. {@return its handle} */
    ByteString finish(ByteArrayOutputStream out) {
      ByteBuffer block =
          ByteBuffer.allocate(entries.size() + 4 * restarts.size() + 4 + TRAILER)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(entries.toByteArray());
      restarts.forEach(block::putInt);
      block.putInt(restarts.size()).put((byte) RAW);
      int crc = Crc.masked(MemorySegment.ofBuffer(block.duplicate().flip()));
      block.putInt(crc);
      ByteArrayOutputStream handle = new ByteArrayOutputStream();
      writeVarint(out.size(), handle);
      writeVarint(block.capacity() - TRAILER, handle);
      out.writeBytes(block.array());
      return ByteString.copyFrom(handle.toByteArray());
    }
  }
}
