package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Op;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The registry: one rule per operator, each listed in its family's class. */
final class RaisingRules {
  private static final RaisingRules ALL = new RaisingRules();

  static {
    ElementwiseRaising.register(ALL);
    LayerRaising.register(ALL);
    PoolingRaising.register(ALL);
    ReductionRaising.register(ALL);
    ShapeRaising.register(ALL);
    IndexingRaising.register(ALL);
    RecurrentRaising.register(ALL);
  }

  private final Map<Class<? extends Op>, RaisingRule<?>> rules = new HashMap<>();

  private RaisingRules() {}

  /**
   * Adds the rule of one operator.
   *
   * @throws IllegalStateException if it has one already
   */
  <O extends Op> void on(Class<O> operator, RaisingRule<? super O> rule) {
    if (rules.put(operator, rule) != null) {
      throw new IllegalStateException("two raising rules for " + operator.getSimpleName());
    }
  }

  /** {@return the rule for an operator, if there is one} */
  @SuppressWarnings("unchecked")
  static <O extends Op> Optional<RaisingRule<O>> find(O op) {
    return Optional.ofNullable((RaisingRule<O>) ALL.rules.get(op.getClass()));
  }

  /** {@return whether an operator has a rule} */
  static boolean has(Class<? extends Op> operator) {
    return ALL.rules.containsKey(operator);
  }
}
