package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.AffineGridOp;
import dev.isomorph.ir.op.DeformConvOp;
import dev.isomorph.ir.op.GridSampleOp;
import dev.isomorph.ir.op.MaxRoiPoolOp;
import dev.isomorph.ir.op.NonMaxSuppressionOp;
import dev.isomorph.ir.op.RoiAlignOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Gemm.Matrix;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Operators that read images at places between pixels, and what detectors do with boxes. */
final class SamplingKernels {
  private SamplingKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(GridSampleOp.class, SamplingKernels::gridSample);
    r.rounds(AffineGridOp.class, SamplingKernels::affineGrid);
    r.rounds(RoiAlignOp.class, SamplingKernels::roiAlign);
    r.exact(MaxRoiPoolOp.class, SamplingKernels::maxRoiPool);
    r.exact(NonMaxSuppressionOp.class, SamplingKernels::nonMaxSuppression);
    r.rounds(DeformConvOp.class, SamplingKernels::deformConv);
  }

  /** {@return the element at whole coordinates, or 0 outside} */
  private static double pixel(Reals x, long base, long[] dims, long[] at) {
    long place = 0;
    for (int i = 0; i < dims.length; i++) {
      if (at[i] < 0 || at[i] >= dims[i]) {
        return 0;
      }
      place = place * dims[i] + at[i];
    }
    return x.get(base + place);
  }

  /** {@return the multilinear interpolation of one plane, with zeros outside} */
  private static double linear(Reals x, long base, long[] dims, double[] at) {
    int rank = dims.length;
    long[] corner = new long[rank];
    double sum = 0;
    for (int bits = 0; bits < 1 << rank; bits++) {
      double weight = 1;
      for (int i = 0; i < rank; i++) {
        double floor = Math.floor(at[i]);
        boolean upper = (bits >> i & 1) != 0;
        corner[i] = (long) floor + (upper ? 1 : 0);
        weight *= upper ? at[i] - floor : 1 - (at[i] - floor);
      }
      if (weight != 0) {
        sum += weight * pixel(x, base, dims, corner);
      }
    }
    return sum;
  }

  private static double reflect(double at, double low, double high) {
    double range = high - low;
    if (range <= 0) {
      return 0;
    }
    double away = Math.abs(at - low);
    double flips = Math.floor(away / range);
    double rest = away - flips * range;
    return flips % 2 == 0 ? low + rest : high - rest;
  }

  private static double padded(double at, long length, boolean corners, String mode) {
    return switch (mode) {
      case "border" -> Math.clamp(at, 0.0, length - 1.0);
      case "reflection" ->
          Math.clamp(
              corners ? reflect(at, 0, length - 1) : reflect(at, -0.5, length - 0.5),
              0.0,
              length - 1.0);
      default -> at;
    };
  }

  private static Tensor gridSample(GridSampleOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor grid = c.input(1);
    int rank = x.rank() - 2;
    if (grid.rank() != x.rank() || grid.dim(grid.rank() - 1) != rank) {
      throw c.error("grid %s does not fit %s", grid.typeText(), x.typeText());
    }
    boolean corners = op.alignCorners() != 0;
    String padding = op.paddingMode();
    long[] in = Arrays.copyOfRange(x.dims(), 2, x.rank());
    long[] out = Arrays.copyOfRange(grid.dims(), 1, grid.rank() - 1);
    long plane = Tensor.sizeOf(in);
    long points = Tensor.sizeOf(out);
    long channels = x.dim(1);
    Reals from = c.reals(0);
    Reals where = c.reals(1);
    Reals y = c.newReals(x.dim(0) * channels * points, x.dtype());
    c.pool()
        .forRange(
            x.dim(0) * points,
            256,
            (first, last) -> {
              double[] at = new double[rank];
              for (long p = first; p < last; p++) {
                for (int i = 0; i < rank; i++) {
                  double g = where.get(p * rank + rank - 1 - i);
                  at[i] = corners ? (g + 1) / 2 * (in[i] - 1) : ((g + 1) * in[i] - 1) / 2;
                }
                long n = p / points;
                for (long channel = 0; channel < channels; channel++) {
                  long base = (n * channels + channel) * plane;
                  y.set(
                      (n * channels + channel) * points + p % points,
                      sample(op.mode(), from, base, in, at, corners, padding, c));
                }
              }
            });
    long[] dims = new long[x.rank()];
    dims[0] = x.dim(0);
    dims[1] = channels;
    System.arraycopy(out, 0, dims, 2, rank);
    return c.result(y, x.dtype(), dims);
  }

  private static double sample(
      String mode,
      Reals x,
      long base,
      long[] dims,
      double[] at,
      boolean corners,
      String padding,
      KernelContext c) {
    int rank = dims.length;
    switch (mode) {
      case "linear", "nearest" -> {
        double[] inside = new double[rank];
        for (int i = 0; i < rank; i++) {
          inside[i] = padded(at[i], dims[i], corners, padding);
          if (Double.isNaN(inside[i])) {
            inside[i] = -1;
          }
        }
        if (mode.equals("linear")) {
          return linear(x, base, dims, inside);
        }
        return pixel(
            x, base, dims, Arrays.stream(inside).mapToLong(v -> (long) Math.rint(v)).toArray());
      }
      case "cubic" -> {
        double sum = 0;
        long[] corner = new long[rank];
        for (int code = 0; code < 1 << (2 * rank); code++) {
          double weight = 1;
          for (int i = 0; i < rank; i++) {
            double floor = Math.floor(at[i]);
            double place = floor - 1 + (code >> (2 * i) & 3);
            weight *= ResizeKernels.cubic(at[i] - place, -0.75);
            corner[i] = (long) Math.rint(padded(place, dims[i], corners, padding));
          }
          sum += weight * pixel(x, base, dims, corner);
        }
        return sum;
      }
      default -> throw c.error("mode is '%s'", mode);
    }
  }

  private static Tensor affineGrid(AffineGridOp op, KernelContext c) {
    Tensor theta = c.input(0);
    long[] size = c.longs(1);
    int rank = size.length - 2;
    long[] spatial = Arrays.copyOfRange(size, 2, size.length);
    Reals matrix = c.reals(0);
    long points = Tensor.sizeOf(spatial);
    Reals out = c.newReals(size[0] * points * rank, theta.dtype());
    double[] at = new double[rank + 1];
    at[rank] = 1;
    for (long n = 0; n < size[0]; n++) {
      for (long p = 0; p < points; p++) {
        long rest = p;
        for (int i = rank - 1; i >= 0; i--) {
          long length = spatial[i];
          double index = rest % length;
          rest /= length;
          at[rank - 1 - i] =
              op.alignCorners() != 0
                  ? (length > 1 ? 2 * index / (length - 1) - 1 : -1)
                  : (2 * index + 1) / length - 1;
        }
        for (int row = 0; row < rank; row++) {
          double sum = 0;
          for (int i = 0; i <= rank; i++) {
            sum += matrix.get((n * rank + row) * (rank + 1) + i) * at[i];
          }
          out.set((n * points + p) * rank + row, sum);
        }
      }
    }
    long[] dims = new long[rank + 2];
    dims[0] = size[0];
    System.arraycopy(spatial, 0, dims, 1, rank);
    dims[rank + 1] = rank;
    return c.result(out, theta.dtype(), dims);
  }

  private static Tensor roiAlign(RoiAlignOp op, KernelContext c) {
    Tensor x = c.input(0);
    long channels = x.dim(1);
    long[] in = {x.dim(2), x.dim(3)};
    long count = c.stored(1).dim(0);
    long[] images = c.longs(2);
    Reals from = c.reals(0);
    Reals rois = c.reals(1);
    boolean half = op.coordinateTransformationMode().equals("half_pixel");
    boolean max = op.mode().equals("max");
    Reals y = c.newReals(count * channels * op.outputHeight() * op.outputWidth(), x.dtype());
    for (long r = 0; r < count; r++) {
      double shift = half ? 0.5 : 0;
      double left = rois.get(r * 4) * op.spatialScale() - shift;
      double top = rois.get(r * 4 + 1) * op.spatialScale() - shift;
      double width = rois.get(r * 4 + 2) * op.spatialScale() - shift - left;
      double height = rois.get(r * 4 + 3) * op.spatialScale() - shift - top;
      if (!half) {
        width = Math.max(width, 1);
        height = Math.max(height, 1);
      }
      double binHeight = height / op.outputHeight();
      double binWidth = width / op.outputWidth();
      long rows = op.samplingRatio() > 0 ? op.samplingRatio() : (long) Math.ceil(binHeight);
      long columns = op.samplingRatio() > 0 ? op.samplingRatio() : (long) Math.ceil(binWidth);
      for (long channel = 0; channel < channels; channel++) {
        long base = (images[(int) r] * channels + channel) * in[0] * in[1];
        for (long oy = 0; oy < op.outputHeight(); oy++) {
          for (long ox = 0; ox < op.outputWidth(); ox++) {
            double sum = 0;
            double best = Double.NEGATIVE_INFINITY;
            for (long i = 0; i < rows; i++) {
              for (long j = 0; j < columns; j++) {
                double atY = top + oy * binHeight + (i + 0.5) * binHeight / rows;
                double atX = left + ox * binWidth + (j + 0.5) * binWidth / columns;
                double[] corners = corners(from, base, in, atY, atX);
                sum += corners[0] + corners[1] + corners[2] + corners[3];
                best = Math.max(best, Arrays.stream(corners).reduce(corners[0], Math::max));
              }
            }
            long samples = Math.max(rows * columns, 1);
            y.set(
                ((r * channels + channel) * op.outputHeight() + oy) * op.outputWidth() + ox,
                max ? (best == Double.NEGATIVE_INFINITY ? 0 : best) : sum / samples);
          }
        }
      }
    }
    return c.result(y, x.dtype(), count, channels, op.outputHeight(), op.outputWidth());
  }

  /** {@return the four pixels around a place, each times its weight} */
  private static double[] corners(Reals x, long base, long[] dims, double atY, double atX) {
    if (atY < -1 || atY > dims[0] || atX < -1 || atX > dims[1]) {
      return new double[4];
    }
    double y = Math.clamp(atY, 0.0, dims[0] - 1.0);
    double w = Math.clamp(atX, 0.0, dims[1] - 1.0);
    long top = (long) y;
    long left = (long) w;
    long bottom = Math.min(top + 1, dims[0] - 1);
    long right = Math.min(left + 1, dims[1] - 1);
    double dy = y - top;
    double dx = w - left;
    return new double[] {
      (1 - dy) * (1 - dx) * x.get(base + top * dims[1] + left),
      (1 - dy) * dx * x.get(base + top * dims[1] + right),
      dy * (1 - dx) * x.get(base + bottom * dims[1] + left),
      dy * dx * x.get(base + bottom * dims[1] + right)
    };
  }

  private static Tensor maxRoiPool(MaxRoiPoolOp op, KernelContext c) {
    Tensor x = c.input(0);
    long channels = x.dim(1);
    long rows = x.dim(2);
    long columns = x.dim(3);
    long outRows = op.pooledShape().get(0);
    long outColumns = op.pooledShape().get(1);
    long count = c.stored(1).dim(0);
    Reals from = c.reals(0);
    Reals rois = c.reals(1);
    Reals y = c.newReals(count * channels * outRows * outColumns, x.dtype());
    for (long r = 0; r < count; r++) {
      long image = (long) rois.get(r * 5);
      long left = Math.round(rois.get(r * 5 + 1) * op.spatialScale());
      long top = Math.round(rois.get(r * 5 + 2) * op.spatialScale());
      long right = Math.round(rois.get(r * 5 + 3) * op.spatialScale());
      long bottom = Math.round(rois.get(r * 5 + 4) * op.spatialScale());
      double binHeight = (double) Math.max(bottom - top + 1, 1) / outRows;
      double binWidth = (double) Math.max(right - left + 1, 1) / outColumns;
      for (long i = 0; i < channels * outRows * outColumns; i++) {
        long channel = i / (outRows * outColumns);
        long oy = i / outColumns % outRows;
        long ox = i % outColumns;
        long y0 = Math.clamp((long) Math.floor(oy * binHeight) + top, 0, rows);
        long y1 = Math.clamp((long) Math.ceil((oy + 1) * binHeight) + top, 0, rows);
        long x0 = Math.clamp((long) Math.floor(ox * binWidth) + left, 0, columns);
        long x1 = Math.clamp((long) Math.ceil((ox + 1) * binWidth) + left, 0, columns);
        double best = y0 < y1 && x0 < x1 ? Double.NEGATIVE_INFINITY : 0;
        for (long a = y0; a < y1; a++) {
          for (long b = x0; b < x1; b++) {
            best =
                Math.max(best, from.get(((image * channels + channel) * rows + a) * columns + b));
          }
        }
        y.set(r * channels * outRows * outColumns + i, best);
      }
    }
    return c.result(y, x.dtype(), count, channels, outRows, outColumns);
  }

  private static Tensor nonMaxSuppression(NonMaxSuppressionOp op, KernelContext c) {
    Tensor boxes = c.input(0);
    Tensor scores = c.input(1);
    int count = Math.toIntExact(boxes.dim(1));
    long most = c.has(2) ? c.scalarLong(2) : 0;
    double overlap = c.has(3) ? c.scalarDouble(3) : 0;
    double threshold = c.has(4) ? c.scalarDouble(4) : Double.NEGATIVE_INFINITY;
    Reals box = c.reals(0);
    Reals score = c.reals(1);
    List<Long> out = new ArrayList<>();
    for (long n = 0; n < boxes.dim(0); n++) {
      for (long k = 0; k < scores.dim(1); k++) {
        long scoreAt = (n * scores.dim(1) + k) * count;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          if (!c.has(4) || score.get(scoreAt + i) > threshold) {
            order.add(i);
          }
        }
        order.sort(Comparator.comparingDouble(i -> -score.get(scoreAt + i)));
        List<double[]> kept = new ArrayList<>();
        for (int i : order) {
          if (kept.size() >= most) {
            break;
          }
          double[] candidate = corners(box, (n * count + i) * 4, op.centerPointBox() != 0);
          if (kept.stream().noneMatch(other -> overlap(other, candidate) > overlap)) {
            kept.add(candidate);
            out.addAll(List.of(n, k, (long) i));
          }
        }
      }
    }
    return Tensor.of(out.stream().mapToLong(Long::longValue).toArray(), out.size() / 3, 3);
  }

  private static double[] corners(Reals box, long at, boolean centred) {
    double a = box.get(at);
    double b = box.get(at + 1);
    double d = box.get(at + 2);
    double e = box.get(at + 3);
    return centred
        ? new double[] {a - d / 2, b - e / 2, a + d / 2, b + e / 2}
        : new double[] {Math.min(a, d), Math.min(b, e), Math.max(a, d), Math.max(b, e)};
  }

  private static double overlap(double[] p, double[] q) {
    double first = Math.max(0, Math.min(p[2], q[2]) - Math.max(p[0], q[0]));
    double second = Math.max(0, Math.min(p[3], q[3]) - Math.max(p[1], q[1]));
    double common = first * second;
    double union = (p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - common;
    return union <= 0 ? 0 : common / union;
  }

  private static Tensor deformConv(DeformConvOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor w = c.stored(1).dense();
    int rank = x.rank() - 2;
    long[] in = Arrays.copyOfRange(x.dims(), 2, x.rank());
    Window window =
        ConvolutionKernels.window(
            c,
            in,
            Arrays.copyOfRange(w.dims(), 2, w.rank()),
            ConvolutionKernels.orElse(op.strides(), rank, 1),
            ConvolutionKernels.orElse(op.dilations(), rank, 1),
            ConvolutionKernels.orElse(op.pads(), 2 * rank, 0),
            "NOTSET",
            false);
    long channels = x.dim(1);
    long outputs = w.dim(0);
    long taps = window.kernelSize();
    long points = window.outputSize();
    long perGroup = channels / op.group();
    Reals from = c.reals(0);
    Reals offsets = c.reals(2);
    Reals bias = c.has(3) ? c.reals(3) : null;
    Reals mask = c.has(4) ? c.reals(4) : null;
    Reals columns = c.newReals(channels * taps * points, x.dtype());
    Reals y = c.newReals(x.dim(0) * outputs * points, x.dtype());
    double[] at = new double[rank];
    for (long n = 0; n < x.dim(0); n++) {
      for (long channel = 0; channel < channels; channel++) {
        long offsetGroup = channel / (channels / op.offsetGroup());
        for (long tap = 0; tap < taps; tap++) {
          long shared = (n * op.offsetGroup() + offsetGroup) * taps + tap;
          for (long p = 0; p < points; p++) {
            long restTap = tap;
            long restPoint = p;
            for (int i = rank - 1; i >= 0; i--) {
              at[i] =
                  restPoint % window.output()[i] * window.strides()[i]
                      - window.before()[i]
                      + restTap % window.kernel()[i] * window.dilations()[i]
                      + offsets.get((shared * rank + i) * points + p);
              restPoint /= window.output()[i];
              restTap /= window.kernel()[i];
            }
            double value = linear(from, (n * channels + channel) * window.inputSize(), in, at);
            double factor = mask == null ? 1 : mask.get(shared * points + p);
            columns.set((channel * taps + tap) * points + p, value * factor);
          }
        }
      }
      for (long g = 0; g < op.group(); g++) {
        long perOutput = outputs / op.group();
        LinearKernels.product(x.dtype(), c)
            .multiply(
                perOutput,
                points,
                perGroup * taps,
                new Matrix(
                    w.segment(), w.dtype(), g * perOutput * perGroup * taps, perGroup * taps, 1),
                new Matrix(
                    columns.bytes(), columns.type(), g * perGroup * taps * points, points, 1),
                y.bytes(),
                (n * outputs + g * perOutput) * points,
                points);
      }
    }
    for (long i = 0; bias != null && i < x.dim(0) * outputs * points; i++) {
      y.set(i, y.get(i) + bias.get(i / points % outputs));
    }
    long[] dims = x.dims();
    dims[1] = outputs;
    System.arraycopy(window.output(), 0, dims, 2, rank);
    DType type = x.dtype();
    return c.result(y, type, dims);
  }
}
