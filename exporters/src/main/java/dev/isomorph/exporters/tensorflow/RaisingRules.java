package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.Op;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The registry of raising rules: one per operator, each listed in its family's class. */
final class RaisingRules {
  private static final RaisingRules ALL = new RaisingRules();

  static {
    ElementwiseRaising.register(ALL);
    ActivationRaising.register(ALL);
    MatrixRaising.register(ALL);
    ConvolutionRaising.register(ALL);
    PoolingRaising.register(ALL);
    NormalizationRaising.register(ALL);
    ReductionRaising.register(ALL);
    ShapeRaising.register(ALL);
    MovementRaising.register(ALL);
    IndexingRaising.register(ALL);
    ResizeRaising.register(ALL);
  }

  private final Map<Class<? extends Op>, RaisingRule<?>> rules = new HashMap<>();

  private RaisingRules() {}

  /** Adds the rule of an operator with one result. */
  <O extends Op> void on(Class<O> operator, RaisingRule.Single<O> rule) {
    several(operator, (op, node) -> List.of(rule.raise(op, node)));
  }

  /** Adds the rule of an operator with several results. */
  <O extends Op> void several(Class<O> operator, RaisingRule<O> rule) {
    if (rules.put(operator, rule) != null) {
      throw new IllegalStateException("two raising rules for " + operator.getSimpleName());
    }
  }

  /** {@return the rule of an operator, if there is one} */
  @SuppressWarnings("unchecked")
  static <O extends Op> Optional<RaisingRule<O>> find(O op) {
    return Optional.ofNullable((RaisingRule<O>) ALL.rules.get(op.getClass()));
  }

  /** {@return the operators that have a rule} */
  static Set<Class<? extends Op>> operators() {
    return Collections.unmodifiableSet(ALL.rules.keySet());
  }
}
