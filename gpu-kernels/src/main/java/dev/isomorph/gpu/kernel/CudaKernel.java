package dev.isomorph.gpu.kernel;

import dev.isomorph.ir.Op;

/**
 * Computes one operator on the device.
 *
 * @param <O> the operator's record
 */
@FunctionalInterface
public interface CudaKernel<O extends Op> {
  /**
   * {@return what is to be done with one node}. What the CPU's kernel refuses as an error of values
   * or shapes is left to the CPU, which words it.
   */
  Decision decide(O op, KernelCall call);
}
