package dev.isomorph.verifier;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.CheckRow.Check;
import dev.isomorph.verifier.CheckRow.Status;
import dev.isomorph.verifier.measure.Distance;
import dev.isomorph.verifier.measure.Leaves;
import dev.isomorph.verifier.measure.ShareHistogram;
import dev.isomorph.verifier.measure.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Compares one value with the truth, element by element, and says what is wrong. */
final class Judge {
  /**
   * Tolerances that a user sets in place of what rounding explains.
   *
   * @param rtol relative to the truth
   * @param atol absolute
   */
  record Tolerance(double rtol, double atol) {}

  private final Check check;
  private final String engine;
  private final String inputs;
  private final double factor;
  private final Optional<Tolerance> tolerance;

  Judge(Check check, String engine, String inputs, double factor, Optional<Tolerance> tolerance) {
    this.check = check;
    this.engine = engine;
    this.inputs = inputs;
    this.factor = factor;
    this.tolerance = tolerance;
  }

  /**
   * {@return a row per tensor in the value}
   *
   * @param precision the type whose roundings are legal, for declared type {@code declared}
   * @param noise the same value in runs that differ by legal roundings
   * @param extra what elements may differ beyond that, by leaf; for constants rewritten in lower
   *     precision
   */
  List<CheckRow> compare(
      String name,
      Datum actual,
      Datum truth,
      List<Datum> noise,
      DType precision,
      Map<String, double[]> extra) {
    SequencedMap<String, Tensor> expected = Leaves.of(name, truth);
    SequencedMap<String, Tensor> found = Leaves.of(name, actual);
    List<CheckRow> rows = new ArrayList<>();
    for (Map.Entry<String, Tensor> leaf : expected.entrySet()) {
      Tensor value = found.get(leaf.getKey());
      if (value == null) {
        rows.add(broken(leaf.getKey(), "it is missing"));
        continue;
      }
      List<Tensor> runs = new ArrayList<>();
      for (Datum run : noise) {
        Tensor other = Leaves.of(name, run).get(leaf.getKey());
        if (other != null && Arrays.equals(other.dims(), leaf.getValue().dims())) {
          runs.add(other);
        }
      }
      rows.add(
          tensor(leaf.getKey(), value, leaf.getValue(), runs, precision, extra.get(leaf.getKey())));
    }
    for (String path : found.keySet()) {
      if (!expected.containsKey(path)) {
        rows.add(broken(path, "the truth has no such part"));
      }
    }
    return rows;
  }

  private CheckRow tensor(
      String name,
      Tensor actual,
      Tensor truth,
      List<Tensor> runs,
      DType precision,
      double[] extra) {
    if (!Arrays.equals(actual.dims(), truth.dims())) {
      return broken(
          name,
          "its shape is "
              + Arrays.toString(actual.dims())
              + " where the truth has "
              + Arrays.toString(truth.dims()));
    }
    if (Leaves.isReal(actual) != Leaves.isReal(truth)) {
      return broken(
          name, "its type is " + actual.dtype() + " where the truth has " + truth.dtype());
    }
    return Leaves.isReal(truth)
        ? reals(name, actual, truth, runs, precision, extra)
        : discrete(name, actual, truth, runs);
  }

