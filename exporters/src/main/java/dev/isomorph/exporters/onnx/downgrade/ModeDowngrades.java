package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Modes that older versions lack, call otherwise, or have as their only one. */
final class ModeDowngrades {
  private static final Map<String, String> OLD_GRID_MODES =
      Map.of("linear", "bilinear", "cubic", "bicubic");

  private ModeDowngrades() {}

  static void register() {
    Downgrades.add("GridSample", 20, ModeDowngrades::gridSample);
    Downgrades.add("Pad", 19, node -> forbid(node, "mode", Set.of("wrap")));
    Downgrades.add("ScatterElements", 18, node -> forbid(node, "reduction", Set.of("min", "max")));
    Downgrades.add("ScatterND", 18, node -> forbid(node, "reduction", Set.of("min", "max")));
    Downgrades.add(
        "Resize",
        19,
        node -> forbid(node, "coordinate_transformation_mode", Set.of("half_pixel_symmetric")));
    Downgrades.add("Resize", 13, ModeDowngrades::resizeOperands);
    Downgrades.add("Resize", 11, ModeDowngrades::resizeModes);
    Downgrades.add("Resize", 10, node -> node.rename("Upsample"));
    Downgrades.add(
        "RoiAlign",
        16,
        node -> {
          only(node, "coordinate_transformation_mode", "half_pixel", "output_half_pixel");
        });
    Downgrades.add(
        "BatchNormalization",
        14,
        node -> {
          if (node.integer("training_mode", 0) != 0) {
            throw node.refuse("it is in training mode");
          }
          node.attributes().remove("training_mode");
        });
    Downgrades.add("MaxPool", 10, ModeDowngrades::undilated);
    Downgrades.add("AveragePool", 19, ModeDowngrades::undilated);
    Downgrades.add("LpPool", 18, ModeDowngrades::undilated);
    List.of("Softmax", "LogSoftmax", "Hardmax")
        .forEach(name -> Downgrades.add(name, 13, ModeDowngrades::lastAxis));
  }

  private static void gridSample(NodeDraft node) {
    if (node.rank(0).isPresent() && node.rank(0).getAsInt() != 4) {
      throw node.refuse("its operand has not 4 axes");
    }
    String mode = node.text("mode", "linear");
    node.attributes().put("mode", new Attribute.Text(OLD_GRID_MODES.getOrDefault(mode, mode)));
  }

  /** Dilations of 1 are none. */
  private static void undilated(NodeDraft node) {
    if (node.attributes().get("dilations") instanceof Attribute.Ints(List<Long> dilations)
        && dilations.stream().allMatch(d -> d == 1)) {
      node.attributes().remove("dilations");
    }
  }

  private static void forbid(NodeDraft node, String attribute, Set<String> values) {
    String value = node.text(attribute, "");
    if (values.contains(value)) {
      throw node.refuse("its '%s' cannot be '%s' there", attribute, value);
    }
  }

  /** The older version has one mode and no attribute for it. */
  private static void only(NodeDraft node, String attribute, String standard, String value) {
    String given = node.text(attribute, standard);
    if (!given.equals(value)) {
      throw node.refuse("its '%s' is '%s', and '%s' there", attribute, given, value);
    }
    node.attributes().remove(attribute);
  }

  private static void resizeOperands(NodeDraft node) {
    if (node.input(1).isAbsent()) {
      node.input(1, node.constant("roi", Tensor.of(new float[0], 0)));
    }
    if (node.input(2).isAbsent()) {
      node.input(2, node.constant("scales", Tensor.of(new float[0], 0)));
    }
  }

  private static void resizeModes(NodeDraft node) {
    only(node, "coordinate_transformation_mode", "half_pixel", "asymmetric");
    String mode = node.text("mode", "nearest");
    if (mode.equals("cubic") || !node.input(3).isAbsent()) {
      throw node.refuse("it is cubic, or its sizes are given and not its scales");
    }
    if (mode.equals("nearest") || node.opset() < 10) {
      Tensor scales =
          node.input(2).constant().orElseThrow(() -> node.refuse("its scales are computed"));
      double[] values = scales.toDoubles();
      boolean longer = Arrays.stream(values).allMatch(s -> s >= 1);
      if (!longer && node.opset() < 10) {
        throw node.refuse("it makes an axis shorter");
      }
      boolean shorter = Arrays.stream(values).allMatch(s -> s <= 1);
      String rounding = node.text("nearest_mode", "round_prefer_floor");
      boolean same = longer && rounding.equals("floor") || shorter && rounding.equals("ceil");
      if (mode.equals("nearest") && !same) {
        throw node.refuse("it rounds by '%s'", rounding);
      }
    }
    node.attributes().remove("nearest_mode");
    node.attributes().remove("exclude_outside");
    Operand scales = node.input(2);
    node.keepInputs(1);
    node.input(1, scales);
  }

  /** The older version flattens all axes from the given one on: the same for the last one. */
  private static void lastAxis(NodeDraft node) {
    long axis = node.integer("axis", -1);
    boolean last = axis == -1 || node.rank(0).isPresent() && axis == node.rank(0).getAsInt() - 1;
    if (!last) {
      throw node.refuse("it is over an axis that is not the last one");
    }
  }
}
