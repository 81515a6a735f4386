package dev.isomorph.verifier;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.verifier.inputs.InputSet;
import dev.isomorph.verifier.measure.Leaves;
import dev.isomorph.verifier.measure.Spread;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects reasons why an agreement would prove nothing. Not safe for many threads. */
final class Doubts {
  /** The most parameters that are moved one by one. */
  private static final int MOST_PROBES = 64;

  private final Map<String, List<double[]>> outputs = new LinkedHashMap<>();
  private final Map<String, Boolean> drowned = new LinkedHashMap<>();
  private final Set<String> overflowing = new LinkedHashSet<>();
  private final Set<Value.Parameter> seen = new HashSet<>();
  private int sets;

  /** Looks at one input set: its truth and the runs in the model's own precision. */
  void observe(Map<String, Datum> truth, List<? extends Map<String, Datum>> ownRuns) {
    sets++;
    truth.forEach(
        (name, datum) ->
            Leaves.of(name, datum)
                .forEach(
                    (leaf, tensor) -> {
                      if (Leaves.isReal(tensor)) {
                        observe(leaf, name, tensor, ownRuns);
                      }
                    }));
  }

  private void observe(
      String leaf, String name, Tensor truth, List<? extends Map<String, Datum>> ownRuns) {
    double[] values = Leaves.reals(truth);
    outputs.computeIfAbsent(leaf, _ -> new ArrayList<>()).add(values);
    List<double[]> runs = new ArrayList<>();
    DType precision = DType.F32;
    for (Map<String, Datum> run : ownRuns) {
      Tensor other = Leaves.of(name, run.get(name)).get(leaf);
      if (other != null && other.size() == truth.size()) {
        precision = other.dtype();
        runs.add(Leaves.reals(other));
      }
    }
    for (double[] run : runs) {
      for (int i = 0; i < values.length; i++) {
        if (Double.isFinite(values[i]) && !Double.isFinite(run[i])) {
          overflowing.add(leaf);
        }
      }
    }
    if (values.length > 1 && !runs.isEmpty()) {
      Spread spread = Spread.of(values, runs, precision, (int) lastDim(truth));
      boolean noisy = spread.signal() > 0 && spread.rms() > spread.signal();
      drowned.merge(leaf, noisy, Boolean::logicalAnd);
    }
  }

  private static long lastDim(Tensor tensor) {
    return tensor.rank() == 0 ? 1 : Math.max(1, tensor.dim(tensor.rank() - 1));
  }

  /** Moves each parameter that no input set has shown yet, and looks whether any output moves. */
  void probe(Subject source, InputSet set, Map<String, Datum> truth) {
    int probes = 0;
    for (Value.Parameter weight : source.weights()) {
      boolean worth = weight.kind() == Value.Parameter.Kind.TRAINABLE && weight.tensor().size() > 0;
      if (worth && !seen.contains(weight) && probes++ < MOST_PROBES) {
        Map<Value.Parameter, Tensor> moved = new HashMap<>();
        moved.put(weight, moved(weight.tensor()));
        if (differs(truth, source.runWith(set, moved, RunOptions.TRUTH))) {
          seen.add(weight);
        }
      }
    }
  }

  /** Every element a little larger or smaller, and none zero. */
  private static Tensor moved(Tensor tensor) {
    MemorySegment in = tensor.segment();
    MemorySegment out = Tensor.allocate(DType.F64.byteSize(tensor.size()));
    for (long i = 0; i < tensor.size(); i++) {
      double value = Elements.getDouble(in, tensor.dtype(), i);
      double step = (i & 1) == 0 ? 1.0 / 64 : -1.0 / 96;
      out.set(Tensor.LE_DOUBLE, i * 8, value * (1 + step) + step / 64);
    }
    return Tensor.of(DType.F64, tensor.dims(), out);
  }

  private static boolean differs(Map<String, Datum> a, Map<String, Datum> b) {
    for (String name : a.keySet()) {
      Map<String, Tensor> left = Leaves.of(name, a.get(name));
      Map<String, Tensor> right = Leaves.of(name, b.get(name));
      if (!left.keySet().equals(right.keySet())) {
        return true;
      }
      for (String leaf : left.keySet()) {
        if (!left.get(leaf).contentEquals(right.get(leaf))) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@return the reasons, as sentences} */
  List<String> sentences(Subject source) {
    List<String> sentences = new ArrayList<>();
    outputs.forEach(
        (leaf, all) -> {
          boolean still =
              all.size() > 1
                  && all.stream().allMatch(v -> java.util.Arrays.equals(v, all.getFirst()))
                  && !source.signature().inputs().isEmpty();
          if (still) {
            sentences.add("output '" + leaf + "' is the same for all inputs");
          }
        });
    drowned.forEach(
        (leaf, always) -> {
          if (always) {
            sentences.add("output '" + leaf + "' is smaller than its own rounding noise");
          }
        });
    overflowing.forEach(
        leaf ->
            sentences.add(
                "output '"
                    + leaf
                    + "' overflows in the model's own precision and is finite in f64"));
    List<Value.Parameter> unseen = new ArrayList<>();
    int probed = 0;
    for (Value.Parameter weight : source.weights()) {
      boolean worth = weight.kind() == Value.Parameter.Kind.TRAINABLE && weight.tensor().size() > 0;
      if (worth && probed++ < MOST_PROBES && !seen.contains(weight)) {
        unseen.add(weight);
      }
    }
    if (!unseen.isEmpty() && sets > 0) {
      sentences.add(
          "no input shows the parameters "
              + String.join(", ", unseen.stream().map(p -> "'" + p.name() + "'").toList()));
    }
    return sentences;
  }
}
