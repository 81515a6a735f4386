package dev.isomorph.ir.pass;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a run of passes may do and has done: bounds, the evaluator of constants, and the count of
 * rewrites by which a guilty one is found. Not safe for many threads.
 */
public final class PassContext {
  private final ConstantEvaluator evaluator;
  private final Limits limits;
  private final boolean foldTrainable;
  private final long stopAfter;
  private final Consumer<Diagnostic> notes;
  private final Map<String, Integer> applied = new LinkedHashMap<>();
  private final List<String> log = new ArrayList<>();
  private long count;

  private PassContext(Builder builder) {
    this.evaluator = builder.evaluator;
    this.limits = builder.limits;
    this.foldTrainable = builder.foldTrainable;
    this.stopAfter = builder.stopAfter;
    this.notes = builder.notes;
  }

  /** {@return a context that folds shapes alone, has no bound on rewrites and drops notes} */
  public static PassContext standard() {
    return builder().build();
  }

  /** {@return a builder of a context} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return what computes constants} */
  public ConstantEvaluator evaluator() {
    return evaluator;
  }

  /** {@return the bounds} */
  public Limits limits() {
    return limits;
  }

  /**
   * {@return whether a parameter may be replaced by one that is computed from it}: constants of the
   * program always, weights and buffers only where the target does not train on.
   */
  public boolean mayFold(Value.Parameter parameter) {
    return foldTrainable || parameter.kind() == Value.Parameter.Kind.CONSTANT;
  }

  /** {@return whether one more rewrite may be made} */
  public boolean mayRewrite() {
    return count < stopAfter;
  }

  /** Counts a rewrite that was made. */
  void rewritten(String rule, String node) {
    count++;
    applied.merge(rule, 1, Integer::sum);
    log.add(rule + " at " + node);
  }

  /** {@return how many rewrites were made} */
  public long count() {
    return count;
  }

  /** {@return how often each rule was applied, in the order of first use} */
  public Map<String, Integer> applied() {
    return new LinkedHashMap<>(applied);
  }

  /** {@return the rewrites in order: rule and node} */
  public List<String> log() {
    return List.copyOf(log);
  }

  /** Tells the user something that is no error. */
  public void note(Diagnostic diagnostic) {
    notes.accept(diagnostic);
  }

  /** Collects the settings. */
  public static final class Builder {
    private ConstantEvaluator evaluator = ConstantEvaluator.NONE;
    private Limits limits = Limits.defaults();
    private boolean foldTrainable;
    private long stopAfter = Long.MAX_VALUE;
    private Consumer<Diagnostic> notes = _ -> {};

    private Builder() {}

    /** Sets what computes constants. */
    public Builder evaluator(ConstantEvaluator evaluator) {
      this.evaluator = requireNonNull(evaluator, "evaluator is null");
      return this;
    }

    /** Sets the bounds. */
    public Builder limits(Limits limits) {
      this.limits = requireNonNull(limits, "limits is null");
      return this;
    }

    /** Sets whether weights and buffers may be replaced by what is computed from them. */
    public Builder foldTrainable(boolean foldTrainable) {
      this.foldTrainable = foldTrainable;
      return this;
    }

    /** Sets how many rewrites are made at most, to find the one that is wrong. */
    public Builder stopAfter(long rewrites) {
      this.stopAfter = rewrites;
      return this;
    }

    /** Sets who receives what is no error. */
    public Builder notes(Consumer<Diagnostic> notes) {
      this.notes = requireNonNull(notes, "notes is null");
      return this;
    }

    /** {@return the context} */
    public PassContext build() {
      return new PassContext(this);
    }
  }
}
