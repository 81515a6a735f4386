package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.cpu.Executor;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example networks, whole, on the device. */
@DeviceTest
class DigitsDeviceTest {
  private static final Path EXAMPLES = Path.of("..", "examples", "digits");
  private static final int IMAGES = 36;

  @ParameterizedTest
  @CsvSource({
    "simple_nn, digits.npy, 3, 0, 0",
    "simple_nn_torchscript, digits.npy, 3, 0, 0",
    "conv_net, digits_images.npy, 9, 2, 3",
    "conv_net_torchscript, digits_images.npy, 7, 1, 0"
  })
  void everyNodeRunsOnTheDevice(
      String name, String inputs, int device, int nothingToCompute, int shapeArithmetic) {
    try (TensorArena arena = TensorArena.open("digits");
        Model model = Importers.load(EXAMPLES.resolve(name + ".onnx"))) {
      Tensor images = images(inputs, arena);
      var run = DeviceRuns.run(model, RunOptions.OWN, images);
      Map<Placement.Place, Integer> counts = new EnumMap<>(Placement.Place.class);
      run.placements().forEach(p -> counts.merge(p.place(), 1, Integer::sum));
      assertEquals(
          List.of(device, nothingToCompute, shapeArithmetic, 0),
          java.util.Arrays.stream(Placement.Place.values())
              .map(place -> counts.getOrDefault(place, 0))
              .toList(),
          () -> run.placements().toString());
      Tensor truth = truth(model, images);
      // Logits of these networks stay below 64, and no sum has more than 108 terms.
      DeviceRuns.assertWithin(32, 64, truth, run.outputs().getFirst());
      assertEquals(best(truth), best(run.outputs().getFirst()));
    }
  }

  @ParameterizedTest
  @CsvSource({"simple_nn, digits.npy", "conv_net, digits_images.npy"})
  void truthRunsOnTheDeviceToo(String name, String inputs) {
    try (TensorArena arena = TensorArena.open("digits");
        Model model = Importers.load(EXAMPLES.resolve(name + ".onnx"))) {
      Tensor images = images(inputs, arena);
      Tensor y = DeviceRuns.run(model, RunOptions.TRUTH, images).outputs().getFirst();
      assertEquals("f64[36,10]", y.typeText());
      DeviceRuns.assertWithin(32, 64, truth(model, images), y);
    }
  }

  @ParameterizedTest
  @CsvSource({"simple_nn, digits.npy", "conv_net, digits_images.npy"})
  void sessionsRunOnTheDeviceAgainAndAgain(String name, String inputs) {
    try (TensorArena arena = TensorArena.open("digits")) {
      Tensor images = images(inputs, arena);
      Tensor first = null;
      long after = 0;
      try (Model model = Importers.load(EXAMPLES.resolve(name + ".onnx"));
          Session session = Session.open(model, DeviceRuns.device())) {
        for (int call = 0; call < 3; call++) {
          Tensor y =
              session.run(Map.of("x", images)).values().values().stream()
                  .map(Tensor.class::cast)
                  .findFirst()
                  .orElseThrow();
          assertTrue(first == null || y.contentEquals(first));
          first = y;
          long live = Emulation.isOn() ? Emulation.liveBytes() : 0;
          assertTrue(call < 2 || live == after, "device memory grows from call to call");
          after = live;
        }
      }
      assertEquals(0, Emulation.isOn() ? Emulation.liveBytes() : 0, "device memory leaks");
    }
  }

  private static Tensor images(String file, TensorArena arena) {
    Tensor all = Npy.read(EXAMPLES.resolve(file), arena, Limits.defaults());
    long[] dims = all.dims();
    long bytes = all.byteSize() / dims[0] * IMAGES;
    dims[0] = IMAGES;
    return Tensor.of(all.dtype(), dims, all.segment().asSlice(0, bytes), arena);
  }

  private static Tensor truth(Model model, Tensor images) {
    return (Tensor)
        new Executor(RunOptions.TRUTH).run(model.signature().graph(), List.of(images)).getFirst();
  }

  private static List<Integer> best(Tensor logits) {
    double[] values = logits.toDoubles();
    int classes = (int) logits.dim(1);
    return java.util.stream.IntStream.range(0, values.length / classes)
        .map(
            row ->
                java.util.stream.IntStream.range(0, classes)
                    .reduce(
                        0, (a, b) -> values[row * classes + b] > values[row * classes + a] ? b : a))
        .boxed()
        .toList();
  }
}
