package dev.isomorph.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxTensorsTest {
  static Path resource(String name) {
    try {
      return Path.of(OnnxTensorsTest.class.getResource("/onnx/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OnnxTensors decoder() {
    Limits limits = Limits.defaults();
    return OnnxTensors.of("m.onnx", TensorArena.open("m"), new LargeFields(), null, limits);
  }

  private static Map<String, Tensor> initializers(String file) {
    OnnxFile read = OnnxFile.read(resource(file), TensorArena.open(file), Limits.defaults());
    return read.model().getGraph().getInitializerList().stream()
        .collect(Collectors.toMap(TensorProto::getName, read::tensor));
  }

  static Stream<String> lines() throws IOException {
    return Files.readAllLines(resource("types.tsv")).stream();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsEachTypeAsOnnxDoes(String line) {
    String[] columns = line.split("\t", -1);
    DType dtype = DType.byOnnxCode(Integer.parseInt(columns[1])).orElseThrow();
    for (String field : List.of(".raw", ".typed")) {
      Tensor tensor = initializers("types.onnx").get(columns[0] + field);
      assertEquals(dtype, tensor.dtype());
      assertEquals(
          columns[2],
          HexFormat.of().formatHex(tensor.segment().toArray(ValueLayout.JAVA_BYTE)),
          field);
      if (dtype.isInteger()) {
        long[] expected = numbers(columns[3], s -> new BigDecimal(s).longValueExact());
        assertArrayEquals(expected, tensor.toLongs());
      } else if (dtype.kind() != DType.Kind.COMPLEX) {
        double[] expected =
            Arrays.stream(columns[3].split(" "))
                .mapToDouble(s -> Double.parseDouble(s.replace("inf", "Infinity")))
                .toArray();
        assertArrayEquals(expected, tensor.toDoubles());
      }
    }
  }

  private static long[] numbers(String text, Function<String, Long> parse) {
    return Arrays.stream(text.split(" ")).map(parse).mapToLong(Long::longValue).toArray();
  }

  @Test
  void coversEveryType() throws IOException {
    List<Integer> codes =
        Stream.concat(lines().map(l -> Integer.valueOf(l.split("\t")[1])), Stream.of(8))
            .sorted()
            .toList();
    assertEquals(Arrays.stream(DType.values()).map(DType::onnxCode).sorted().toList(), codes);
  }

  @Test
  void readsStringsScalarsAndEmptyTensors() {
    Map<String, Tensor> read = initializers("types.onnx");
    assertEquals(List.of("grüße", ""), read.get("string").strings());
    assertEquals("f32[][2.5]", read.get("scalar").toString());
    assertEquals("i64[0,3][]", read.get("empty").toString());
  }

  @Test
  void makesSparseTensorsDenseRegionByRegion() {
    OnnxFile file =
        OnnxFile.read(resource("sparse.onnx"), TensorArena.open("s"), Limits.defaults());
    List<SparseTensorProto> sparse = file.model().getGraph().getSparseInitializerList();
    Tensor linear = file.tensors().toTensor(sparse.get(0));
    assertEquals("f32[3,4]", linear.typeText());
    SparseStorage kept = assertInstanceOf(SparseStorage.class, linear.storage());
    assertArrayEquals(new long[] {1, 4, 11}, kept.positions().toLongs());
    double[] expected = {0, 1, 0, 0, -2, 0, 0, 0, 0, 0, 0, 3.5};
    assertArrayEquals(expected, linear.toDoubles());
    for (int from = 0; from < 12; from++) {
      for (int count = 0; count <= 12 - from; count++) {
        Tensor part = Tensor.of(DType.F32, new long[] {count}, Tensor.allocate(count * 4L));
        var target = Tensor.allocate(count * 4L).fill((byte) 1);
        linear.write(from, count, target);
        assertArrayEquals(
            Arrays.copyOfRange(expected, from, from + count),
            Tensor.of(part.dtype(), part.dims(), target).toDoubles());
      }
    }
    Tensor coordinates = file.tensors().toTensor(sparse.get(1));
    assertArrayEquals(new double[] {0, 7, 0, 0, 8, 0}, coordinates.toDoubles());
  }

  private static String refusal(TensorProto.Builder proto) {
    return assertThrows(
            IsomorphException.class, () -> decoder().toTensor(proto.setName("w").build()))
        .getMessage();
  }

  @Test
  void refusesDataOfAnotherSize() {
    ByteString twelve = ByteString.copyFrom(new byte[12]);
    assertEquals(
        """
        error[FORMAT_INVALID] m.onnx › tensor 'w'
          the data does not have the size of f32[2, 2]
          expected: 16 bytes
          actual:   12\
        """,
        refusal(TensorProto.newBuilder().addDims(2).addDims(2).setDataType(1).setRawData(twelve)));
    assertEquals(
        """
        error[FORMAT_INVALID] m.onnx › tensor 'w'
          int32_data does not have the size of i4[3]
          expected: 2 entries
          actual:   3\
        """,
        refusal(
            TensorProto.newBuilder().addDims(3).setDataType(22).addAllInt32Data(List.of(1, 2, 3))));
  }

  @Test
  void refusesDimsThatNoMemoryCouldHold() {
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1L << 40).addDims(1L << 40).setDataType(1))
            .contains("the number of elements overflows 63 bits"));
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1L << 62).setDataType(11))
            .contains("the tensor's size overflows 63 bits"));
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1L << 40).setDataType(1))
            .contains("float_data does not have the size"));
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(-1).setDataType(1)).contains("a dim is negative"));
  }

  @Test
  void refusesTypesThatItDoesNotKnow() {
    assertEquals(
        """
        error[UNSUPPORTED_DTYPE] m.onnx › tensor 'w'
          the element type is FLOAT6E2M3\
        """,
        refusal(TensorProto.newBuilder().setDataType(27)));
    assertEquals(
        """
        error[FORMAT_INVALID] m.onnx › tensor 'w'
          the element type is the unknown number 99\
        """,
        refusal(TensorProto.newBuilder().setDataType(99)));
  }

  @Test
  void refusesEntriesThatDoNotFit() {
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1).setDataType(3).addInt32Data(300))
            .contains("entry 0 of int32_data does not fit i8"));
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1).setDataType(12).addUint64Data(1L << 32))
            .contains("entry 0 of uint64_data does not fit u32"));
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    ByteString bytes = ByteString.copyFrom(new byte[] {(byte) 0xC0});
    assertTrue(
        refusal(TensorProto.newBuilder().addDims(1).setDataType(8).addStringData(bytes))
            .contains("string 0 is not UTF-8 text"));
  }

  private static TensorProto indices(long... values) {
    TensorProto.Builder out = TensorProto.newBuilder().setDataType(7).addDims(values.length);
    Arrays.stream(values).forEach(out::addInt64Data);
    return out.build();
  }

  @Test
  void refusesSparseTensorsThatDoNotFit() {
    TensorProto two =
        TensorProto.newBuilder()
            .setName("v")
            .setDataType(1)
            .addDims(2)
            .addFloatData(1)
            .addFloatData(2)
            .build();
    SparseTensorProto.Builder sparse = SparseTensorProto.newBuilder().setValues(two).addDims(5);
    for (long[] bad : new long[][] {{1, 1}, {3, 2}, {0, 5}, {-1, 2}, {1}, {0, 1, 2}}) {
      SparseTensorProto proto = sparse.setIndices(indices(bad)).build();
      assertThrows(IsomorphException.class, () -> decoder().toTensor(proto), Arrays.toString(bad));
    }
    SparseTensorProto huge = sparse.clearDims().addDims(1L << 50).setIndices(indices(1, 2)).build();
    assertEquals(
        """
        error[FORMAT_LIMIT] m.onnx › tensor 'v'
          the number of elements of a sparse tensor is beyond what is allowed
          expected: at most 17179869184
          actual:   1125899906842624\
        """,
        assertThrows(IsomorphException.class, () -> decoder().toTensor(huge)).getMessage());
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void writesAndReadsEveryType(DType dtype) {
    for (int size : new int[] {0, 1, 3, 5000}) {
      var bytes = Tensor.allocate(dtype.byteSize(size));
      for (long i = 0; i < bytes.byteSize(); i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7));
      }
      Tensor tensor = Tensor.of(dtype, new long[] {size}, bytes);
      LargeFields large = new LargeFields();
      TensorProto proto = OnnxWriter.toProto("w", tensor, large);
      OnnxTensors decoder =
          OnnxTensors.of("m.onnx", TensorArena.open("m"), large, null, Limits.defaults());
      assertTrue(tensor.contentEquals(decoder.toTensor(proto)), tensor.typeText());
    }
  }

  @Test
  void writesLazyTensors() {
    Tensor source = Tensor.of(new float[5000], 50, 100);
    Tensor transposed = LazyTensors.transpose(source, 1, 0);
    LargeFields large = new LargeFields();
    TensorProto proto = OnnxWriter.toProto("w", transposed, large);
    assertEquals(List.of(100L, 50L), proto.getDimsList());
    assertEquals("kept outside: f32[100,50]", proto.getRawData().toStringUtf8());
  }

  private static OnnxFile written(Path folder, byte[] model) throws IOException {
    Path file = Files.write(folder.resolve("m.onnx"), model);
    return OnnxFile.read(file, TensorArena.open("m"), Limits.defaults());
  }

  private static byte[] model(TensorProto tensor) {
    return ModelProto.newBuilder()
        .setGraph(GraphProto.newBuilder().addInitializer(tensor))
        .build()
        .toByteArray();
  }

  @Test
  void largeTypedListsStayInTheMap(@TempDir Path folder) throws IOException {
    TensorProto.Builder proto = TensorProto.newBuilder().addDims(2000).setName("w");
    double[] expected = new double[2000];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i * 0.5;
      proto.addFloatData(i * 0.5f);
    }
    OnnxFile file = written(folder, model(proto.setDataType(1).build()));
    TensorProto read = file.model().getGraph().getInitializer(0);
    assertEquals(0, read.getFloatDataCount());
    assertTrue(file.large().get(read.getRawData()).isPresent());
    assertArrayEquals(expected, file.tensor(read).toDoubles());

    OnnxFile wrong = written(folder, model(proto.setDataType(6).build()));
    assertTrue(
        assertThrows(
                IsomorphException.class,
                () -> wrong.tensor(wrong.model().getGraph().getInitializer(0)))
            .getMessage()
            .contains("float_data cannot hold elements of type i32"));
  }

  @Test
  void readsTheTextForm(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("m.textproto"),
            "ir_version: 8\ngraph { initializer { dims: 2 data_type: 1 float_data: [1, 2.5] } }\n");
    OnnxFile read = OnnxFile.read(file, TensorArena.open("m"), Limits.defaults());
    assertEquals(8, read.model().getIrVersion());
    assertEquals(
        "f32[2][1.0, 2.5]", read.tensor(read.model().getGraph().getInitializer(0)).toString());
  }
}
