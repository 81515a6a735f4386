package dev.isomorph.exporters.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.formats.safetensors.SafetensorsFile;
import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFileExporterTest {
  private static final String MODEL =
      """
      model "m" {
        param @fc.weight: f32[1,2] trainable = [1.0, 2.0]
        param @bn.running_mean: f32[1] buffer = [3.0]
        param @shape: i64[1] constant = [-1]
        graph main(%x: f32[N,2]) -> (%z) {
          %y = Gemm(%x, @fc.weight, @bn.running_mean) {transB = 1}
          %z = Reshape(%y, @shape)
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void aModelsWeightsAreWrittenWithoutItsConstants() {
    try (Model model = TextParser.model(MODEL);
        TensorArena arena = TensorArena.open("t")) {
      Path file = folder.resolve("m.safetensors");
      ExportReport report = Exporters.export(model, "safetensors", ExportRequest.to(file));
      List<NamedTensor> tensors = SafetensorsFile.open(file, arena, Limits.defaults()).tensors();
      assertEquals(
          List.of("fc.weight", "bn.running_mean"),
          report.ledger().stream().map(e -> e.target()).toList());
      Map<String, String> found =
          Map.of(
              tensors.get(0).name(),
              tensors.get(0).tensor().toString(),
              tensors.get(1).name(),
              tensors.get(1).tensor().toString());
      assertEquals(
          Map.of("fc.weight", "f32[1,2][1.0, 2.0]", "bn.running_mean", "f32[1][3.0]"), found);
    }
  }

  @Test
  void tiedWeightsStayTiedInSafetensorsAndAreNotedInNpz() {
    Object storage = new Object();
    Tensor tensor = Tensor.of(new float[] {1, 2}, 2);
    try (TensorArena arena = TensorArena.open("t");
        Weights weights =
            new Weights(
                "w",
                Model.Source.MEMORY,
                List.of(parameter("a", tensor, storage), parameter("b", tensor, storage)),
                Map.of(),
                arena)) {
      Path safe = folder.resolve("w.safetensors");
      Exporters.export(weights, "safetensors", ExportRequest.to(safe));
      SafetensorsFile file = SafetensorsFile.open(safe, arena, Limits.defaults());
      assertEquals(Map.of("b", "a"), file.aliases());
      Path npz = folder.resolve("w.npz");
      ExportReport report = Exporters.export(weights, "npz", ExportRequest.to(npz));
      assertEquals(
          List.of("npz cannot say that tensors are tied: each is written under its own key"),
          report.notes());
      assertEquals(2, Npz.read(npz, arena, Limits.defaults(), _ -> {}).size());
    }
  }

  private static Value.Parameter parameter(String key, Tensor tensor, Object storage) {
    return new Value.Parameter(
        key, tensor, Value.Parameter.Kind.TRAINABLE, storage, Derivation.KEPT);
  }

  @Test
  void typesThatTheFormatLacksAreRefusedBeforeAnythingIsWritten() {
    try (Model model =
        TextParser.model(
            """
            model "m" {
              param @s: string[1] buffer = ["a"]
              graph main(%x: string[1]) -> (%y) {
                %y = StringConcat(%x, @s)
              }
            }
            """)) {
      List<Diagnostic> refusals =
          Exporters.find("safetensors")
              .refusals(model, ExportRequest.to(folder.resolve("m.safetensors")));
      assertEquals(
          List.of("safetensors files cannot hold tensors of type string"),
          refusals.stream().map(Diagnostic::message).toList());
    }
  }

  @Test
  void anExistingFileIsReplacedOnlyWhenAllowed() {
    try (Model model = TextParser.model(MODEL)) {
      ExportRequest request = ExportRequest.to(folder.resolve("m.npz"));
      Exporters.export(model, "npz", request);
      IsomorphException e =
          assertThrows(IsomorphException.class, () -> Exporters.export(model, "npz", request));
      assertEquals(ErrorCode.OUTPUT_EXISTS, e.code());
      assertTrue(Exporters.export(model, "npz", request.replacing(true)).files().size() == 1);
    }
  }

  @Test
  void aGraphFormatSaysWhatIsMissing() {
    try (Model model = TextParser.model(MODEL);
        Weights weights = Weights.of(model)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () -> Exporters.export(weights, "onnx", ExportRequest.to(folder.resolve("m.onnx"))));
      assertEquals(ErrorCode.USAGE_SOURCE_NEEDED, e.code());
      assertEquals(
          "'m' holds weights and no graph, but the target onnx needs one",
          e.diagnostics().getFirst().message());
    }
  }
}
