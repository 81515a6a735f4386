package dev.isomorph.formats.tensorflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.tensorflow.proto.TensorSliceProto;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SortedTableTest {
  private static MemorySegment segment(byte[] bytes) {
    MemorySegment out = Tensor.allocate(bytes.length);
    out.copyFrom(MemorySegment.ofArray(bytes));
    return out;
  }

  private static SortedMap<ByteString, ByteString> read(byte[] bytes) {
    return SortedTable.read(segment(bytes), Limits.defaults());
  }

  private static SortedMap<ByteString, ByteString> entries(int count, int valueSize) {
    SortedMap<ByteString, ByteString> entries = new TreeMap<>(SortedTable.ORDER);
    for (int i = 0; i < count; i++) {
      byte[] value = new byte[valueSize];
      Arrays.fill(value, (byte) i);
      entries.put(
          ByteString.copyFromUtf8("layer/" + i % 100 + "/weight/" + i), ByteString.copyFrom(value));
    }
    return entries;
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,0", "17,3", "5000,100", "10,300000"})
  void readsWhatItWrote(int count, int valueSize) {
    SortedMap<ByteString, ByteString> entries = entries(count, valueSize);
    assertEquals(entries, read(SortedTable.write(entries)));
  }

  @Test
  void writesTheBytesThatTensorFlowWrites() throws IOException {
    for (String name : new String[] {"checkpoint/ckpt-1.index", "partitioned/model.index"}) {
      byte[] theirs = Files.readAllBytes(TfTensorsTest.resource(name));
      SortedMap<ByteString, ByteString> entries = read(theirs);
      // TensorFlow shortens the last key of the index block; nothing else differs.
      assertEquals(entries, read(SortedTable.write(entries)));
      int data = theirs.length - 120;
      assertArrayEquals(
          Arrays.copyOf(theirs, data), Arrays.copyOf(SortedTable.write(entries), data));
    }
  }

  @Test
  void readsSnappyBlocks() {
    byte[] table = SortedTable.write(entries(3, 5));
    ByteBuffer footer = ByteBuffer.wrap(table, table.length - 48, 48);
    int metaOffset = varint(footer);
    int metaSize = varint(footer);
    int indexOffset = varint(footer);
    int indexSize = varint(footer);
    byte[] literal = new byte[indexSize + 3];
    literal[0] = (byte) indexSize;
    literal[1] = (byte) (60 << 2);
    literal[2] = (byte) (indexSize - 1);
    System.arraycopy(table, indexOffset, literal, 3, indexSize);
    ByteBuffer out = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
    out.put(table, 0, indexOffset).put(literal).put((byte) 1);
    out.putInt(
        Crc.masked(
            MemorySegment.ofArray(Arrays.copyOfRange(out.array(), indexOffset, out.position()))));
    int end = out.position();
    putVarint(out, metaOffset);
    putVarint(out, metaSize);
    putVarint(out, indexOffset);
    putVarint(out, literal.length);
    out.position(end + 40).put(table, table.length - 8, 8);
    assertEquals(entries(3, 5), read(Arrays.copyOf(out.array(), out.position())));
  }

  private static int varint(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static void putVarint(ByteBuffer out, int value) {
    int rest = value;
    while (rest > 0x7F) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  @Test
  void verifiesChecksums() {
    byte[] table = SortedTable.write(entries(3, 5));
    table[10] ^= 1;
    IsomorphException e = assertThrows(IsomorphException.class, () -> read(table));
    assertEquals(ErrorCode.FORMAT_CHECKSUM, e.code());
    assertEquals(0, e.diagnostics().getFirst().offset());
  }

  @Test
  void refusesMoreRestartsThanBytes() {
    byte[] block = {0, 1, 0, 'k', 0, 0, 0, 0, 0, 0, 0, 0x7F};
    ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    out.put(block).put((byte) 0);
    out.putInt(Crc.masked(MemorySegment.ofArray(Arrays.copyOf(out.array(), out.position()))));
    int end = out.position();
    out.put(new byte[] {0, (byte) block.length, 0, (byte) block.length});
    out.position(end + 40).putLong(0xDB4775248B80FB57L);
    byte[] table = Arrays.copyOf(out.array(), out.position());
    assertEquals(
        """
        error[FORMAT_INVALID] at byte 0
          a block has more restarts than bytes
          expected: at most 2
          actual:   2130706432\
        """,
        assertThrows(IsomorphException.class, () -> read(table)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "'0a 00 61 22 0000', ''",
    "'0a 00 61 22 0200', ''",
    "'0b 00 61 22 0100', ''",
    "'0a00 0568656c6c6f', ''",
    "'05 10 68656c6c6f', 68656c6c6f",
    "'0a 00 61 22 0100', 61616161616161616161",
    "'0a 00 61 05 01 0e 0100', 61616161616161616161",
    "'08 0c 61626364 01 04', 6162636461626364",
    "'0c 0c 61626364 1e 0400', 616263646162636461626364",
  })
  void decompressesSnappy(String compressed, String expected) {
    byte[] in = HexFormat.of().parseHex(compressed.replace(" ", ""));
    if (expected.isEmpty()) {
      assertThrows(IsomorphException.class, () -> Snappy.decompress(in, 1000));
    } else {
      assertEquals(expected, HexFormat.of().formatHex(Snappy.decompress(in, 1000)));
    }
  }

  @Test
  void aSnappyBlockCannotClaimMoreThanIsAllowed() {
    byte[] bomb = HexFormat.of().parseHex("ffffffff0f0061");
    assertEquals(
        ErrorCode.FORMAT_INVALID,
        assertThrows(IsomorphException.class, () -> Snappy.decompress(bomb, 1 << 20)).code());
  }

  @ParameterizedTest
  @CsvSource({
    "0,2,00 7076 0001 0101 80 82",
    "0,300,00 7076 0001 0101 80 c12c",
    "-1,-64,00 7076 0001 0101 7f 40",
    "64,8192,00 7076 0001 0101 c040 e02000",
    "1099511627776,-1,00 7076 0001 0101 fd0000000000 7f",
  })
  void namesSlicesAsTensorFlowDoes(long start, long length, String expected) {
    TensorSliceProto slice =
        TensorSliceProto.newBuilder()
            .addExtent(TensorSliceProto.Extent.newBuilder().setStart(start).setLength(length))
            .build();
    assertEquals(
        expected.replace(" ", ""),
        HexFormat.of().formatHex(SliceKeys.key("pv", slice).toByteArray()));
  }
}
