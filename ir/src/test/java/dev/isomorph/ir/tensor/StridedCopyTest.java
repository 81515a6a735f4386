package dev.isomorph.ir.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StridedCopyTest {
  private static final DType[] TYPES = {DType.U8, DType.BF16, DType.F32, DType.I64, DType.C128};

  @Test
  void everyRegionOfEveryViewHoldsTheElementsThatItsStridesName() {
    Random random = new Random(1);
    for (int round = 0; round < 400; round++) {
      DType dtype = TYPES[random.nextInt(TYPES.length)];
      int width = (int) dtype.byteSize(1);
      int rank = random.nextInt(5);
      long[] dims = new long[rank];
      long[] strides = new long[rank];
      long reach = 0;
      for (int i = 0; i < rank; i++) {
        // Rows and columns beyond one block of the copy.
        dims[i] = 1 + random.nextInt(i >= rank - 2 ? 150 : 3);
        strides[i] = random.nextInt(4) == 0 ? 1 : random.nextInt(40);
        reach += (dims[i] - 1) * strides[i];
      }
      byte[] bytes = new byte[(int) ((reach + 3) * width)];
      random.nextBytes(bytes);
      MemorySegment memory = Tensor.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      Tensor base = Tensor.of(dtype, new long[] {reach + 3}, memory);
      Tensor view = LazyTensors.strided(base, dims, strides, 2, "view");
      long from = random.nextLong(view.size());
      long count = random.nextInt(4) == 0 ? 0 : 1 + random.nextLong(view.size() - from);
      MemorySegment target = Tensor.allocate(dtype.byteSize(count));
      view.write(from, count, target);
      byte[] expected = new byte[(int) dtype.byteSize(count)];
      for (long i = 0; i < count; i++) {
        long rest = from + i;
        long at = 2;
        for (int axis = rank - 1; axis >= 0; axis--) {
          at += rest % dims[axis] * strides[axis];
          rest /= dims[axis];
        }
        System.arraycopy(bytes, (int) at * width, expected, (int) i * width, width);
      }
      String where = dtype + Arrays.toString(dims) + " by " + Arrays.toString(strides);
      assertEquals(-1, MemorySegment.ofArray(expected).mismatch(target), where);
    }
  }
}
