package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.PickleDialect;
import dev.isomorph.formats.pickle.PickleListener;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/** The closed list of what PyTorch's files may construct. */
public final class TorchDialect {
  private TorchDialect() {}

  /**
   * {@return Python's, NumPy's and PyTorch's constructors, with storages that have no data}: for
   * looking at a pickle alone, and for asking what is on the list
   *
   * @param owner whose memory the pickle's bytes are
   */
  public static PickleDialect withoutStorages(TensorArena owner, Limits limits) {
    return new StorageTable(_ -> {}).dialect(owner, limits);
  }

  /**
   * Reads the tar of PyTorch 0.1, which mixes pickles and data, for {@code listener}'s sake.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException where the file breaks
   */
  public static void readTar(
      MemorySegment file, TensorArena owner, Limits limits, PickleListener listener) {
    TarReader.read(file, owner, limits, listener);
  }
}
