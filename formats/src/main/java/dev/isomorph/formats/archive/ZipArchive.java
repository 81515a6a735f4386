package dev.isomorph.formats.archive;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A zip archive in mapped memory (APPNOTE 6.3: stored and deflated entries, zip64, data
 * descriptors). Stored entries are slices of the map. Names that leave the folder, duplicate names,
 * overlapping or encrypted entries, entries whose local header contradicts the central directory,
 * and bytes before the archive are refused. The checksum of what is inflated is verified; that of a
 * stored entry when {@link #verify} is called. Safe for many threads.
 */
public final class ZipArchive {
  private static final long RATIO_FROM = 64L << 20;
  private static final long RATIO = 256;
  private static final int PIECE = 1 << 20;

  private final MemorySegment file;
  private final TensorArena owner;
  private final Limits limits;
  private final Map<String, ArchiveEntry> entries;
  private final Map<String, MemorySegment> inflated = new HashMap<>();
  private long inflatedBytes;

  private ZipArchive(
      MemorySegment file, TensorArena owner, Limits limits, Map<String, ArchiveEntry> entries) {
    this.file = file;
    this.owner = owner;
    this.limits = limits;
    this.entries = entries;
  }

  /**
   * Reads the directory of an archive.
   *
   * @param file the whole archive
   * @param owner whose memory it is; inflated entries are allocated in it
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} and its kin, with the byte offset
   */
  public static ZipArchive open(MemorySegment file, TensorArena owner, Limits limits) {
    return new ZipArchive(file, owner, limits, new ZipDirectory(file, limits).read());
  }

  /** {@return whether bytes begin like a zip archive, an empty one included} */
  public static boolean looksLikeZip(MemorySegment file) {
    if (file.byteSize() < 4) {
      return false;
    }
    int signature = new SegmentReader(file).i32("the signature");
    return signature == ZipDirectory.LOCAL || signature == ZipDirectory.END;
  }

  /** {@return all entries, in the order of the central directory} */
  public Collection<ArchiveEntry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /** {@return the entry with this name} */
  public Optional<ArchiveEntry> find(String name) {
    return Optional.ofNullable(entries.get(name));
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
    return bytes(entry);
  }

  /** {@return whose memory the content is} */
  public TensorArena owner() {
    return owner;
  }

  /**
   * {@return the content: a slice of the map when stored, inflated once otherwise}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_LIMIT} for a zip bomb, {@link
   *     ErrorCode#FORMAT_CHECKSUM}, {@link ErrorCode#FORMAT_INVALID} for bad compressed data
   */
  public MemorySegment bytes(ArchiveEntry entry) {
    MemorySegment stored = file.asSlice(entry.dataOffset(), entry.storedSize());
    if (!entry.compressed()) {
      return stored;
    }
    synchronized (inflated) {
      MemorySegment known = inflated.get(entry.name());
      if (known != null) {
        return known;
      }
      checkBomb(entry);
      MemorySegment made = inflate(entry, stored);
      inflatedBytes += entry.size();
      inflated.put(entry.name(), made);
      return made;
    }
  }

  /**
   * Compares an entry's content with its stored checksum. A stored checksum of 0 says nothing:
   * PyTorch can be told not to compute any.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_CHECKSUM}
   */
  public void verify(ArchiveEntry entry) {
    if (entry.crc() == 0) {
      return;
    }
    MemorySegment content = bytes(entry);
    CRC32 crc = new CRC32();
    for (long at = 0; at < content.byteSize(); at += PIECE) {
      crc.update(content.asSlice(at, Math.min(PIECE, content.byteSize() - at)).asByteBuffer());
    }
    checkSum(entry, crc.getValue());
  }

  private void checkBomb(ArchiveEntry entry) {
    long left = limits.inflatedBytes() - inflatedBytes;
    boolean suspicious = entry.size() > RATIO_FROM && entry.size() / RATIO > entry.storedSize();
    if (entry.size() > left || suspicious) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_LIMIT, "a compressed entry would inflate beyond what is allowed")
          .inEntry(entry.name())
          .at(entry.dataOffset())
          .expected(
              suspicious ? "at most " + RATIO + " times " + entry.storedSize() : "at most " + left,
              entry.size() + " bytes")
          .toException();
    }
  }

  private MemorySegment inflate(ArchiveEntry entry, MemorySegment stored) {
    MemorySegment made = owner.allocate(entry.size()).asSlice(0, entry.size());
    CRC32 crc = new CRC32();
    long in = 0;
    long out = 0;
    try (Inflater inflater = new Inflater(true)) {
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          if (in == stored.byteSize()) {
            throw bad(entry, "the compressed data end too early", out);
          }
          long n = Math.min(PIECE, stored.byteSize() - in);
          inflater.setInput(stored.asSlice(in, n).asByteBuffer());
          in += n;
        }
        if (out == made.byteSize()) {
          // A well-formed stream has only its end mark left, which produces no bytes.
          if (inflater.inflate(new byte[1]) != 0) {
            throw bad(entry, "an entry inflates to more than its announced size", out);
          }
          if (inflater.needsDictionary()) {
            throw bad(entry, "the compressed data need a dictionary", out);
          }
          continue;
        }
        var piece = made.asSlice(out, Math.min(PIECE, made.byteSize() - out)).asByteBuffer();
        int n = inflater.inflate(piece);
        if (n == 0 && inflater.needsDictionary()) {
          throw bad(entry, "the compressed data need a dictionary", out);
        }
        crc.update(piece.flip());
        out += n;
      }
    } catch (DataFormatException e) {
      throw bad(entry, "the compressed data are damaged: " + e.getMessage(), out);
    }
    if (out != entry.size()) {
      throw bad(entry, "an entry inflates to less than its announced size", out);
    }
    if (entry.crc() != 0) {
      checkSum(entry, crc.getValue());
    }
    return made.asReadOnly();
  }

  private static void checkSum(ArchiveEntry entry, long actual) {
    if (actual != entry.crc()) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_CHECKSUM, "the entry's content does not match its CRC-32")
          .inEntry(entry.name())
          .at(entry.dataOffset())
          .expected(Long.toHexString(entry.crc()), Long.toHexString(actual))
          .toException();
    }
  }

  private static IsomorphException bad(ArchiveEntry entry, String what, long produced) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what)
        .inEntry(entry.name())
        .at(entry.dataOffset())
        .expected(entry.size() + " bytes", produced + " so far")
        .toException();
  }

  /**
   * {@return a fresh map from a folder-relative name to its entry, for entries below {@code
   * folder}}
   */
  public Map<String, ArchiveEntry> below(String folder) {
    Map<String, ArchiveEntry> found = new LinkedHashMap<>();
    entries.forEach(
        (name, entry) -> {
          if (name.startsWith(folder) && !entry.isFolder()) {
            found.put(name.substring(folder.length()), entry);
          }
        });
    return found;
  }
}
