package dev.isomorph.zoo.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Results;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ONNX files of real exporters, of all old spellings, of ONNX Runtime's own operators and of known
 * traps: each gives the recorded values as it is, written again as it was, and written for every
 * other opset that can say it. Tolerances are those of the case, else the sweep's.
 */
class OnnxFixturesTest {
  private static final double RTOL = 1e-3;
  private static final double ATOL = 1e-5;
  private static final List<Integer> OPSETS = List.of(9, 11, 13, 16, 18, 21, 26);

  @TempDir private Path folder;

  private record Case(
      String name,
      Path model,
      Map<String, Tensor> inputs,
      List<Tensor> expected,
      double rtol,
      double atol) {}

  @ParameterizedTest
  @ValueSource(strings = {"exported", "versions", "contrib", "traps"})
  void everyFileGivesTheRecordedValuesThroughAnyOpset(String kind) throws Exception {
    List<String> wrong = new ArrayList<>();
    Map<Integer, Integer> said = new TreeMap<>();
    ModelExporter exporter = Exporters.find("onnx");
    Path written = folder.resolve("written.onnx");
    try (TensorArena arena = TensorArena.open(kind)) {
      List<Case> cases = cases(kind, arena);
      for (Case one : cases) {
        try (Model model = Importers.load(one.model)) {
          check(one, model, "as it is", wrong);
          exporter.export(model, ExportRequest.to(written).replacing(true));
          try (Model again = Importers.load(written)) {
            check(one, again, "written again", wrong);
            assertSameNames(model.signature().graph(), again.signature().graph());
          }
          for (int opset : OPSETS) {
            ExportRequest request = ExportRequest.to(written).withOpset(opset).replacing(true);
            if (exporter.refusals(model, request).isEmpty()) {
              said.merge(opset, 1, Integer::sum);
              exporter.export(model, request);
              try (Model again = Importers.load(written)) {
                check(one, again, "at opset " + opset, wrong);
              }
            }
          }
        } catch (IsomorphException e) {
          wrong.add(one.name + ": " + e.getMessage());
        }
      }
      System.out.printf("onnx/%s: %d cases, said by opsets: %s%n", kind, cases.size(), said);
      assertTrue(cases.size() > 20, "only " + cases.size() + " cases");
    }
    assertEquals("", String.join("\n", wrong));
  }

  /** What is written at the source's own opset has its nodes under their own names. */
  private static void assertSameNames(Graph before, Graph after) {
    List<String> names = after.nodes().stream().map(Node::name).toList();
    for (Node node : before.nodes()) {
      boolean whole = node.op().name().domain().isEmpty() && !node.name().contains(".");
      if (whole && !node.op().name().name().equals("GroupNormalization")) {
        assertTrue(names.contains(node.name()), node + " is gone from " + before.name());
      }
    }
    assertEquals(
        before.outputs().stream().map(Value::name).toList(),
        after.outputs().stream().map(Value::name).toList());
  }

  private static void check(Case one, Model model, String how, List<String> wrong) {
    try (Session session = Session.open(model, Device.cpu())) {
      Results results = session.run(one.inputs);
      List<Datum> values = List.copyOf(results.values().values());
      for (int i = 0; i < one.expected.size(); i++) {
        String problem = compare(one, one.expected.get(i), (Tensor) values.get(i));
        if (!problem.isEmpty()) {
          wrong.add(one.name + " " + how + ", output " + i + ": " + problem);
        }
      }
    } catch (IsomorphException e) {
      wrong.add(one.name + " " + how + ": " + e.getMessage());
    }
  }

  private static String compare(Case one, Tensor expected, Tensor actual) {
    if (expected.dtype() != actual.dtype() || !Arrays.equals(expected.dims(), actual.dims())) {
      return "expected " + expected.typeText() + ", got " + actual.typeText();
    }
    if (expected.byteSize() == 0) {
      return expected.contentEquals(actual) ? "" : "expected " + expected + ", got " + actual;
    }
    double[] e = expected.toDoubles();
    double[] a = actual.toDoubles();
    for (int i = 0; i < e.length; i++) {
      boolean same = e[i] == a[i] || Double.isNaN(e[i]) && Double.isNaN(a[i]);
      if (!same && !(Math.abs(e[i] - a[i]) <= one.atol + one.rtol * Math.abs(e[i]))) {
        return "at %d expected %s, got %s".formatted(i, e[i], a[i]);
      }
    }
    return "";
  }

  private static List<Case> cases(String kind, TensorArena arena)
      throws IOException, URISyntaxException {
    Path root = Path.of(OnnxFixturesTest.class.getResource("/onnx/" + kind).toURI());
    ObjectMapper json = new ObjectMapper();
    List<Case> cases = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("cases.jsonl"))) {
      JsonNode row = json.readTree(line);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      row.get("inputs")
          .properties()
          .forEach(e -> inputs.put(e.getKey(), read(root, e.getValue(), arena)));
      List<Tensor> expected = new ArrayList<>();
      row.get("expected").forEach(e -> expected.add(read(root, e, arena)));
      cases.add(
          new Case(
              row.get("name").asText(),
              root.resolve(row.get("model").asText()),
              inputs,
              expected,
              row.path("rtol").asDouble(RTOL),
              row.path("atol").asDouble(ATOL)));
    }
    return cases;
  }

  private static Tensor read(Path root, JsonNode name, TensorArena arena) {
    return Npy.read(root.resolve(name.asText()), arena, Limits.defaults());
  }
}
