package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/**
 * In which form a stored tensor is needed.
 *
 * @param perm how its axes are permuted; empty if they are not
 * @param dims the shape that it then gets; empty if it keeps its own
 */
record Form(List<Long> perm, List<Long> dims) {
  /** The tensor as it is. */
  static final Form PLAIN = new Form(List.of(), List.of());

  /** {@return the tensor in this form} */
  Tensor apply(Tensor tensor) {
    Tensor permuted =
        perm.isEmpty()
            ? tensor
            : LazyTensors.transpose(tensor, perm.stream().mapToInt(Long::intValue).toArray());
    return dims.isEmpty() ? permuted : permuted.reshape(toArray(dims));
  }

  /** {@return the permutation that undoes this one} */
  List<Long> inversePerm() {
    Long[] inverse = new Long[perm.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[perm.get(i).intValue()] = (long) i;
    }
    return List.of(inverse);
  }

  static long[] toArray(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
