package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;

/** Compiled kernels, loaded into a context for the life of the process. Safe for many threads. */
public final class CudaModule {
  private final CUmod_st module = new CUmod_st();
  private final String name;
  private final Map<String, CudaFunction> functions = new ConcurrentHashMap<>();

  /** Loads an image; the calling thread must use the context. */
  public CudaModule(String name, byte[] image) {
    this.name = name;
    try (BytePointer bytes = new BytePointer(image)) {
      CudaErrors.check(cuModuleLoadData(module, bytes), "load the kernels of " + name);
    }
  }

  /** {@return a kernel} */
  public CudaFunction function(String kernel) {
    return functions.computeIfAbsent(
        kernel,
        _ -> {
          CUfunc_st handle = new CUfunc_st();
          CudaErrors.check(
              cuModuleGetFunction(handle, module, kernel), "find kernel " + kernel + " in " + name);
          return new CudaFunction(kernel, handle);
        });
  }
}
