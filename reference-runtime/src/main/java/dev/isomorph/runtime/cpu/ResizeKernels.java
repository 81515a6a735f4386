package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ResizeOp;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Reals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Resize: along each axis an output element is a weighted sum of a few input elements, so that the
 * axes are resized one after another, in f64 with one rounding at the end. Nearest neighbours are
 * copied and exact.
 */
final class ResizeKernels {
  private ResizeKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(ResizeOp.class, ResizeKernels::resize);
  }

  /** What an axis does: which elements each output place takes, with which weights. */
  private record Taps(int[][] places, double[][] weights, boolean[] outside) {
    boolean isIdentity(long length) {
      boolean same = places.length == length;
      for (int i = 0; same && i < places.length; i++) {
        same = !outside[i];
        double at = 0;
        for (int j = 0; j < places[i].length; j++) {
          same &= places[i][j] == i || weights[i][j] == 0;
          at += places[i][j] == i ? weights[i][j] : 0;
        }
        same &= at == 1;
      }
      return same;
    }
  }

  private static Tensor resize(ResizeOp op, KernelContext c) {
    Tensor x = c.input(0);
    int rank = x.rank();
    int[] axes =
        op.axes().isPresent()
            ? c.axes(op.axes().get().stream().mapToLong(Long::longValue).toArray(), rank)
            : java.util.stream.IntStream.range(0, rank).toArray();
    double[] roi = c.has(1) && c.stored(1).size() > 0 ? c.stored(1).toDoubles() : null;
    boolean crops = op.coordinateTransformationMode().equals("tf_crop_and_resize");
    if (crops && roi == null) {
      throw c.error("tf_crop_and_resize needs a region of interest");
    }
    double[] scales = new double[axes.length];
    long[] lengths = new long[axes.length];
    sizes(op, c, x, axes, crops ? roi : null, scales, lengths);
    List<Taps> taps = new ArrayList<>();
    for (int i = 0; i < axes.length; i++) {
      double start = crops ? roi[i] : 0;
      double end = crops ? roi[i + axes.length] : 1;
      taps.add(taps(op, c, x.dim(axes[i]), lengths[i], scales[i], start, end));
    }
    long[] dims = x.dims();
    for (int i = 0; i < axes.length; i++) {
      dims[axes[i]] = lengths[i];
    }
    if (op.mode().equals("nearest") && !crops) {
      return nearest(c, x, axes, taps, dims);
    }
    Reals current = widened(x);
    long[] shape = x.dims();
    for (int i = 0; i < axes.length; i++) {
      if (!taps.get(i).isIdentity(shape[axes[i]])) {
        current = along(c, current, shape, axes[i], taps.get(i));
        shape[axes[i]] = lengths[i];
      }
    }
    for (int i = 0; i < axes.length; i++) {
      extrapolate(op, current, dims, axes[i], taps.get(i));
    }
    return CastKernels.cast(
        Tensor.of(dev.isomorph.ir.tensor.DType.F64, dims, current.bytes()), x.dtype(), true);
  }

  private static Reals widened(Tensor x) {
    Reals from = KernelContext.reals(x);
    Reals wide = Reals.allocate(x.size(), false);
    for (long i = 0; i < x.size(); i++) {
      wide.set(i, from.get(i));
    }
    return wide;
  }

  private static void sizes(
      ResizeOp op,
      KernelContext c,
      Tensor x,
      int[] axes,
      double[] roi,
      double[] scales,
      long[] lengths) {
    if (c.has(2) && c.stored(2).size() > 0) {
      double[] given = c.stored(2).toDoubles();
      check(c, given.length, axes.length);
      for (int i = 0; i < axes.length; i++) {
        scales[i] = given[i];
        double part = roi == null ? 1 : roi[i + axes.length] - roi[i];
        lengths[i] = (long) Math.floor(x.dim(axes[i]) * part * given[i]);
      }
      return;
    }
    if (!c.has(3)) {
      throw c.error("Resize needs scales or sizes");
    }
    long[] given = c.longs(3);
    check(c, given.length, axes.length);
    if (op.keepAspectRatioPolicy().equals("stretch")) {
      for (int i = 0; i < axes.length; i++) {
        lengths[i] = given[i];
        scales[i] = (double) given[i] / x.dim(axes[i]);
      }
      return;
    }
    boolean smaller = op.keepAspectRatioPolicy().equals("not_larger");
    double scale = smaller ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.length; i++) {
      double wanted = (double) given[i] / x.dim(axes[i]);
      scale = smaller ? Math.min(scale, wanted) : Math.max(scale, wanted);
    }
    for (int i = 0; i < axes.length; i++) {
      scales[i] = scale;
      lengths[i] = (long) Math.floor(scale * x.dim(axes[i]) + 0.5);
    }
  }

  private static void check(KernelContext c, int given, int axes) {
    if (given != axes) {
      throw c.error("%d scales or sizes do not fit %d axes", given, axes);
    }
  }

  private static double original(
      ResizeOp op,
      KernelContext c,
      long at,
      double in,
      double out,
      double scale,
      double start,
      double end) {
    return switch (op.coordinateTransformationMode()) {
      case "half_pixel" -> (at + 0.5) / scale - 0.5;
      case "half_pixel_symmetric" -> {
        double adjustment = out / (scale * in);
        yield in / 2 * (1 - adjustment) + (at + 0.5) / scale - 0.5;
      }
      case "pytorch_half_pixel" -> out > 1 ? (at + 0.5) / scale - 0.5 : 0;
      case "align_corners" -> out > 1 ? at * (in - 1) / (out - 1) : 0;
      // Opset 11 had this one for TensorFlow's nearest neighbours.
      case "tf_half_pixel_for_nn" -> (at + 0.5) / scale;
      case "asymmetric" -> at / scale;
      case "tf_crop_and_resize" ->
          out > 1
              ? start * (in - 1) + at * (end - start) * (in - 1) / (out - 1)
              : 0.5 * (start + end) * (in - 1);
      default -> throw c.error("coordinate mode is '%s'", op.coordinateTransformationMode());
    };
  }

  private static Taps taps(
      ResizeOp op, KernelContext c, long in, long out, double scale, double start, double end) {
    int n = Math.toIntExact(out);
    Taps taps = new Taps(new int[n][], new double[n][], new boolean[n]);
    boolean crops = op.coordinateTransformationMode().equals("tf_crop_and_resize");
    double filter = op.antialias() != 0 ? Math.min(scale, 1) : 1;
    for (int i = 0; i < n; i++) {
      double at = original(op, c, i, in, out, scale, start, end);
      taps.outside[i] = crops && (at < 0 || at > in - 1);
      long base = (long) Math.floor(at);
      switch (op.mode()) {
        case "nearest" -> {
          long place =
              switch (op.nearestMode()) {
                case "round_prefer_floor" -> (long) Math.ceil(at - 0.5);
                case "round_prefer_ceil" -> (long) Math.floor(at + 0.5);
                case "floor" -> base;
                case "ceil" -> (long) Math.ceil(at);
                default -> throw c.error("nearest mode is '%s'", op.nearestMode());
              };
          taps.places[i] = new int[] {(int) Math.clamp(place, 0, in - 1)};
          taps.weights[i] = new double[] {1};
        }
        case "linear" -> weigh(op, taps, i, at, base, in, filter, 1);
        case "cubic" -> weigh(op, taps, i, at, base, in, filter, 2);
        default -> throw c.error("mode is '%s'", op.mode());
      }
    }
    return taps;
  }

  /** Places beyond the ends repeat the end element, or weigh nothing when they are excluded. */
  private static void weigh(
      ResizeOp op, Taps taps, int i, double at, long base, long in, double filter, int support) {
    int first = (int) Math.floor(-support / filter) + 1;
    int count = 2 - 2 * first;
    taps.places[i] = new int[count];
    taps.weights[i] = new double[count];
    double sum = 0;
    for (int j = 0; j < count; j++) {
      long place = base + first + j;
      double distance = (place - at) * filter;
      double weight =
          support == 1 ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance, op.cubicCoeffA());
      if (op.excludeOutside() != 0 && (place < 0 || place >= in)) {
        weight = 0;
      }
      taps.places[i][j] = (int) Math.clamp(place, 0, in - 1);
      taps.weights[i][j] = weight;
      sum += weight;
    }
    if (op.excludeOutside() != 0 || filter != 1) {
      for (int j = 0; j < count; j++) {
        taps.weights[i][j] /= sum;
      }
    }
  }

  /** Keys' cubic convolution kernel. */
  static double cubic(double distance, double a) {
    double d = Math.abs(distance);
    if (d <= 1) {
      return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }

  private static Reals along(KernelContext c, Reals in, long[] dims, int axis, Taps taps) {
    long outer = Index.product(dims, 0, axis);
    long inner = Index.product(dims, axis + 1, dims.length);
    long from = dims[axis];
    int to = taps.places.length;
    Reals out = Reals.allocate(outer * to * inner, false);
    c.pool()
        .forRange(
            outer * to,
            Math.max(1, 8192 / Math.max(1, inner)),
            (first, last) -> {
              for (long row = first; row < last; row++) {
                int place = (int) (row % to);
                long base = row / to * from * inner;
                for (long i = 0; i < inner; i++) {
                  double sum = 0;
                  for (int j = 0; j < taps.places[place].length; j++) {
                    double weight = taps.weights[place][j];
                    if (weight != 0) {
                      sum += weight * in.get(base + taps.places[place][j] * inner + i);
                    }
                  }
                  out.set(row * inner + i, sum);
                }
              }
            });
    return out;
  }

  private static void extrapolate(ResizeOp op, Reals out, long[] dims, int axis, Taps taps) {
    long inner = Index.product(dims, axis + 1, dims.length);
    for (long row = 0; row < Index.product(dims, 0, axis + 1); row++) {
      if (taps.outside[(int) (row % dims[axis])]) {
        out.fill(row * inner, inner, op.extrapolationValue());
      }
    }
  }

  private static Tensor nearest(
      KernelContext c, Tensor x, int[] axes, List<Taps> taps, long[] dims) {
    long[][] places = new long[x.rank()][];
    for (int i = 0; i < places.length; i++) {
      places[i] = new long[Math.toIntExact(dims[i])];
      Arrays.setAll(places[i], j -> j);
    }
    for (int i = 0; i < axes.length; i++) {
      Taps axis = taps.get(i);
      Arrays.setAll(places[axes[i]], j -> axis.places[j][0]);
    }
    long[] strides = Index.strides(x.dims());
    Cells from = Cells.of(x);
    Cells out = Cells.allocate(x.dtype(), Tensor.sizeOf(dims));
    c.pool()
        .forRange(
            Tensor.sizeOf(dims),
            8192,
            (first, last) -> {
              for (long i = first; i < last; i++) {
                long rest = i;
                long at = 0;
                for (int axis = dims.length - 1; axis >= 0; axis--) {
                  at += places[axis][(int) (rest % dims[axis])] * strides[axis];
                  rest /= dims[axis];
                }
                out.copy(from, at, i, 1);
              }
            });
    return out.toTensor(dims);
  }
}
