package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.OpName;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The registry of all version steps that changed what a node means. Safe for many threads. */
public final class Upgrades {
  private static final Map<OpName, NavigableMap<Integer, Upgrade>> STEPS = new HashMap<>();

  static {
    AttributeUpgrades.register();
    BroadcastUpgrades.register();
    NormalizationUpgrades.register();
    ResizeUpgrades.register();
    SoftmaxUpgrades.register();
    RecurrentUpgrades.register();
    MlUpgrades.register();
  }

  private Upgrades() {}

  static void add(String operator, int to, Upgrade upgrade) {
    add(OpName.onnx(operator), to, upgrade);
  }

  static void add(OpName operator, int to, Upgrade upgrade) {
    if (STEPS.computeIfAbsent(operator, _ -> new TreeMap<>()).put(to, upgrade) != null) {
      throw new IllegalStateException(operator + " has two steps to " + to);
    }
  }

  /** {@return whether the step to a version of an operator has an adapter} */
  public static boolean hasStep(OpName operator, int to) {
    return STEPS.containsKey(operator) && STEPS.get(operator).containsKey(to);
  }

  /**
   * Takes a node over all steps from one version to the newest.
   *
   * @param version the version of the definition that the node follows
   */
  public static void apply(OldNode node, int version) {
    // A promise about memory that a node could make until opset 5, and that nobody reads.
    if (version < 6) {
      node.attributes().remove("consumed_inputs");
    }
    int at = version;
    while (node.composite().isEmpty()) {
      NavigableMap<Integer, Upgrade> steps = STEPS.get(node.operator());
      Map.Entry<Integer, Upgrade> step = steps == null ? null : steps.higherEntry(at);
      if (step == null) {
        return;
      }
      step.getValue().apply(node);
      at = step.getKey();
    }
  }
}
