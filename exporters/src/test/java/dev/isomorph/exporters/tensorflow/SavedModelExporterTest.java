package dev.isomorph.exporters.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.LedgerEntry;
import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Value.Parameter.Kind;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelExporterTest {
  @TempDir Path folder;

  private final GraphBuilder b = new GraphBuilder("main");
  private final SavedModelExporter exporter = new SavedModelExporter();

  private Model model(Value... outputs) {
    return Model.builder("m").signature(Signature.of(b.build(List.of(outputs)))).build();
  }

  private static Value.Parameter weight(String key, long... dims) {
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    return new Value.Parameter(
        key, Tensor.of(values, dims), Kind.TRAINABLE, new Object(), Derivation.KEPT);
  }

  @Test
  void everythingThatTensorFlowCannotSayIsToldAtOnceAndNothingIsWritten() {
    Value x = b.input("x", ValueType.parse("f32[2,3,8,8]"));
    Value pooled = b.maxPool(x, a -> a.kernelShape(2, 2).dilations(2, 2));
    Value normal = b.input("t", ValueType.parse("i32[2]"));
    Value hard = b.hardmax(x);
    Path target = folder.resolve("out");
    try (Model model = model(pooled, hard, normal)) {
      List<Diagnostic> refusals = exporter.refusals(model, ExportRequest.to(target));
      assertEquals(
          List.of(
              "a SavedModel cannot say this: a pool with dilations",
              "a SavedModel cannot say this: operator Hardmax"),
          refusals.stream().map(Diagnostic::message).sorted().toList());
      assertEquals(ErrorCode.UNSUPPORTED_TARGET, refusals.getFirst().code());
      assertThrows(IsomorphException.class, () -> exporter.export(model, ExportRequest.to(target)));
      assertFalse(Files.exists(target));
    }
  }

  @Test
  void kernelsOfConvolutionsAreStoredAsTensorFlowNeedsThem() {
    Value x = b.input("x", ValueType.parse("f32[N,3,8,8]"));
    Value y = b.conv(x, weight("conv.weight", 4, 3, 5, 7), weight("conv.bias", 4));
    try (Model model = model(y)) {
      ExportReport report = exporter.export(model, ExportRequest.to(folder.resolve("out")));
      assertEquals(
          List.of(
              new LedgerEntry(
                  "conv.weight",
                  "conv.weight",
                  "f32[5,7,3,4]",
                  "transposed",
                  List.of("conv.weight")),
              new LedgerEntry("conv.bias", "conv.bias", "f32[4]", "kept", List.of("conv.bias"))),
          report.ledger());
      assertEquals(List.of("signature 'main' is written as 'serving_default'"), report.notes());
    }
  }

  @Test
  void tiedWeightsAreOneVariable() {
    Object storage = new Object();
    Tensor tensor = Tensor.of(new float[4], 2, 2);
    Value first = new Value.Parameter("first", tensor, Kind.TRAINABLE, storage, Derivation.KEPT);
    Value second = new Value.Parameter("second", tensor, Kind.TRAINABLE, storage, Derivation.KEPT);
    Value x = b.input("x", ValueType.parse("f32[N,2]"));
    Value y = b.matMul(b.matMul(x, first), second);
    try (Model model = model(y)) {
      ExportReport report = exporter.export(model, ExportRequest.to(folder.resolve("out")));
      assertEquals(
          List.of("first", "first"), report.ledger().stream().map(LedgerEntry::target).toList());
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() throws Exception {
    Value x = b.input("x", ValueType.parse("f32[N,3]"));
    Value y = b.relu(b.gemm(x, weight("w", 2, 3), weight("b", 2), a -> a.transB(true)));
    try (Model model = model(y)) {
      exporter.export(model, ExportRequest.to(folder.resolve("one")));
      exporter.export(model, ExportRequest.to(folder.resolve("two")));
    }
    for (String file : List.of("saved_model.pb", "variables/variables.index")) {
      assertEquals(
          -1,
          Files.mismatch(folder.resolve("one").resolve(file), folder.resolve("two").resolve(file)));
    }
  }

  @Test
  void differentNamesStayDifferentInTensorFlowsCharacters() {
    assertEquals(".x2F.a/onnx.x3A..x3A.Conv_1", Names.encode("/a/onnx::Conv_1"));
    assertEquals("layer1.0.conv1", Names.encode("layer1.0.conv1"));
    assertNotEquals(Names.encode("a:b"), Names.encode("a.x3A.b"));
    assertEquals("unnamed", Names.encode(""));
  }

  @Test
  void anOperatorThatIsNotInTheTableIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TfOperators.get("NoSuchOperator"));
    assertEquals(
        "the table has no operator NoSuchOperator; add it to tools/tf_operators/generate.py",
        e.getMessage());
    assertEquals("product", TfOperators.get("MatMul").results().getFirst().name());
  }
}
