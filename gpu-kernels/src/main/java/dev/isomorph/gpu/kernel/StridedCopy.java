package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.CudaStream.Grid;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A copy between two strided views of the same shape. Axes of length 1 are left out and those that
 * lie together in both views are merged.
 *
 * @param dims the shape
 * @param from steps in the source
 * @param to steps in the target
 */
record StridedCopy(long[] dims, long[] from, long[] to) {
  private static final int TILE = 32;
  private static final int TILE_ROWS = 8;
  private static final long MOST_LAYERS = 65_535;

  /** {@return a copy into a row-major target} */
  static StridedCopy dense(long[] dims, long[] from) {
    return new StridedCopy(dims, from, Strides.of(dims)).merged();
  }

  StridedCopy merged() {
    List<long[]> axes = new ArrayList<>();
    for (int i = 0; i < dims.length; i++) {
      long[] axis = {dims[i], from[i], to[i]};
      if (axis[0] == 1) {
        continue;
      }
      long[] outer = axes.isEmpty() ? null : axes.getLast();
      if (outer != null && outer[1] == axis[1] * axis[0] && outer[2] == axis[2] * axis[0]) {
        axes.set(axes.size() - 1, new long[] {outer[0] * axis[0], axis[1], axis[2]});
      } else {
        axes.add(axis);
      }
    }
    return new StridedCopy(column(axes, 0), column(axes, 1), column(axes, 2));
  }

  private static long[] column(List<long[]> axes, int index) {
    return axes.stream().mapToLong(axis -> axis[index]).toArray();
  }

  /** Queues the copy. */
  void launch(KernelCall c, DeviceTensor x, long xOffset, DeviceTensor y, long yOffset) {
    long count = Tensor.sizeOf(dims);
    if (count == 0) {
      return;
    }
    if (xOffset == 0 && yOffset == 0 && isTranspose()) {
      transpose(c, x, y);
      return;
    }
    long[] plan = SpatialWindow.join(dims, from, to);
    c.launchFlat(
        Cells.source(x.dtype()),
        "copy_strided",
        count,
        new LaunchArguments()
            .int64(count)
            .int32(dims.length)
            .pointer(plan.length == 0 ? null : c.plan(plan))
            .pointer(x.buffer())
            .int64(xOffset)
            .pointer(y.buffer())
            .int64(yOffset));
  }

  /** Whether this exchanges the last two axes of a dense source for a dense target. */
  private boolean isTranspose() {
    int rank = dims.length;
    if (rank < 2 || rank > 3 || !Arrays.equals(to, Strides.of(dims))) {
      return false;
    }
    long columns = dims[rank - 2];
    long rows = dims[rank - 1];
    return from[rank - 2] == 1
        && from[rank - 1] == columns
        && (rank == 2 || from[0] == rows * columns);
  }

  private void transpose(KernelCall c, DeviceTensor x, DeviceTensor y) {
    long columns = dims[dims.length - 2];
    long rows = dims[dims.length - 1];
    long batches = dims.length == 3 ? dims[0] : 1;
    long tiles = Math.ceilDiv(rows, (long) TILE) * Math.ceilDiv(columns, (long) TILE);
    int layers = Math.toIntExact(Math.min(batches, MOST_LAYERS));
    c.launch(
        Cells.source(x.dtype()),
        "transpose",
        new Grid(Math.toIntExact(tiles), 1, layers, TILE, TILE_ROWS),
        new LaunchArguments()
            .int64(batches)
            .int64(rows)
            .int64(columns)
            .pointer(x.buffer())
            .pointer(y.buffer()));
  }
}
