package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Value;
import java.util.List;
import java.util.Set;

/**
 * One line of {@code forward}.
 *
 * @param results what it assigns, in order
 * @param text the right-hand side; {@code {n}} stands for the n-th of {@code operands}
 * @param operands the values that the text names
 */
record Statement(List<Value.Result> results, String text, List<Value> operands) {
  Statement {
    results = List.copyOf(results);
    operands = List.copyOf(operands);
  }

  /** {@return whether any result is among these values} */
  boolean makesOneOf(Set<Value> values) {
    return results.stream().anyMatch(values::contains);
  }
}
