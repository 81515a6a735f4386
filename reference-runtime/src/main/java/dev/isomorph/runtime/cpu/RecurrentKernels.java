package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.GRUOp;
import dev.isomorph.ir.op.LSTMOp;
import dev.isomorph.ir.op.RNNOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Gemm;
import dev.isomorph.runtime.math.Gemm.Matrix;
import dev.isomorph.runtime.math.Reals;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Recurrent layers: the product of all inputs with the weights at once, then step by step. Gates
 * are computed in f64 from products in the computing type; states are rounded to it at each step.
 */
final class RecurrentKernels {
  private RecurrentKernels() {}

  static void register(KernelRegistry r) {
    r.add(
        LSTMOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          Layer layer =
              new Layer(c, 4, op.direction(), op.hiddenSize(), op.layout() != 0, true, op.clip());
          Activation[] f =
              activations(
                  c,
                  layer.directions,
                  op.activations().orElse(List.of()),
                  List.of("Sigmoid", "Tanh", "Tanh"),
                  op.activationAlpha(),
                  op.activationBeta());
          Reals peepholes = c.has(7) ? c.reals(7) : null;
          return layer.run((d, state, b) -> lstm(layer, f, op, peepholes, d, state, b));
        });
    r.add(
        GRUOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          Layer layer =
              new Layer(c, 3, op.direction(), op.hiddenSize(), op.layout() != 0, false, op.clip());
          Activation[] f =
              activations(
                  c,
                  layer.directions,
                  op.activations().orElse(List.of()),
                  List.of("Sigmoid", "Tanh"),
                  op.activationAlpha(),
                  op.activationBeta());
          layer.resetAfter = op.linearBeforeReset() != 0;
          layer.resetActivations = new Activation[] {f[0], f[f.length - 2]};
          return layer.run((d, state, b) -> gru(layer, f, d, state, b));
        });
    r.add(
        RNNOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          Layer layer =
              new Layer(c, 1, op.direction(), op.hiddenSize(), op.layout() != 0, false, op.clip());
          Activation[] f =
              activations(
                  c,
                  layer.directions,
                  op.activations(),
                  List.of("Tanh"),
                  op.activationAlpha(),
                  op.activationBeta());
          return layer.run(
              (d, state, b) -> {
                for (int i = 0; i < layer.hidden; i++) {
                  state.next[i] = f[d].of(layer.clip(state.gate(0, b, i)));
                }
              });
        });
  }

  private static void lstm(
      Layer layer, Activation[] f, LSTMOp op, Reals peepholes, int d, State s, int b) {
    int h = layer.hidden;
    for (int i = 0; i < h; i++) {
      double before = s.cell[b * h + i];
      long p = (long) d * 3 * h + i;
      double in = s.gate(0, b, i) + (peepholes == null ? 0 : peepholes.get(p) * before);
      in = f[3 * d].of(layer.clip(in));
      double forget;
      if (op.inputForget() != 0) {
        forget = 1 - in;
      } else {
        forget = s.gate(2, b, i) + (peepholes == null ? 0 : peepholes.get(p + 2L * h) * before);
        forget = f[3 * d].of(layer.clip(forget));
      }
      double candidate = f[3 * d + 1].of(layer.clip(s.gate(3, b, i)));
      double cell = layer.round(forget * before + in * candidate);
      double out = s.gate(1, b, i) + (peepholes == null ? 0 : peepholes.get(p + h) * cell);
      out = f[3 * d].of(layer.clip(out));
      s.nextCell[i] = cell;
      s.next[i] = out * f[3 * d + 2].of(cell);
    }
  }

  private static void gru(Layer layer, Activation[] f, int d, State s, int b) {
    int h = layer.hidden;
    for (int i = 0; i < h; i++) {
      double update = f[2 * d].of(layer.clip(s.gate(0, b, i)));
      double candidate;
      if (layer.resetAfter) {
        double reset = f[2 * d].of(layer.clip(s.gate(1, b, i)));
        candidate = s.fromInput(2, b, i) + reset * s.fromState(2, b, i);
      } else {
        candidate = s.gate(2, b, i);
      }
      candidate = f[2 * d + 1].of(layer.clip(candidate));
      s.next[i] = (1 - update) * candidate + update * s.hidden[b * h + i];
    }
  }

  /** A gate's activation function. */
  @FunctionalInterface
  interface Activation {
    double of(double x);
  }

  private static Activation[] activations(
      KernelContext c,
      int directions,
      List<String> given,
      List<String> defaults,
      Optional<List<Double>> alphas,
      Optional<List<Double>> betas) {
    List<String> names = new ArrayList<>(given);
    while (names.size() < directions * defaults.size()) {
      names.add(
          given.isEmpty() || given.size() % defaults.size() != 0
              ? defaults.get(names.size() % defaults.size())
              : given.get(names.size() % given.size()));
    }
    List<Double> alpha = new ArrayList<>(alphas.orElse(List.of()));
    List<Double> beta = new ArrayList<>(betas.orElse(List.of()));
    return names.stream().map(name -> activation(c, name, alpha, beta)).toArray(Activation[]::new);
  }

  private static Activation activation(
      KernelContext c, String name, List<Double> alphas, List<Double> betas) {
    switch (name.toLowerCase(java.util.Locale.ROOT)) {
      case "sigmoid":
        return x -> x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
      case "tanh":
        return Math::tanh;
      case "relu":
        return x -> Math.max(x, 0);
      case "softsign":
        return x -> x / (1 + Math.abs(x));
      case "softplus":
        return x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case "leakyrelu":
        double slope = next(alphas, 0.01);
        return x -> x < 0 ? slope * x : x;
      case "thresholdedrelu":
        double threshold = next(alphas, 1);
        return x -> x > threshold ? x : 0;
      case "elu":
        double scale = next(alphas, 1);
        return x -> x < 0 ? scale * Math.expm1(x) : x;
      case "affine":
        double factor = next(alphas, 1);
        double shift = next(betas, 0);
        return x -> factor * x + shift;
      case "scaledtanh":
        double outer = next(alphas, 1);
        double inner = next(betas, 1);
        return x -> outer * Math.tanh(inner * x);
      case "hardsigmoid":
        double a = next(alphas, 0.2);
        double b = next(betas, 0.5);
        return x -> Math.max(0, Math.min(1, a * x + b));
      default:
        throw c.unsupported("activation %s of a recurrent layer", name);
    }
  }

  private static double next(List<Double> values, double otherwise) {
    return values.isEmpty() ? otherwise : values.removeFirst();
  }

  /** Computes the next state of one sequence of the batch. */
  @FunctionalInterface
  private interface Cell {
    void step(int direction, State state, int batch);
  }

  /** What one direction carries from step to step. */
  private static final class State {
    final double[] hidden;
    final double[] cell;
    final double[] next;
    final double[] nextCell;
    private final int gates;
    private final int size;
    private Reals input;
    private long inputAt;
    private Reals recurrent;
    private double[] inputBias;
    private double[] stateBias;

    State(int batch, int size, int gates) {
      this.hidden = new double[batch * size];
      this.cell = new double[batch * size];
      this.next = new double[size];
      this.nextCell = new double[size];
      this.gates = gates;
      this.size = size;
    }

    double fromInput(int gate, int b, int i) {
      return input.get(inputAt + ((long) b * gates + gate) * size + i) + inputBias[gate * size + i];
    }

    double fromState(int gate, int b, int i) {
      return recurrent.get(((long) b * gates + gate) * size + i) + stateBias[gate * size + i];
    }

    double gate(int gate, int b, int i) {
      return fromInput(gate, b, i) + fromState(gate, b, i);
    }
  }

  /** The common part: layouts, directions, lengths, products. */
  private static final class Layer {
    private final KernelContext c;
    private final int gates;
    private final boolean batchFirst;
    private final boolean hasCell;
    private final double clip;
    private final boolean reverse;
    final int directions;
    final int hidden;
    private final int steps;
    private final int batch;
    private final int width;
    private final DType type;
    private final boolean f32;
    boolean resetAfter;
    Activation[] resetActivations;

    Layer(
        KernelContext c,
        int gates,
        String direction,
        OptionalLong hiddenSize,
        boolean batchFirst,
        boolean hasCell,
        OptionalDouble clip) {
      this.c = c;
      this.gates = gates;
      this.batchFirst = batchFirst;
      this.hasCell = hasCell;
      this.clip = clip.orElse(Double.POSITIVE_INFINITY);
      this.directions = direction.equals("bidirectional") ? 2 : 1;
      this.reverse = direction.equals("reverse");
      Tensor x = c.stored(0);
      Tensor r = c.stored(2);
      if (x.rank() != 3 || c.stored(1).rank() != 3 || r.rank() != 3) {
        throw c.error("a recurrent layer needs operands of rank 3");
      }
      this.hidden = Math.toIntExact(r.dim(2));
      this.steps = Math.toIntExact(x.dim(batchFirst ? 1 : 0));
      this.batch = Math.toIntExact(x.dim(batchFirst ? 0 : 1));
      this.width = Math.toIntExact(x.dim(2));
      this.type = c.type(0);
      this.f32 = KernelContext.computesInF32(type);
      if (hiddenSize.isPresent() && hiddenSize.getAsLong() != hidden) {
        throw c.error("hidden_size is %d, but R is %s", hiddenSize.getAsLong(), r.typeText());
      }
      if (c.stored(1).dim(0) != directions
          || c.stored(1).dim(1) != (long) gates * hidden
          || c.stored(1).dim(2) != width) {
        throw c.error("weights %s do not fit input %s", c.stored(1).typeText(), x.typeText());
      }
    }

    double clip(double x) {
      return x > clip ? clip : x < -clip ? -clip : x;
    }

    double round(double x) {
      return f32 ? (float) x : x;
    }

    List<Datum> run(Cell cell) {
      long size = (long) batch * hidden;
      Reals y = Reals.allocate(steps * directions * size, f32);
      Reals lastHidden = Reals.allocate(directions * size, f32);
      Reals lastCell = Reals.allocate(directions * size, f32);
      for (int d = 0; d < directions; d++) {
        direction(d, cell, y, lastHidden, lastCell);
      }
      List<Datum> out = new ArrayList<>();
      out.add(
          batchFirst
              ? c.result(y, type, batch, steps, directions, hidden)
              : c.result(y, type, steps, directions, batch, hidden));
      out.add(last(lastHidden));
      if (hasCell) {
        out.add(last(lastCell));
      }
      return out;
    }

    private Tensor last(Reals state) {
      return batchFirst
          ? c.result(state, type, batch, directions, hidden)
          : c.result(state, type, directions, batch, hidden);
    }

    private long stateAt(int d, int b) {
      return (batchFirst ? (long) b * directions + d : (long) d * batch + b) * hidden;
    }

    private long outputAt(int t, int d, int b) {
      return (batchFirst
              ? ((long) b * steps + t) * directions + d
              : ((long) t * directions + d) * batch + b)
          * hidden;
    }

    private void direction(int d, Cell cell, Reals y, Reals lastHidden, Reals lastCell) {
      State state = new State(batch, hidden, gates);
      load(5, d, state.hidden);
      if (hasCell) {
        load(6, d, state.cell);
      }
      biases(d, state);
      long rows = (long) steps * batch;
      int columns = gates * hidden;
      Gemm gemm = LinearKernels.product(type, c);
      Tensor x = c.stored(0).dense();
      Tensor w = c.stored(1).dense();
      state.input = Reals.allocate(rows * columns, f32);
      gemm.multiply(
          rows,
          columns,
          width,
          new Matrix(x.segment(), x.dtype(), 0, width, 1),
          new Matrix(w.segment(), w.dtype(), (long) d * columns * width, 1, width),
          state.input.bytes(),
          0,
          columns);
      state.recurrent = Reals.allocate((long) batch * columns, f32);
      long[] lengths = c.has(4) ? c.longs(4) : null;
      boolean backwards = reverse || d == 1;
      for (int step = 0; step < steps; step++) {
        recur(gemm, d, state, 0, resetAfter || gates != 3 ? gates : 2, state.hidden);
        if (gates == 3 && !resetAfter) {
          recur(gemm, d, state, 2, 1, reset(d, state, step, backwards, lengths));
        }
        double[] hiddenBefore = state.hidden.clone();
        double[] cellBefore = state.cell.clone();
        for (int b = 0; b < batch; b++) {
          int length = lengths == null ? steps : Math.toIntExact(lengths[b]);
          if (step >= length) {
            continue;
          }
          int t = backwards ? length - 1 - step : step;
          place(state, t, b);
          cell.step(d, state, b);
          for (int i = 0; i < hidden; i++) {
            hiddenBefore[b * hidden + i] = round(state.next[i]);
            cellBefore[b * hidden + i] = state.nextCell[i];
            y.set(outputAt(t, d, b) + i, state.next[i]);
          }
        }
        System.arraycopy(hiddenBefore, 0, state.hidden, 0, hiddenBefore.length);
        System.arraycopy(cellBefore, 0, state.cell, 0, cellBefore.length);
      }
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < hidden; i++) {
          lastHidden.set(stateAt(d, b) + i, state.hidden[b * hidden + i]);
          lastCell.set(stateAt(d, b) + i, state.cell[b * hidden + i]);
        }
      }
    }

    /** Lets the state see the inputs' products of step {@code t} at the place of sequence b. */
    private void place(State state, int t, int b) {
      long row = batchFirst ? (long) b * steps + t : (long) t * batch + b;
      state.inputAt = (row - b) * gates * hidden;
    }

    private void load(int operand, int d, double[] into) {
      if (!c.has(operand)) {
        return;
      }
      Reals from = c.reals(operand);
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < hidden; i++) {
          into[b * hidden + i] = from.get(stateAt(d, b) + i);
        }
      }
    }

    private void biases(int d, State state) {
      state.inputBias = new double[gates * hidden];
      state.stateBias = new double[gates * hidden];
      if (c.has(3)) {
        Reals bias = c.reals(3);
        long from = 2L * d * gates * hidden;
        for (int i = 0; i < gates * hidden; i++) {
          state.inputBias[i] = bias.get(from + i);
          state.stateBias[i] = bias.get(from + gates * hidden + i);
        }
      }
    }

    /** Multiplies the state with the recurrent weights of some gates. */
    private void recur(Gemm gemm, int d, State state, int gate, int count, double[] hiddenState) {
      Reals h = Reals.allocate(hiddenState.length, f32);
      for (int i = 0; i < hiddenState.length; i++) {
        h.set(i, hiddenState[i]);
      }
      Tensor r = c.stored(2).dense();
      gemm.multiply(
          batch,
          (long) count * hidden,
          hidden,
          new Matrix(h.bytes(), h.type(), 0, hidden, 1),
          new Matrix(
              r.segment(), r.dtype(), ((long) d * gates + gate) * hidden * hidden, 1, hidden),
          state.recurrent.bytes(),
          (long) gate * hidden,
          (long) gates * hidden);
    }

    /** {@return the state times the reset gate, for layers that reset before the product} */
    private double[] reset(int d, State state, int step, boolean backwards, long[] lengths) {
      double[] out = new double[state.hidden.length];
      for (int b = 0; b < batch; b++) {
        int length = lengths == null ? steps : Math.toIntExact(lengths[b]);
        if (step >= length) {
          continue;
        }
        place(state, backwards ? length - 1 - step : step, b);
        for (int i = 0; i < hidden; i++) {
          double gate = resetActivations[d].of(clip(state.gate(1, b, i)));
          out[b * hidden + i] = round(gate * state.hidden[b * hidden + i]);
        }
      }
      return out;
    }
  }
}
