package dev.isomorph.gpu.kernel;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Kernels by operator. Filled once by the families, then only read. */
public final class CudaKernelRegistry {
  private record Entry<O extends Op>(Class<O> type, CudaKernel<O> kernel) {
    Decision decide(Op op, KernelCall call) {
      return kernel.decide(type.cast(op), call);
    }
  }

  private static final class Holder {
    static final CudaKernelRegistry STANDARD = new CudaKernelRegistry();

    static {
      STANDARD.fill();
    }
  }

  private final Map<Class<? extends Op>, Entry<?>> entries = new LinkedHashMap<>();

  private CudaKernelRegistry() {}

  /** {@return the kernels of all operators that there are kernels for} */
  public static CudaKernelRegistry standard() {
    return Holder.STANDARD;
  }

  private void fill() {
    ConvolutionKernels.register(this);
    ConversionKernels.register(this);
    ElementwiseKernels.register(this);
    GatherKernels.register(this);
    LinearKernels.register(this);
    MovementKernels.register(this);
    NormalizationKernels.register(this);
    PoolingKernels.register(this);
    ReductionKernels.register(this);
    ShapeKernels.register(this);
    SoftmaxKernels.register(this);
  }

  <O extends StandardOp> void add(Class<O> type, CudaKernel<O> kernel) {
    if (entries.put(type, new Entry<>(type, kernel)) != null) {
      throw new IllegalStateException(type.getSimpleName() + " has two kernels");
    }
  }

  /** {@return what is to be done with one node of an operator} */
  public Decision decide(Op op, KernelCall call) {
    Entry<?> entry = entries.get(op.getClass());
    return entry == null ? Decision.refuse("no CUDA kernel") : entry.decide(op, call);
  }

  /** {@return the operators that there are kernels for} */
  public Collection<Class<? extends Op>> operators() {
    return Collections.unmodifiableCollection(entries.keySet());
  }
}
