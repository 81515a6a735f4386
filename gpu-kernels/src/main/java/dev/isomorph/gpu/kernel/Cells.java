package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Elements by their width alone, for kernels that move them. */
final class Cells {
  private Cells() {}

  /** {@return the CUDA type as wide as an element, if there is one} */
  static Optional<String> type(DType dtype) {
    return switch (dtype.bits()) {
      case 8 -> Optional.of("unsigned char");
      case 16 -> Optional.of("unsigned short");
      case 32 -> Optional.of("unsigned int");
      case 64 -> Optional.of("unsigned long long");
      default -> Optional.empty();
    };
  }

  /** {@return the source that moves elements of a type} */
  static KernelSource source(DType dtype, String... macros) {
    List<String> all = new ArrayList<>(List.of("CELL=" + type(dtype).orElseThrow()));
    all.add(macros.length == 0 ? "INDEX=long long" : macros[0]);
    return Sources.of(all, "movement");
  }
}
