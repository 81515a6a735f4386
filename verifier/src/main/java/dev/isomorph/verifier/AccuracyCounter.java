package dev.isomorph.verifier;

import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.measure.Leaves;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts right labels: the largest element of each row of a classifier's output. */
final class AccuracyCounter {
  private final Optional<Tensor> labels;
  private final List<Verdict.Accuracy> results = new ArrayList<>();

  AccuracyCounter(Optional<Tensor> labels) {
    this.labels = labels;
  }

  /** Counts for the first output that has a row per label. */
  void add(String engine, Map<String, Datum> outputs) {
    if (labels.isEmpty()) {
      return;
    }
    long[] right = labels.get().toLongs();
    for (Datum output : outputs.values()) {
      if (output instanceof Tensor scores
          && Leaves.isReal(scores)
          && scores.rank() == 2
          && scores.dim(0) == right.length) {
        results.add(count(engine, scores, right));
        return;
      }
    }
  }

  private static Verdict.Accuracy count(String engine, Tensor scores, long[] labels) {
    double[] values = Leaves.reals(scores);
    int classes = (int) scores.dim(1);
    int right = 0;
    for (int row = 0; row < labels.length; row++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = values[row * classes + c] > values[row * classes + best] ? c : best;
      }
      right += best == labels[row] ? 1 : 0;
    }
    return new Verdict.Accuracy(engine, right, labels.length);
  }

  List<Verdict.Accuracy> result() {
    return List.copyOf(results);
  }
}
