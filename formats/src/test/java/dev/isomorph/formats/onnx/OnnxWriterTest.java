package dev.isomorph.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.OnnxWriter.DataPlacement;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxWriterTest {
  @TempDir Path folder;
  private final LargeFields large = new LargeFields();

  private static Tensor ramp(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i * 0.5f;
    }
    return Tensor.of(values, size);
  }

  private ModelProto model(Tensor... tensors) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    for (int i = 0; i < tensors.length; i++) {
      graph.addInitializer(OnnxWriter.toProto("w" + i, tensors[i], large));
    }
    return ModelProto.newBuilder().setIrVersion(8).setGraph(graph).build();
  }

  private static List<Tensor> read(Path file, TensorArena arena) {
    OnnxFile read = OnnxFile.read(file, arena, Limits.defaults());
    return read.model().getGraph().getInitializerList().stream().map(read::tensor).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void writesWhatIsReadBack(DataPlacement placement) throws IOException {
    Tensor lazy = LazyTensors.transpose(ramp(6000).reshape(60, 100), 1, 0);
    Tensor text = Tensor.of(List.of("a", "ü"), 2);
    Tensor[] tensors = {ramp(3), ramp(5000), lazy, ramp(300), text, ramp(300_000)};
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(file, model(tensors), large, placement, false);
    try (TensorArena arena = TensorArena.open("m")) {
      List<Tensor> read = read(file, arena);
      for (int i = 0; i < tensors.length; i++) {
        assertTrue(tensors[i].contentEquals(read.get(i)), read.get(i).typeText());
      }
    }
    assertEquals(
        placement == DataPlacement.AUTO ? List.of("m.onnx") : List.of("m.onnx", "m.onnx.data"),
        files());
  }

  @Test
  void alignsExternalDataForMapsOfEverySystem() throws IOException {
    Path file = folder.resolve("m.onnx");
    Tensor shared = ramp(2000);
    ModelProto model = model(ramp(400), ramp(300_000), shared, ramp(255), shared);
    OnnxWriter.write(file, model, large, DataPlacement.EXTERNAL, false);
    List<String> places =
        ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getInitializerList().stream()
            .map(
                t ->
                    t.getDataLocation() == TensorProto.DataLocation.EXTERNAL
                        ? String.join(
                            " ", t.getExternalDataList().stream().map(e -> e.getValue()).toList())
                        : "inside " + t.getRawData().size())
            .toList();
    assertEquals(
        List.of(
            "m.onnx.data 0 1600",
            "m.onnx.data 65536 1200000",
            "m.onnx.data 1265664 8000",
            "inside 1020",
            "m.onnx.data 1265664 8000"),
        places);
  }

  @Test
  void movesTensorsOfSubgraphsToo() throws IOException {
    GraphProto inner = model(ramp(5000)).getGraph();
    NodeProto node =
        NodeProto.newBuilder()
            .addAttribute(AttributeProto.newBuilder().setName("body").setG(inner))
            .build();
    ModelProto model =
        ModelProto.newBuilder().setGraph(GraphProto.newBuilder().addNode(node)).build();
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(file, model, large, DataPlacement.EXTERNAL, false);
    assertEquals(20000, Files.size(folder.resolve("m.onnx.data")));
    try (TensorArena arena = TensorArena.open("m")) {
      OnnxFile read = OnnxFile.read(file, arena, Limits.defaults());
      TensorProto tensor =
          read.model().getGraph().getNode(0).getAttribute(0).getG().getInitializer(0);
      assertTrue(ramp(5000).contentEquals(read.tensor(tensor)));
    }
  }

  @Test
  void takesExternalDataAlong() throws IOException {
    Path file = folder.resolve("sub/whole.onnx");
    Path source = OnnxTensorsTest.resource("external/model.onnx");
    try (TensorArena arena = TensorArena.open("m")) {
      OnnxFile read = OnnxFile.read(source, arena, Limits.defaults());
      OnnxWriter.write(file, read.modelWithData(), read.large(), DataPlacement.AUTO, false);
      List<Tensor> before = read(source, arena);
      List<Tensor> after = read(file, arena);
      for (int i = 0; i < before.size(); i++) {
        assertTrue(before.get(i).contentEquals(after.get(i)));
      }
    }
  }

  @Test
  void sameModelGivesTheSameBytes() throws IOException {
    for (String name : List.of("a.onnx", "b.onnx")) {
      OnnxWriter.write(
          folder.resolve(name), model(ramp(5000), ramp(2)), large, DataPlacement.AUTO, false);
    }
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a.onnx")), Files.readAllBytes(folder.resolve("b.onnx")));
  }

  @Test
  void replacesOnlyWhenAsked() throws IOException {
    Path file = Files.write(folder.resolve("m.onnx"), new byte[] {1});
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () -> OnnxWriter.write(file, model(ramp(5000)), large, DataPlacement.AUTO, false));
    assertEquals(ErrorCode.OUTPUT_EXISTS, e.code());
    assertEquals(1, Files.size(file));
    OnnxWriter.write(file, model(ramp(5000)), large, DataPlacement.AUTO, true);
    assertTrue(Files.size(file) > 20000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesNothingBehindWhenATensorFails(boolean external) throws IOException {
    Storage.Lazy failing =
        new Storage.Lazy() {
          @Override
          public void write(long from, long count, MemorySegment target) {
            throw new IllegalStateException("no data");
          }

          @Override
          public String description() {
            return "failing";
          }
        };
    Tensor bad = Tensor.lazy(DType.F32, new long[] {5000}, failing);
    Path file = folder.resolve("m.onnx");
    DataPlacement placement = external ? DataPlacement.EXTERNAL : DataPlacement.AUTO;
    assertThrows(
        IllegalStateException.class,
        () -> OnnxWriter.write(file, model(ramp(5000), bad), large, placement, false));
    assertEquals(List.of(), files());
  }
}
