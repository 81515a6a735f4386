package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.List;

/** Recurrent layers: every layer of a stack is one operator, both directions included. */
final class AtenRecurrent {
  /** What the kinds differ in. */
  private enum Kind {
    LSTM(4, new int[] {0, 3, 1, 2}),
    GRU(3, new int[] {1, 0, 2}),
    RELU(1, new int[] {0}),
    TANH(1, new int[] {0});

    private final int gates;

    /**
     * Which of PyTorch's gates stands where in ONNX: i, o, f, c of i, f, g, o; z, r, h of r, z, n.
     */
    private final int[] order;

    Kind(int gates, int[] order) {
      this.gates = gates;
      this.order = order;
    }
  }

  private AtenRecurrent() {}

  static void register() {
    AtenRules.on("lstm", c -> stack(c, Kind.LSTM));
    AtenRules.on("gru", c -> stack(c, Kind.GRU));
    AtenRules.on("rnn_tanh", c -> stack(c, Kind.TANH));
    AtenRules.on("rnn_relu", c -> stack(c, Kind.RELU));
  }

  private static PyObject stack(AtenCall c, Kind kind) {
    if (!c.overload().equals("input")) {
      throw c.in().unsupported("packed sequences in %s", c.name());
    }
    c.ignore("dropout", "train");
    TensorRef input = c.tensor("input");
    List<TensorRef> params = c.tensors("params");
    boolean biases = c.flag("has_biases");
    int layers = (int) c.integer("num_layers");
    int directions = c.flag("bidirectional") ? 2 : 1;
    boolean batchFirst = c.flag("batch_first");
    List<TensorRef> states = kind == Kind.LSTM ? c.tensors("hx") : List.of(c.tensor("hx"));
    Value x = batchFirst ? swap(c, input.value()) : input.value();
    int each = biases ? 4 : 2;
    List<Value> lastH = new ArrayList<>();
    List<Value> lastC = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      int from = layer * directions * each;
      List<TensorRef> own = params.subList(from, from + directions * each);
      Value h = part(c, states.getFirst().value(), layer * directions, directions);
      Value cell =
          kind == Kind.LSTM ? part(c, states.get(1).value(), layer * directions, directions) : null;
      List<Value> results = layer(c, kind, x, own, each, directions, h, cell);
      // Y is [steps, directions, batch, hidden]; PyTorch joins the directions behind hidden.
      Value y = c.graph().transpose(results.get(0), a -> a.perm(0, 2, 1, 3));
      x = c.graph().reshape(y, c.trace().vector(0, 0, -1));
      lastH.add(results.get(1));
      if (kind == Kind.LSTM) {
        lastC.add(results.get(2));
      }
    }
    Value output = batchFirst ? swap(c, x) : x;
    Value h = join(c, lastH);
    return kind == Kind.LSTM ? c.results(output, h, join(c, lastC)) : c.results(output, h);
  }

  private static Value join(AtenCall c, List<Value> parts) {
    return parts.size() == 1 ? parts.getFirst() : c.graph().concat(parts, a -> a.axis(0));
  }

  private static Value swap(AtenCall c, Value x) {
    return c.graph().transpose(x, a -> a.perm(1, 0, 2));
  }

  private static Value part(AtenCall c, Value states, int from, int count) {
    if (states.type().shape().dim(0).is(count)) {
      return states;
    }
    return c.graph()
        .slice(states, c.trace().vector(from), c.trace().vector(from + count), c.trace().vector(0));
  }

  private static List<Value> layer(
      AtenCall c,
      Kind kind,
      Value x,
      List<TensorRef> params,
      int each,
      int directions,
      Value h,
      Value cell) {
    List<Value> w = new ArrayList<>();
    List<Value> r = new ArrayList<>();
    List<Value> b = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      w.add(leading(c, gates(c, kind, params.get(d * each).value())));
      r.add(leading(c, gates(c, kind, params.get(d * each + 1).value())));
      if (each == 4) {
        Value both =
            c.graph()
                .concat(
                    List.of(
                        gates(c, kind, params.get(d * each + 2).value()),
                        gates(c, kind, params.get(d * each + 3).value())),
                    a -> a.axis(0));
        b.add(leading(c, both));
      }
    }
    long hidden = params.get(1).dim(1).known();
    String direction = directions == 2 ? "bidirectional" : "forward";
    Value weights = join(c, w);
    Value recurrent = join(c, r);
    Value bias = b.isEmpty() ? Value.ABSENT : join(c, b);
    return switch (kind) {
      case LSTM ->
          c.graph()
              .lstmAll(
                  x,
                  weights,
                  recurrent,
                  bias,
                  Value.ABSENT,
                  h,
                  cell,
                  a -> a.hiddenSize(hidden).direction(direction));
      case GRU ->
          c.graph()
              .gruAll(
                  x,
                  weights,
                  recurrent,
                  bias,
                  Value.ABSENT,
                  h,
                  a -> a.hiddenSize(hidden).direction(direction).linearBeforeReset(true));
      case RELU, TANH -> {
        String activation = kind == Kind.RELU ? "Relu" : "Tanh";
        List<String> all = directions == 2 ? List.of(activation, activation) : List.of(activation);
        yield c.graph()
            .rnnAll(
                x,
                weights,
                recurrent,
                bias,
                Value.ABSENT,
                h,
                a -> a.hiddenSize(hidden).direction(direction).activations(all));
      }
    };
  }

  private static Value leading(AtenCall c, Value x) {
    return c.graph().unsqueeze(x, c.trace().vector(0));
  }

  /** {@return the rows of a weight or bias with the gates in ONNX's order} */
  private static Value gates(AtenCall c, Kind kind, Value stacked) {
    if (kind.gates == 1) {
      return stacked;
    }
    List<Value> parts = c.graph().split(stacked, kind.gates, a -> a.axis(0).numOutputs(kind.gates));
    List<Value> ordered = new ArrayList<>();
    for (int gate : kind.order) {
      ordered.add(parts.get(gate));
    }
    return c.graph().concat(ordered, a -> a.axis(0));
  }
}
