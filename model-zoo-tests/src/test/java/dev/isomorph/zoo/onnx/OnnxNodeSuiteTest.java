package dev.isomorph.zoo.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.OnnxFile;
import dev.isomorph.formats.onnx.OnnxTestData;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.importers.onnx.OnnxImporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Results;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every node case of the onnx package through importer and CPU, held to the package's own expected
 * values and tolerances. Cases that do not pass are listed with their reason in {@code
 * known-gaps.txt}; a listed case that passes fails the test.
 */
class OnnxNodeSuiteTest {
  private record Count(int passed, int total) {
    Count plus(boolean pass) {
      return new Count(passed + (pass ? 1 : 0), total + 1);
    }
  }

  @TempDir private Path folder;

  @Test
  void everyCaseGivesTheExpectedValues() throws IOException {
    Map<String, String> known = knownGaps();
    Map<String, Count> perOperator = new TreeMap<>();
    List<String> unexpected = new ArrayList<>();
    List<OnnxSuite.Case> cases = OnnxSuite.unpack(folder);
    int passed = 0;
    for (OnnxSuite.Case one : cases) {
      String problem = problem(one);
      boolean pass = problem.isEmpty();
      passed += pass ? 1 : 0;
      perOperator.merge(operator(one), new Count(pass ? 1 : 0, 1), (a, _) -> a.plus(pass));
      String reason = known.remove(one.name());
      if (!pass && reason == null) {
        unexpected.add(one.name() + ": " + problem);
      } else if (pass && reason != null) {
        unexpected.add(one.name() + " passes, but is listed as a gap: " + reason);
      }
    }
    known.keySet().forEach(name -> unexpected.add(name + " is listed as a gap, but is no case"));
    StringBuilder table = new StringBuilder();
    perOperator.forEach(
        (operator, count) -> {
          if (count.passed < count.total) {
            table.append("%n  %s %d of %d".formatted(operator, count.passed, count.total));
          }
        });
    System.out.printf(
        "ONNX node cases: %d of %d pass; operators with gaps:%s%n", passed, cases.size(), table);
    assertTrue(cases.size() > 1800, "only " + cases.size() + " cases");
    assertEquals("", String.join("\n", unexpected));
  }

  static Map<String, String> knownGaps() throws IOException {
    Map<String, String> known = new LinkedHashMap<>();
    try (InputStream in =
        OnnxNodeSuiteTest.class.getResourceAsStream("/onnx-suite/known-gaps.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] part = line.split(": ", 2);
          assertEquals(2, part.length, "a gap without a reason: " + line);
          known.put(part[0], part[1]);
        }
      }
    }
    return known;
  }

  private static String operator(OnnxSuite.Case one) {
    try (TensorArena arena = TensorArena.open(one.name())) {
      GraphProto graph =
          OnnxFile.read(one.folder().resolve("model.onnx"), arena, Limits.defaults())
              .model()
              .getGraph();
      return graph.getNodeCount() == 1 ? graph.getNode(0).getOpType() : "(several nodes)";
    }
  }

  /** {@return what is wrong, or an empty text} */
  static String problem(OnnxSuite.Case one) {
    return problem(one, RunOptions.OWN);
  }

  /** {@return what is wrong with a run in this precision, or an empty text} */
  static String problem(OnnxSuite.Case one, RunOptions options) {
    return problem(one, one.folder().resolve("model.onnx"), options);
  }

  /**
   * {@return what is wrong with a run in this precision, or an empty text}
   *
   * @param file the model that stands for the case's own
   */
  static String problem(OnnxSuite.Case one, Path file, RunOptions options) {
    Path own = one.folder().resolve("model.onnx");
    try (TensorArena arena = TensorArena.open(one.name());
        Model model = OnnxImporter.load(file, Limits.defaults(), _ -> {});
        Session session = Session.open(model, model.signature(), Device.cpu(), options)) {
      GraphProto graph = OnnxFile.read(own, arena, Limits.defaults()).model().getGraph();
      for (int set = 0; Files.exists(data(one, set)); set++) {
        session.reset();
        Map<String, Datum> inputs = new LinkedHashMap<>();
        List<Signature.Port> ports = model.signature().inputs();
        for (int i = 0; i < ports.size(); i++) {
          Path input = data(one, set).resolve("input_" + i + ".pb");
          if (Files.exists(input)) {
            inputs.put(ports.get(i).name(), read(input, graph.getInput(i), arena));
          }
        }
        Results results = session.run(inputs);
        for (int i = 0; i < graph.getOutputCount(); i++) {
          Path output = data(one, set).resolve("output_" + i + ".pb");
          Datum expected = read(output, graph.getOutput(i), arena);
          Datum actual = results.values().get(graph.getOutput(i).getName());
          String problem = compare(expected, actual, one);
          if (!problem.isEmpty()) {
            return graph.getOutput(i).getName() + ": " + problem;
          }
        }
      }
      return "";
    } catch (IsomorphException e) {
      return e.getMessage().lines().skip(1).limit(2).map(String::strip).toList() + " " + e.code();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private static Path data(OnnxSuite.Case one, int set) {
    return one.folder().resolve("test_data_set_" + set);
  }

  private static Datum read(Path file, ValueInfoProto formal, TensorArena arena) {
    return OnnxTestData.read(file, formal.getType(), arena, Limits.defaults());
  }

  private static String compare(Datum expected, Datum actual, OnnxSuite.Case one) {
    return switch (expected) {
      case Tensor e -> actual instanceof Tensor a ? compare(e, a, one) : "no tensor but " + actual;
      case SequenceValue(var elements) -> {
        if (!(actual instanceof SequenceValue(var got)) || got.size() != elements.size()) {
          yield "another sequence: " + actual;
        }
        for (int i = 0; i < elements.size(); i++) {
          String problem = compare(elements.get(i), got.get(i), one);
          if (!problem.isEmpty()) {
            yield "element " + i + ": " + problem;
          }
        }
        yield "";
      }
      case OptionalValue(var element) -> {
        Datum got = actual instanceof OptionalValue(var inner) ? inner.orElse(null) : actual;
        yield element.isPresent()
            ? compare(element.get(), got, one)
            : got == null ? "" : "not empty: " + got;
      }
      default -> "cannot compare " + expected;
    };
  }

  private static String compare(Tensor expected, Tensor actual, OnnxSuite.Case one) {
    boolean truth = expected.dtype().isFloat() && actual.dtype() == DType.F64;
    if ((expected.dtype() != actual.dtype() && !truth)
        || !Arrays.equals(expected.dims(), actual.dims())) {
      return "expected " + expected.typeText() + ", got " + actual.typeText();
    }
    if (expected.dtype() == DType.STRING) {
      return expected.strings().equals(actual.strings())
          ? ""
          : "expected " + expected.strings() + ", got " + actual.strings();
    }
    if (!expected.dtype().isFloat()) {
      long[] e = expected.toLongs();
      long[] a = actual.toLongs();
      int at = Arrays.mismatch(e, a);
      return at < 0 ? "" : "at %d expected %d, got %d".formatted(at, e[at], a[at]);
    }
    double[] e = expected.toDoubles();
    double[] a = actual.toDoubles();
    for (int i = 0; i < e.length; i++) {
      boolean same = e[i] == a[i] || (Double.isNaN(e[i]) && Double.isNaN(a[i]));
      if (!same && !(Math.abs(e[i] - a[i]) <= one.atol() + one.rtol() * Math.abs(e[i]))) {
        return "at %d expected %s, got %s".formatted(i, e[i], a[i]);
      }
    }
    return "";
  }
}