  private CheckRow reals(
      String name,
      Tensor actual,
      Tensor truth,
      List<Tensor> runs,
      DType precision,
      double[] extra) {
    double[] expected = Leaves.reals(truth);
    double[] found = Leaves.reals(actual);
    Distance distance = Distance.between(found, expected, precision);
    int row = truth.rank() == 0 ? 1 : (int) Math.max(1, truth.dim(truth.rank() - 1));
    Spread spread = Spread.of(expected, runs.stream().map(Leaves::reals).toList(), precision, row);
    double[] bound = bound(spread, expected, extra);
    double[] shares = new double[expected.length];
    double worst = 0;
    int at = -1;
    double squaredRatio = 0;
    long counted = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(found[i] - expected[i]);
      if (Double.isFinite(difference)) {
        double ratio = difference == 0 ? 0 : difference / bound[i];
        shares[i] = ratio;
        squaredRatio += ratio * ratio;
        counted++;
        if (ratio > worst) {
          worst = ratio;
          at = i;
        }
      } else if (distance.specials() > 0 && Double.compare(found[i], expected[i]) != 0) {
        shares[i] = Double.POSITIVE_INFINITY;
      }
    }
    // A bias could hide under the largest moves: taken together, differences may fill only half of
    // what
    // single elements may.
    double bias = counted == 0 ? 0 : 2 * Math.sqrt(squaredRatio / counted);
    double ratio = tolerance.isPresent() ? worst : Math.max(worst, bias);
    String detail = "";
    if (distance.specials() > 0) {
      ratio = Double.POSITIVE_INFINITY;
      int i = distance.firstSpecial();
      detail =
          "%d elements are NaN or infinite on one side only, first at %s: %s where the truth is %s"
              .formatted(distance.specials(), position(i, truth), found[i], expected[i]);
    } else if (worst > 1) {
      detail =
          "at %s: %s where the truth is %s".formatted(position(at, truth), found[at], expected[at]);
    } else if (ratio > 1) {
      detail = "no element is too far, but all together are: the result is biased";
    }
    return new CheckRow(
        check,
        engine,
        inputs,
        name,
        distance,
        at < 0 ? 0 : bound[at],
        ratio,
        0,
        Distance.smallestTolerance(found, expected),
        ShareHistogram.of(shares),
        ratio <= 1 ? Status.PASS : Status.FAIL,
        detail);
  }

  private double[] bound(Spread spread, double[] truth, double[] extra) {
    if (tolerance.isPresent()) {
      double[] bound = new double[truth.length];
      for (int i = 0; i < bound.length; i++) {
        bound[i] = tolerance.get().atol + tolerance.get().rtol * Math.abs(truth[i]);
      }
      return bound;
    }
    double[] bound = spread.bound(factor);
    if (extra != null) {
      for (int i = 0; i < bound.length; i++) {
        bound[i] += extra[i];
      }
    }
    return bound;
  }

  private CheckRow discrete(String name, Tensor actual, Tensor truth, List<Tensor> runs) {
    if (actual.dtype() != truth.dtype()) {
      return broken(
          name, "its type is " + actual.dtype() + " where the truth has " + truth.dtype());
    }
    List<?> expected = elements(truth);
    List<?> found = elements(actual);
    List<? extends List<?>> noise = runs.stream().map(Judge::elements).toList();
    long wrong = 0;
    long ties = 0;
    int first = -1;
    for (int i = 0; i < expected.size(); i++) {
      int index = i;
      if (!found.get(i).equals(expected.get(i))) {
        if (noise.stream().anyMatch(run -> !run.get(index).equals(expected.get(index)))) {
          ties++;
        } else {
          wrong++;
          first = first < 0 ? i : first;
        }
      }
    }
    Distance distance = new Distance(expected.size(), wrong + ties, 0, 0, first, 0, -1);
    String detail =
        wrong == 0
            ? ""
            : "%d of %d elements differ, first at %s: %s where the truth is %s"
                .formatted(
                    wrong,
                    expected.size(),
                    position(first, truth),
                    found.get(first),
                    expected.get(first));
    return new CheckRow(
        check,
        engine,
        inputs,
        name,
        distance,
        0,
        wrong == 0 ? 0 : Double.POSITIVE_INFINITY,
        ties,
        wrong == 0 ? 0 : Double.POSITIVE_INFINITY,
        ShareHistogram.EMPTY,
        wrong == 0 ? Status.PASS : Status.FAIL,
        detail);
  }

  private static List<?> elements(Tensor tensor) {
    return tensor.dtype() == DType.STRING
        ? tensor.strings()
        : Arrays.stream(tensor.toLongs()).boxed().toList();
  }

  /** {@return a row that says why there is nothing to compare} */
  CheckRow broken(String name, String detail) {
    return new CheckRow(
        check,
        engine,
        inputs,
        name,
        new Distance(0, Double.NaN, Double.NaN, Double.NaN, -1, 0, -1),
        0,
        Double.POSITIVE_INFINITY,
        0,
        Double.POSITIVE_INFINITY,
        ShareHistogram.EMPTY,
        Status.FAIL,
        detail);
  }

  private static String position(int index, Tensor tensor) {
    long[] dims = tensor.dims();
    long[] position = new long[dims.length];
    // Parts of complex elements stand in pairs.
    long rest = tensor.dtype().kind() == DType.Kind.COMPLEX ? index / 2 : index;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      position[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    return Arrays.toString(position);
  }
}
