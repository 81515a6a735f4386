package dev.isomorph.ir;

import dev.isomorph.ir.shape.Dim;
import java.util.List;

/**
 * The elements of a small integer or bool tensor of rank 0 or 1 as expressions over the dims'
 * symbols: how a Reshape's target is known although it is computed from a Shape. Immutable.
 *
 * @param scalar whether the rank is 0
 * @param dims the elements; exactly one if the rank is 0
 */
public record Contents(boolean scalar, List<Dim> dims) {
  /** The longest vector whose contents are followed. */
  public static final int MAX_LENGTH = 64;

  public Contents {
    dims = List.copyOf(dims);
    if (scalar && dims.size() != 1) {
      throw new IllegalArgumentException("a scalar has one element, not " + dims.size());
    }
  }

  /** {@return a scalar} */
  public static Contents scalar(Dim dim) {
    return new Contents(true, List.of(dim));
  }

  /** {@return a vector} */
  public static Contents vector(List<Dim> dims) {
    return new Contents(false, dims);
  }

  /** {@return whether every element is a number} */
  public boolean isKnown() {
    return dims.stream().allMatch(Dim::isKnown);
  }

  /** {@return the elements as numbers; only when {@link #isKnown}} */
  public long[] known() {
    return dims.stream().mapToLong(Dim::known).toArray();
  }
}
