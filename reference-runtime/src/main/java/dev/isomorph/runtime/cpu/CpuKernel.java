package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.tensor.Datum;
import java.util.List;

/**
 * Computes one operator on the CPU.
 *
 * @param <O> the operator's record
 */
@FunctionalInterface
public interface CpuKernel<O extends Op> {
  /**
   * Computes the results in the operator's order; trailing optional ones that the node does not
   * have may be left out.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the operands' values or shapes do not
   *     fit; the executor adds node and origin
   */
  List<Datum> run(O op, KernelContext context);

  /** A kernel of one tensor result. */
  @FunctionalInterface
  interface Single<O extends Op> {
    /** Computes the result. */
    dev.isomorph.ir.tensor.Tensor run(O op, KernelContext context);
  }
}
