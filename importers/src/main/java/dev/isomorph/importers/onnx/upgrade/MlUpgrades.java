package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.stream.LongStream;

/** Operators of the domain {@code ai.onnx.ml}. */
final class MlUpgrades {
  private MlUpgrades() {}

  static void register() {
    Upgrades.add(new OpName("ai.onnx.ml", "LabelEncoder"), 2, MlUpgrades::labels);
  }

  /** One list of strings whose positions are the other side, in the direction of the operand. */
  private static void labels(OldNode node) {
    Attribute classes = node.attributes().remove("classes_strings");
    if (!(classes instanceof Attribute.Texts(List<String> names))) {
      throw AttributeUpgrades.needs(node, "classes_strings");
    }
    Attribute positions = new Attribute.Ints(LongStream.range(0, names.size()).boxed().toList());
    if (!(node.input(0).type() instanceof ValueType.TensorType type)) {
      throw node.unsupported("LabelEncoder 1 with an operand of unknown type");
    }
    boolean fromText = type.dtype() == DType.STRING;
    node.put(fromText ? "keys_strings" : "keys_int64s", fromText ? classes : positions);
    node.put(fromText ? "values_int64s" : "values_strings", fromText ? positions : classes);
  }
}
