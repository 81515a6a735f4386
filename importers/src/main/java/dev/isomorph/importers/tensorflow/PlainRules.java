package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/** Constants, variables, and operators that hand their operand on. */
final class PlainRules {
  private PlainRules() {}

  static void register(Rules rules) {
    for (String op :
        List.of("Identity", "StopGradient", "PreventGradient", "Snapshot", "DisableCopyOnRead")) {
      rules.on(op, PlainRules::same);
    }
    rules.on("ReadVariableOp", PlainRules::read);
    rules.several("IdentityN", TfNode::all);
    rules.on("PlaceholderWithDefault", PlainRules::defaulted);
    rules.on("CheckNumerics", PlainRules::checked);
    rules.on("EnsureShape", PlainRules::checkedShape);
    rules.on("Const", PlainRules::constant);
    rules.on("Cast", PlainRules::cast);
  }

  private static Value same(TfNode node) {
    node.attributes().ignore("message");
    return node.in(0);
  }

  private static Value read(TfNode node) {
    node.attributes().ignore("dtype");
    return node.in(0);
  }

  /** A fed one is an input of the signature and never comes here. */
  private static Value defaulted(TfNode node) {
    node.attributes().ignore("dtype", "shape");
    return node.in(0);
  }

  /** Fails on NaN and infinity, and is the identity for all else. */
  private static Value checked(TfNode node) {
    node.attributes().ignore("message");
    return node.in(0);
  }

  /** Fails on other shapes, and is the identity for the rest. */
  private static Value checkedShape(TfNode node) {
    node.attributes().ignore("shape");
    return node.in(0);
  }

  private static Value constant(TfNode node) {
    node.attributes().ignore("dtype");
    Tensor tensor =
        node.attributes()
            .tensor("value")
            .map(node::decode)
            .orElseThrow(() -> node.unsupported("a constant has no value"));
    return node.builder().constant(node.name(), tensor);
  }

  /** Floats become integers towards zero, as TensorFlow does it with {@code Truncate = false}. */
  private static Value cast(TfNode node) {
    node.attributes().ignore("SrcT");
    if (node.attributes().flag("Truncate", false)) {
      throw node.unsupported("Cast with Truncate = true");
    }
    DType to = node.attributes().type("DstT", DType.F32);
    return node.dtype(0) == to
        ? node.in(0)
        : node.main().cast(node.in(0), a -> a.to(to.onnxCode()));
  }
}
