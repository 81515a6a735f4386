package dev.isomorph.gpu.kernel;

import dev.isomorph.ir.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** What a kernel says about one node with operands of known types and shapes. */
public sealed interface Decision {
  /**
   * The device computes it.
   *
   * @param launch queues the work and gives the results
   */
  record Compute(Supplier<List<DeviceTensor>> launch) implements Decision {}

  /**
   * The result is an operand's memory in another shape.
   *
   * @param results what it is
   */
  record View(Supplier<List<DeviceTensor>> results) implements Decision {}

  /**
   * The result is known from types and attributes alone.
   *
   * @param results what it is
   */
  record Known(List<Tensor> results) implements Decision {}

  /**
   * The node is left to the CPU.
   *
   * @param reason why, for the placement report
   */
  record Refuse(String reason) implements Decision {}

  /** {@return a computation of one result} */
  static Decision compute(Supplier<DeviceTensor> launch) {
    return new Compute(() -> List.of(launch.get()));
  }

  /** {@return a view of one operand} */
  static Decision view(Supplier<DeviceTensor> result) {
    return new View(() -> List.of(result.get()));
  }

  /** {@return a refusal} */
  static Decision refuse(String format, Object... arguments) {
    return new Refuse(format.formatted(arguments));
  }
}
