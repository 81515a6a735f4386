package dev.isomorph.gpu.kernel;

import dev.isomorph.runtime.math.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Windows over spatial axes, as kernels take them: always three axes, unused ones of length 1. */
final class SpatialWindow {
  static final int MOST_AXES = 3;

  private SpatialWindow() {}

  /** {@return an attribute's values, or as many of a default} */
  static long[] orElse(Optional<List<Long>> given, int count, long value) {
    if (given.isPresent() && !given.get().isEmpty()) {
      return given.get().stream().mapToLong(Long::longValue).toArray();
    }
    long[] out = new long[count];
    Arrays.fill(out, value);
    return out;
  }

  /** {@return the window, or nothing if it does not fit, which the CPU's kernel words} */
  static Optional<Window> of(
      long[] dims,
      long[] kernel,
      Optional<List<Long>> strides,
      Optional<List<Long>> dilations,
      Optional<List<Long>> pads,
      String autoPad,
      boolean ceil) {
    int rank = dims.length - 2;
    try {
      return Optional.of(
          Window.of(
              Arrays.copyOfRange(dims, 2, dims.length),
              kernel,
              orElse(strides, rank, 1),
              orElse(dilations, rank, 1),
              orElse(pads, 2 * rank, 0),
              autoPad,
              ceil));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** {@return values along the spatial axes, with a filler for the axes that are not there} */
  static long[] three(long[] values, long filler) {
    long[] out = new long[MOST_AXES];
    Arrays.fill(out, filler);
    System.arraycopy(values, 0, out, MOST_AXES - values.length, values.length);
    return out;
  }

  /** {@return arrays one after another} */
  static long[] join(long[]... parts) {
    return Arrays.stream(parts).flatMapToLong(Arrays::stream).toArray();
  }

  /** {@return the shape of what a window over these dims gives} */
  static long[] resultDims(long[] dims, long channels, Window window) {
    long[] out = dims.clone();
    out[1] = channels;
    System.arraycopy(window.output(), 0, out, 2, window.rank());
    return out;
  }
}
