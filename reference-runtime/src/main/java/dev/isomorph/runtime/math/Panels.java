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
      boolean floats = source == DType.F32 || source == DType.F64;
      if (termStride == 1 && laneStride != 1 && floats) {
        lanes(order, terms, firstTerm, count, firstLane, lanes, width, type, to, at);
        return;
      }
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

    /** Lane by lane, so that memory is read in its order and only the small panel is strided. */
    private void lanes(
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
      boolean natural = order.isNatural();
      for (int lane = 0; lane < width; lane++) {
        if (lane >= lanes) {
          clear(to, at, lane, width, count, type);
          continue;
        }
        long from = offset + (firstLane + lane) * laneStride;
        if (type == DType.F32 && source == DType.F32) {
          for (int k = 0; k < count; k++) {
            long term = natural ? firstTerm + k : order.term(firstTerm + k, terms);
            to.set(
                Tensor.LE_FLOAT,
                at + ((long) k * width + lane) * 4,
                bytes.get(Tensor.LE_FLOAT, (from + term) * 4));
          }
        } else if (type == DType.F64 && source == DType.F64) {
          for (int k = 0; k < count; k++) {
            long term = natural ? firstTerm + k : order.term(firstTerm + k, terms);
            to.set(
                Tensor.LE_DOUBLE,
                at + ((long) k * width + lane) * 8,
                bytes.get(Tensor.LE_DOUBLE, (from + term) * 8));
          }
        } else if (type == DType.F64) {
          for (int k = 0; k < count; k++) {
            long term = natural ? firstTerm + k : order.term(firstTerm + k, terms);
            to.set(
                Tensor.LE_DOUBLE,
                at + ((long) k * width + lane) * 8,
                bytes.get(Tensor.LE_FLOAT, (from + term) * 4));
          }
        } else {
          for (int k = 0; k < count; k++) {
            long term = natural ? firstTerm + k : order.term(firstTerm + k, terms);
            to.set(
                Tensor.LE_FLOAT,
                at + ((long) k * width + lane) * 4,
                (float) bytes.get(Tensor.LE_DOUBLE, (from + term) * 8));
          }
        }
      }
    }

    private static void clear(
        MemorySegment to, long at, int lane, int width, int count, DType type) {
      for (int k = 0; k < count; k++) {
        long place = (long) k * width + lane;
        if (type == DType.F32) {
          to.set(Tensor.LE_FLOAT, at + place * 4, 0);
        } else {
          to.set(Tensor.LE_DOUBLE, at + place * 8, 0);
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
