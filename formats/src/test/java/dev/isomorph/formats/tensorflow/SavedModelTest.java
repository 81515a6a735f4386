package dev.isomorph.formats.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MessageWriter;
import dev.isomorph.formats.tensorflow.proto.AssetFileDef;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.SavedModel;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelTest {
  @TempDir Path folder;
  private final TensorArena arena = TensorArena.open("saved model");

  @AfterEach
  void unmap() {
    arena.close();
  }

  private SavedModelFolder read(Path path) {
    return SavedModelFolder.read(path, arena, Limits.defaults());
  }

  @Test
  void readsWhatTensorFlowSaved() throws IOException {
    SavedModelFolder read = read(TfTensorsTest.resource("saved_model"));
    MetaGraphDef graph = read.servingGraph();
    assertEquals(
        "serving_default_x:0",
        graph.getSignatureDefOrThrow("serving_default").getInputsOrThrow("x").getName());
    TensorBundle variables = read.variables().orElseThrow();
    String key = "w/.ATTRIBUTES/VARIABLE_VALUE";
    assertEquals("f32[3,2][0.0, 0.125, 0.25, 0.375, 0.5, 0.625]", variables.tensor(key).toString());
    assertEquals("cat\ndog\n", Files.readString(read.asset(graph.getAssetFileDef(0))));
    assertEquals(read.model(), read(TfTensorsTest.resource("saved_model/saved_model.pb")).model());
  }

  @Test
  void writesBackWhatItRead() throws IOException {
    SavedModelFolder source = read(TfTensorsTest.resource("saved_model"));
    Path out = folder.resolve("out");
    copy(source, out);
    SavedModelFolder copy = read(out);
    assertEquals(
        source.model(), SavedModel.parseFrom(Files.readAllBytes(out.resolve("saved_model.pb"))));
    TensorBundle before = source.variables().orElseThrow();
    TensorBundle after = copy.variables().orElseThrow();
    assertEquals(before.names(), after.names());
    assertEquals(before.objectGraph(), after.objectGraph());
    String key = "b/.ATTRIBUTES/VARIABLE_VALUE";
    assertEquals("f32[2][0.5, -0.25]", after.tensor(key).toString());
    assertEquals(
        "cat\ndog\n", Files.readString(copy.asset(copy.servingGraph().getAssetFileDef(0))));
  }

  /** Writes a SavedModel anew from what was read of it. */
  static void copy(SavedModelFolder source, Path out) throws IOException {
    TensorBundle bundle = source.variables().orElseThrow();
    Map<String, Tensor> variables = new TreeMap<>();
    for (String name : bundle.names()) {
      if (!name.equals(TensorBundle.OBJECT_GRAPH)) {
        variables.put(name, bundle.tensor(name));
      }
    }
    AssetFileDef asset = source.servingGraph().getAssetFileDef(0);
    SavedModelWriter.write(
        out,
        new SavedModelWriter.Contents(
            source.model(),
            source.large(),
            variables,
            bundle.objectGraph(),
            Map.of(asset.getFilename(), Files.readAllBytes(source.asset(asset)))),
        false);
  }

  private static SavedModel tagged(String... tags) {
    SavedModel.Builder model = SavedModel.newBuilder().setSavedModelSchemaVersion(1);
    for (String tag : tags) {
      model.addMetaGraphsBuilder().getMetaInfoDefBuilder().addAllTags(List.of(tag.split(",")));
    }
    return model.build();
  }

  private SavedModelFolder written(SavedModel model) {
    Path out = folder.resolve("out");
    SavedModelWriter.write(
        out,
        new SavedModelWriter.Contents(
            model, new LargeFields(), Map.of(), Optional.empty(), Map.of()),
        true);
    return read(out);
  }

  @Test
  void choosesTheGraphByItsTags() {
    assertEquals(1, written(tagged("anything")).servingGraph().getMetaInfoDef().getTagsCount());
    SavedModelFolder two = written(tagged("serve,gpu", "serve"));
    assertEquals(List.of("serve"), two.servingGraph().getMetaInfoDef().getTagsList());
    assertEquals(2, two.metaGraph(Set.of("gpu", "serve")).getMetaInfoDef().getTagsCount());
    assertEquals(
        """
        error[USAGE] %s
          the SavedModel has no graph with these tags
          expected: [gpu, serve] or [serve]
          actual:   [train]\
        """
            .formatted(folder.resolve("out")),
        assertThrows(IsomorphException.class, () -> two.metaGraph(Set.of("train"))).getMessage());
  }

  @Test
  void largeConstantsGoThroughTheMap() throws IOException {
    LargeFields large = new LargeFields();
    Tensor weights = Tensor.of(new float[5000], 50, 100);
    NodeDef node =
        NodeDef.newBuilder()
            .setName("w")
            .setOp("Const")
            .putAttr(
                "value",
                AttrValue.newBuilder().setTensor(TfTensors.toProto(weights, large)).build())
            .putAttr("dtype", AttrValue.newBuilder().setTypeValue(1).build())
            .build();
    Path file = folder.resolve("graph.pb");
    GraphDef graph = GraphDef.newBuilder().addNode(node).build();
    GraphDefFile.write(file, graph, large, false);
    assertEquals(Files.size(file), MessageWriter.size(graph, large));
    GraphDefFile read = GraphDefFile.read(file, arena, Limits.defaults());
    NodeDef back = read.graph().getNode(0);
    assertTrue(
        read.large().get(back.getAttrOrThrow("value").getTensor().getTensorContent()).isPresent());
    assertTrue(weights.contentEquals(read.tensor(back.getAttrOrThrow("value").getTensor())));
    assertEquals(
        weights.byteSize(),
        GraphDef.parseFrom(Files.readAllBytes(file))
            .getNode(0)
            .getAttrOrThrow("value")
            .getTensor()
            .getTensorContent()
            .size());
  }

  @Test
  void readsTheGraphBesideACheckpoint() {
    GraphDefFile meta =
        GraphDefFile.readMeta(
            TfTensorsTest.resource("partitioned/model.meta"), arena, Limits.defaults());
    assertTrue(meta.graph().getNodeList().stream().anyMatch(n -> n.getOp().equals("RestoreV2")));
  }

  @Test
  void anAssetCannotLeaveTheFolder() {
    SavedModelFolder read = read(TfTensorsTest.resource("saved_model"));
    AssetFileDef bad = AssetFileDef.newBuilder().setFilename("../saved_model.pb").build();
    assertEquals(
        ErrorCode.FORMAT_UNSAFE_PATH,
        assertThrows(IsomorphException.class, () -> read.asset(bad)).code());
  }

  @Test
  void nothingIsLeftWhenWritingFails() throws IOException {
    SavedModelWriter.Contents contents =
        new SavedModelWriter.Contents(
            tagged("serve"),
            new LargeFields(),
            Map.of("", Tensor.of(new float[1], 1)),
            Optional.empty(),
            Map.of());
    assertThrows(
        IsomorphException.class,
        () -> SavedModelWriter.write(folder.resolve("out"), contents, false));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertEquals(
        """
        error[FILE_NOT_FOUND] %s
          the folder holds no SavedModel: there is no saved_model.pb\
        """
            .formatted(folder),
        assertThrows(IsomorphException.class, () -> read(folder)).getMessage());
    Files.write(folder.resolve("saved_model.cpb"), new byte[] {1});
    assertEquals(
        ErrorCode.UNSUPPORTED_FEATURE,
        assertThrows(IsomorphException.class, () -> read(folder)).code());
    Path text = Files.writeString(folder.resolve("g.pbtxt"), "node { nome: \"x\" }");
    assertEquals(
        """
        error[FORMAT_INVALID] %s
          not the text form of a 'GraphDef': 1:8: Input contains unknown fields and/or extensions:
        1:8:	tensorflow.NodeDef.nome\
        """
            .formatted(text),
        assertThrows(
                IsomorphException.class, () -> GraphDefFile.read(text, arena, Limits.defaults()))
            .getMessage()
            .replace("\n  1:8", "\n1:8"));
  }
}
