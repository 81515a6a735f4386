package dev.isomorph.importers.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.formats.safetensors.SafetensorsWriter;
import dev.isomorph.formats.torch.TorchWriter;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFilesTest {
  @TempDir Path folder;

  private final NamedTensor weight =
      NamedTensor.of("fc.weight", Tensor.of(new float[] {1, 2}, 1, 2));
  private final List<NamedTensor> tensors =
      List.of(
          weight,
          weight.alias("tied"),
          NamedTensor.of("bn.running_mean", Tensor.of(new float[] {3}, 1)),
          NamedTensor.of("steps", Tensor.of(new long[] {4})));

  private static Weights read(Path file) {
    return Importers.loadWeights(ImportRequest.of(file));
  }

  @Test
  void keysKindsAndTiesAreTheFiles() {
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    try (Weights weights = read(file)) {
      Map<String, Value.Parameter> parameters = weights.parameters();
      assertEquals(4, parameters.size());
      assertSame(parameters.get("fc.weight").storage(), parameters.get("tied").storage());
      assertNotSame(parameters.get("fc.weight").storage(), parameters.get("steps").storage());
      assertEquals(Value.Parameter.Kind.TRAINABLE, parameters.get("fc.weight").kind());
      assertEquals(Value.Parameter.Kind.BUFFER, parameters.get("bn.running_mean").kind());
      assertEquals(Value.Parameter.Kind.BUFFER, parameters.get("steps").kind());
      assertEquals(Map.of("format", "pt"), weights.metadata());
    }
  }

  @Test
  void npzAndTorchFilesAreReadTheSameWay() {
    Path npz = folder.resolve("w.npz");
    Npz.write(npz, tensors);
    Path torch = folder.resolve("w.pt");
    TorchWriter.write(torch, tensors, Optional.empty());
    for (Path file : List.of(npz, torch)) {
      try (Weights weights = read(file)) {
        assertEquals(
            List.of("fc.weight", "tied", "bn.running_mean", "steps"),
            List.copyOf(weights.parameters().keySet()));
        assertEquals(
            "f32[1,2][1.0, 2.0]", weights.parameters().get("fc.weight").tensor().toString());
      }
    }
  }

  @Test
  void weightsAloneAreNoModel() {
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    IsomorphException e = assertThrows(IsomorphException.class, () -> Importers.load(file));
    assertEquals(ErrorCode.USAGE_SOURCE_NEEDED, e.code());
    assertEquals("give it with --source model.py:ClassName", e.diagnostics().getFirst().help());
  }
}
