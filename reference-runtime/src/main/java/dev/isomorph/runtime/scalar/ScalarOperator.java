package dev.isomorph.runtime.scalar;

import java.util.List;

/**
 * One row of the table: an elementwise operator for one family of element types.
 *
 * @param name the ONNX operator's name; a variant that an attribute or a missing operand selects
 *     follows after a dot, as in {@code Gelu.tanh}
 * @param kind the family of element types
 * @param params operand names, in order
 * @param attributes attribute names, in the order in which their values are given
 * @param body what is computed for each element
 */
public record ScalarOperator(
    String name, Kind kind, List<String> params, List<String> attributes, Expr body) {

  /** Families of element types. */
  public enum Kind {
    FLOAT,
    INT,
    BOOL
  }

  public ScalarOperator {
    params = List.copyOf(params);
    attributes = List.copyOf(attributes);
  }

  /** {@return whether the result is a truth value, whatever the operands are} */
  public boolean yieldsTruth() {
    return body.type() == Expr.Type.TRUTH;
  }
}
