package dev.isomorph.gpu.driver;

import java.util.List;

/**
 * CUDA C++ that becomes one module.
 *
 * @param name for messages, such as {@code gemm.cu}
 * @param text the whole source: there are no headers
 * @param macros definitions such as {@code REAL=float}
 */
public record KernelSource(String name, String text, List<String> macros) {
  public KernelSource {
    macros = List.copyOf(macros);
  }
}
