package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import java.util.List;
import java.util.Random;

/** Runs graphs on the device and compares them with the CPU's kernels in f64. */
final class DeviceRuns {
  private static final class Holder {
    static final CudaDevice DEVICE = CudaDevice.openChecking(0);
  }

  private DeviceRuns() {}

  /** What a run gave. */
  record Outcome(List<Tensor> outputs, List<Placement> placements) {}

  static CudaDevice device() {
    return Holder.DEVICE;
  }

  /** {@return the model of a graph's text} */
  static Model model(String body) {
    return TextParser.model("model \"m\" {\n" + body + "\n}\n");
  }

  /** Runs once under each order of threads; all results must have the same bits. */
  static Outcome run(String body, RunOptions options, Datum... inputs) {
    try (Model model = model(body)) {
      return run(model, options, inputs);
    }
  }

  static Outcome run(Model model, RunOptions options, Datum... inputs) {
    Outcome first = null;
    for (int order : Emulation.orders()) {
      Emulation.order(order);
      try (CudaGraph graph = device().prepare(model.signature(), options)) {
        List<Tensor> outputs =
            graph.run(List.of(inputs)).stream().map(datum -> (Tensor) datum).toList();
        if (first == null) {
          first = new Outcome(outputs, graph.placements());
        }
        for (int i = 0; i < outputs.size(); i++) {
          assertTrue(
              outputs.get(i).contentEquals(first.outputs().get(i)),
              "output " + i + " depends on the order of threads");
        }
      } finally {
        Emulation.order(0);
      }
    }
    return first;
  }

  /** Asserts that every node ran on the device or needed nothing to be computed. */
  static void assertAllOnDevice(Outcome outcome) {
    List<Placement> elsewhere =
        outcome.placements().stream().filter(p -> p.place() == Placement.Place.CPU).toList();
    assertEquals(List.of(), elsewhere);
    assertTrue(
        outcome.placements().stream().anyMatch(p -> p.place() == Placement.Place.DEVICE),
        () -> outcome.placements().toString());
  }

  /** {@return what the CPU computes in f64} */
  static List<Tensor> truth(String body, Datum... inputs) {
    try (Model model = model(body)) {
      Graph graph = model.signature().graph();
      return new Executor(RunOptions.TRUTH)
          .run(graph, List.of(inputs)).stream().map(datum -> ((Tensor) datum).detached()).toList();
    }
  }

  /** {@return what the CPU computes in the model's own types} */
  static List<Tensor> own(String body, Datum... inputs) {
    try (Model model = model(body)) {
      return new Executor(RunOptions.OWN)
          .run(model.signature().graph(), List.of(inputs)).stream()
              .map(datum -> ((Tensor) datum).detached())
              .toList();
    }
  }

  /**
   * Asserts that values differ from the truth by at most {@code ulps} units in the last place of
   * {@code scale}: the largest magnitude that went into each element's computation.
   */
  static void assertWithin(double ulps, double scale, Tensor truth, Tensor actual) {
    assertEquals(java.util.Arrays.toString(truth.dims()), java.util.Arrays.toString(actual.dims()));
    double[] wanted = truth.toDoubles();
    double[] found = actual.toDoubles();
    boolean wide = actual.dtype() == dev.isomorph.ir.tensor.DType.F64;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] == found[i] || (wanted[i] != wanted[i] && found[i] != found[i])) {
        continue;
      }
      double magnitude = Math.max(Math.abs(wanted[i]), scale);
      double ulp = wide ? Math.ulp(magnitude) : Math.ulp((float) magnitude);
      double error = Math.abs(wanted[i] - found[i]);
      assertTrue(
          error <= ulps * ulp,
          "element %d is %s, not %s: %.1f ulp".formatted(i, found[i], wanted[i], error / ulp));
    }
  }

  static Tensor random(long seed, long... dims) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, dims);
  }

  static Tensor random64(long seed, long... dims) {
    Random random = new Random(seed);
    double[] values = new double[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() * 2 - 1;
    }
    return Tensor.of(values, dims);
  }
}
