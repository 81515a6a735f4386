package dev.isomorph.gpu;

import dev.isomorph.gpu.driver.CubinCache;
import dev.isomorph.gpu.driver.CudaAllocator;
import dev.isomorph.gpu.driver.CudaContext;
import dev.isomorph.gpu.driver.CudaStream;
import dev.isomorph.gpu.driver.KernelCompiler;
import dev.isomorph.gpu.driver.KernelLibrary;
import dev.isomorph.gpu.kernel.Workspace;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import dev.isomorph.runtime.device.Device;
import dev.isomorph.runtime.math.SummationOrder;
import java.util.List;

/**
 * One CUDA device. Arithmetic is strict f32 and f64; results are the same from run to run. Nodes
 * without a kernel run on the CPU, see {@link CudaGraph#placements}. Safe for many threads. Touch
 * this class only when {@link CudaProbe} says that CUDA is available.
 */
public final class CudaDevice implements Device {
  private final int ordinal;
  private final CudaContext context;
  private final KernelLibrary library;
  private final boolean checking;

  private CudaDevice(int ordinal, boolean checking) {
    this.ordinal = ordinal;
    this.checking = checking;
    this.context = new CudaContext(ordinal);
    this.library =
        new KernelLibrary(
            new KernelCompiler(
                context.architecture(), context.driverVersion(), CubinCache.ofUser()));
  }

  /**
   * {@return a device by its number}
   *
   * @throws IsomorphException if the driver refuses
   */
  public static CudaDevice open(int ordinal) {
    return new CudaDevice(ordinal, false);
  }

  /**
   * {@return a device that waits after every kernel and checks that it wrote nowhere but into its
   * buffers: slow, for tests}
   */
  public static CudaDevice openChecking(int ordinal) {
    return new CudaDevice(ordinal, true);
  }

  @Override
  public String name() {
    return "cuda:" + ordinal;
  }

  @Override
  public String description() {
    return "%s, sm_%d, driver for CUDA %d.%d"
        .formatted(
            context.name(),
            context.architecture(),
            context.driverVersion() / 1000,
            context.driverVersion() % 1000 / 10);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IsomorphException also {@link ErrorCode#UNSUPPORTED_FEATURE} for a run with another
   *     order of sums or with moved results, which the CPU alone offers
   */
  @Override
  public CudaGraph prepare(Signature signature, RunOptions options) {
    if (options.order() != SummationOrder.SEQUENTIAL || options.perturbation().isPresent()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE,
              "the CUDA device runs in one order of sums alone, with nothing moved")
          .help("run on the CPU to measure how a model rounds")
          .toException();
    }
    List<Diagnostic> unsupported = Executor.unsupported(signature.graph());
    if (!unsupported.isEmpty()) {
      throw new IsomorphException(unsupported);
    }
    context.use();
    CudaStream stream = new CudaStream();
    Workspace workspace =
        new Workspace(
            library,
            stream,
            new CudaAllocator(context, stream, checking),
            context.multiprocessors(),
            options.precision(),
            checking);
    return new CudaGraph(signature.graph(), options, context, workspace);
  }
}
