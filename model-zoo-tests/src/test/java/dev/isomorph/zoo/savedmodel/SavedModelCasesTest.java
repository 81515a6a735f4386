package dev.isomorph.zoo.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Results;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SavedModels that Keras and TensorFlow wrote compute what TensorFlow computed, as they are read
 * and after they were written and read again.
 */
class SavedModelCasesTest {
  /** How far two orders of summation may lie apart, in roundoffs of the largest element. */
  private static final double ROUNDOFFS = 16;

  @TempDir Path temporary;

  /**
   * One model.
   *
   * @param inputs recorded inputs by name; the empty name stands for the only input
   * @param expected what TensorFlow computed, in the order of the outputs
   */
  record Case(String name, Path model, Map<String, Path> inputs, List<Path> expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() throws IOException, URISyntaxException {
    Path file = Path.of(SavedModelCasesTest.class.getResource("/savedmodel/cases.jsonl").toURI());
    Path root = file.getParent();
    ObjectMapper json = new ObjectMapper();
    List<Case> cases = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = json.readTree(line);
      Map<String, Path> inputs = new LinkedHashMap<>();
      node.get("inputs")
          .properties()
          .forEach(e -> inputs.put(e.getKey(), root.resolve(e.getValue().asText())));
      List<Path> expected = new ArrayList<>();
      node.get("expected").forEach(e -> expected.add(root.resolve(e.asText())));
      cases.add(
          new Case(
              node.get("name").asText(),
              root.resolve(node.get("model").asText()),
              inputs,
              expected));
    }
    Path digits = Path.of("..", "examples", "digits");
    for (String net : List.of("simple_nn", "conv_net")) {
      for (String form : List.of("_saved_model", "_tf_saved_model")) {
        String input = net.equals("conv_net") ? "digits_images_nhwc.npy" : "digits.npy";
        cases.add(
            new Case(
                "digits/" + net + form,
                digits.resolve(net + form),
                Map.of("", digits.resolve(input)),
                List.of(digits.resolve("expected").resolve("keras_" + net + ".npy"))));
      }
    }
    assertEquals(52, cases.size());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesWhatTensorFlowComputed(Case which) {
    try (Model model = Importers.load(which.model)) {
      assertComputes(which, model, RunOptions.OWN);
      assertComputes(which, model, RunOptions.TRUTH);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesTheSameAfterItWasWrittenAndReadAgain(Case which) {
    Path target = temporary.resolve("again");
    try (Model model = Importers.load(which.model)) {
      ExportReport report = Exporters.export(model, "saved-model", ExportRequest.to(target));
      assertEquals(List.of(target), report.files());
      try (Model again = Importers.load(target)) {
        assertEquals(names(model.signature().inputs()), names(again.signature().inputs()));
        assertEquals(names(model.signature().outputs()), names(again.signature().outputs()));
        assertEquals(weights(model), weights(again));
        assertComputes(which, again, RunOptions.OWN);
        assertComputes(which, again, RunOptions.TRUTH);
      }
    }
  }

  private static List<String> names(List<Port> ports) {
    return ports.stream().map(Port::name).toList();
  }

  private static Map<String, String> weights(Model model) {
    Map<String, String> weights = new LinkedHashMap<>();
    model.parameters().stream()
        .filter(p -> p.kind() != Value.Parameter.Kind.CONSTANT)
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .forEach(p -> weights.put(p.name(), p.kind() + " " + p.tensor().typeText()));
    return weights;
  }

  private static void assertComputes(Case which, Model model, RunOptions options) {
    try (TensorArena arena = TensorArena.open(which.name);
        Session session = Session.open(model, model.signature(), Device.cpu(), options)) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      which.inputs.forEach(
          (name, file) ->
              inputs.put(
                  name.isEmpty() ? model.signature().inputs().getFirst().name() : name,
                  Npy.read(file, arena, Limits.defaults())));
      Results results = session.run(inputs);
      List<Port> outputs = model.signature().outputs();
      assertEquals(which.expected.size(), outputs.size());
      for (int i = 0; i < outputs.size(); i++) {
        Tensor expected = Npy.read(which.expected.get(i), arena, Limits.defaults());
        assertEquals(expected.dtype(), ((ValueType.TensorType) outputs.get(i).type()).dtype());
        assertNear(outputs.get(i).name(), expected, results.tensor(outputs.get(i).name()));
      }
    }
  }

  private static void assertNear(String output, Tensor expected, Tensor actual) {
    assertArrayEquals(expected.dims(), actual.dims(), output);
    double[] wanted = expected.toDoubles();
    double[] got = actual.toDoubles();
    double largest = 0;
    for (double value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    double roundoff = expected.dtype() == DType.F64 ? 0x1p-53 : 0x1p-24;
    double bound = expected.dtype().isFloat() ? ROUNDOFFS * roundoff * largest : 0;
    for (int i = 0; i < wanted.length; i++) {
      boolean near = wanted[i] == got[i] || Math.abs(wanted[i] - got[i]) <= bound;
      assertTrue(near, output + "[" + i + "]: expected " + wanted[i] + ", got " + got[i]);
    }
  }
}
