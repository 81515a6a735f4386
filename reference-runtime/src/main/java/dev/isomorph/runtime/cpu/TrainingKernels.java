package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.AdagradOp;
import dev.isomorph.ir.op.AdamOp;
import dev.isomorph.ir.op.MomentumOp;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps of optimisers: operands are learning rate, step count, then all X, all gradients, states.
 */
final class TrainingKernels {
  private TrainingKernels() {}

  static void register(KernelRegistry r) {
    r.add(
        AdagradOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          double rate = c.scalarDouble(0) / (1 + c.scalarLong(1) * op.decayFactor());
          return step(
              c,
              1,
              (x, g, s) -> {
                double gradient = op.normCoefficient() * x + g;
                s[0] += gradient * gradient;
                return x - rate * gradient / (Math.sqrt(s[0]) + op.epsilon());
              });
        });
    r.add(
        MomentumOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          double rate = c.scalarDouble(0);
          double beta = c.scalarLong(1) > 0 ? op.beta() : 1;
          boolean nesterov = op.mode().equals("nesterov");
          return step(
              c,
              1,
              (x, g, s) -> {
                double gradient = op.normCoefficient() * x + g;
                s[0] = op.alpha() * s[0] + beta * gradient;
                return x - rate * (nesterov ? gradient + op.alpha() * s[0] : s[0]);
              });
        });
    r.add(
        AdamOp.class,
        Rounding.ROUNDS,
        (op, c) -> {
          long t = c.scalarLong(1);
          double rate = c.scalarDouble(0);
          double corrected =
              t > 0
                  ? rate * Math.sqrt(1 - Math.pow(op.beta(), t)) / (1 - Math.pow(op.alpha(), t))
                  : rate;
          return step(
              c,
              2,
              (x, g, s) -> {
                double gradient = op.normCoefficient() * x + g;
                s[0] = op.alpha() * s[0] + (1 - op.alpha()) * gradient;
                s[1] = op.beta() * s[1] + (1 - op.beta()) * gradient * gradient;
                double moved = x - corrected * s[0] / (Math.sqrt(s[1]) + op.epsilon());
                return (1 - op.normCoefficientPost()) * moved;
              });
        });
  }

  /** Moves one element and its states. */
  @FunctionalInterface
  private interface Rule {
    double of(double x, double gradient, double[] states);
  }

  private static List<Datum> step(KernelContext c, int states, Rule rule) {
    int count = (c.inputCount() - 2) / (2 + states);
    List<List<Datum>> results = new ArrayList<>();
    for (int group = 0; group <= states; group++) {
      results.add(new ArrayList<>());
    }
    for (int k = 0; k < count; k++) {
      Tensor x = c.input(2 + k);
      Reals[] in = new Reals[2 + states];
      for (int group = 0; group < in.length; group++) {
        in[group] = c.reals(2 + group * count + k);
      }
      Reals[] out = new Reals[1 + states];
      for (int group = 0; group < out.length; group++) {
        out[group] = c.newReals(x.size(), x.dtype());
      }
      double[] s = new double[states];
      for (long i = 0; i < x.size(); i++) {
        for (int j = 0; j < states; j++) {
          s[j] = in[2 + j].get(i);
        }
        out[0].set(i, rule.of(in[0].get(i), in[1].get(i), s));
        for (int j = 0; j < states; j++) {
          out[1 + j].set(i, s[j]);
        }
      }
      for (int group = 0; group < out.length; group++) {
        results.get(group).add(c.result(out[group], x.dtype(), x.dims()));
      }
    }
    return results.stream().flatMap(List::stream).toList();
  }
}
