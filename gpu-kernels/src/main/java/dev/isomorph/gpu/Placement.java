package dev.isomorph.gpu;

import dev.isomorph.ir.Node;

/**
 * Where one node was computed.
 *
 * @param node the node
 * @param place where
 * @param reason why not on the device; empty if it was
 */
public record Placement(Node node, Place place, String reason) {
  /** Where a node is computed. */
  public enum Place {
    /** By a kernel on the device. */
    DEVICE,
    /** Nowhere: the result is a constant, a shape, or an operand's memory in another shape. */
    NOTHING_TO_COMPUTE,
    /** On the CPU because shapes are needed there: a few integers that never were on the device. */
    SHAPE_ARITHMETIC,
    /** On the CPU because the device cannot. Operands and results are copied. */
    CPU
  }

  /** {@return the line of a placement report} */
  @Override
  public String toString() {
    return node.describe()
        + ": "
        + place.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
        + (reason.isEmpty() ? "" : ", " + reason);
  }
}
