package dev.isomorph.gpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Op;
import dev.isomorph.runtime.scalar.ScalarOperator;
import dev.isomorph.runtime.scalar.ScalarTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What there are kernels for. Needs no device: the registry touches no class of the bindings. */
class CudaOperatorsTest {
  private static String name(Class<? extends Op> operator) {
    String name = operator.getSimpleName();
    return name.substring(0, name.length() - "Op".length());
  }

  private static Set<String> operators() {
    return CudaKernelRegistry.standard().operators().stream()
        .map(CudaOperatorsTest::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyElementwiseOperatorOfTheTableHasAKernel() {
    Set<String> missing = new TreeSet<>();
    for (ScalarOperator row : ScalarTable.standard().rows()) {
      missing.add(row.name().split("\\.")[0]);
    }
    missing.removeAll(operators());
    assertEquals(Set.of(), missing);
  }

  @Test
  void thePageNamesEveryOtherOperator() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "gpu.md"));
    Set<String> unnamed = operators();
    new ElementwiseRows().operators().forEach(operator -> unnamed.remove(name(operator)));
    unnamed.removeIf(operator -> page.contains("`" + operator + "`"));
    assertEquals(Set.of(), unnamed);
    assertTrue(operators().containsAll(List.of("Conv", "Gemm", "Relu")));
  }
}
