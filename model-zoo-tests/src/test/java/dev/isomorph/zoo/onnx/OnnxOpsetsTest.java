package dev.isomorph.zoo.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.importers.onnx.OnnxImporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.runtime.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every node case of the onnx package, written for several opsets, read back and run: steps down
 * and steps up must give the values that the package expects. What an opset cannot say is refused;
 * how much each one says is printed.
 */
class OnnxOpsetsTest {
  /** Those at which many operators changed, the oldest and the newest. */
  private static final List<Integer> OPSETS = List.of(9, 11, 13, 17, 21, 28);

  @TempDir private Path folder;

  @Test
  void whatAnOpsetSaysItSaysRight() throws IOException {
    Map<String, String> gaps = OnnxNodeSuiteTest.knownGaps();
    Map<Integer, Integer> said = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    ModelExporter exporter = Exporters.find("onnx");
    Path written = folder.resolve("written.onnx");
    int cases = 0;
    for (OnnxSuite.Case one : OnnxSuite.unpack(folder)) {
      if (gaps.containsKey(one.name())) {
        continue;
      }
      cases++;
      Path own = one.folder().resolve("model.onnx");
      try (Model model = OnnxImporter.load(own, Limits.defaults(), _ -> {})) {
        for (int opset : OPSETS) {
          ExportRequest request = ExportRequest.to(written).withOpset(opset).replacing(true);
          if (!exporter.refusals(model, request).isEmpty()) {
            continue;
          }
          exporter.export(model, request);
          said.merge(opset, 1, Integer::sum);
          String problem = OnnxNodeSuiteTest.problem(one, written, RunOptions.OWN);
          if (!problem.isEmpty()) {
            wrong.add(one.name() + " at opset " + opset + ": " + problem);
          }
        }
      } catch (IsomorphException e) {
        wrong.add(one.name() + ": " + e.getMessage());
      }
      Files.deleteIfExists(written);
    }
    System.out.printf("ONNX node cases that opsets can say, of %d: %s%n", cases, said);
    assertEquals("", String.join("\n", wrong));
    assertTrue(said.get(28) == cases, "the newest opset says everything");
    assertTrue(said.get(9) > 500, "opset 9 says only " + said.get(9));
  }
}
