package dev.isomorph.gpu.driver;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The modules of one context, compiled when they are first asked for. Safe for many threads, each
 * of which must use the context.
 */
public final class KernelLibrary {
  private final KernelCompiler compiler;
  private final Map<KernelSource, CudaModule> modules = new ConcurrentHashMap<>();

  /** Makes an empty library. */
  public KernelLibrary(KernelCompiler compiler) {
    this.compiler = compiler;
  }

  /** {@return a kernel of a source} */
  public CudaFunction function(KernelSource source, String kernel) {
    return modules
        .computeIfAbsent(source, s -> new CudaModule(s.name(), compiler.compile(s)))
        .function(kernel);
  }
}
