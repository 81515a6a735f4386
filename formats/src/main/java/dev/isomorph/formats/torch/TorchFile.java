package dev.isomorph.formats.torch;

import dev.isomorph.formats.archive.TarArchive;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.pickle.PickleListener;
import dev.isomorph.formats.pickle.PickleReader;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * What {@code torch.save} wrote to a file: the object, with its tensors, in any of the containers
 * that {@code torch.load} knows ({@code torch/serialization.py}). A bare pickle is read as well.
 * Tensor data stay mapped as long as the arena is open. Immutable and safe for many threads.
 */
public final class TorchFile {
  /** How the object is packed. */
  public enum Container {
    ZIP,
    LEGACY,
    TAR,
    /** One pickle and nothing else. */
    PICKLE
  }

  private final Container container;
  private final PickleValue root;
  private final List<StorageRef> storages;
  private final List<ModuleSource> sources;

  TorchFile(Container container, PickleValue root, Collection<StorageRef> storages) {
    this(container, root, storages, List.of());
  }

  TorchFile(
      Container container,
      PickleValue root,
      Collection<StorageRef> storages,
      List<ModuleSource> sources) {
    this.sources = List.copyOf(sources);
    this.container = container;
    this.root = root;
    this.storages = List.copyOf(storages);
  }

  /**
   * Reads a file.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID} and its kin, with entry, byte and
   *     opcode
   */
  public static TorchFile read(Path path, TensorArena arena, Limits limits) {
    try {
      return read(arena.map(path), arena, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /**
   * Reads a file in mapped memory.
   *
   * @throws IsomorphException as {@link #read(Path, TensorArena, Limits)}
   */
  public static TorchFile read(MemorySegment file, TensorArena owner, Limits limits) {
    return read(file, owner, limits, 0);
  }

  static TorchFile read(MemorySegment file, TensorArena owner, Limits limits, int depth) {
    if (file.byteSize() == 0) {
      throw Diagnostic.error(ErrorCode.FILE_EMPTY, "the file is empty").toException();
    }
    // PyTorch writes the stream alone into pickles; an archive in itself could go on for ever.
    if (depth == 0 && ZipArchive.looksLikeZip(file)) {
      TorchArchive archive = TorchArchive.open(file, owner, limits);
      PickleValue root = archive.readPickle("data");
      return new TorchFile(Container.ZIP, root, archive.storages());
    }
    if (LegacyReader.looksLegacy(file)) {
      return LegacyReader.read(file, owner, limits, depth);
    }
    if (TarArchive.looksLikeTar(file)) {
      return TarReader.read(file, owner, limits, new PickleListener() {});
    }
    StorageTable table = new StorageTable(_ -> {}, depth);
    PickleValue root = new PickleReader(file, table.dialect(owner, limits), limits).read();
    return new TorchFile(Container.PICKLE, root, table.all());
  }

  /** {@return whether bytes begin as the stream of {@code torch.save} before 1.6 does} */
  public static boolean looksLegacy(MemorySegment file) {
    return LegacyReader.looksLegacy(file);
  }

  /** {@return how the object is packed} */
  public Container container() {
    return container;
  }

  /** {@return the object} */
  public PickleValue root() {
    return root;
  }

  /** {@return the storages in the order in which the object refers to them} */
  public List<StorageRef> storages() {
    return storages;
  }

  /**
   * {@return the sources of module classes that the file carries; only the form before 1.6 has any}
   */
  public List<ModuleSource> sources() {
    return sources;
  }
}
