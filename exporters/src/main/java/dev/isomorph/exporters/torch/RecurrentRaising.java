package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.GRUOp;
import dev.isomorph.ir.op.LSTMOp;
import dev.isomorph.ir.op.RNNOp;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Recurrent layers. ONNX orders gates i, o, f, c (LSTM) and z, r, h (GRU), PyTorch i, f, g, o and
 * r, z, n; ONNX keeps directions in the first axis of each weight, PyTorch in weights of their own.
 */
final class RecurrentRaising {
  private static final int[] LSTM_GATES = {0, 2, 3, 1};
  private static final int[] GRU_GATES = {1, 0, 2};
  private static final int[] RNN_GATES = {0};

  private RecurrentRaising() {}

  static void register(RaisingRules rules) {
    rules.on(LSTMOp.class, RecurrentRaising::lstm);
    rules.on(GRUOp.class, RecurrentRaising::gru);
    rules.on(RNNOp.class, RecurrentRaising::rnn);
  }

  private record Layer(String name, int[] gates, String direction, boolean lstm, String extra) {
    int directions() {
      return direction.equals("bidirectional") ? 2 : 1;
    }
  }

  private static String lstm(LSTMOp op, Raise r) {
    boolean plain =
        op.clip().isEmpty()
            && op.inputForget() == 0
            && !r.has(7)
            && op.layout() == 0
            && standard(op.activations(), List.of("sigmoid", "tanh", "tanh"));
    if (!plain) {
      throw r.refuse("it has peepholes, a clip, a coupled gate, a layout or other activations");
    }
    return layer(new Layer("LSTM", LSTM_GATES, op.direction(), true, ""), r);
  }

  private static String gru(GRUOp op, Raise r) {
    boolean plain =
        op.clip().isEmpty()
            && op.layout() == 0
            && op.linearBeforeReset() != 0
            && standard(op.activations(), List.of("sigmoid", "tanh"));
    if (!plain) {
      throw r.refuse(
          "PyTorch applies the reset gate after the product, and has no clip, layout or other"
              + " activations");
    }
    return layer(new Layer("GRU", GRU_GATES, op.direction(), false, ""), r);
  }

  private static String rnn(RNNOp op, Raise r) {
    List<String> activations = op.activations();
    boolean relu = standard(Optional.of(activations), List.of("relu"));
    boolean plain =
        op.clip().isEmpty()
            && op.layout() == 0
            && (relu || standard(Optional.of(activations), List.of("tanh")));
    if (!plain) {
      throw r.refuse("it has a clip, a layout or other activations than tanh or relu");
    }
    return layer(
        new Layer("RNN", RNN_GATES, op.direction(), false, relu ? ", nonlinearity=\"relu\"" : ""),
        r);
  }

  private static boolean standard(Optional<List<String>> given, List<String> expected) {
    if (given.isEmpty()) {
      return true;
    }
    for (int i = 0; i < given.get().size(); i++) {
      if (!given.get().get(i).equalsIgnoreCase(expected.get(i % expected.size()))) {
        return false;
      }
    }
    return true;
  }

  private static String layer(Layer layer, Raise r) {
    if (r.has(4)) {
      throw r.refuse("its sequences have lengths of their own");
    }
    if (layer.direction.equals("reverse")) {
      throw r.refuse("PyTorch has no layer that runs backwards alone");
    }
    Value.Parameter w = weights(1, r);
    Value.Parameter rec = weights(2, r);
    Optional<Value.Parameter> bias = r.has(3) ? Optional.of(weights(3, r)) : Optional.empty();
    long hidden = rec.tensor().dim(2);
    String path = r.modules().path(new LinkedHashMap<>(), r.node().name());
    r.modules()
        .layer(
            path,
            "nn.%s(%d, %d%s%s%s)"
                .formatted(
                    layer.name,
                    w.tensor().dim(2),
                    hidden,
                    bias.isPresent() ? "" : ", bias=False",
                    layer.directions() == 2 ? ", bidirectional=True" : "",
                    layer.extra));
    for (int d = 0; d < layer.directions(); d++) {
      String suffix = "_l0" + (d == 1 ? "_reverse" : "");
      add(r, path, "weight_ih" + suffix, w, gates(w.tensor(), d, 0, hidden, layer.gates));
      add(r, path, "weight_hh" + suffix, rec, gates(rec.tensor(), d, 0, hidden, layer.gates));
      if (bias.isPresent()) {
        Tensor both = bias.get().tensor();
        long half = both.dim(1) / 2;
        add(r, path, "bias_ih" + suffix, bias.get(), gates(both, d, 0, hidden, layer.gates));
        add(r, path, "bias_hh" + suffix, bias.get(), gates(both, d, half, hidden, layer.gates));
      }
    }
    return call(layer, r, path, hidden);
  }

  private static Value.Parameter weights(int input, Raise r) {
    return r.parameter(input).orElseThrow(() -> r.refuse("its weights are computed from data"));
  }

  private static void add(Raise r, String path, String name, Value.Parameter from, Tensor tensor) {
    r.modules().tensor(path, name, from, tensor, "gates reordered", false);
  }

  /** {@return the rows of one direction with the gates in PyTorch's order} */
  private static Tensor gates(Tensor tensor, int direction, long offset, long hidden, int[] order) {
    List<Tensor> parts = new ArrayList<>();
    for (int gate : order) {
      long[] starts = new long[tensor.rank()];
      long[] dims = tensor.dims();
      starts[0] = direction;
      starts[1] = offset + gate * hidden;
      dims[0] = 1;
      dims[1] = hidden;
      parts.add(LazyTensors.slice(tensor, starts, dims).dense());
    }
    Tensor joined = parts.size() == 1 ? parts.getFirst() : LazyTensors.concat(parts, 1).dense();
    long[] dims = joined.dims();
    return joined.reshape(java.util.Arrays.copyOfRange(dims, 1, dims.length));
  }

  /**
   * ONNX's result is [time, direction, batch, hidden], PyTorch's [time, batch, direction · hidden].
   */
  private static String call(Layer layer, Raise r, String path, long hidden) {
    String x = r.in(0);
    String state = "";
    if (r.has(5) || r.has(6)) {
      String zeros =
          "torch.zeros(%d, %s.shape[1], %d, dtype=%s.dtype)"
              .formatted(layer.directions(), x, hidden, x);
      String h = r.has(5) ? r.in(5) : zeros;
      state = layer.lstm ? ", (%s, %s)".formatted(h, r.has(6) ? r.in(6) : zeros) : ", " + h;
    }
    String run = "self%s(%s%s)".formatted(Modules.access(path), x, state);
    String helper = layer.lstm ? "onnx_lstm" : "onnx_rnn";
    int results = r.node().results().size();
    String all = "%s(%s, %d)".formatted(helper, run, layer.directions());
    return results == 1
        ? all + "[0]"
        : results == (layer.lstm ? 3 : 2) ? all : all + "[:" + results + "]";
  }
}
