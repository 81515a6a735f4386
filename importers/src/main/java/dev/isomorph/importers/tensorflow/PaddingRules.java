package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Value;
import java.util.Arrays;

/** Padding. TensorFlow's table has a row per axis, the plain operator's all fronts first. */
final class PaddingRules {
  private PaddingRules() {}

  static void register(Rules rules) {
    rules.on("Pad", n -> n.main().pad(n.in(0), pads(n)));
    rules.on("PadV2", n -> n.main().pad(n.in(0), pads(n), n.in(2)));
    rules.on("MirrorPad", PaddingRules::mirror);
  }

  private static Value pads(TfNode node) {
    return node.vector(table(node));
  }

  private static long[] table(TfNode node) {
    long[] table = node.constants(1, "the padding");
    int rank = table.length / 2;
    long[] pads = new long[table.length];
    for (int i = 0; i < rank; i++) {
      pads[i] = table[2 * i];
      pads[rank + i] = table[2 * i + 1];
    }
    return pads;
  }

  private static Value mirror(TfNode node) {
    String mode = node.attributes().text("mode", "REFLECT");
    long[] pads = table(node);
    if (mode.equals("REFLECT")) {
      return node.main().pad(node.in(0), node.vector(pads), a -> a.mode("reflect"));
    }
    // One element mirrored at the edge is the edge itself.
    if (mode.equals("SYMMETRIC") && Arrays.stream(pads).allMatch(p -> p <= 1)) {
      return node.main().pad(node.in(0), node.vector(pads), a -> a.mode("edge"));
    }
    throw node.unsupported("MirrorPad with mode = %s and pads beyond 1", mode);
  }
}
