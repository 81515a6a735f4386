package dev.isomorph.formats;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * A tensor under a name, as weight files hold it, with the identity of its storage: tensors that
 * share memory in the source (tied weights, views) have one identity and stay tied when written to
 * a format that can say so. Equal bytes are not identity. Immutable.
 *
 * @param name the key, unchanged
 * @param tensor its elements, in row-major order
 * @param identity whose memory it is: compared with {@code ==}
 * @param view which part of a shared storage it is, where the source says so
 */
public record NamedTensor(String name, Tensor tensor, Object identity, Optional<View> view) {

  /**
   * A window of a flat storage.
   *
   * @param storage all elements of the storage, in memory order
   * @param offset first element
   * @param strides elements from one index to the next along each axis
   */
  public record View(Tensor storage, long offset, long[] strides) {
    public View {
      requireNonNull(storage, "storage is null");
      strides = strides.clone();
    }
  }

  public NamedTensor {
    requireNonNull(name, "name is null");
    requireNonNull(tensor, "tensor is null");
    requireNonNull(identity, "identity is null");
    requireNonNull(view, "view is null");
  }

  /** {@return a tensor that shares its memory with nothing} */
  public static NamedTensor of(String name, Tensor tensor) {
    return new NamedTensor(name, tensor, new Object(), Optional.empty());
  }

  /** {@return a tensor that is tied to all others of the same identity and shape} */
  public static NamedTensor of(String name, Tensor tensor, Object identity) {
    return new NamedTensor(name, tensor, identity, Optional.empty());
  }

  /** {@return the same tensor under another name, tied to this one} */
  public NamedTensor alias(String other) {
    return new NamedTensor(other, tensor, identity, view);
  }

  /** {@return whether both are the very same elements of the same storage in the same order} */
  public boolean isTiedTo(NamedTensor other) {
    return identity == other.identity
        && tensor.dtype() == other.tensor.dtype()
        && Arrays.equals(tensor.dims(), other.tensor.dims())
        && offset() == other.offset()
        && Arrays.equals(strides(), other.strides());
  }

  /** {@return the first element in the storage} */
  public long offset() {
    return view.map(View::offset).orElse(0L);
  }

  /** {@return elements from one index to the next along each axis of the storage} */
  public long[] strides() {
    return view.map(v -> v.strides().clone())
        .orElseGet(() -> LazyTensors.rowMajorStrides(tensor.dims()));
  }
}
