package dev.isomorph.formats.archive;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the end record and the central directory of a zip archive, and checks them against the
 * local headers.
 */
final class ZipDirectory {
  static final int LOCAL = 0x04034b50;
  static final int CENTRAL = 0x02014b50;
  static final int END = 0x06054b50;
  static final int END64 = 0x06064b50;
  static final int LOCATOR64 = 0x07064b50;
  private static final int END_SIZE = 22;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL_SIZE = 30;
  private static final int ENCRYPTED = 1;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int ZIP64_EXTRA = 1;
  private static final long U32 = 0xFFFFFFFFL;
  private static final int SYMLINK = 0xA000;

  private record End(long count, long size, long offset, long position) {}

  private record Placed(ArchiveEntry entry, long from, long to) {}

  private final MemorySegment file;
  private final Limits limits;

  ZipDirectory(MemorySegment file, Limits limits) {
    this.file = file;
    this.limits = limits;
  }

  Map<String, ArchiveEntry> read() {
    End end = findEnd();
    Limits.check("the number of archive entries", end.count, limits.archiveEntries());
    if (end.size < 0
        || end.offset < 0
        || end.offset > end.position
        || end.size > end.position - end.offset) {
      throw invalid("the central directory lies outside the file", end.position);
    }
    if (end.size / CENTRAL_SIZE < end.count) {
      throw invalid("the central directory is too small for its entries", end.position);
    }
    SegmentReader in = new SegmentReader(file.asSlice(0, end.offset + end.size));
    in.seek(end.offset, "the central directory");
    Map<String, ArchiveEntry> entries = new LinkedHashMap<>();
    List<Placed> placed = new ArrayList<>();
    for (long i = 0; i < end.count; i++) {
      Placed next = readEntry(in, end.offset);
      placed.add(next);
      if (entries.put(next.entry.name(), next.entry) != null) {
        throw invalid("the archive has two entries " + Text.quote(next.entry.name()), next.from);
      }
    }
    placed.sort(Comparator.comparingLong(Placed::from));
    for (int i = 1; i < placed.size(); i++) {
      if (placed.get(i).from < placed.get(i - 1).to) {
        throw invalid(
            "the entries "
                + Text.quote(placed.get(i - 1).entry.name())
                + " and "
                + Text.quote(placed.get(i).entry.name())
                + " overlap",
            placed.get(i).from);
      }
    }
    return entries;
  }

