package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * Upsample and the first forms of Resize. Both scale by {@code x / scale} ("asymmetric") and take
 * the nearest element by truncation; Resize 10 rounds up where it makes an axis shorter.
 *
 * @see <a href="https://onnx.ai/onnx/operators/text_diff_Resize_10_11.html">Resize, version 10 to
 *     11</a>
 */
final class ResizeUpgrades {
  private ResizeUpgrades() {}

  static void register() {
    Upgrades.add("Upsample", 7, ResizeUpgrades::heightAndWidth);
    Upgrades.add("Upsample", 9, ResizeUpgrades::scales);
    Upgrades.add("Upsample", 10, node -> node.rename("Resize"));
    Upgrades.add("Resize", 11, ResizeUpgrades::explicitModes);
  }

  private static void heightAndWidth(OldNode node) {
    double height =
        node.takeFloat("height_scale")
            .orElseThrow(() -> AttributeUpgrades.needs(node, "height_scale"));
    double width =
        node.takeFloat("width_scale")
            .orElseThrow(() -> AttributeUpgrades.needs(node, "width_scale"));
    node.put("scales", new Attribute.Floats(java.util.List.of(1.0, 1.0, height, width)));
    node.takeText("mode")
        .ifPresent(m -> node.put("mode", new Attribute.Text(m.equals("bilinear") ? "linear" : m)));
  }

  private static void scales(OldNode node) {
    double[] scales =
        node.takeFloats("scales").orElseThrow(() -> AttributeUpgrades.needs(node, "scales"));
    float[] narrow = new float[scales.length];
    for (int i = 0; i < scales.length; i++) {
      narrow[i] = (float) scales[i];
    }
    node.input(1, node.constant("scales", Tensor.of(narrow, narrow.length)));
  }

  private static void explicitModes(OldNode node) {
    Value scales = node.input(1);
    node.put("coordinate_transformation_mode", new Attribute.Text("asymmetric"));
    node.input(1, Value.ABSENT);
    node.input(2, scales);
    boolean nearest =
        !(node.attributes().get("mode") instanceof Attribute.Text(String mode))
            || mode.equals("nearest");
    if (!nearest) {
      return;
    }
    Optional<Tensor> known = scales.constant();
    if (known.isEmpty()) {
      node.warn("the scales are computed: they are taken to be 1 or more");
      node.put("nearest_mode", new Attribute.Text("floor"));
      return;
    }
    float[] longer = known.get().toFloats();
    float[] shorter = longer.clone();
    for (int i = 0; i < longer.length; i++) {
      longer[i] = Math.max(longer[i], 1);
      shorter[i] = Math.min(shorter[i], 1);
    }
    if (Arrays.equals(shorter, known.get().toFloats())) {
      node.put("nearest_mode", new Attribute.Text("ceil"));
      return;
    }
    if (!Arrays.equals(longer, known.get().toFloats())) {
      shortenBefore(node, shorter);
      node.input(2, node.constant("longer", Tensor.of(longer, longer.length)));
    }
    node.put("nearest_mode", new Attribute.Text("floor"));
  }

  /** The axes are independent, so that those with the other rounding can go first. */
  private static void shortenBefore(OldNode node, float[] scales) {
    Op op =
        ResizeOp.builder()
            .coordinateTransformationMode("asymmetric")
            .mode("nearest")
            .nearestMode("ceil")
            .build();
    Value constant = node.constant("shorter", Tensor.of(scales, scales.length));
    node.input(0, node.before("shortened", op, node.input(0), Value.ABSENT, constant));
  }
}
