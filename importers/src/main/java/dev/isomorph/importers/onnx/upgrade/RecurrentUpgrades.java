package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import java.util.List;

/** RNN, GRU and LSTM: flags of the first versions. */
final class RecurrentUpgrades {
  private RecurrentUpgrades() {}

  static void register() {
    Upgrades.add(
        "GRU",
        3,
        node ->
            node.takeText("direction")
                .filter(d -> !d.equals("foward"))
                .ifPresent(d -> node.put("direction", new Attribute.Text(d))));
    // Whether the whole sequence is wanted is said by asking for that result.
    List.of("RNN", "GRU", "LSTM")
        .forEach(name -> Upgrades.add(name, 7, node -> node.takeInt("output_sequence")));
  }
}
