package dev.isomorph.importers.onnx;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators of other domains that are known: composites with a body of ONNX's own operators. */
final class ContribOperators {
  private ContribOperators() {}

  static Optional<Composite> find(
      OpName name, Map<String, Attribute> attributes, List<Value> operands) {
    return Optional.empty();
  }
}
