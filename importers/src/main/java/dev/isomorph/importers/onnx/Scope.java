package dev.isomorph.importers.onnx;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The names of one graph, function body or subgraph while it is being lowered. */
final class Scope {
  final GraphBuilder builder;
  final Map<String, ValueType> declared = new HashMap<>();
  private final Scope outer;
  private final Map<String, Value> values = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private final Set<String> keys;

  private Scope(GraphBuilder builder, Scope outer, Set<String> keys) {
    this.builder = builder;
    this.outer = outer;
    this.keys = keys;
  }

  /** {@return the scope of the model's graph, where parameters keep their names} */
  static Scope ofModel(GraphBuilder builder) {
    return new Scope(builder, null, new HashSet<>());
  }

  /** {@return the scope of a function's body, which may stand in a graph more than once} */
  static Scope ofFunction(GraphBuilder builder) {
    return new Scope(builder, null, null);
  }

  /** {@return the scope of a subgraph of a node of this} */
  Scope inner(GraphBuilder region) {
    return new Scope(region, this, keys);
  }

  /** {@return the key of a parameter: its name, unless another parameter of the model has it} */
  String key(String name) {
    return keys != null && keys.add(name) ? name : builder.freshName(name);
  }

  /** {@return whether the name was new in this scope} */
  boolean define(String name, Value value) {
    return values.putIfAbsent(name, value) == null;
  }

  /** {@return the value of a name here or around; null if there is none} */
  Value find(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Value value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** Tells which names of this scope something asks for. */
  void use(Collection<String> names) {
    used.addAll(names);
  }

  boolean isUsed(String name) {
    return used.contains(name);
  }

  /** {@return all names that are defined here and around} */
  Set<String> names() {
    Set<String> all = new HashSet<>();
    for (Scope scope = this; scope != null; scope = scope.outer) {
      all.addAll(scope.values.keySet());
    }
    return all;
  }
}
