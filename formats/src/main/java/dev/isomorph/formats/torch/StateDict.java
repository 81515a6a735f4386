package dev.isomorph.formats.torch;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import java.util.List;
import java.util.Optional;

/**
 * A model's weights, picked from what {@code torch.save} wrote. Immutable.
 *
 * @param path where in the file: {@code state_dict}, {@code checkpoint.model}; empty for the whole
 *     file
 * @param tensors the weights under their keys, in order; prefixes such as {@code module.} are kept
 * @param others entries of the state dict that are no tensors: nothing is dropped in silence
 * @param metadata the {@code _metadata} of the state dict: module versions by prefix
 * @param notes what was chosen, what was left aside, prefixes that wrappers added
 */
public record StateDict(
    String path,
    List<NamedTensor> tensors,
    List<Other> others,
    Optional<DictValue> metadata,
    List<Diagnostic> notes) {

  /**
   * An entry that is no tensor.
   *
   * @param key its key
   * @param description what it is
   */
  public record Other(String key, String description) {}

  public StateDict {
    tensors = List.copyOf(tensors);
    others = List.copyOf(others);
    notes = List.copyOf(notes);
  }
}
