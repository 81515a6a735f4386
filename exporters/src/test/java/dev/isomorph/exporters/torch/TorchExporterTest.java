package dev.isomorph.exporters.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.formats.safetensors.SafetensorsFile;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchExporterTest {
  @TempDir private Path folder;

  private String source(String text) throws IOException {
    try (Model model = TextParser.model(text)) {
      ExportReport report =
          new TorchExporter().export(model, ExportRequest.to(folder.resolve("out")));
      return Files.readString(report.files().get(1));
    }
  }

  @Test
  void layersStandInTheSourcesModuleTree() throws IOException {
    String source =
        source(
            """
            model "tiny_net" {
              param @body.0.weight: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
              param @body.0.bias: f32[2] trainable = [0.5, -0.5]
              param @body.2.weight: f32[2,2] trainable = [1.0, 0.0, 0.0, 1.0]
              param @gain: f32[2] trainable = [2.0, 3.0]
              param @shape: i64[2] constant = [0, -1]
              graph main(%x: f32[N,1,3]) -> (%y) {
                %f = Reshape(%x, @shape)
                %a = Gemm(%f, @body.0.weight, @body.0.bias) {transB = 1}
                %b = LeakyRelu(%a) {alpha = 0.1}
                %c = Gemm(%b, @body.2.weight) {transB = 1}
                %d = Mul(%c, @gain)
                %y = Add(%d, %a)
              }
            }
            """);
    assertEquals(
        """
        \"""Written by Isomorph from memory.\"""

        import torch
        import torch.nn.functional as F
        from torch import nn


        class TinyNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.ModuleList([
                    nn.Linear(3, 2),
                    nn.Identity(),
                    nn.Linear(2, 2, bias=False),
                ])
                self.register_parameter("gain", nn.Parameter(torch.zeros((2,))))

            def forward(self, x: "f32[N,1,3]"):
                h = x.reshape(x.shape[0], -1)
                a = self.body[0](h)
                h = F.leaky_relu(a, negative_slope=0.1)
                h = self.body[2](h)
                h = h * self.gain
                y = h + a
                return y
        """,
        source);
  }

  @Test
  void weightsOfAProductAreTransposedForALinearLayer() throws IOException {
    String source =
        source(
            """
            param @w: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
            graph main(%x: f32[N,2]) -> (%y) {
              %y = MatMul(%x, @w)
            }
            """);
    assertEquals(true, source.contains("self.y = nn.Linear(2, 3, bias=False)"));
    try (TensorArena arena = TensorArena.open("written")) {
      var file =
          SafetensorsFile.open(
              folder.resolve("out").resolve("model.safetensors"), arena, Limits.defaults());
      assertEquals("y.weight", file.tensors().getFirst().name());
      assertArrayEquals(
          new float[] {1, 4, 2, 5, 3, 6}, file.tensors().getFirst().tensor().toFloats());
    }
  }

  @Test
  void everythingThatCannotBeSaidIsRefusedAtOnceAndNothingIsWritten() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                source(
                    """
                    graph main(%x: f32[1,1,4]) -> (%y) {
                      %a = Hardmax(%x)
                      %y = LpPool(%a) {kernel_shape = [2]}
                    }
                    """));
    assertEquals(ErrorCode.UNSUPPORTED_TARGET, e.code());
    assertEquals(
        """
        error[UNSUPPORTED_TARGET] "a" (Hardmax)
          PyTorch source cannot say Hardmax: there is no rule for this operator
        error[UNSUPPORTED_TARGET] "y" (LpPool)
          PyTorch source cannot say LpPool: there is no rule for this operator\
        """,
        e.getMessage());
    assertFalse(Files.exists(folder.resolve("out")));
  }
}
