package dev.isomorph.cli.sweep;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.measure.Distance;
import dev.isomorph.verifier.measure.Leaves;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Compares results with expected values by numpy's rule: {@code |a - b| <= atol + rtol * |b|}. */
final class Comparison {
  private static final double RTOL = 1e-3;
  private static final double ATOL = 1e-5;

  private double maxAbs;
  private double maxUlp;
  private String detail = "";

  private Comparison() {}

  static CaseResult of(SweepCase each, List<Datum> results, SequencedMap<Integer, Datum> expected) {
    Comparison comparison = new Comparison();
    double rtol = each.rtol().orElse(RTOL);
    double atol = each.atol().orElse(ATOL);
    expected.forEach(
        (index, value) -> {
          if (index >= results.size()) {
            comparison.fail("there is no output " + index);
          } else {
            comparison.compare("output " + index, results.get(index), value, rtol, atol);
          }
        });
    return new CaseResult(
        comparison.detail.isEmpty() ? "passed" : "mismatch",
        comparison.maxAbs,
        comparison.maxUlp,
        comparison.detail,
        new LinkedHashMap<>());
  }

  private void compare(String name, Datum actual, Datum expected, double rtol, double atol) {
    Map<String, Tensor> left = Leaves.of(name, actual);
    Map<String, Tensor> right = Leaves.of(name, expected);
    if (!left.keySet().equals(right.keySet())) {
      fail(name + " has the parts " + left.keySet() + " instead of " + right.keySet());
      return;
    }
    right.forEach((leaf, tensor) -> compare(leaf, left.get(leaf), tensor, rtol, atol));
  }

  private void compare(String name, Tensor actual, Tensor expected, double rtol, double atol) {
    if (actual.dtype() != expected.dtype() || !Arrays.equals(actual.dims(), expected.dims())) {
      fail(name + " is " + actual.typeText() + " instead of " + expected.typeText());
      return;
    }
    if (expected.dtype() == DType.STRING) {
      if (!actual.strings().equals(expected.strings())) {
        fail(name + " has other strings");
      }
      return;
    }
    double[] a = Leaves.reals(actual);
    double[] b = Leaves.reals(expected);
    Distance distance =
        Distance.between(a, b, Leaves.isReal(expected) ? expected.dtype() : DType.F64);
    maxAbs = Math.max(maxAbs, distance.maxAbs());
    maxUlp = Math.max(maxUlp, distance.maxUlp());
    for (int i = 0; i < b.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      boolean near =
          Double.isFinite(a[i])
              && Double.isFinite(b[i])
              && Math.abs(a[i] - b[i]) <= atol + rtol * Math.abs(b[i]);
      if (!same && !near) {
        fail("%s: element %d is %s instead of %s".formatted(name, i, a[i], b[i]));
        return;
      }
    }
  }

  private void fail(String what) {
    detail = detail.isEmpty() ? what : detail;
  }
}
