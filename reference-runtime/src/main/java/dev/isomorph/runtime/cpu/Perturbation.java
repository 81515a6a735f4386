package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Philox;
import java.lang.foreign.MemorySegment;

/**
 * Moves every float by one unit in the last place of its type, up or down by a seeded coin. Zeros,
 * infinities and NaN stay: an exact zero of a rounding operator is no rounding.
 */
final class Perturbation {
  private Perturbation() {}

  static Datum move(Datum value, long seed, long stream) {
    if (!(value instanceof Tensor tensor) || !tensor.dtype().isFloat()) {
      return value;
    }
    DType type = tensor.dtype();
    MemorySegment from = tensor.segment();
    MemorySegment to = Tensor.allocate(tensor.byteSize());
    Philox random = new Philox(seed, stream);
    int[] words = null;
    for (long i = 0; i < tensor.size(); i++) {
      if ((i & 127) == 0) {
        words = random.block(i >>> 7);
      }
      boolean up = (words[(int) (i & 127) >>> 5] >>> (i & 31) & 1) != 0;
      switch (type) {
        case F32 -> {
          float x = from.get(Tensor.LE_FLOAT, i * 4);
          boolean stays = x == 0 || !Float.isFinite(x);
          to.set(Tensor.LE_FLOAT, i * 4, stays ? x : up ? Math.nextUp(x) : Math.nextDown(x));
        }
        case F64 -> {
          double x = from.get(Tensor.LE_DOUBLE, i * 8);
          boolean stays = x == 0 || !Double.isFinite(x);
          to.set(Tensor.LE_DOUBLE, i * 8, stays ? x : up ? Math.nextUp(x) : Math.nextDown(x));
        }
        case F16, BF16 -> {
          short bits = from.get(Tensor.LE_SHORT, i * 2);
          double x = Elements.getDouble(from, type, i);
          boolean stays = x == 0 || !Double.isFinite(x);
          // The next pattern is the next magnitude; a step up from a negative one shrinks it.
          to.set(Tensor.LE_SHORT, i * 2, (short) (stays ? bits : bits + (up == x > 0 ? 1 : -1)));
        }
        default -> {
          return value;
        }
      }
    }
    return Tensor.of(type, tensor.dims(), to);
  }
}
