package dev.isomorph.formats.safetensors;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.List;

/** A set of safetensors files with {@code model.safetensors.index.json}. */
public final class SafetensorsIndex {
  private SafetensorsIndex() {}

  /**
   * {@return all tensors in the order of the index}
   *
   * @throws IsomorphException as {@link ShardedWeights#read}
   */
  public static List<NamedTensor> read(Path index, TensorArena arena, Limits limits) {
    return ShardedWeights.read(
        index, arena, limits, file -> SafetensorsFile.open(file, arena, limits).tensors());
  }
}
