package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

/**
 * What an operator is called. ONNX's default domain is the empty string; {@code ai.onnx} is written
 * as that.
 *
 * @param domain the operator set's domain
 * @param name the operator's name
 */
public record OpName(String domain, String name) {
  public OpName {
    requireNonNull(name, "name is null");
    domain = domain.equals("ai.onnx") ? "" : domain;
  }

  /** {@return an operator of ONNX's default domain} */
  public static OpName onnx(String name) {
    return new OpName("", name);
  }

  /** {@return the name of a text such as {@code Conv} or {@code aten::relu}} */
  public static OpName parse(String text) {
    int colons = text.lastIndexOf("::");
    return colons < 0
        ? onnx(text)
        : new OpName(text.substring(0, colons), text.substring(colons + 2));
  }

  /** {@return {@code Conv}, or {@code domain::name} outside the default domain} */
  @Override
  public String toString() {
    return domain.isEmpty() ? name : domain + "::" + name;
  }
}
