package dev.isomorph.importers.tensorflow;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeSet;

/** The registry of lowering rules: one per operator, each listed in its family's class. */
final class Rules {
  private static final Rules ALL = new Rules();

  static {
    PlainRules.register(ALL);
    ElementwiseRules.register(ALL);
    ActivationRules.register(ALL);
    MatrixRules.register(ALL);
    ConvolutionRules.register(ALL);
    PoolingRules.register(ALL);
    NormalizationRules.register(ALL);
    ReductionRules.register(ALL);
    ShapeRules.register(ALL);
    SliceRules.register(ALL);
    IndexingRules.register(ALL);
    PaddingRules.register(ALL);
    BlockRules.register(ALL);
    ResizeRules.register(ALL);
  }

  private final Map<String, Rule> rules = new HashMap<>();

  /**
   * Outputs of operators that have several named ones, in order: a function's body refers to them
   * by name. A name that ends in {@code *} stands for a list.
   */
  private final Map<String, List<String>> outputs = new HashMap<>();

  private Rules() {}

  /** Adds the rule of an operator with one result. */
  void on(String op, Rule.Single rule) {
    several(op, node -> List.of(rule.lower(node)));
  }

  /** Adds the rule of an operator with several results, of which the outputs are named here. */
  void several(String op, Rule rule, String... outputNames) {
    if (rules.put(op, rule) != null) {
      throw new IllegalStateException("two rules for " + op);
    }
    outputs.put(op, List.of(outputNames));
  }

  /** {@return the rule of an operator, if there is one} */
  static Optional<Rule> find(String op) {
    return Optional.ofNullable(ALL.rules.get(op));
  }

  /** {@return where the named output begins among the results, if the operator has the name} */
  static Optional<Integer> outputStart(String op, String output) {
    List<String> names = ALL.outputs.getOrDefault(op, List.of());
    if (names.isEmpty()) {
      return Optional.of(0);
    }
    int position = names.indexOf(output);
    return position < 0 ? Optional.empty() : Optional.of(position);
  }

  /** {@return all operators that have a rule, sorted} */
  static SequencedSet<String> operators() {
    return Collections.unmodifiableSequencedSet(new TreeSet<>(ALL.rules.keySet()));
  }
}
