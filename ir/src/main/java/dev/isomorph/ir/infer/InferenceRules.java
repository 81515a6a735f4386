package dev.isomorph.ir.infer;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The registry of inference rules: one per operator, each listed in its family's class. */
public final class InferenceRules {
  private static final InferenceRules ALL = new InferenceRules();

  static {
    AttentionInference.register(ALL);
    ControlFlowInference.register(ALL);
    ConvolutionInference.register(ALL);
    CreationInference.register(ALL);
    ElementwiseInference.register(ALL);
    IndexingInference.register(ALL);
    LinearInference.register(ALL);
    MlInference.register(ALL);
    MovementInference.register(ALL);
    NormalizationInference.register(ALL);
    PoolInference.register(ALL);
    QuantizationInference.register(ALL);
    RecurrentInference.register(ALL);
    ReductionInference.register(ALL);
    SequenceInference.register(ALL);
    ShapeInference.register(ALL);
    SignalInference.register(ALL);
    SliceInference.register(ALL);
    TextInference.register(ALL);
    TrainingInference.register(ALL);
  }

  private final Map<Class<? extends Op>, InferenceRule<?>> rules = new HashMap<>();
  private final Map<OpName, InferenceRule<?>> composites = new HashMap<>();

  private InferenceRules() {}

  /**
   * Adds the rule of one operator of the table.
   *
   * @throws IllegalStateException if it has one already
   */
  <O extends Op> void on(Class<O> operator, InferenceRule<? super O> rule) {
    if (rules.put(operator, rule) != null) {
      throw new IllegalStateException("two inference rules for " + operator.getSimpleName());
    }
  }

  /** {@return the rule for an operator, if there is one} */
  @SuppressWarnings("unchecked")
  static <O extends Op> Optional<InferenceRule<O>> find(O op) {
    InferenceRule<?> rule = ALL.rules.get(op.getClass());
    if (rule == null) {
      rule = ALL.composites.get(op.name());
    }
    return Optional.ofNullable((InferenceRule<O>) rule);
  }

  /** {@return whether an operator of the table has a rule} */
  public static boolean has(Class<? extends Op> operator) {
    return ALL.rules.containsKey(operator);
  }
}
