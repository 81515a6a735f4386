package dev.isomorph.exporters.onnx;

import dev.isomorph.ir.Value;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The names of values in a file: their own, with a number where two would be the same. ONNX has one
 * space of names for a graph and all its subgraphs. Not safe for many threads.
 */
final class ValueNames {
  private final Map<Value, String> given = new IdentityHashMap<>();
  private final Map<Value, String> wanted;
  private final Set<String> taken = new HashSet<>();

  /**
   * @param wanted names to prefer to the values' own
   */
  ValueNames(Map<Value, String> wanted) {
    this.wanted = wanted;
  }

  /** Gives a value exactly this name, which nothing else has. */
  void fix(Value value, String name) {
    given.put(value, name);
    taken.add(name);
  }

  /** {@return whether a value has a name by now} */
  boolean has(Value value) {
    return given.containsKey(value);
  }

  /** Lets a value of a subgraph go by the name of what it stands for. */
  void alias(Value inside, Value outside) {
    given.put(inside, of(outside));
  }

  /** {@return the name of a value} */
  String of(Value value) {
    if (value.isAbsent()) {
      return "";
    }
    String name = given.get(value);
    if (name == null) {
      name = fresh(wanted.getOrDefault(value, value.name()));
      given.put(value, name);
    }
    return name;
  }

  /** {@return a name that nothing has} */
  String fresh(String hint) {
    String base = hint.isEmpty() ? "v" : hint;
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }
}
