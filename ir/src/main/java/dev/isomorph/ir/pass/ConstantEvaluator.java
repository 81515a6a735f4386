package dev.isomorph.ir.pass;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Computes one operator on stored tensors: the reference runtime, as constant folding sees it. Must
 * be exact in the operator's own types, because what it computes is stored.
 */
@FunctionalInterface
public interface ConstantEvaluator {
  /** Knows no operator. */
  ConstantEvaluator NONE = (_, _, _) -> Optional.empty();

  /**
   * {@return the results, or empty if the operator is not known or fails on these operands}
   *
   * @param operands in order, empty where an optional one is left out
   * @param results how many results are asked for
   */
  Optional<List<Tensor>> evaluate(Op op, List<Optional<Tensor>> operands, int results);
}
