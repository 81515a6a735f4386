package dev.isomorph.zoo.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.importers.onnx.OnnxImporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged models: bytes and parts of the graph are changed at random, from a fixed seed. Import and
 * export either work or say what is wrong; nothing else is ever thrown.
 */
class OnnxMutationTest {
  private static final int ROUNDS = Integer.getInteger("isomorph.mutations", 3000);
  private static final long LARGEST = 40_000;

  private final Random random = new Random(42);

  @TempDir private Path folder;

  @Test
  void damagedModelsGiveErrorsAndNothingElse() throws Exception {
    List<byte[]> seeds = seeds();
    Path file = folder.resolve("damaged.onnx");
    List<String> faults = new ArrayList<>();
    int loaded = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Files.write(file, damaged(seeds.get(random.nextInt(seeds.size()))));
      try {
        loaded += loadAndWrite(file) ? 1 : 0;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        faults.add("round " + round + ": " + e + " at " + List.of(e.getStackTrace()).getFirst());
      }
    }
    System.out.printf("damaged ONNX models: %d of %d could be loaded%n", loaded, ROUNDS);
    assertEquals("", String.join("\n", faults));
    assertTrue(loaded > ROUNDS / 20 && loaded < ROUNDS, loaded + " were loaded");
  }

  private boolean loadAndWrite(Path file) {
    boolean opaque = random.nextBoolean();
    int opset = List.of(9, 13, 18, 28).get(random.nextInt(4));
    try (Model model = OnnxImporter.load(file, Limits.defaults(), opaque, _ -> {})) {
      Path out = folder.resolve("out.onnx");
      Exporters.export(model, "onnx", ExportRequest.to(out).replacing(true).withOpset(opset));
      return true;
    } catch (IsomorphException e) {
      if (e.code() == ErrorCode.INTERNAL) {
        throw e;
      }
      return e.code() == ErrorCode.UNSUPPORTED_TARGET;
    }
  }

  private static List<byte[]> seeds() throws IOException, URISyntaxException {
    Path root = Path.of(OnnxMutationTest.class.getResource("/onnx").toURI());
    List<byte[]> seeds = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
        if (Files.size(file) < LARGEST) {
          seeds.add(Files.readAllBytes(file));
        }
      }
    }
    assertTrue(seeds.size() > 200, "only " + seeds.size() + " models");
    return seeds;
  }

  private byte[] damaged(byte[] seed) throws InvalidProtocolBufferException {
    if (random.nextInt(4) == 0) {
      byte[] bytes = seed.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      return bytes;
    }
    ModelProto.Builder model = ModelProto.parseFrom(seed).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    for (int i = random.nextInt(3); i >= 0 && graph.getNodeCount() > 0; i--) {
      if (random.nextInt(10) == 0 && model.getOpsetImportCount() > 0) {
        model.getOpsetImportBuilder(0).setVersion(1 + random.nextInt(28));
      } else if (random.nextInt(4) == 0) {
        damageValues(graph);
      } else {
        damageNode(graph.getNodeBuilder(random.nextInt(graph.getNodeCount())), graph);
      }
    }
    return model.buildPartial().toByteArray();
  }

  private void damageNode(NodeProto.Builder node, GraphProto.Builder graph) {
    boolean hasInput = node.getInputCount() > 0;
    switch (random.nextInt(9)) {
      case 0 -> node.addInput(name(graph));
      case 1 -> node.addOutput(random.nextBoolean() ? "" : "extra");
      case 2 -> node.setOpType(graph.getNode(random.nextInt(graph.getNodeCount())).getOpType());
      case 3 -> {
        if (hasInput) {
          node.setInput(random.nextInt(node.getInputCount()), name(graph));
        }
      }
      case 4 -> {
        if (hasInput) {
          List<String> fewer = new ArrayList<>(node.getInputList());
          fewer.remove(random.nextInt(fewer.size()));
          node.clearInput().addAllInput(fewer);
        }
      }
      case 5 -> {
        if (node.getOutputCount() > 0) {
          node.setOutput(random.nextInt(node.getOutputCount()), name(graph));
        }
      }
      default -> {
        if (node.getAttributeCount() > 0) {
          damageAttribute(node, random.nextInt(node.getAttributeCount()));
        }
      }
    }
  }

  private void damageAttribute(NodeProto.Builder node, int index) {
    AttributeProto.Builder attribute = node.getAttributeBuilder(index);
    switch (random.nextInt(5)) {
      case 0 -> node.removeAttribute(index);
      case 1 -> attribute.setI(random.nextInt(9) - 4);
      case 2 -> attribute.setType(AttributeProto.AttributeType.forNumber(1 + random.nextInt(8)));
      case 3 -> attribute.addInts(random.nextBoolean() ? random.nextLong() : random.nextInt(5));
      default -> node.addAttribute(attribute.build().toBuilder().setName("axis"));
    }
  }

  private void damageValues(GraphProto.Builder graph) {
    if (graph.getInitializerCount() > 0 && random.nextBoolean()) {
      TensorProto.Builder tensor =
          graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
      if (tensor.getDimsCount() > 0 && random.nextBoolean()) {
        tensor.setDims(random.nextInt(tensor.getDimsCount()), random.nextInt(5));
      } else {
        tensor.setDataType(random.nextInt(28));
      }
    } else if (graph.getInputCount() > 0) {
      TypeProto.Tensor.Builder type =
          graph
              .getInputBuilder(random.nextInt(graph.getInputCount()))
              .getTypeBuilder()
              .getTensorTypeBuilder();
      int dims = type.getShape().getDimCount();
      if (dims > 0 && random.nextBoolean()) {
        long length = random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(6) - 1;
        type.getShapeBuilder().getDimBuilder(random.nextInt(dims)).setDimValue(length);
      } else {
        type.clearShape().setElemType(random.nextInt(28));
      }
    }
  }

  private String name(GraphProto.Builder graph) {
    if (random.nextInt(8) == 0) {
      return "";
    }
    if (graph.getInputCount() > 0 && random.nextInt(3) == 0) {
      return graph.getInput(random.nextInt(graph.getInputCount())).getName();
    }
    NodeProto node = graph.getNode(random.nextInt(graph.getNodeCount()));
    return node.getOutputCount() > 0 ? node.getOutput(0) : "";
  }
}
