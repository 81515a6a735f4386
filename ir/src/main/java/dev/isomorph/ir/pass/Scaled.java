package dev.isomorph.ir.pass;

import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.LongToIntFunction;

/**
 * A float tensor with each element multiplied by the factor of its channel, in f64 and rounded
 * once, made region by region.
 */
record Scaled(Tensor source, LongToIntFunction channelOf, double[] factors)
    implements Storage.Lazy {
  private static final long TILE = 1 << 14;

  static Tensor of(Tensor source, LongToIntFunction channelOf, double[] factors) {
    return Tensor.lazy(source.dtype(), source.dims(), new Scaled(source, channelOf, factors));
  }

  @Override
  public void write(long from, long count, MemorySegment target) {
    MemorySegment tile = Tensor.allocate(source.dtype().byteSize(Math.min(TILE, count)));
    for (long done = 0; done < count; done += TILE) {
      long n = Math.min(TILE, count - done);
      source.write(from + done, n, tile);
      for (long i = 0; i < n; i++) {
        double factor = factors[channelOf.applyAsInt(from + done + i)];
        double value = Elements.getDouble(tile, source.dtype(), i) * factor;
        Elements.setDouble(target, source.dtype(), done + i, value);
      }
    }
  }

  @Override
  public String description() {
    return "folded";
  }
}
