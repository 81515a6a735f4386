package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.io.Fuzz;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFlowHostileTest {
  @TempDir Path folder;

  private static byte[] good(String name) throws IOException {
    return Files.readAllBytes(TfTensorsTest.resource(name));
  }

  private static void touch(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      tensor.write(
          0, tensor.dtype().isPacked() ? 0 : Math.min(tensor.size(), 64), Tensor.allocate(1024));
    }
  }

  private static void constants(Iterable<NodeDef> nodes, Function<TensorProto, Tensor> read) {
    for (NodeDef node : nodes) {
      if (node.containsAttr("value")) {
        try {
          touch(read.apply(node.getAttrOrThrow("value").getTensor()));
        } catch (IsomorphException _) {
          // One bad constant; the others are looked at too.
        }
      }
    }
  }

  private static void readGraph(Path file) {
    try (TensorArena arena = TensorArena.open("fuzz")) {
      GraphDefFile read = GraphDefFile.read(file, arena, Limits.defaults());
      constants(read.graph().getNodeList(), read::tensor);
    }
  }

  private static void readBundle(Path file) {
    try (TensorArena arena = TensorArena.open("fuzz")) {
      TensorBundle bundle = Checkpoint.open(file, arena, Limits.defaults());
      for (String name : bundle.names()) {
        try {
          touch(bundle.tensor(name));
        } catch (IsomorphException _) {
          // One bad tensor; the others are looked at too.
        }
      }
      bundle.objectGraph();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"types.pb", "strings.pb", "types.pbtxt"})
  void brokenGraphsAreRefused(String name) throws IOException {
    byte[] good = good(name);
    Path file = folder.resolve(name);
    if (name.endsWith(".pb")) {
      Fuzz.truncate(good, file, TensorFlowHostileTest::readGraph);
      Fuzz.flipBits(good, file, TensorFlowHostileTest::readGraph);
    }
    Fuzz.mutate(good, file, TensorFlowHostileTest::readGraph);
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint/ckpt-1", "partitioned/model"})
  void brokenIndexesAreRefused(String prefix) throws IOException {
    Files.write(folder.resolve("c.data-00000-of-00001"), good(prefix + ".data-00000-of-00001"));
    byte[] good = good(prefix + ".index");
    Path file = folder.resolve("c.index");
    Fuzz.truncate(good, file, TensorFlowHostileTest::readBundle);
    Fuzz.flipBits(good, file, TensorFlowHostileTest::readBundle);
    Fuzz.mutate(good, file, TensorFlowHostileTest::readBundle);
  }

  @Test
  void brokenDataIsRefused() throws IOException {
    Files.write(folder.resolve("c.index"), good("checkpoint/ckpt-1.index"));
    byte[] good = good("checkpoint/ckpt-1.data-00000-of-00001");
    Path file = folder.resolve("c.data-00000-of-00001");
    Fuzz.truncate(good, file, _ -> readBundle(folder.resolve("c.index")));
    Fuzz.flipBits(good, file, _ -> readBundle(folder.resolve("c.index")));
  }

  @Test
  void brokenSavedModelsAreRefused() throws IOException {
    byte[] good = good("saved_model/saved_model.pb");
    Path file = folder.resolve("saved_model.pb");
    Fuzz.Reader reader =
        pb -> {
          try (TensorArena arena = TensorArena.open("fuzz")) {
            SavedModelFolder read = SavedModelFolder.read(pb, arena, Limits.defaults());
            constants(read.model().getMetaGraphs(0).getGraphDef().getNodeList(), read::tensor);
          }
        };
    Fuzz.truncate(good, file, reader);
    Fuzz.mutate(good, file, reader);
  }
}
