package dev.isomorph.formats.archive;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tar archive in mapped memory (POSIX ustar, GNU long names, pax names and sizes). Entries are
 * slices of the map. Links and devices are refused, as are names that leave the folder; of entries
 * with one name the last counts, as tar defines. Safe for many threads.
 */
public final class TarArchive {
  private static final int BLOCK = 512;

  private final MemorySegment file;
  private final Map<String, ArchiveEntry> entries;

  private TarArchive(MemorySegment file, Map<String, ArchiveEntry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /** {@return whether the first block is a tar header with a right checksum} */
  public static boolean looksLikeTar(MemorySegment file) {
    return file.byteSize() >= BLOCK && checksumFits(file.asSlice(0, BLOCK));
  }

  /**
   * Reads the headers of an archive.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} and its kin, with the byte offset
   */
  public static TarArchive open(MemorySegment file, Limits limits) {
    SegmentReader in = new SegmentReader(file);
    Map<String, ArchiveEntry> entries = new LinkedHashMap<>();
    String longName = null;
    long longSize = -1;
    int seen = 0;
    while (in.remaining() >= BLOCK) {
      long at = in.position();
      MemorySegment header = in.slice(BLOCK, "a tar header");
      if (isZero(header)) {
        break;
      }
      Limits.check("the number of archive entries", ++seen, limits.archiveEntries());
      if (!checksumFits(header)) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a tar header has a wrong checksum")
            .at(at)
            .toException();
      }
      long size = longSize >= 0 ? longSize : number(header, 124, 12, at);
      char type = (char) header.get(ValueLayout.JAVA_BYTE, 156);
      long data = in.position();
      MemorySegment content = in.slice(size, "a tar entry");
      in.seek(
          Math.min(data + Math.ceilDiv(size, (long) BLOCK) * BLOCK, file.byteSize()),
          "a tar entry");
      switch (type) {
        case 'L' -> longName = text(content, 0, header(content.byteSize(), at));
        case 'x' -> {
          Map<String, String> fields = pax(content, at);
          longName = fields.getOrDefault("path", longName);
          longSize = fields.containsKey("size") ? parseSize(fields.get("size"), at) : -1;
        }
        case 'g' -> {}
        case '0', '\0', '7', '5' -> {
          String name = longName != null ? longName : name(header);
          EntryNames.check(name, at);
          String shown = type == '5' && !name.endsWith("/") ? name + "/" : name;
          entries.put(shown, new ArchiveEntry(shown, size, data, size, false, 0));
          longName = null;
          longSize = -1;
        }
        default ->
            throw Diagnostic.error(
                    ErrorCode.FORMAT_UNSAFE_PATH,
                    "the tar entry %s is no plain file but of type %s",
                    Text.quote(name(header)),
                    Text.quote(String.valueOf(type)))
                .at(at)
                .toException();
      }
    }
    return new TarArchive(file, entries);
  }

  /** {@return all entries, in order} */
  public Collection<ArchiveEntry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /**
   * {@return the content of an entry that must be there}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} when it is missing
   */
  public MemorySegment require(String name) {
    ArchiveEntry entry = entries.get(name);
    if (entry == null) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the archive has no entry %s", Text.quote(name))
          .toException();
    }
    return file.asSlice(entry.dataOffset(), entry.size());
  }

  private static int header(long size, long at) {
    Limits.check("a tar name at byte " + at, size, 1 << 16);
    return (int) size;
  }

  private static String name(MemorySegment header) {
    String name = text(header, 0, 100);
    String prefix = text(header, 257, 5).equals("ustar") ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(MemorySegment bytes, long from, int length) {
    byte[] raw = bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < raw.length && raw[end] != 0) {
      end++;
    }
    return new String(raw, 0, end, StandardCharsets.UTF_8);
  }

  private static long number(MemorySegment header, int from, int length, long at) {
    if (header.get(ValueLayout.JAVA_BYTE, from) < 0) {
      long value = 0;
      for (int i = length - 8; i < length; i++) {
        value = value << 8 | header.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF;
      }
      return value;
    }
    String digits = text(header, from, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "a tar header has the size %s", Text.quote(digits))
          .at(at)
          .toException();
    }
  }

  private static long parseSize(String digits, long at) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "a pax header has the size %s", Text.quote(digits))
          .at(at)
          .toException();
    }
  }

  private static Map<String, String> pax(MemorySegment content, long at) {
    byte[] raw = content.asSlice(0, header(content.byteSize(), at)).toArray(ValueLayout.JAVA_BYTE);
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : new String(raw, StandardCharsets.UTF_8).split("\n")) {
      int space = line.indexOf(' ');
      int equals = line.indexOf('=', space + 1);
      if (space >= 0 && equals > space) {
        fields.put(line.substring(space + 1, equals), line.substring(equals + 1));
      }
    }
    return fields;
  }

  private static boolean isZero(MemorySegment block) {
    for (int i = 0; i < BLOCK; i++) {
      if (block.get(ValueLayout.JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean checksumFits(MemorySegment header) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
    }
    String digits = text(header, 148, 8).strip();
    return digits.matches("[0-7]{1,7}") && Long.parseLong(digits, 8) == sum;
  }
}
