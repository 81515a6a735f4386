package dev.isomorph.ir.pass;

import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/** Parameters that are made from others: each keeps its line in the weight ledger. */
final class Derived {
  private Derived() {}

  /** A parameter with one source. */
  static Value.Parameter from(Value.Parameter source, Tensor tensor, String how) {
    return from(List.of(source), tensor, how);
  }

  /** A parameter with several sources; it is what the first one was to the model. */
  static Value.Parameter from(List<Value.Parameter> sources, Tensor tensor, String how) {
    SequencedSet<String> keys = new LinkedHashSet<>();
    for (Value.Parameter source : sources) {
      if (source.derivation().keys().isEmpty()) {
        keys.add(source.name());
      } else {
        keys.addAll(source.derivation().keys());
      }
    }
    String earlier =
        sources.stream()
            .map(p -> p.derivation().how())
            .filter(h -> !h.equals("kept"))
            .distinct()
            .collect(Collectors.joining(", "));
    String story = earlier.isEmpty() ? how : earlier + ", " + how;
    Value.Parameter first = sources.getFirst();
    return new Value.Parameter(
        first.name() + "/" + how,
        tensor,
        first.kind(),
        new Object(),
        new Derivation(story, List.copyOf(keys)));
  }
}
