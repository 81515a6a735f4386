package dev.isomorph.zoo.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.pass.AssignLayout;
import dev.isomorph.ir.pass.OptimizeLevel;
import dev.isomorph.ir.pass.PassContext;
import dev.isomorph.ir.pass.PassRunner;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.ir.validate.Validator;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.RuntimeEvaluator;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that PyTorch exported compute after each level and layout what they computed before. */
class PassesKeepFunctionsTest {
  static List<String> models() throws IOException, URISyntaxException {
    return RecordedModels.files("exported");
  }

  private static Model load(String file) throws URISyntaxException {
    return Importers.load(RecordedModels.path(file));
  }

  private static Map<String, Tensor> inputs(String file, Model model, TensorArena arena)
      throws URISyntaxException {
    return RecordedModels.inputs(file, model, arena).orElseThrow();
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> in, RunOptions options) {
    Map<String, Tensor> results = new LinkedHashMap<>();
    try (Session session = Session.open(model, model.signature(), Device.cpu(), options)) {
      session.run(in).values().forEach((name, value) -> results.put(name, (Tensor) value));
    }
    return results;
  }

  private static PassContext context() {
    return PassContext.builder().evaluator(RuntimeEvaluator.INSTANCE).foldTrainable(true).build();
  }

  /** The largest distance of two results relative to the largest number of the first. */
  private static double distance(Map<String, Tensor> a, Map<String, Tensor> b) {
    assertEquals(a.keySet(), b.keySet());
    double worst = 0;
    for (String name : a.keySet()) {
      assertEquals(a.get(name).typeText(), b.get(name).typeText());
      double[] x = a.get(name).toDoubles();
      double[] y = b.get(name).toDoubles();
      double scale = 0;
      double error = 0;
      for (int i = 0; i < x.length; i++) {
        scale = Math.max(scale, Math.abs(x[i]));
        error = Math.max(error, Math.abs(x[i] - y[i]));
      }
      worst = Math.max(worst, error == 0 ? 0 : error / scale);
    }
    return worst;
  }

  @ParameterizedTest
  @MethodSource("models")
  void theSafeLevelKeepsEveryBit(String file) throws URISyntaxException {
    try (TensorArena arena = TensorArena.open(file);
        Model model = load(file)) {
      Validator.check(model);
      try (Model made = PassRunner.optimize(model, OptimizeLevel.SAFE, context())) {
        Map<String, Tensor> in = inputs(file, model, arena);
        Map<String, Tensor> before = run(model, in, RunOptions.OWN);
        run(made, in, RunOptions.OWN)
            .forEach((name, value) -> assertTrue(value.contentEquals(before.get(name)), name));
        assertTrue(count(made.signature().graph()) <= count(model.signature().graph()));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theFullLevelRoundsWeightsOnce(String file) throws URISyntaxException {
    try (TensorArena arena = TensorArena.open(file);
        Model model = load(file);
        Model made = PassRunner.optimize(model, OptimizeLevel.FULL, context())) {
      Map<String, Tensor> in = inputs(file, model, arena);
      double distance = distance(run(model, in, RunOptions.TRUTH), run(made, in, RunOptions.TRUTH));
      assertTrue(distance < 1e-6, "distance " + distance);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void channelsLastIsTheSameFunction(String file) throws URISyntaxException {
    AssignLayout pass = new AssignLayout(Signature.Layout.NHWC);
    try (TensorArena arena = TensorArena.open(file);
        Model model = load(file);
        Model safe = PassRunner.optimize(model, OptimizeLevel.SAFE, context());
        Model made = PassRunner.run(safe, List.of(pass), context())) {
      Map<String, Tensor> in = inputs(file, model, arena);
      double distance = distance(run(safe, in, RunOptions.TRUTH), run(made, in, RunOptions.TRUTH));
      assertTrue(distance < 1e-12, "distance " + distance);
      boolean image = file.matches("exported/(ResNet|MobileNet|UNet|small).*");
      List<String> inside =
          pass.remaining(made).stream()
              .map(Object::toString)
              .filter(r -> !r.contains("by input ") && !r.contains("by result "))
              .toList();
      assertEquals(List.of(), image ? inside : List.of());
    }
  }

  private static long count(Graph graph) {
    long count = 0;
    for (Node node : graph.nodes()) {
      count += 1 + node.op().regions().stream().mapToLong(PassesKeepFunctionsTest::count).sum();
    }
    return count;
  }
}
