package dev.isomorph.zoo.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Results;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * PyTorch source with its weights gives what PyTorch computes: single layers, functions, whole
 * networks, Python as model files have it. A case that is not supported must be refused, and must
 * stand here with its reason.
 */
class TorchSourceSuiteTest {
  private static final Path ROOT = Path.of("src/test/resources/torch");

  /** Refused, and why. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("layers/MaxPool2d_indices_and_unpool", "MaxUnpool2d"),
          Map.entry("layers/AdaptiveMaxPool2d_indices", "the indices of adaptive_max_pool2d"),
          Map.entry("functional/Unary", "lgamma"),
          Map.entry("functional/Scatter", "scatter_reduce with reduce=mean"),
          Map.entry("functional/OneHot", "bincount"));

  /**
   * Elements in which PyTorch contradicts itself: its vectorised gelu gives NaN for +∞ where its
   * scalar loop gives +∞, as we do.
   */
  private static final Map<String, Integer> SELF_CONTRADICTIONS =
      Map.of("functional/Special_nonfinite_output_1.npy", 1);

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("cases.jsonl"))) {
      JsonNode c = json.readTree(line);
      String name = c.get("name").asText().substring("torch/".length());
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                if (REFUSED.containsKey(name)) {
                  refused(name, c);
                } else {
                  run(c);
                }
              }));
    }
    return tests.stream();
  }

  private static void refused(String name, JsonNode c) throws IOException {
    try {
      run(c);
    } catch (IsomorphException e) {
      assertEquals(ErrorCode.Kind.UNSUPPORTED, e.code().kind(), e.getMessage());
      return;
    }
    fail(name + " passes: take it off the list");
  }

  private static void run(JsonNode c) throws IOException {
    String source = c.get("source").asText();
    int colon = source.indexOf(':');
    Path file = ROOT.resolve(source.substring(0, colon));
    ImportRequest request =
        ImportRequest.of(ROOT.resolve(c.get("model").asText()))
            .withSource(file, source.substring(colon + 1))
            .withSourceRoot(file.getParent().getParent());
    try (TensorArena arena = TensorArena.open("inputs")) {
      List<Tensor> inputs = new ArrayList<>();
      for (JsonNode input : c.get("inputs")) {
        Tensor tensor = Npy.read(ROOT.resolve(input.asText()), arena, Limits.defaults());
        inputs.add(tensor);
        request = request.withInput("input " + inputs.size(), ValueType.of(tensor));
      }
      try (Model model = Importers.load(request);
          Session session = Session.open(model, Device.cpu())) {
        compare(c, arena, model, session.run(named(model, inputs)));
      }
    }
  }

  private static Map<String, Tensor> named(Model model, List<Tensor> inputs) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    List<Signature.Port> ports = model.signature().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      named.put(ports.get(i).name(), inputs.get(i));
    }
    return named;
  }

  private static void compare(JsonNode c, TensorArena arena, Model model, Results results)
      throws IOException {
    List<Signature.Port> ports = model.signature().outputs();
    assertEquals(c.get("expected").size(), ports.size(), "number of outputs");
    double rtol = c.path("rtol").asDouble(1e-4);
    double atol = c.path("atol").asDouble(2e-5);
    for (int i = 0; i < ports.size(); i++) {
      Tensor expected =
          Npy.read(ROOT.resolve(c.get("expected").get(i).asText()), arena, Limits.defaults());
      Tensor actual = results.tensor(ports.get(i).name());
      assertEquals(expected.dtype(), actual.dtype(), ports.get(i).name());
      assertArrayEquals(expected.dims(), actual.dims(), ports.get(i).name());
      double[] wanted = expected.toDoubles();
      Integer contradicted = SELF_CONTRADICTIONS.get(c.get("expected").get(i).asText());
      if (contradicted != null) {
        assertEquals(Double.NaN, wanted[contradicted]);
        wanted[contradicted] = Double.POSITIVE_INFINITY;
      }
      close(ports.get(i).name(), wanted, actual.toDoubles(), rtol, atol);
    }
  }

  private static void close(
      String name, double[] expected, double[] actual, double rtol, double atol) {
    for (int i = 0; i < expected.length; i++) {
      double e = expected[i];
      double a = actual[i];
      boolean same = Double.isNaN(e) ? Double.isNaN(a) : e == a;
      if (!same && !(Math.abs(e - a) <= atol + rtol * Math.abs(e))) {
        fail(name + "[" + i + "]: expected " + e + ", got " + a);
      }
    }
  }
}
