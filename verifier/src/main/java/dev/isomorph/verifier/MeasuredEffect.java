package dev.isomorph.verifier;

import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.measure.Leaves;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a value's elements moved in runs with moved constants: the largest move of each element,
 * and for all elements of a row at least the root mean square of the row's moves, since one run
 * moves some elements by chance hardly at all. Not safe for many threads.
 */
final class MeasuredEffect {
  private final String name;
  private final Map<String, double[]> largest = new HashMap<>();
  private final Map<String, Integer> rowLengths = new HashMap<>();

  MeasuredEffect(String name) {
    this.name = name;
  }

  /** Takes one run into account. */
  void observe(Datum before, Datum after) {
    Map<String, Tensor> moved = Leaves.of(name, after);
    Leaves.of(name, before)
        .forEach(
            (leaf, tensor) -> {
              Tensor other = moved.get(leaf);
              if (Leaves.isReal(tensor) && other != null && other.size() == tensor.size()) {
                observe(leaf, tensor, other);
              }
            });
  }

  private void observe(String leaf, Tensor before, Tensor after) {
    double[] a = Leaves.reals(before);
    double[] b = Leaves.reals(after);
    double[] moves = largest.computeIfAbsent(leaf, _ -> new double[a.length]);
    rowLengths.put(leaf, before.rank() == 0 ? 1 : (int) Math.max(1, before.dim(before.rank() - 1)));
    for (int i = 0; i < a.length; i++) {
      double move = Math.abs(a[i] - b[i]);
      moves[i] = Double.isFinite(move) ? Math.max(moves[i], move) : moves[i];
    }
  }

  /** Adds {@code factor} times the moves to what each tensor's elements are allowed. */
  void addTo(Map<String, double[]> allowed, double factor) {
    largest.forEach(
        (leaf, moves) -> {
          double[] sum = allowed.computeIfAbsent(leaf, _ -> new double[moves.length]);
          int row = rowLengths.get(leaf);
          for (int start = 0; start < moves.length; start += row) {
            int end = Math.min(moves.length, start + row);
            double squares = 0;
            for (int i = start; i < end; i++) {
              squares += moves[i] * moves[i];
            }
            double common = Math.sqrt(squares / (end - start));
            for (int i = start; i < end; i++) {
              sum[i] += factor * Math.max(moves[i], common);
            }
          }
        });
  }
}
