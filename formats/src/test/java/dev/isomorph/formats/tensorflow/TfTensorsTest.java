package dev.isomorph.formats.tensorflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TfTensorsTest {
  private static final Limits LIMITS = Limits.defaults();

  static Path resource(String name) {
    try {
      return Path.of(TfTensorsTest.class.getResource("/tensorflow/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Tensor> constants(String file) {
    GraphDefFile read = GraphDefFile.read(resource(file), TensorArena.open(file), LIMITS);
    return read.graph().getNodeList().stream()
        .collect(
            Collectors.toMap(
                NodeDef::getName, n -> read.tensor(n.getAttrOrThrow("value").getTensor())));
  }

  static Stream<String> lines() throws IOException {
    return Files.readAllLines(resource("types.tsv")).stream();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsEachFormAsTensorFlowDoes(String line) {
    String[] columns = line.split("\t");
    String[] numbers = columns[2].split(" ");
    for (String file : List.of("types.pb", "types.pbtxt")) {
      Tensor tensor = constants(file).get(columns[0]);
      assertEquals(
          columns[1].replace("bfloat", "bf").replaceFirst("^float", "f").replaceFirst("int", "i"),
          tensor.dtype().shortName().replaceFirst("^u", "ui").replaceFirst("^f8", "f8_"));
      if (tensor.dtype().isInteger()) {
        assertArrayEquals(
            Arrays.stream(numbers).mapToLong(Long::parseLong).toArray(), longs(tensor));
      } else {
        assertArrayEquals(
            Arrays.stream(numbers).mapToDouble(Double::parseDouble).toArray(), tensor.toDoubles());
      }
    }
  }

  private static long[] longs(Tensor tensor) {
    var bytes = tensor.segment();
    long[] out = new long[(int) tensor.size()];
    Arrays.setAll(out, i -> Elements.getLong(bytes, tensor.dtype(), i));
    return out;
  }

  @Test
  void readsStrings() {
    Map<String, Tensor> read = constants("strings.pb");
    assertEquals("string[2,1][a, ü]", read.get("full").toString());
    assertEquals("string[4][a, ü, ü, ü]", read.get("short").toString());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"STRING", "F8E8M0"})
  void writesAndReadsEveryType(DType dtype) {
    for (int size : new int[] {1, 3, 5000}) {
      var bytes = Tensor.allocate(dtype.byteSize(size));
      for (long i = 0; i < size * (long) dtype.bits() / 8; i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7));
      }
      Tensor tensor = Tensor.of(dtype, new long[] {size}, bytes);
      LargeFields large = new LargeFields();
      TensorProto proto = TfTensors.toProto(tensor, large);
      assertTrue(tensor.contentEquals(TfTensors.toTensor(proto, large, LIMITS)), dtype.toString());
    }
  }

  private static TensorProto.Builder proto(DataType type, long... dims) {
    return TensorProto.newBuilder().setDtype(type).setTensorShape(TfTensors.shape(dims));
  }

  private static String refusal(TensorProto.Builder proto) {
    return assertThrows(
            IsomorphException.class,
            () -> TfTensors.toTensor(proto.build(), new LargeFields(), LIMITS))
        .getMessage();
  }

  @Test
  void aSplatCostsNoMemory() {
    TensorProto splat = proto(DataType.DT_FLOAT, 1 << 30).addFloatVal(2.5f).build();
    Tensor tensor = TfTensors.toTensor(splat, new LargeFields(), LIMITS);
    assertEquals(4L << 30, tensor.byteSize());
    var region = Tensor.allocate(12);
    tensor.write((1 << 30) - 3, 3, region);
    assertEquals(2.5f, region.get(Tensor.LE_FLOAT, 8));
  }

  @Test
  void aSplatBeyondReasonIsRefused() {
    assertEquals(
        """
        error[FORMAT_LIMIT]
          the number of elements that a short list stands for is beyond what is allowed
          expected: at most 17179869184
          actual:   1152921504606846976\
        """,
        refusal(proto(DataType.DT_FLOAT, 1L << 60).addFloatVal(1)));
    assertTrue(
        refusal(proto(DataType.DT_FLOAT, 1L << 40, 1L << 40))
            .contains("the number of elements overflows 63 bits"));
    assertTrue(
        refusal(proto(DataType.DT_STRING, 1L << 40)).contains("the number of strings is beyond"));
    assertTrue(refusal(proto(DataType.DT_INT4, 1L << 30)).contains("the bytes of a packed tensor"));
  }

  @Test
  void contentOfAnotherSizeIsRefused() {
    assertEquals(
        """
        error[FORMAT_INVALID]
          tensor_content does not have the size of f32[2]
          expected: 8 bytes
          actual:   7\
        """,
        refusal(proto(DataType.DT_FLOAT, 2).setTensorContent(ByteString.copyFrom(new byte[7]))));
    assertTrue(
        refusal(proto(DataType.DT_FLOAT, 1).addFloatVal(1).addFloatVal(2))
            .contains("a typed list has more elements than the shape"));
    assertTrue(
        refusal(proto(DataType.DT_COMPLEX64, 1).addScomplexVal(1))
            .contains("a list of complex numbers has an odd number of parts"));
  }

  @Test
  void shapesThatAreNoneAreRefused() {
    assertTrue(refusal(proto(DataType.DT_FLOAT, -1)).contains("a dim of a stored tensor"));
    TensorProto.Builder unknown = proto(DataType.DT_FLOAT);
    unknown.setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true));
    assertTrue(refusal(unknown).contains("the rank of a stored tensor is unknown"));
  }

  @Test
  void typesWithoutACounterpartAreNamed() {
    assertEquals(
        """
        error[UNSUPPORTED_DTYPE]
          the element type is DT_RESOURCE\
        """,
        refusal(proto(DataType.DT_RESOURCE)));
    assertTrue(refusal(proto(DataType.DT_FLOAT8_E4M3B11FNUZ)).contains("DT_FLOAT8_E4M3B11FNUZ"));
    assertTrue(refusal(proto(DataType.DT_INVALID)).startsWith("error[FORMAT_INVALID]"));
    assertEquals(DType.F32, DataTypes.ours(DataType.DT_FLOAT_REF));
    assertEquals(
        ErrorCode.UNSUPPORTED_TARGET,
        assertThrows(IsomorphException.class, () -> DataTypes.theirs(DType.F8E8M0)).code());
  }
}
