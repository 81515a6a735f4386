package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.PickleValue;
import java.util.List;

/**
 * A part of a file that may be a state dict.
 *
 * @param path the keys that lead to it
 * @param value a dict, or a pickled module
 * @param leaves all entries below it, flattened, in order
 */
record StateDictCandidate(List<String> path, PickleValue value, List<Leaf> leaves) {
  /** An entry: its key, joined with dots, and its value. */
  record Leaf(String key, PickleValue value) {}

  long tensors() {
    return leaves.stream().filter(l -> l.value instanceof TensorRef).count();
  }

  long elements() {
    long sum = 0;
    for (Leaf leaf : leaves) {
      // Sizes were checked when the tensor was made; a sum beyond 2^63 only stays at the top.
      sum = leaf.value instanceof TensorRef t ? saturatedSum(sum, t.size()) : sum;
    }
    return sum;
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  String dottedPath() {
    return String.join(".", path);
  }

  String summary() {
    return (path.isEmpty() ? "the whole file" : "'" + dottedPath() + "'")
        + " ("
        + tensors()
        + " tensors, "
        + elements()
        + " elements)";
  }
}
