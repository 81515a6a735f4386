package dev.isomorph.runtime.device;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import java.util.List;

/** The CPU. */
final class CpuDevice implements Device {
  static final CpuDevice INSTANCE = new CpuDevice();

  private CpuDevice() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return Runtime.getRuntime().availableProcessors() + " processors, " + vectors();
  }

  private static String vectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? "vector kernels"
        : "plain kernels (the vector module is not on)";
  }

  @Override
  public PreparedGraph prepare(Signature signature, RunOptions options) {
    List<Diagnostic> unsupported = Executor.unsupported(signature.graph());
    if (!unsupported.isEmpty()) {
      throw new IsomorphException(unsupported);
    }
    Executor executor = new Executor(options);
    return inputs -> executor.run(signature.graph(), inputs);
  }
}
