package dev.isomorph.importers.onnx;

import java.util.Collection;
import java.util.Optional;

/** Finds what somebody may have meant by a name that is not known. */
final class NearestName {
  private NearestName() {}

  /** {@return the known name that differs by the fewest edits, if it is near at all} */
  static Optional<String> of(String name, Collection<String> known) {
    String best = null;
    int fewest = Math.max(2, name.length() / 3) + 1;
    for (String candidate : known.stream().sorted().toList()) {
      int edits = edits(name, candidate, fewest);
      if (edits < fewest) {
        fewest = edits;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int edits(String a, String b, int bound) {
    if (Math.abs(a.length() - b.length()) >= bound) {
      return bound;
    }
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        char x = Character.toLowerCase(a.charAt(i - 1));
        char y = Character.toLowerCase(b.charAt(j - 1));
        int change = previous[j - 1] + (x == y ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