  private End findEnd() {
    long size = file.byteSize();
    long lowest = Math.max(0, size - END_SIZE - 0xFFFF);
    for (long at = size - END_SIZE; at >= lowest; at--) {
      if (file.get(ValueLayout.JAVA_BYTE, at) == 'P' && file.get(Tensor.LE_INT, at) == END) {
        SegmentReader in = new SegmentReader(file);
        in.seek(at + 4, "the end record");
        int disk = in.u16("the end record");
        int startDisk = in.u16("the end record");
        in.u16("the end record");
        int count = in.u16("the end record");
        long directorySize = in.u32("the end record");
        long offset = in.u32("the end record");
        End end = locate64(at, new End(count, directorySize, offset, at));
        if ((disk != 0 && disk != 0xFFFF) || (startDisk != 0 && startDisk != 0xFFFF)) {
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_FEATURE, "the archive is split into several files")
              .at(at)
              .toException();
        }
        return end;
      }
    }
    throw Diagnostic.error(
            ErrorCode.FORMAT_TRUNCATED, "the zip archive has no end record: it is cut or damaged")
        .at(size)
        .toException();
  }

  private End locate64(long at, End end) {
    if (at < 20 || file.get(Tensor.LE_INT, at - 20) != LOCATOR64) {
      return end;
    }
    long position = file.get(Tensor.LE_LONG, at - 12);
    SegmentReader in = new SegmentReader(file);
    in.seek(position, "the zip64 end record");
    if (in.i32("the zip64 end record") != END64) {
      throw invalid("the zip64 end record is not where its locator says", position);
    }
    in.seek(position + 32, "the zip64 end record");
    long count = in.i64("the zip64 end record");
    long size = in.i64("the zip64 end record");
    long offset = in.i64("the zip64 end record");
    return new End(count, size, offset, position);
  }

  private Placed readEntry(SegmentReader in, long directory) {
    long at = in.position();
    String what = "the central directory";
    if (in.i32(what) != CENTRAL) {
      throw invalid("the central directory is not where the end record says, or is damaged", at);
    }
    in.u16(what);
    in.u16(what);
    int flags = in.u16(what);
    int method = in.u16(what);
    in.i32(what);
    long crc = in.u32(what);
    long stored = in.u32(what);
    long size = in.u32(what);
    int nameLength = in.u16(what);
    int extraLength = in.u16(what);
    int commentLength = in.u16(what);
    in.u16(what);
    in.u16(what);
    long attributes = in.u32(what);
    long header = in.u32(what);
    MemorySegment rawName = in.slice(nameLength, what);
    SegmentReader extra = new SegmentReader(in.slice(extraLength, what));
    in.slice(commentLength, what);
    String name = decode(rawName);
    EntryNames.check(name, at);
    if ((attributes >>> 16 & 0xF000) == SYMLINK) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_UNSAFE_PATH, "the entry %s is a symbolic link", Text.quote(name))
          .at(at)
          .toException();
    }
    while (extra.remaining() >= 4) {
      int id = extra.u16("an extra field");
      SegmentReader field =
          new SegmentReader(extra.slice(extra.u16("an extra field"), "an extra field"));
      if (id == ZIP64_EXTRA) {
        size = size == U32 ? field.i64("a zip64 field") : size;
        stored = stored == U32 ? field.i64("a zip64 field") : stored;
        header = header == U32 ? field.i64("a zip64 field") : header;
        break;
      }
    }
    if ((flags & ENCRYPTED) != 0) {
      throw unsupported("the entry " + Text.quote(name) + " is encrypted", at);
    }
    if (method != STORED && method != DEFLATED) {
      throw unsupported(
          "the entry "
              + Text.quote(name)
              + " uses compression method "
              + method
              + ", not stored or deflated",
          at);
    }
    if (method == STORED && size != stored) {
      throw invalid("the stored entry " + Text.quote(name) + " has two sizes", at);
    }
    if (size < 0) {
      throw invalid("the entry " + Text.quote(name) + " has a negative size", at);
    }
    long data = dataOffset(name, header, rawName, directory);
    if (stored < 0 || stored > directory - data) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_TRUNCATED,
              "the entry %s reaches beyond the archive",
              Text.quote(name))
          .at(at)
          .expected("at most " + (directory - data) + " bytes", Long.toUnsignedString(stored))
          .toException();
    }
    ArchiveEntry entry = new ArchiveEntry(name, size, data, stored, method == DEFLATED, crc);
    return new Placed(entry, header, data + stored);
  }

  private long dataOffset(String name, long header, MemorySegment rawName, long directory) {
    if (header < 0 || header > directory - LOCAL_SIZE) {
      throw invalid(
          "the entry " + Text.quote(name) + " lies outside the archive", Math.max(header, 0));
    }
    if (file.get(Tensor.LE_INT, header) != LOCAL) {
      throw invalid(
          "the entry " + Text.quote(name) + " has no local header where the directory says",
          header);
    }
    int nameLength = file.get(Tensor.LE_SHORT, header + 26) & 0xFFFF;
    int extraLength = file.get(Tensor.LE_SHORT, header + 28) & 0xFFFF;
    long data = header + LOCAL_SIZE + nameLength + extraLength;
    if (data > directory) {
      throw invalid("the entry " + Text.quote(name) + " lies outside the archive", header);
    }
    if (file.asSlice(header + LOCAL_SIZE, nameLength).mismatch(rawName) != -1) {
      throw invalid(
          "the entry " + Text.quote(name) + " has another name in its local header", header);
    }
    return data;
  }

  private static String decode(MemorySegment raw) {
    byte[] bytes = raw.toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static IsomorphException invalid(String what, long at) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what).at(at).toException();
  }

  private static IsomorphException unsupported(String what, long at) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "%s", what).at(at).toException();
  }
}
