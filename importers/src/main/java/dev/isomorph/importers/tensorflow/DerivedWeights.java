package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Stored tensors in the forms in which the graph uses them: a kernel in the axes that the plain
 * operator expects keeps the key of the variable that it comes from, as long as nothing uses the
 * variable as it is. Not safe for many threads.
 */
final class DerivedWeights {
  private final Map<Value.Parameter, Map<String, Value.Parameter>> derived =
      new IdentityHashMap<>();
  private final Set<String> usedAsTheyAre;
  private final Set<String> keys = new HashSet<>();

  /**
   * Starts with no derived tensors.
   *
   * @param usedAsTheyAre keys of tensors that the graph also uses in their own form
   */
  DerivedWeights(Set<String> usedAsTheyAre) {
    this.usedAsTheyAre = usedAsTheyAre;
  }

  /** {@return the tensor in another form; the same parameter for the same form} */
  Value.Parameter derived(Value.Parameter source, String form, Function<Tensor, Tensor> change) {
    return derived
        .computeIfAbsent(source, _ -> new HashMap<>())
        .computeIfAbsent(form, _ -> derive(source, form, change.apply(source.tensor())));
  }

  private Value.Parameter derive(Value.Parameter source, String form, Tensor tensor) {
    String key = source.name();
    if (usedAsTheyAre.contains(key) || !keys.add(key)) {
      key = source.name() + "/" + form;
      keys.add(key);
    }
    return new Value.Parameter(
        key,
        tensor,
        source.kind(),
        new Object(),
        new Derivation("transposed", List.of(source.name())));
  }

  /** {@return keys that two of these parameters have, one of them used as it is} */
  static Set<String> conflicts(Iterable<Value.Parameter> used) {
    Set<Value.Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, Value.Parameter> byKey = new HashMap<>();
    Set<String> twice = new HashSet<>();
    for (Value.Parameter parameter : used) {
      Value.Parameter other = byKey.put(parameter.name(), parameter);
      if (seen.add(parameter) && other != null && other != parameter) {
        twice.add(parameter.name());
      }
    }
    return twice;
  }
}
