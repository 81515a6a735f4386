package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Optional;

/**
 * An operand or result of a node that is being written.
 *
 * @param name its name in the file; empty if it is left out
 * @param type what is known of it
 * @param constant its value, if that is stored
 */
public record Operand(String name, ValueType type, Optional<Tensor> constant) {
  /** An operand that is left out. */
  public static final Operand ABSENT = new Operand("", ValueType.UNKNOWN, Optional.empty());

  /** {@return whether it is left out} */
  public boolean isAbsent() {
    return name.isEmpty();
  }
}
