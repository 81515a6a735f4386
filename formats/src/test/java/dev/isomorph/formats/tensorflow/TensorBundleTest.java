package dev.isomorph.formats.tensorflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.tensorflow.proto.BundleEntryProto;
import dev.isomorph.formats.tensorflow.proto.BundleHeaderProto;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorBundleTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  @TempDir Path folder;
  private final TensorArena arena = TensorArena.open("checkpoint");

  @AfterEach
  void unmap() {
    arena.close();
  }

  private TensorBundle open(Path path) {
    return Checkpoint.open(path, arena, Limits.defaults());
  }

  @Test
  void readsWhatTensorFlowSaved() {
    TensorBundle bundle = open(TfTensorsTest.resource("checkpoint"));
    assertEquals(
        List.of(
            TensorBundle.OBJECT_GRAPH,
            "a.Sb" + VALUE,
            "b" + VALUE,
            "c" + VALUE,
            "h" + VALUE,
            "n" + VALUE,
            "s" + VALUE,
            "save_counter" + VALUE,
            "w" + VALUE),
        bundle.names());
    assertEquals("f32[2,3][0.0, 1.0, 2.0, 3.0, 4.0, 5.0]", bundle.tensor("w" + VALUE).toString());
    assertEquals("f16[2][1.5, -2.0]", bundle.tensor("h" + VALUE).toString());
    assertEquals("i64[][-7]", bundle.tensor("n" + VALUE).toString());
    assertEquals("bool[2][1, 0]", bundle.tensor("b" + VALUE).toString());
    assertEquals("c64[1]", bundle.tensor("c" + VALUE).typeText());
    assertEquals("f64[0,4][]", bundle.tensor("a.Sb" + VALUE).toString());
    assertEquals(List.of("x", "grüße", "", "z".repeat(200)), bundle.tensor("s" + VALUE).strings());
  }

  @Test
  void readsTheObjectGraph() {
    TrackableObjectGraph graph =
        open(TfTensorsTest.resource("checkpoint")).objectGraph().orElseThrow();
    List<String> children =
        graph.getNodes(0).getChildrenList().stream().map(c -> c.getLocalName()).sorted().toList();
    assertEquals(List.of("a/b", "b", "c", "h", "n", "s", "save_counter", "w"), children);
  }

  @Test
  void putsPartitionedVariablesTogether() {
    TensorBundle bundle = open(TfTensorsTest.resource("partitioned"));
    assertEquals(List.of("rows", "wide"), bundle.names());
    assertArrayEquals(
        IntStream.range(0, 20).asDoubleStream().toArray(), bundle.tensor("rows").toDoubles());
    assertEquals("f32[4,300]", bundle.tensor("wide").typeText());
    assertArrayEquals(
        IntStream.range(0, 1200).asDoubleStream().toArray(), bundle.tensor("wide").toDoubles());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "checkpoint",
        "checkpoint/checkpoint",
        "checkpoint/ckpt-1",
        "checkpoint/ckpt-1.index",
        "checkpoint/ckpt-1.data-00000-of-00001"
      })
  void findsTheBundleThatAPathMeans(String path) {
    Path found =
        Checkpoint.prefix(
            TfTensorsTest.resource("checkpoint").resolveSibling(path), Limits.defaults());
    assertEquals("ckpt-1", found.getFileName().toString());
  }

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new TreeMap<>();
    tensors.put("dense", Tensor.of(new float[] {1, 2, 3}, 3));
    tensors.put("lazy", LazyTensors.transpose(Tensor.of(new float[200_000], 400, 500), 1, 0));
    tensors.put("text", Tensor.of(List.of("ü", "", "long".repeat(100)), 3, 1));
    tensors.put("packed", Tensor.of(DType.I4, new double[] {1, -1, 7}, 3));
    tensors.put("scalar", Tensor.scalar(DType.I64, -5L));
    return tensors;
  }

  @Test
  void readsWhatItWrote() {
    TrackableObjectGraph graph =
        TrackableObjectGraph.newBuilder()
            .addNodes(TrackableObjectGraph.TrackableObject.getDefaultInstance())
            .build();
    Path out = folder.resolve("out");
    Checkpoint.write(out, "ckpt", tensors(), Optional.of(graph), false);
    TensorBundle bundle = open(out);
    assertEquals(Optional.of(graph), bundle.objectGraph());
    tensors()
        .forEach((name, tensor) -> assertTrue(tensor.contentEquals(bundle.tensor(name)), name));
  }

  @Test
  void sameTensorsGiveTheSameBytes() throws IOException {
    for (String name : List.of("a", "b")) {
      Checkpoint.write(folder.resolve(name), "ckpt", tensors(), Optional.empty(), false);
    }
    for (String file : List.of("ckpt.index", "ckpt.data-00000-of-00001", "checkpoint")) {
      assertEquals(
          -1, Files.mismatch(folder.resolve("a").resolve(file), folder.resolve("b").resolve(file)));
    }
  }

  @Test
  void verifiesTheChecksumOfATensor() throws IOException {
    Checkpoint.write(folder.resolve("out"), "ckpt", tensors(), Optional.empty(), false);
    Path data = folder.resolve("out/ckpt.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[0] ^= 1;
    Files.write(data, bytes);
    TensorBundle bundle = open(folder.resolve("out"));
    IsomorphException e = assertThrows(IsomorphException.class, () -> bundle.tensor("dense"));
    assertTrue(
        e.getMessage()
            .startsWith(
                "error[FORMAT_CHECKSUM] %s › tensor 'dense'\n  a tensor has another checksum"
                    .formatted(folder.resolve("out/ckpt"))),
        e.getMessage());
  }

  /** Writes a bundle with one entry and any data. */
  private TensorBundle bundle(
      BundleHeaderProto.Builder header, BundleEntryProto.Builder entry, byte[] data)
      throws IOException {
    SortedMap<ByteString, ByteString> entries = new TreeMap<>(SortedTable.ORDER);
    entries.put(ByteString.EMPTY, header.build().toByteString());
    entry.setCrc32C(Crc.masked(MemorySegment.ofArray(data)));
    entries.put(ByteString.copyFromUtf8("t"), entry.build().toByteString());
    Files.write(folder.resolve("b.index"), SortedTable.write(entries));
    Files.write(folder.resolve("b.data-00000-of-00001"), data);
    return open(folder.resolve("b"));
  }

  private static BundleHeaderProto.Builder header() {
    return BundleHeaderProto.newBuilder().setNumShards(1);
  }

  @Test
  void swapsTheBytesOfBigEndianBundles() throws IOException {
    BundleEntryProto.Builder entry =
        BundleEntryProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setShape(TfTensors.shape(2))
            .setSize(8);
    TensorBundle bundle =
        bundle(
            header().setEndianness(BundleHeaderProto.Endianness.BIG),
            entry,
            new byte[] {0, 0, 1, 2, -1, -1, -1, -2});
    assertEquals("i32[2][258, -2]", bundle.tensor("t").toString());
  }

  @Test
  void refusesEntriesThatLeaveTheirShard() throws IOException {
    BundleEntryProto.Builder entry =
        BundleEntryProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setShape(TfTensors.shape(2))
            .setSize(8);
    for (long offset : new long[] {1, -1, Long.MAX_VALUE}) {
      TensorBundle bundle = bundle(header(), entry.setOffset(offset), new byte[8]);
      assertEquals(
          ErrorCode.FORMAT_TRUNCATED,
          assertThrows(IsomorphException.class, () -> bundle.tensor("t")).code());
    }
    TensorBundle otherSize = bundle(header(), entry.setOffset(0).setSize(7), new byte[8]);
    assertEquals(
        ErrorCode.FORMAT_INVALID,
        assertThrows(IsomorphException.class, () -> otherSize.tensor("t")).code());
    TensorBundle otherShard = bundle(header(), entry.setSize(8).setShardId(1), new byte[8]);
    assertTrue(
        assertThrows(IsomorphException.class, () -> otherShard.tensor("t"))
            .getMessage()
            .contains("an entry is in a shard that is not there"));
  }

  @Test
  void refusesWhatIsNotThere() {
    TensorBundle bundle = open(TfTensorsTest.resource("checkpoint"));
    for (String name : List.of("nothing", "")) {
      assertTrue(
          assertThrows(IsomorphException.class, () -> bundle.tensor(name))
              .getMessage()
              .contains("the checkpoint has no tensor '" + name + "'"));
    }
    assertEquals(
        ErrorCode.FILE_NOT_FOUND, assertThrows(IsomorphException.class, () -> open(folder)).code());
  }

  @Test
  void aStateFileCannotNameABundleElsewhere() throws IOException {
    Files.writeString(folder.resolve("checkpoint"), "model_checkpoint_path: \"../other\"\n");
    assertEquals(
        ErrorCode.FORMAT_UNSAFE_PATH,
        assertThrows(IsomorphException.class, () -> open(folder)).code());
  }
}
