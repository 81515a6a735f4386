package dev.isomorph.formats.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedMessagesTest {
  private static final Limits LIMITS = Limits.defaults();
  @TempDir Path folder;

  private static TensorProto tensor(String name, int bytes) {
    byte[] data = new byte[bytes];
    new Random(bytes).nextBytes(data);
    return TensorProto.newBuilder()
        .setName(name)
        .addDims(bytes)
        .setDataType(2)
        .setRawData(ByteString.copyFrom(data))
        .build();
  }

  /** Small and large parts in turn, so that order across the two ways of reading matters. */
  private static ModelProto model() {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    for (int i = 0; i < 6; i++) {
      graph.addInitializer(tensor("w" + i, i % 2 == 0 ? 10 : 5000 + i));
      graph.addNode(
          NodeProto.newBuilder()
              .setOpType("Constant")
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("value")
                      .setT(tensor("c" + i, i % 3 == 0 ? 7000 : 3))));
    }
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                900,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(new byte[9000]))
                    .addVarint(7)
                    .build())
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setDocString("d".repeat(6000))
        .setGraph(graph)
        .setUnknownFields(unknown)
        .build();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("m.onnx"), bytes);
  }

  private static ModelProto read(Path file, TensorArena arena, LargeFields large) {
    FieldDescriptor raw = TensorProto.getDescriptor().findFieldByName("raw_data");
    List<MappedMessages.Kept> kept = List.of(new MappedMessages.Kept(raw, raw, DType.U8));
    return MappedMessages.read(file, ModelProto.newBuilder(), arena, kept, large, LIMITS).build();
  }

  private static byte[] written(ModelProto model, LargeFields large) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MessageWriter.write(model, large, Channels.newChannel(out));
    assertEquals(out.size(), MessageWriter.size(model, large));
    return out.toByteArray();
  }

  @Test
  void writesBackTheBytesThatItRead() throws IOException {
    byte[] bytes = model().toByteArray();
    try (TensorArena arena = TensorArena.open("m")) {
      LargeFields large = new LargeFields();
      ModelProto read = read(file(bytes), arena, large);
      assertArrayEquals(bytes, written(read, large));
    }
  }

  @Test
  void leavesLargeDataInTheMap() throws IOException {
    try (TensorArena arena = TensorArena.open("m")) {
      LargeFields large = new LargeFields();
      GraphProto graph = read(file(model().toByteArray()), arena, large).getGraph();
      assertEquals(10, graph.getInitializer(0).getRawData().size());
      ByteString reference = graph.getInitializer(1).getRawData();
      assertEquals("kept outside: u8[5001]", reference.toStringUtf8());
      assertEquals(5001, large.get(reference).orElseThrow().byteSize());
      assertTrue(
          large.get(graph.getNode(0).getAttribute(0).getT().getRawData()).isPresent(),
          "the tensor of a node's attribute stays in the map too");
    }
  }

  @Test
  void keepsTextThatIsNotUtf8() throws IOException {
    ByteString name = ByteString.copyFrom(new byte[] {'g', (byte) 0xFF, 'x'});
    GraphProto graph =
        GraphProto.newBuilder().setNameBytes(name).addInitializer(tensor("w", 5000)).build();
    byte[] bytes = ModelProto.newBuilder().setGraph(graph).build().toByteArray();
    try (TensorArena arena = TensorArena.open("m")) {
      LargeFields large = new LargeFields();
      assertArrayEquals(bytes, written(read(file(bytes), arena, large), large));
    }
  }

  @Test
  void mergesASingularFieldThatComesTwice() throws IOException {
    ModelProto first =
        ModelProto.newBuilder().setGraph(GraphProto.newBuilder().setName("a")).build();
    byte[] twice = first.toByteString().concat(model().toByteString()).toByteArray();
    try (TensorArena arena = TensorArena.open("m")) {
      LargeFields large = new LargeFields();
      assertArrayEquals(
          ModelProto.parseFrom(twice).toByteArray(),
          written(read(file(twice), arena, large), large));
    }
  }

  @Test
  void namesTheByteWhereAFileIsCut() throws IOException {
    byte[] cut = model().toByteString().substring(0, 20000).toByteArray();
    try (TensorArena arena = TensorArena.open("m")) {
      Path file = file(cut);
      IsomorphException e =
          assertThrows(IsomorphException.class, () -> read(file, arena, new LargeFields()));
      assertEquals(
          """
          error[FORMAT_TRUNCATED] %s at byte 6005
            the message ends within a field
            expected: a field of %d bytes
            actual:   13991 bytes are left\
          """
              .formatted(file, model().getGraph().getSerializedSize()),
          e.getMessage());
    }
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    Path file = file(new byte[0]);
    try (TensorArena arena = TensorArena.open("m")) {
      IsomorphException e =
          assertThrows(IsomorphException.class, () -> read(file, arena, new LargeFields()));
      assertEquals(ErrorCode.FILE_EMPTY, e.code());
    }
  }

  @Test
  void refusesMessagesNestedTooDeep() throws IOException {
    for (int leaf : new int[] {1, 5000}) {
      GraphProto graph = GraphProto.newBuilder().setDocString("x".repeat(leaf)).build();
      for (int i = 0; i < 100; i++) {
        AttributeProto body = AttributeProto.newBuilder().setName("body").setG(graph).build();
        graph = GraphProto.newBuilder().addNode(NodeProto.newBuilder().addAttribute(body)).build();
      }
      Path file = file(ModelProto.newBuilder().setGraph(graph).build().toByteArray());
      try (TensorArena arena = TensorArena.open("m")) {
        assertThrows(IsomorphException.class, () -> read(file, arena, new LargeFields()));
      }
    }
  }
}
