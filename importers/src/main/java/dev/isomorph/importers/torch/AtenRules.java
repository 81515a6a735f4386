package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The registry of rules: one per ATen operator, each listed in its family's class. */
final class AtenRules {
  /** Lowers one operator: arguments → values. */
  @FunctionalInterface
  interface Rule {
    PyObject apply(AtenCall call);
  }

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    AtenElementwise.register();
    AtenActivations.register();
    AtenReductions.register();
    AtenOrder.register();
    AtenShapes.register();
    AtenJoins.register();
    AtenIndexing.register();
    AtenLinear.register();
    AtenConvolutions.register();
    AtenPooling.register();
    AtenNormalization.register();
    AtenResize.register();
    AtenRecurrent.register();
    AtenCreation.register();
  }

  private AtenRules() {}

  /**
   * Adds the rule of an operator, for all of its overloads.
   *
   * @throws IllegalStateException if it has one, or if the table does not know the operator
   */
  static void on(String name, Rule rule) {
    if (!AtenSchemas.has(name)) {
      throw new IllegalStateException("there is no aten::" + name);
    }
    if (RULES.put(name, rule) != null) {
      throw new IllegalStateException("two rules for aten::" + name);
    }
  }

  /** {@return the rule, or {@code null}} */
  static Rule find(String name) {
    return RULES.get(name);
  }

  static Set<String> names() {
    return RULES.keySet();
  }
}
