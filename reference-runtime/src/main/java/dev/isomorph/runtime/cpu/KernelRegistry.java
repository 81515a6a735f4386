package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Kernels by operator. Filled once by the families, then only read. */
public final class KernelRegistry {
  /** What a kernel does to numbers. */
  public enum Rounding {
    /** Results are moved, chosen or counted, never rounded. */
    EXACT,
    /** Float results are rounded. */
    ROUNDS
  }

  /**
   * A kernel and what it does to numbers.
   *
   * @param <O> the operator's record
   */
  record Entry<O extends Op>(Class<O> type, Rounding rounding, CpuKernel<O> kernel) {
    List<dev.isomorph.ir.tensor.Datum> run(Op op, KernelContext context) {
      return kernel.run(type.cast(op), context);
    }
  }

  private static final class Holder {
    static final KernelRegistry STANDARD = new KernelRegistry();

    static {
      STANDARD.fill();
    }
  }

  private final Map<Class<? extends Op>, Entry<?>> entries = new HashMap<>();

  KernelRegistry() {}

  /** {@return the kernels of all operators that there are kernels for} */
  public static KernelRegistry standard() {
    return Holder.STANDARD;
  }

  private void fill() {
    ElementwiseKernels.register(this);
    LinearKernels.register(this);
    ConvolutionKernels.register(this);
    PoolingKernels.register(this);
    NormalizationKernels.register(this);
    ReductionKernels.register(this);
    MovementKernels.register(this);
    IndexingKernels.register(this);
    ShapeKernels.register(this);
    CastKernels.register(this);
    RecurrentKernels.register(this);
    AttentionKernels.register(this);
    QuantizationKernels.register(this);
    SequenceKernels.register(this);
    ResizeKernels.register(this);
    SamplingKernels.register(this);
    AlgebraKernels.register(this);
    LossKernels.register(this);
    TextKernels.register(this);
    MachineLearningKernels.register(this);
    TrainingKernels.register(this);
    CreationKernels.register(this);
    ControlFlowKernels.register(this);
  }

  <O extends StandardOp> void add(Class<O> type, Rounding rounding, CpuKernel<O> kernel) {
    if (entries.put(type, new Entry<>(type, rounding, kernel)) != null) {
      throw new IllegalStateException(type.getSimpleName() + " has two kernels");
    }
  }

  <O extends StandardOp> void exact(Class<O> type, CpuKernel.Single<O> kernel) {
    add(type, Rounding.EXACT, (op, context) -> List.of(kernel.run(op, context)));
  }

  <O extends StandardOp> void rounds(Class<O> type, CpuKernel.Single<O> kernel) {
    add(type, Rounding.ROUNDS, (op, context) -> List.of(kernel.run(op, context)));
  }

  Optional<Entry<?>> find(Op op) {
    return Optional.ofNullable(entries.get(op.getClass()));
  }

  /** {@return whether there is a kernel for an operator of the table} */
  public boolean supports(Op op) {
    return supports(op.getClass());
  }

  /** {@return whether there is a kernel for the operator with this record} */
  public boolean supports(Class<? extends Op> type) {
    return entries.containsKey(type);
  }

  /** {@return whether an operator's float results are rounded} */
  public Optional<Rounding> rounding(Op op) {
    return find(op).map(Entry::rounding);
  }
}
