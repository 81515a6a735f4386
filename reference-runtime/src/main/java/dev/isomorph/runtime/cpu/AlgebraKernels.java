package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.Col2ImOp;
import dev.isomorph.ir.op.DFTOp;
import dev.isomorph.ir.op.DetOp;
import dev.isomorph.ir.op.EinsumOp;
import dev.isomorph.ir.op.MelWeightMatrixOp;
import dev.isomorph.ir.op.STFTOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Convolution;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Sums;
import dev.isomorph.runtime.math.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Einstein sums, determinants, Fourier transforms, folding. */
final class AlgebraKernels {
  private AlgebraKernels() {}

  static void register(KernelRegistry r) {
    r.rounds(EinsumOp.class, AlgebraKernels::einsum);
    r.rounds(DetOp.class, (_, c) -> determinant(c));
    r.rounds(DFTOp.class, AlgebraKernels::dft);
    r.rounds(STFTOp.class, AlgebraKernels::stft);
    r.rounds(MelWeightMatrixOp.class, AlgebraKernels::mel);
    r.rounds(Col2ImOp.class, AlgebraKernels::col2Im);
  }

  private static Tensor einsum(EinsumOp op, KernelContext c) {
    List<Tensor> operands = new ArrayList<>();
    for (int i = 0; i < c.inputCount(); i++) {
      operands.add(c.input(i));
    }
    String equation = op.equation().replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (terms.length != operands.size() || sides.length > 2) {
      throw c.error("equation '%s' does not fit %d operands", op.equation(), operands.size());
    }
    int ellipsis = 0;
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].contains("...")) {
        ellipsis = Math.max(ellipsis, operands.get(i).rank() - (terms[i].length() - 3));
      }
    }
    List<int[]> labels = new ArrayList<>();
    Map<Integer, Long> lengths = new LinkedHashMap<>();
    for (int i = 0; i < terms.length; i++) {
      Tensor x = operands.get(i);
      int own = x.rank() - (terms[i].replace("...", "").length());
      int[] label = labels(terms[i], own, ellipsis);
      if (label.length != x.rank()) {
        throw c.error("term '%s' does not fit %s", terms[i], x.typeText());
      }
      for (int axis = 0; axis < label.length; axis++) {
        long length = x.dim(axis);
        Long known = lengths.get(label[axis]);
        if (known != null && known != 1 && length != 1 && known != length) {
          throw c.error("label of axis %d of %s has two lengths", axis, x.typeText());
        }
        lengths.merge(label[axis], length, (a, b) -> a == 1 ? b : a);
      }
      labels.add(label);
    }
    int[] result =
        sides.length == 2 ? labels(sides[1], ellipsis, ellipsis) : implicit(sides[0], ellipsis);
    if (operands.size() == 2 && operands.getFirst().dtype().isFloat()) {
      Tensor product = contraction(c, operands, labels, result, lengths);
      if (product != null) {
        return product;
      }
    }
    return naive(c, operands, labels, result, lengths);
  }

  /** Letters are their characters; the axes of an ellipsis count −1, −2, … from the last one. */
  private static int[] labels(String term, int own, int ellipsis) {
    int dots = term.indexOf("...");
    if (dots < 0) {
      return term.chars().toArray();
    }
    List<Integer> out = new ArrayList<>();
    term.substring(0, dots).chars().forEach(out::add);
    for (int i = 0; i < own; i++) {
      out.add(i - own);
    }
    term.substring(dots + 3).chars().forEach(out::add);
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] implicit(String terms, int ellipsis) {
    Map<Integer, Long> counts =
        terms
            .replace("...", "")
            .replace(",", "")
            .chars()
            .boxed()
            .collect(Collectors.groupingBy(ch -> ch, Collectors.counting()));
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < ellipsis; i++) {
      out.add(i - ellipsis);
    }
    counts.entrySet().stream()
        .filter(e -> e.getValue() == 1)
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(out::add);
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean contains(int[] labels, int label) {
    return Arrays.stream(labels).anyMatch(l -> l == label);
  }

  /** {@return the sum as a batched matrix product, or null where it is none} */
  private static Tensor contraction(
      KernelContext c,
      List<Tensor> operands,
      List<int[]> labels,
      int[] result,
      Map<Integer, Long> lengths) {
    int[] a = labels.get(0);
    int[] b = labels.get(1);
    List<Integer> batch = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    List<Integer> columns = new ArrayList<>();
    List<Integer> inner = new ArrayList<>();
    for (int label : lengths.keySet()) {
      boolean inA = contains(a, label);
      boolean inB = contains(b, label);
      boolean out = contains(result, label);
      if (!inA || !inB) {
        if (!out) {
          return null;
        }
        (inA ? rows : columns).add(label);
      } else {
        (out ? batch : inner).add(label);
      }
    }
    for (int o = 0; o < 2; o++) {
      int[] label = labels.get(o);
      for (int i = 0; i < label.length; i++) {
        boolean repeated = Arrays.stream(label).distinct().count() != label.length;
        if (repeated || operands.get(o).dim(i) != lengths.get(label[i])) {
          return null;
        }
      }
    }
    Tensor left = arranged(c, operands.get(0), a, batch, rows, inner, lengths);
    Tensor right = arranged(c, operands.get(1), b, batch, inner, columns, lengths);
    Tensor product = LinearKernels.matMul(left, right, c);
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(rows);
    order.addAll(columns);
    long[] dims = order.stream().mapToLong(lengths::get).toArray();
    int[] perm = Arrays.stream(result).map(order::indexOf).toArray();
    return MovementKernels.permute(c, product.reshape(dims), perm);
  }

  private static Tensor arranged(
      KernelContext c,
      Tensor x,
      int[] labels,
      List<Integer> batch,
      List<Integer> rows,
      List<Integer> columns,
      Map<Integer, Long> lengths) {
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(rows);
    order.addAll(columns);
    List<Integer> own = Arrays.stream(labels).boxed().toList();
    int[] perm = order.stream().mapToInt(own::indexOf).toArray();
    return MovementKernels.permute(c, x, perm)
        .reshape(size(batch, lengths), size(rows, lengths), size(columns, lengths));
  }

  private static long size(List<Integer> labels, Map<Integer, Long> lengths) {
    return labels.stream().mapToLong(lengths::get).reduce(1, (p, q) -> p * q);
  }

  private static Tensor naive(
      KernelContext c,
      List<Tensor> operands,
      List<int[]> labels,
      int[] result,
      Map<Integer, Long> lengths) {
    int[] summed =
        lengths.keySet().stream().mapToInt(l -> l).filter(l -> !contains(result, l)).toArray();
    long[] dims = Arrays.stream(result).mapToLong(lengths::get).toArray();
    long[] sumDims = Arrays.stream(summed).mapToLong(lengths::get).toArray();
    int terms = Math.toIntExact(Tensor.sizeOf(sumDims));
    DType type = operands.getFirst().dtype();
    List<Reals> values = operands.stream().map(KernelContext::reals).toList();
    Index[] outer = new Index[operands.size()];
    Index[] inner = new Index[operands.size()];
    for (int o = 0; o < outer.length; o++) {
      outer[o] = walk(operands.get(o), labels.get(o), result, dims);
      inner[o] = walk(operands.get(o), labels.get(o), summed, sumDims);
    }
    boolean f32 = KernelContext.computesInF32(type);
    Reals out = Reals.allocate(Tensor.sizeOf(dims), f32);
    double[] products = new double[terms];
    for (long i = 0; i < Tensor.sizeOf(dims); i++) {
      for (int t = 0; t < terms; t++) {
        double product = 1;
        for (int o = 0; o < outer.length; o++) {
          product *= values.get(o).get(outer[o].at(i) + inner[o].at(t));
        }
        products[t] = product;
      }
      out.set(i, Sums.sum(products, terms, c.order(), f32));
    }
    return c.result(out, type, dims);
  }

  private static Index walk(Tensor x, int[] own, int[] labels, long[] dims) {
    long[] strides = Index.strides(x.dims());
    long[] walked = new long[labels.length];
    for (int i = 0; i < labels.length; i++) {
      for (int axis = 0; axis < own.length; axis++) {
        walked[i] += own[axis] == labels[i] && x.dim(axis) != 1 ? strides[axis] : 0;
      }
    }
    return new Index(dims, walked, 0);
  }

  private static Tensor determinant(KernelContext c) {
    Tensor x = c.input(0);
    int n = Math.toIntExact(x.dim(x.rank() - 1));
    if (x.rank() < 2 || x.dim(x.rank() - 2) != n) {
      throw c.error("Det needs square matrices, not %s", x.typeText());
    }
    long[] dims = Arrays.copyOf(x.dims(), x.rank() - 2);
    Reals in = c.reals(0);
    Reals out = c.newReals(Tensor.sizeOf(dims), x.dtype());
    for (long i = 0; i < Tensor.sizeOf(dims); i++) {
      double[][] m = new double[n][n];
      for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
          m[row][column] = in.get((i * n + row) * n + column);
        }
      }
      out.set(i, determinant(m));
    }
    return c.result(out, x.dtype(), dims);
  }

  /** Gaussian elimination with the largest pivot. */
  private static double determinant(double[][] m) {
    double product = 1;
    for (int k = 0; k < m.length; k++) {
      int pivot = k;
      for (int row = k + 1; row < m.length; row++) {
        pivot = Math.abs(m[row][k]) > Math.abs(m[pivot][k]) ? row : pivot;
      }
      if (pivot != k) {
        double[] other = m[k];
        m[k] = m[pivot];
        m[pivot] = other;
        product = -product;
      }
      product *= m[k][k];
      if (m[k][k] == 0) {
        return product;
      }
      for (int row = k + 1; row < m.length; row++) {
        double factor = m[row][k] / m[k][k];
        for (int column = k; column < m.length; column++) {
          m[row][column] -= factor * m[k][column];
        }
      }
    }
    return product;
  }

  private static Tensor dft(DFTOp op, KernelContext c) {
    Tensor x = c.input(0);
    int axis = c.axis(c.has(2) ? c.scalarLong(2) : -2, x.rank());
    if (axis == x.rank() - 1) {
      throw c.error("the last axis holds real and imaginary parts");
    }
    boolean inverse = op.inverse() != 0;
    boolean onesided = op.onesided() != 0;
    boolean toReal = inverse && onesided;
    long given = x.dim(axis);
    int n = Math.toIntExact(c.has(1) ? c.scalarLong(1) : toReal ? 2 * (given - 1) : given);
    int parts = Math.toIntExact(x.dim(x.rank() - 1));
    long[] lines = Arrays.copyOf(x.dims(), x.rank() - 1);
    long outer = Index.product(lines, 0, axis);
    long inner = Index.product(lines, axis + 1, lines.length);
    int bins = onesided && !inverse ? n / 2 + 1 : n;
    int outParts = toReal ? 1 : 2;
    Reals in = c.reals(0);
    Reals out = c.newReals(outer * bins * inner * outParts, x.dtype());
    double[] re = new double[n];
    double[] im = new double[n];
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < inner; i++) {
        Arrays.fill(re, 0);
        Arrays.fill(im, 0);
        for (int t = 0; t < Math.min(n, given); t++) {
          long at = ((o * given + t) * inner + i) * parts;
          re[t] = in.get(at);
          im[t] = parts == 2 ? in.get(at + 1) : 0;
        }
        if (toReal) {
          for (int t = n / 2 + 1; t < n; t++) {
            re[t] = re[n - t];
            im[t] = -im[n - t];
          }
        }
        Fourier.transform(re, im, inverse);
        for (int t = 0; t < bins; t++) {
          long at = ((o * bins + t) * inner + i) * outParts;
          out.set(at, re[t]);
          if (outParts == 2) {
            out.set(at + 1, im[t]);
          }
        }
      }
    }
    long[] dims = x.dims();
    dims[axis] = bins;
    dims[x.rank() - 1] = outParts;
    return c.result(out, x.dtype(), dims);
  }

  private static Tensor stft(STFTOp op, KernelContext c) {
    Tensor x = c.input(0);
    long step = c.scalarLong(1);
    int length =
        Math.toIntExact(c.has(3) ? c.scalarLong(3) : c.has(2) ? c.stored(2).dim(0) : x.dim(1));
    Reals window = c.has(2) ? c.reals(2) : null;
    int parts = x.rank() == 3 ? Math.toIntExact(x.dim(2)) : 1;
    long frames = (x.dim(1) - length) / step + 1;
    int bins = op.onesided() != 0 ? length / 2 + 1 : length;
    Reals in = c.reals(0);
    Reals out = c.newReals(x.dim(0) * frames * bins * 2, x.dtype());
    double[] re = new double[length];
    double[] im = new double[length];
    for (long b = 0; b < x.dim(0); b++) {
      for (long frame = 0; frame < frames; frame++) {
        for (int t = 0; t < length; t++) {
          long at = (b * x.dim(1) + frame * step + t) * parts;
          double weight = window == null ? 1 : window.get(t);
          re[t] = weight * in.get(at);
          im[t] = parts == 2 ? weight * in.get(at + 1) : 0;
        }
        Fourier.transform(re, im, false);
        for (int t = 0; t < bins; t++) {
          long at = ((b * frames + frame) * bins + t) * 2;
          out.set(at, re[t]);
          out.set(at + 1, im[t]);
        }
      }
    }
    return c.result(out, x.dtype(), x.dim(0), frames, bins, 2);
  }

  private static Tensor mel(MelWeightMatrixOp op, KernelContext c) {
    int bands = Math.toIntExact(c.scalarLong(0));
    long length = c.scalarLong(1);
    long rate = c.scalarLong(2);
    double low = 2595 * Math.log10(1 + c.scalarDouble(3) / 700);
    double high = 2595 * Math.log10(1 + c.scalarDouble(4) / 700);
    double width = (high - low) / (bands + 2);
    long[] edges = new long[bands + 2];
    for (int i = 0; i < edges.length; i++) {
      double hertz = 700 * (Math.pow(10, (low + i * width) / 2595) - 1);
      edges[i] = (long) Math.floor((length + 1) * hertz / rate);
    }
    long rows = length / 2 + 1;
    DType type = c.runType(CastKernels.target(op.outputDatatype(), c));
    Reals out = c.newReals(rows * bands, type.isFloat() ? type : DType.F64);
    for (int i = 0; i < bands; i++) {
      long left = edges[i];
      long middle = edges[i + 1];
      long right = edges[i + 2];
      if (left == middle) {
        out.set(middle * bands + i, 1);
      }
      for (long j = left; left < middle && j <= middle; j++) {
        out.set(j * bands + i, (double) (j - left) / (middle - left));
      }
      for (long j = middle; middle < right && j < right; j++) {
        out.set(j * bands + i, (double) (right - j) / (right - middle));
      }
    }
    return c.result(out, type, rows, bands);
  }

  private static Tensor col2Im(Col2ImOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] image = c.longs(1);
    long[] block = c.longs(2);
    int rank = image.length;
    Window window =
        ConvolutionKernels.window(
            c,
            image,
            block,
            ConvolutionKernels.orElse(op.strides(), rank, 1),
            ConvolutionKernels.orElse(op.dilations(), rank, 1),
            ConvolutionKernels.orElse(op.pads(), 2 * rank, 0),
            "NOTSET",
            false);
    long channels = x.dim(1) / window.kernelSize();
    if (x.dim(2) != window.outputSize() || channels * window.kernelSize() != x.dim(1)) {
      throw c.error("%s does not fold to the image", x.typeText());
    }
    Reals out = c.newReals(x.dim(0) * channels * window.inputSize(), x.dtype());
    Convolution.fold(window, x.dim(0) * channels, c.reals(0), out);
    long[] dims = new long[rank + 2];
    dims[0] = x.dim(0);
    dims[1] = channels;
    System.arraycopy(image, 0, dims, 2, rank);
    return c.result(out, x.dtype(), dims);
  }
}
