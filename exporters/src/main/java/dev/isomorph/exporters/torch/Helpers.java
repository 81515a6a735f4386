package dev.isomorph.exporters.torch;

import java.util.Map;
import java.util.TreeMap;

/** Functions that a written model may need beside PyTorch's own. */
final class Helpers {
  private static final Map<String, String> TEXTS = new TreeMap<>();

  static {
    TEXTS.put(
        "floordiv",
        """
        def floordiv(a, b):
            return a // b
        """);
    TEXTS.put(
        "mod",
        """
        def mod(a, b):
            return a % b
        """);
    TEXTS.put(
        "broadcast",
        """
        def broadcast(a, b):
            return b if a == 1 else a
        """);
    TEXTS.put(
        "onnx_lstm",
        """
        def onnx_lstm(result, directions):
            \"""Output as [time, direction, batch, hidden], then the last states.\"""
            output, (hidden, cell) = result
            time, batch, size = output.shape
            output = output.reshape(time, batch, directions, size // directions)
            return output.permute(0, 2, 1, 3), hidden, cell
        """);
    TEXTS.put(
        "onnx_rnn",
        """
        def onnx_rnn(result, directions):
            \"""Output as [time, direction, batch, hidden], then the last state.\"""
            output, hidden = result
            time, batch, size = output.shape
            output = output.reshape(time, batch, directions, size // directions)
            return output.permute(0, 2, 1, 3), hidden
        """);
    TEXTS.put(
        "onnx_pads",
        """
        def onnx_pads(pads):
            \"""All begins then all ends, as begin and end per axis from the last axis on.\"""
            rank = len(pads) // 2
            ordered = []
            for axis in reversed(range(rank)):
                ordered += [pads[axis], pads[axis + rank]]
            return ordered
        """);
  }

  private Helpers() {}

  /**
   * {@return the definitions of the helpers that a source calls, each followed by two empty lines}
   */
  static String used(String source) {
    StringBuilder out = new StringBuilder();
    TEXTS.forEach(
        (name, text) -> {
          if (source.contains(name + "(")) {
            out.append(text).append("\n\n");
          }
        });
    return out.toString();
  }
}
