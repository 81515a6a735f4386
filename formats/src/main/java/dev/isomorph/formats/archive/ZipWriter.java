package dev.isomorph.formats.archive;

import dev.isomorph.formats.ChannelWriter;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a zip archive of stored entries whose contents start at multiples of 64, padded as PyTorch
 * pads: by an extra field {@code FB}. Sizes are known beforehand and checksums are patched into the
 * local headers, so that there are no data descriptors and every kind of reader copes. No times are
 * written: equal contents give equal bytes. Zip64 where needed. Not safe for many threads.
 */
public final class ZipWriter {
  private static final int ALIGNMENT = 64;
  private static final long U32 = 0xFFFFFFFFL;
  private static final int U16 = 0xFFFF;
  private static final short UTF8 = 0x0800;
  private static final short DATE_1980 = 0x21;
  private static final short PADDING_ID = 0x4246;
  private static final int LOCAL_SIZE = 30;

  private record Written(byte[] name, long size, long crc, long header) {}

  /** Writes an entry's content. */
  @FunctionalInterface
  public interface Content {
    /** Writes exactly the announced number of bytes. */
    void writeTo(ChannelWriter out);
  }

  private final ChannelWriter out;
  private final List<Written> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** Writes to {@code out}, at its start. */
  public ZipWriter(ChannelWriter out) {
    this.out = out;
  }

  /** Adds an entry from the heap. */
  public void add(String name, byte[] content) {
    add(name, content.length, w -> w.write(content));
  }

  /** Adds an entry of ASCII or UTF-8 text. */
  public void add(String name, String content) {
    add(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds an entry from native memory. */
  public void add(String name, MemorySegment content) {
    add(name, content.byteSize(), w -> w.write(content));
  }

  /** Adds an entry with the dense bytes of a tensor. */
  public void add(String name, Tensor content) {
    add(name, content.byteSize(), w -> w.write(content));
  }

  /**
   * Adds an entry.
   *
   * @param size bytes of the content
   * @throws IllegalArgumentException if the name was used before or is unsafe
   * @throws IllegalStateException if the content is not {@code size} bytes
   */
  public void add(String name, long size, Content content) {
    EntryNames.check(name, -1);
    if (!names.add(name)) {
      throw new IllegalArgumentException("two entries '" + name + "'");
    }
    byte[] raw = name.getBytes(StandardCharsets.UTF_8);
    long header = out.position();
    boolean large = size >= U32;
    int before = LOCAL_SIZE + raw.length + (large ? 20 : 0) + 4;
    int padding = (int) Math.floorMod(-(header + before), (long) ALIGNMENT);
    ByteBuffer b = buffer(before + padding);
    b.putInt(ZipDirectory.LOCAL)
        .putShort((short) (large ? 45 : 20))
        .putShort(UTF8)
        .putShort((short) 0);
    b.putShort((short) 0).putShort(DATE_1980).putInt(0);
    b.putInt((int) (large ? U32 : size)).putInt((int) (large ? U32 : size));
    b.putShort((short) raw.length).putShort((short) ((large ? 20 : 0) + 4 + padding)).put(raw);
    if (large) {
      b.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
    }
    b.putShort(PADDING_ID).putShort((short) padding);
    while (b.hasRemaining()) {
      b.put((byte) 'Z');
    }
    out.write(b.array());
    long start = out.position();
    out.startChecksum();
    content.writeTo(out);
    long crc = out.endChecksum();
    if (out.position() - start != size) {
      throw new IllegalStateException(
          "'" + name + "' was announced with " + size + " bytes, got " + (out.position() - start));
    }
    out.patch(header + 14, buffer(4).putInt((int) crc).array());
    entries.add(new Written(raw, size, crc, header));
  }

  /** Writes the directory; nothing may be added after. */
  public void finish() {
    long directory = out.position();
    entries.forEach(this::writeCentral);
    long size = out.position() - directory;
    int count = entries.size();
    if (count >= U16 || size >= U32 || directory >= U32) {
      long end64 = out.position();
      ByteBuffer b = buffer(76);
      b.putInt(ZipDirectory.END64)
          .putLong(44)
          .putShort((short) 45)
          .putShort((short) 45)
          .putInt(0)
          .putInt(0);
      b.putLong(count).putLong(count).putLong(size).putLong(directory);
      b.putInt(ZipDirectory.LOCATOR64).putInt(0).putLong(end64).putInt(1);
      out.write(b.array());
    }
    ByteBuffer b = buffer(22);
    short shown = (short) Math.min(count, U16);
    b.putInt(ZipDirectory.END)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort(shown)
        .putShort(shown);
    b.putInt((int) Math.min(size, U32)).putInt((int) Math.min(directory, U32)).putShort((short) 0);
    out.write(b.array());
  }

  private void writeCentral(Written e) {
    boolean largeSize = e.size >= U32;
    boolean largeOffset = e.header >= U32;
    int extra = largeSize || largeOffset ? 4 + (largeSize ? 16 : 0) + (largeOffset ? 8 : 0) : 0;
    ByteBuffer b = buffer(46 + e.name.length + extra);
    short version = (short) (extra > 0 ? 45 : 20);
    b.putInt(ZipDirectory.CENTRAL)
        .putShort(version)
        .putShort(version)
        .putShort(UTF8)
        .putShort((short) 0);
    b.putShort((short) 0).putShort(DATE_1980).putInt((int) e.crc);
    b.putInt((int) (largeSize ? U32 : e.size)).putInt((int) (largeSize ? U32 : e.size));
    b.putShort((short) e.name.length)
        .putShort((short) extra)
        .putShort((short) 0)
        .putShort((short) 0);
    b.putShort((short) 0).putInt(0).putInt((int) (largeOffset ? U32 : e.header)).put(e.name);
    if (extra > 0) {
      b.putShort((short) 1).putShort((short) (extra - 4));
      if (largeSize) {
        b.putLong(e.size).putLong(e.size);
      }
      if (largeOffset) {
        b.putLong(e.header);
      }
    }
    out.write(b.array());
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
