package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Value;

/**
 * Resizing of images. Where an element's position falls is said by two flags: {@code align_corners}
 * and {@code half_pixel_centers}; without both, positions scale from the corner.
 */
final class ResizeRules {
  private ResizeRules() {}

  static void register(Rules rules) {
    rules.on("ResizeBilinear", n -> resize(n, "linear"));
    rules.on("ResizeNearestNeighbor", n -> resize(n, "nearest"));
  }

  private static Value resize(TfNode node, String mode) {
    boolean corners = node.attributes().flag("align_corners", false);
    boolean centers = node.attributes().flag("half_pixel_centers", false);
    if (corners && centers) {
      throw node.unsupported("%s with both align_corners and half_pixel_centers", node.op());
    }
    String positions = corners ? "align_corners" : centers ? "half_pixel" : "asymmetric";
    // TensorFlow takes floor((i + 0.5) * scale) with centers and rounds halves up with corners;
    // both are this rounding at the plain operator's positions.
    String nearest = corners || centers ? "round_prefer_ceil" : "floor";
    Layout layout = new Layout(false);
    Value sizes = node.i64(1);
    Value x = layout.enter(node, node.in(0), 4);
    Value y =
        node.main()
            .resize(
                x,
                Value.ABSENT,
                Value.ABSENT,
                sizes,
                a -> {
                  a.mode(mode).coordinateTransformationMode(positions).axes(2, 3);
                  if (mode.equals("nearest")) {
                    a.nearestMode(nearest);
                  }
                });
    return layout.leave(node.builder(), y, 4);
  }
}
