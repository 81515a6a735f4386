package dev.isomorph.ir.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LazyTensorsTest {
  @Test
  void packedTensorsOfOddLengthAreConcatenated() {
    Tensor a = Tensor.of(DType.I4, new double[] {1, -2, 3}, 3);
    Tensor b = Tensor.of(DType.I4, new double[] {4, 5}, 2);
    Tensor joined = LazyTensors.concat(List.of(a, b, a), 0);
    assertArrayEquals(new long[] {1, -2, 3, 4, 5, 1, -2, 3}, joined.toLongs());
    Tensor rows = LazyTensors.concat(List.of(a.reshape(3, 1), a.reshape(3, 1)), 1);
    assertArrayEquals(new long[] {1, 1, -2, -2, 3, 3}, rows.toLongs());
  }

  @Test
  void packedTensorsAreTransposedAndSliced() {
    Tensor m = Tensor.of(DType.I4, new double[] {1, 2, 3, -4, -5, -6}, 2, 3);
    Tensor t = LazyTensors.transpose(m, 1, 0);
    assertArrayEquals(new long[] {3, 2}, t.dims());
    assertArrayEquals(new long[] {1, -4, 2, -5, 3, -6}, t.toLongs());
    Tensor part = LazyTensors.slice(m, new long[] {0, 1}, new long[] {2, 2});
    assertArrayEquals(new long[] {2, 3, -5, -6}, part.toLongs());
  }

  @Test
  void stringsAreTransposedAndConcatenated() {
    Tensor m = Tensor.of(List.of("a", "b", "c", "d"), 2, 2);
    assertEquals(List.of("a", "c", "b", "d"), LazyTensors.transpose(m, 1, 0).strings());
    assertEquals(
        List.of("a", "b", "a", "b", "c", "d", "c", "d"),
        LazyTensors.concat(List.of(m, m), 1).strings());
  }

  @Test
  void unsignedIntegersAreCastWithoutADetourThroughDoubles() {
    long odd = (1L << 53) + 1;
    Tensor u64 = Tensor.of(DType.U64, new long[] {2}, Tensor.vector(odd, -1).segment());
    assertArrayEquals(new long[] {odd, -1}, LazyTensors.cast(u64, DType.I64).toLongs());
    assertArrayEquals(new long[] {1, 0xFFFFFFFFL}, LazyTensors.cast(u64, DType.U32).toLongs());
    assertArrayEquals(new double[] {odd - 1, 0x1p64}, LazyTensors.cast(u64, DType.F64).toDoubles());
  }

  @Test
  void largeIntegersAreRoundedOnceToNarrowFloats() {
    // A tie of two bfloat16 but for the last bit, which a double cannot hold.
    long above = (1L << 62) + (1L << 54) + 1;
    Tensor i64 = Tensor.vector(above, -above, above - 1, Long.MIN_VALUE);
    assertArrayEquals(
        new double[] {0x1.02p62, -0x1.02p62, 0x1p62, -0x1p63},
        LazyTensors.cast(i64, DType.BF16).toDoubles());
    // The same one bit higher, for unsigned numbers beyond 2^63.
    long tie = Long.MIN_VALUE + (1L << 39) + 1;
    Tensor u64 = Tensor.of(DType.U64, new long[] {1}, Tensor.vector(tie).segment());
    assertArrayEquals(new double[] {0x1.000002p63}, LazyTensors.cast(u64, DType.F32).toDoubles());
  }

  @Test
  void aDetachedTensorOutlivesItsOwner() {
    Tensor detached;
    try (TensorArena arena = TensorArena.open("m")) {
      var bytes = arena.allocate(8);
      bytes.set(Tensor.LE_LONG, 0, 42);
      detached = Tensor.of(DType.I64, new long[] {1}, bytes, arena).detached();
    }
    assertArrayEquals(new long[] {42}, detached.toLongs());
  }
}
