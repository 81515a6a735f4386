package dev.isomorph.formats.torch;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.safetensors.ShardedWeights;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A set of state dicts with {@code pytorch_model.bin.index.json}, as Hugging Face writes large
 * models.
 */
public final class TorchIndex {
  private TorchIndex() {}

  /**
   * {@return all tensors in the order of the index}
   *
   * @throws IsomorphException as {@link ShardedWeights#read} and {@link StateDicts#pick}
   */
  public static List<NamedTensor> read(Path index, TensorArena arena, Limits limits) {
    return ShardedWeights.read(
        index,
        arena,
        limits,
        file ->
            StateDicts.pick(TorchFile.read(file, arena, limits), Optional.empty(), limits)
                .tensors());
  }
}
