package dev.isomorph.formats.torch;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.ArchiveEntry;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.pickle.PickleReader;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A zip archive of PyTorch: one folder with {@code version}, pickles, and next to each pickle
 * {@code NAME.pkl} a folder {@code NAME/} of its storages. {@code torch.save}, TorchScript and the
 * older {@code torch.export} write such. Its pickles are read one at a time; storages are slices of
 * the mapped file. Not safe for many threads while it is read.
 */
public final class TorchArchive {
  private static final long HIGHEST_VERSION = 10;

  private final ZipArchive zip;
  private final Limits limits;
  private final String root;
  private final long version;
  private final boolean bigEndian;
  private final List<StorageRef> storages = new ArrayList<>();

  private TorchArchive(ZipArchive zip, Limits limits) {
    this.zip = zip;
    this.limits = limits;
    this.root = root(zip);
    this.version = readVersion();
    this.bigEndian = readByteOrder();
  }

  /**
   * Opens an archive, which stays mapped as long as {@code arena} is open.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} and its kin
   */
  public static TorchArchive open(Path path, TensorArena arena, Limits limits) {
    try {
      return open(arena.map(path), arena, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /** {@return the archive in mapped memory; see {@link #open(Path, TensorArena, Limits)}} */
  public static TorchArchive open(MemorySegment file, TensorArena owner, Limits limits) {
    return new TorchArchive(ZipArchive.open(file, owner, limits), limits);
  }

  private static String root(ZipArchive zip) {
    if (zip.entries().isEmpty()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the archive is empty").toException();
    }
    String first = zip.entries().iterator().next().name();
    int slash = first.indexOf('/');
    if (slash <= 0) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the archive's entries are in no folder")
          .expected("a folder with 'data.pkl' and 'version'", Text.quote(first))
          .toException();
    }
    return first.substring(0, slash + 1);
  }

  private long readVersion() {
    Optional<String> text = text(".data/version").or(() -> text("version"));
    if (text.isEmpty()) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the archive has no entry %s", Text.quote(root + "version"))
          .toException();
    }
    String digits = text.get().strip();
    boolean known = digits.matches("[0-9]{1,4}") && Long.parseLong(digits) >= 1;
    if (!known || Long.parseLong(digits) > HIGHEST_VERSION) {
      throw Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, "the archive's version is not known")
          .inEntry(root + "version")
          .expected("1 to " + HIGHEST_VERSION, Text.quote(digits))
          .toException();
    }
    return Long.parseLong(digits);
  }

  private boolean readByteOrder() {
    String order = text("byteorder").orElse("little");
    return switch (order) {
      case "little" -> false;
      case "big" -> true;
      default ->
          throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the archive's byte order is not known")
              .inEntry(root + "byteorder")
              .expected("little or big", Text.quote(order))
              .toException();
    };
  }

  /**
   * {@return the archive's number of the format, 1 to 10; it changes what some operators of
   * TorchScript mean}
   */
  public long version() {
    return version;
  }

  /**
   * {@return whether storages were written by a big-endian machine; they are read as little-endian}
   */
  public boolean bigEndian() {
    return bigEndian;
  }

  /** {@return whether it holds TorchScript: code beside the data} */
  public boolean isTorchScript() {
    return has("constants.pkl");
  }

  /** {@return whether the folder has an entry} */
  public boolean has(String name) {
    return zip.find(root + name).isPresent();
  }

  /** {@return the entries below the archive's folder, by their names in it} */
  public Map<String, ArchiveEntry> entries() {
    return zip.below(root);
  }

  /** {@return an entry's content} */
  public Optional<MemorySegment> bytes(String name) {
    return zip.find(root + name).map(zip::bytes);
  }

  /**
   * {@return an entry's content as UTF-8 text}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_LIMIT} when it is too long
   */
  public Optional<String> text(String name) {
    return zip.find(root + name)
        .map(
            entry -> {
              Limits.check("the text of " + Text.quote(name), entry.size(), limits.headerBytes());
              return new String(
                  zip.bytes(entry).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            });
  }

  /** {@return all storages of the pickles read so far} */
  public Collection<StorageRef> storages() {
    return Collections.unmodifiableList(storages);
  }

  /** {@return whose memory the storages are} */
  public TensorArena owner() {
    return zip.owner();
  }

  /**
   * {@return the value of the pickle {@code NAME.pkl}, with the storages in {@code NAME/}}
   *
   * @throws IsomorphException with entry, byte and opcode
   */
  public PickleValue readPickle(String name) {
    String entryName = root + name + ".pkl";
    ArchiveEntry entry =
        zip.find(entryName)
            .orElseThrow(
                () ->
                    Diagnostic.error(
                            ErrorCode.FORMAT_INVALID,
                            "the archive has no entry %s",
                            Text.quote(entryName))
                        .toException());
    zip.verify(entry);
    StorageTable table = new StorageTable(storage -> bind(root + name + "/", storage));
    try {
      return new PickleReader(zip.bytes(entry), table.dialect(zip.owner(), limits), limits).read();
    } catch (IsomorphException e) {
      throw e.map(d -> d.entry().isEmpty() ? d.inEntry(entryName) : d);
    }
  }

  private void bind(String folder, StorageRef storage) {
    String name = folder + storage.key();
    ArchiveEntry entry =
        zip.find(name)
            .orElseThrow(
                () ->
                    Diagnostic.error(
                            ErrorCode.FORMAT_INVALID,
                            "the archive has no entry %s",
                            Text.quote(name))
                        .toException());
    if (entry.size() != storage.byteSize()) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "a storage has another size than the pickle says")
          .inEntry(name)
          .expected(storage.byteSize() + " bytes", entry.size())
          .toException();
    }
    try {
      storage.bind(zip.bytes(entry), zip.owner(), bigEndian);
    } catch (IsomorphException e) {
      throw e.map(d -> d.entry().isEmpty() ? d.inEntry(name) : d);
    }
    storages.add(storage);
  }

  /**
   * Compares every entry with its checksum, where there is one.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_CHECKSUM} naming every entry that does not
   *     match
   */
  public void verifyChecksums() {
    List<Diagnostic> faults = new ArrayList<>();
    for (ArchiveEntry entry : zip.entries()) {
      try {
        zip.verify(entry);
      } catch (IsomorphException e) {
        faults.addAll(e.diagnostics());
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
  }
}
