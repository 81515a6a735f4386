package dev.isomorph.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.formats.io.Fuzz;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxHostileTest {
  @TempDir Path folder;

  /** Reads a model, and every tensor in it. */
  private static void readAll(Path file) {
    try (TensorArena arena = TensorArena.open("fuzz")) {
      OnnxFile read = OnnxFile.read(file, arena, Limits.defaults());
      for (TensorProto tensor : read.model().getGraph().getInitializerList()) {
        touch(read.tensor(tensor));
      }
      for (SparseTensorProto tensor : read.model().getGraph().getSparseInitializerList()) {
        Tensor sparse = read.tensors().toTensor(tensor);
        sparse.write(0, Math.min(sparse.size(), 100), Tensor.allocate(1600));
      }
      for (NodeProto node : read.model().getGraph().getNodeList()) {
        assertEquals(node.getName(), node.getName());
      }
    }
  }

  private static void touch(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      tensor.segment().hashCode();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"types.onnx", "sparse.onnx", "external/model.onnx"})
  void brokenModelsAreRefused(String name) throws IOException {
    byte[] good = Files.readAllBytes(OnnxTensorsTest.resource(name));
    Path file = folder.resolve("m.onnx");
    Fuzz.truncate(good, file, OnnxHostileTest::readAll);
    Fuzz.flipBits(good, file, OnnxHostileTest::readAll);
    Fuzz.mutate(good, file, OnnxHostileTest::readAll);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested", "map", "optional"})
  void brokenTestDataIsRefused(String name) throws IOException {
    byte[] good = Files.readAllBytes(OnnxTensorsTest.resource(name + ".pb"));
    TypeProto.Builder type = TypeProto.newBuilder();
    switch (name) {
      case "nested" -> type.getSequenceTypeBuilder();
      case "map" -> type.getMapTypeBuilder();
      default -> type.getOptionalTypeBuilder();
    }
    Fuzz.Reader reader =
        file -> {
          try (TensorArena arena = TensorArena.open("fuzz")) {
            OnnxTestData.read(file, type.build(), arena, Limits.defaults());
          }
        };
    Fuzz.truncate(good, folder.resolve("x.pb"), reader);
    Fuzz.flipBits(good, folder.resolve("x.pb"), reader);
  }

  @Test
  void aFileOfAnotherKindIsRefusedWithOneMessage() throws IOException {
    Path file = Files.writeString(folder.resolve("m.onnx"), "{\"this\": \"is json\"}");
    IsomorphException e = assertThrows(IsomorphException.class, () -> readAll(file));
    assertEquals(
        """
        error[FORMAT_INVALID] %s at byte 0
          not a protobuf message: field 15 is a group\
        """
            .formatted(file),
        e.getMessage());
  }

  @Test
  void aMessageWithoutAGraphIsNoModel() throws IOException {
    Path file = Files.write(folder.resolve("m.onnx"), new byte[] {8, 8});
    IsomorphException e = assertThrows(IsomorphException.class, () -> readAll(file));
    assertEquals(
        """
        error[FORMAT_INVALID] %s
          the file is no ONNX model: it has no graph\
        """
            .formatted(file),
        e.getMessage());
  }
}
