package dev.isomorph.formats.sniff;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.ArchiveEntry;
import dev.isomorph.formats.archive.TarArchive;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.formats.pickle.PickleDialect;
import dev.isomorph.formats.pickle.PickleReader;
import dev.isomorph.formats.pickle.PickleScan;
import dev.isomorph.formats.safetensors.SafetensorsFile;
import dev.isomorph.formats.torch.TorchFile;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * Recognises what a path is by its content, never by its suffix alone, and says what a file that is
 * no model is. Safe for many threads.
 */
public final class Sniffer {
  private static final int HEAD = 4096;
  private static final long TABLE_MAGIC = 0xdb4775248b80fb57L;
  private static final int CRC_DELTA = 0xa282ead8;

  private Sniffer() {}

  /**
   * {@return what a path is}
   *
   * @throws IsomorphException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FILE_UNREADABLE};
   *     {@link ErrorCode#FORMAT_INVALID} for a damaged archive, for then nobody knows
   */
  public static Sniffed sniff(Path path, Limits limits) {
    if (Files.isDirectory(path)) {
      return FolderContents.match(path);
    }
    if (!Files.exists(path)) {
      if (Files.exists(path.resolveSibling(path.getFileName() + ".index"))) {
        return Sniffed.of(path, FormatKind.CHECKPOINT, ", named by the prefix of its files");
      }
      throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file")
          .inFile(path.toString())
          .toException();
    }
    try (TensorArena arena = TensorArena.open(path.toString())) {
      return sniff(path, arena.map(path), arena, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  private static Sniffed sniff(Path path, MemorySegment file, TensorArena arena, Limits limits) {
    if (file.byteSize() == 0) {
      return Sniffed.of(path, FormatKind.EMPTY);
    }
    Optional<FormatMatch> binary = binary(file, arena, limits);
    if (binary.isPresent()) {
      return Sniffed.of(path, binary.get().kind(), binary.get().detail());
    }
    String head =
        new String(
            file.asSlice(0, Math.min(HEAD, file.byteSize())).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.ISO_8859_1);
    Optional<Sniffed> text = TextContents.match(path, head);
    boolean certain = text.isPresent() && text.get().kind() != FormatKind.TEXT;
    if (certain) {
      return text.get();
    }
    // Without a mark at their start, these are told by a parse.
    return oldPickle(file, limits)
        .or(() -> text.isPresent() ? Optional.empty() : ProtobufShape.match(file))
        .map(m -> Sniffed.of(path, m.kind(), m.detail()))
        .or(() -> text)
        .orElseGet(() -> unknown(path));
  }

  /** Raw data have no mark; a name may tell whose they are. */
  private static Sniffed unknown(Path path) {
    String name = path.getFileName().toString();
    String owner = name.replaceAll("[._](data|weights?|bin)$", "");
    for (String model : new String[] {owner, owner + ".onnx"}) {
      if (!model.equals(name)
          && model.endsWith(".onnx")
          && Files.isRegularFile(path.resolveSibling(model))) {
        return new Sniffed(
            path,
            FormatKind.UNKNOWN,
            FormatKind.UNKNOWN.text() + ": perhaps the external data of " + Text.quote(model),
            "name the model: " + path.resolveSibling(model));
      }
    }
    return Sniffed.of(path, FormatKind.UNKNOWN);
  }

  /** {@return what bytes inside an archive are, as far as they have a mark of their own} */
  static FormatKind kindOf(MemorySegment bytes, TensorArena arena, Limits limits) {
    return bytes.byteSize() == 0
        ? FormatKind.EMPTY
        : binary(bytes, arena, limits).map(FormatMatch::kind).orElse(FormatKind.UNKNOWN);
  }

  private static Optional<FormatMatch> binary(
      MemorySegment file, TensorArena arena, Limits limits) {
    if (ZipArchive.looksLikeZip(file)) {
      return Optional.of(ZipContents.match(ZipArchive.open(file, arena, limits)));
    }
    if (TorchFile.looksLegacy(file)) {
      return Optional.of(FormatMatch.of(FormatKind.TORCH_LEGACY));
    }
    if (Npy.looksLikeNpy(file)) {
      return Optional.of(FormatMatch.of(FormatKind.NPY));
    }
    if (SafetensorsFile.looksLikeSafetensors(file)) {
      return Optional.of(FormatMatch.of(FormatKind.SAFETENSORS));
    }
    if (file.byteSize() >= 48 && file.get(Tensor.LE_LONG, file.byteSize() - 8) == TABLE_MAGIC) {
      return Optional.of(new FormatMatch(FormatKind.CHECKPOINT, " (its index)"));
    }
    if (TarArchive.looksLikeTar(file)) {
      return Optional.of(tar(TarArchive.open(file, limits)));
    }
    Optional<FormatMatch> magic = Magic.match(file);
    if (magic.isPresent()) {
      return magic;
    }
    if (isRecords(file)) {
      return Optional.of(FormatMatch.of(FormatKind.TF_RECORDS));
    }
    return PickleScan.looksLikePickle(file)
        ? Optional.of(FormatMatch.of(FormatKind.PICKLE))
        : Optional.empty();
  }

  private static FormatMatch tar(TarArchive tar) {
    Set<String> names = tar.entries().stream().map(ArchiveEntry::name).collect(Collectors.toSet());
    return names.containsAll(Set.of("storages", "tensors", "pickle"))
        ? FormatMatch.of(FormatKind.TORCH_TAR)
        : FormatMatch.of(FormatKind.TAR);
  }

  /** Record framing: a length, its masked CRC-32C, data. */
  private static boolean isRecords(MemorySegment file) {
    if (file.byteSize() < 16) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(file.asSlice(0, 8).asByteBuffer());
    int value = (int) crc.getValue();
    int masked = Integer.rotateRight(value, 15) + CRC_DELTA;
    return new SegmentReader(file.asSlice(8)).i32("a checksum") == masked;
  }

  /**
   * A pickle of protocol 0 or 1 has no mark at its start: it is one when it can be read to its end.
   */
  private static Optional<FormatMatch> oldPickle(MemorySegment file, Limits limits) {
    byte last = file.get(ValueLayout.JAVA_BYTE, file.byteSize() - 1);
    if (last != '.' || file.byteSize() > limits.headerBytes()) {
      return Optional.empty();
    }
    try {
      new PickleReader(file, PickleDialect.inert(), limits).read();
      return Optional.of(new FormatMatch(FormatKind.PICKLE, " of an old protocol"));
    } catch (IsomorphException _) {
      return Optional.empty();
    }
  }
}
