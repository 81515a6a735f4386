package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OperatorHistory;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.OperatorSchema.Arity;
import dev.isomorph.ir.OperatorSchema.Formal;
import dev.isomorph.ir.ValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The registry of all steps down, and the check of what comes out. Safe for many threads. */
public final class Downgrades {
  private static final Map<String, NavigableMap<Integer, Downgrade>> STEPS = new HashMap<>();

  static {
    AttributeDowngrades.register();
    AxisDowngrades.register();
    ModeDowngrades.register();
  }

  private Downgrades() {}

  /** Registers how to leave the definition {@code from} downwards. */
  static void add(String operator, int from, Downgrade downgrade) {
    if (STEPS.computeIfAbsent(operator, _ -> new TreeMap<>()).put(from, downgrade) != null) {
      throw new IllegalStateException(operator + " has two steps down from " + from);
    }
  }

  /**
   * Takes a node of ONNX's own domain down to what its opset says, and checks it against that
   * definition.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the opset cannot say it
   */
  public static void apply(NodeDraft node, int newest) {
    int at = newest;
    defaults(node, at);
    while (at > node.opset()) {
      NavigableMap<Integer, Downgrade> steps = STEPS.get(node.operator().name());
      Map.Entry<Integer, Downgrade> step = steps == null ? null : steps.floorEntry(at);
      if (step == null || step.getKey() <= node.opset()) {
        break;
      }
      step.getValue().apply(node);
      at = step.getKey() - 1;
    }
    OperatorSchema schema =
        OperatorHistory.at(node.operator(), node.opset())
            .orElseThrow(
                () -> {
                  int first = OperatorHistory.versions(node.operator()).firstKey();
                  return node.refuse(
                      first > node.opset()
                          ? "it exists from opset " + first + " on"
                          : "it was removed before");
                });
    check(node, schema);
  }

  /** Writes out what is left to a default that the older version does not have. */
  private static void defaults(NodeDraft node, int newest) {
    Optional<OperatorSchema> now = OperatorHistory.at(node.operator(), newest);
    Optional<OperatorSchema> then = OperatorHistory.at(node.operator(), node.opset());
    if (now.isEmpty() || then.isEmpty()) {
      return;
    }
    now.get()
        .attributes()
        .forEach(
            (name, attribute) -> {
              OperatorSchema.AttributeSchema old = then.get().attributes().get(name);
              boolean differs = old != null && !old.defaultValue().equals(attribute.defaultValue());
              if (differs && attribute.defaultValue().isPresent()) {
                node.attributes().putIfAbsent(name, attribute.defaultValue().get());
              }
            });
  }

  private static void check(NodeDraft node, OperatorSchema schema) {
    for (String attribute : node.attributes().keySet()) {
      if (!schema.attributes().containsKey(attribute)) {
        throw node.refuse("it has no attribute '%s' there", attribute);
      }
    }
    while (!node.inputs().isEmpty() && node.inputs().getLast().isAbsent()) {
      node.inputs().removeLast();
    }
    if (node.inputs().size() > schema.maxInputs()) {
      throw node.refuse("it has at most %d operands there", schema.maxInputs());
    }
    if (node.outputs().size() > schema.maxOutputs()) {
      throw node.refuse("it has at most %d results there", schema.maxOutputs());
    }
    checkTypes(node, schema);
  }

  private static void checkTypes(NodeDraft node, OperatorSchema schema) {
    Map<String, ValueType> bound = new HashMap<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Formal formal = schema.input(i);
      boolean shares = formal.arity() != Arity.VARIADIC || formal.homogeneous();
      checkType(node, node.input(i), formal, schema, shares ? bound : new HashMap<>());
      if (node.input(i).isAbsent() && formal.arity() == Arity.SINGLE) {
        throw node.refuse("its operand '%s' must be given there", formal.name());
      }
    }
    if (node.inputs().size() < schema.minInputs()) {
      throw node.refuse(
          "its operand '%s' must be given there", schema.input(node.inputs().size()).name());
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Formal formal = schema.output(i);
      boolean shares = formal.arity() != Arity.VARIADIC || formal.homogeneous();
      checkType(node, node.outputs().get(i), formal, schema, shares ? bound : new HashMap<>());
    }
  }

  private static void checkType(
      NodeDraft node,
      Operand operand,
      Formal formal,
      OperatorSchema schema,
      Map<String, ValueType> bound) {
    Set<String> allowed = schema.typeConstraints().get(formal.type());
    if (allowed == null
        || operand.isAbsent()
        || !(operand.type() instanceof ValueType.TensorType type)) {
      return;
    }
    if (!allowed.contains(type.dtype().shortName())) {
      throw node.refuse("its '%s' cannot be %s there", formal.name(), type.dtype());
    }
    ValueType first = bound.putIfAbsent(formal.type(), type);
    if (first != null && first.asTensor().dtype() != type.dtype()) {
      throw node.refuse(
          "its '%s' must have the element type %s there, not %s",
          formal.name(), first.asTensor().dtype(), type.dtype());
    }
  }

  /** {@return whether some steps down from definitions of an operator are registered} */
  static boolean hasStep(OpName operator, int from) {
    return operator.domain().isEmpty()
        && STEPS.getOrDefault(operator.name(), new TreeMap<>()).containsKey(from);
  }

  /** {@return the operators that have steps, for the completeness test} */
  static List<String> operators() {
    return STEPS.keySet().stream().sorted().toList();
  }
}
