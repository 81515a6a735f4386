package dev.isomorph.runtime.math;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One operand of a matrix product, seen as lanes (rows of the left, columns of the right operand)
 * of terms (the inner dimension), which is copied into small aligned panels before it is
 * multiplied. What a convolution gathers from an image is one too.
 */
interface Panels {
  /**
   * Writes a panel: element {@code (k, lane)} at {@code at + (k·width + lane)·size}.
   *
   * @param order which term comes at which place
   * @param terms length of the inner dimension
   * @param firstTerm first place
   * @param count number of places
   * @param firstLane first lane
   * @param lanes number of lanes; those up to {@code width} are filled with zeros
   * @param type f32 or f64, the type of the panel
   */
  void pack(
      SummationOrder order,
      int terms,
      int firstTerm,
      int count,
      long firstLane,
      int lanes,
      int width,
      DType type,
      MemorySegment to,
      long at);

  /**
   * A matrix in memory with any strides, in elements.
   *
   * @param bytes native, at any alignment
   * @param source any real float type
   */
  record Strided(MemorySegment bytes, DType source, long offset, long laneStride, long termStride)
      implements Panels {
    @Override
    public void pack(
        SummationOrder order,
        int terms,
        int firstTerm,
        int count,
        long firstLane,
        int lanes,
        int width,
        DType type,
        MemorySegment to,
        long at) {
      int size = type.bits() / 8;
      boolean rows = laneStride == 1 && source == type;
      for (int k = 0; k < count; k++) {
        long from = offset + order.term(firstTerm + k, terms) * termStride;
        long target = at + (long) k * width * size;
        if (rows) {
          MemorySegment.copy(bytes, (from + firstLane) * size, to, target, (long) lanes * size);
        } else {
          convert(from + firstLane * laneStride, lanes, to, target, type);
        }
        if (lanes < width) {
          to.asSlice(target + (long) lanes * size, (long) (width - lanes) * size).fill((byte) 0);
        }
      }
    }

    private void convert(long from, int lanes, MemorySegment to, long target, DType type) {
      if (source == DType.F32 && type == DType.F32) {
        for (int i = 0; i < lanes; i++) {
          to.set(
              Tensor.LE_FLOAT,
              target + 4L * i,
              bytes.get(Tensor.LE_FLOAT, 4 * (from + i * laneStride)));
        }
      } else if (source == DType.F64 && type == DType.F64) {
        for (int i = 0; i < lanes; i++) {
          to.set(
              Tensor.LE_DOUBLE,
              target + 8L * i,
              bytes.get(Tensor.LE_DOUBLE, 8 * (from + i * laneStride)));
        }
      } else if (source == DType.F32) {
        for (int i = 0; i < lanes; i++) {
          to.set(
              Tensor.LE_DOUBLE,
              target + 8L * i,
              bytes.get(Tensor.LE_FLOAT, 4 * (from + i * laneStride)));
        }
      } else {
        for (int i = 0; i < lanes; i++) {
          Elements.setDouble(
              to,
              type,
              target / (type.bits() / 8) + i,
              Elements.getDouble(bytes, source, from + i * laneStride));
        }
      }
    }
  }
}
