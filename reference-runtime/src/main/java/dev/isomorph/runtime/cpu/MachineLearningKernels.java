package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ArrayFeatureExtractorOp;
import dev.isomorph.ir.op.BinarizerOp;
import dev.isomorph.ir.op.ImputerOp;
import dev.isomorph.ir.op.LabelEncoderOp;
import dev.isomorph.ir.op.LinearClassifierOp;
import dev.isomorph.ir.op.LinearRegressorOp;
import dev.isomorph.ir.op.NormalizerOp;
import dev.isomorph.ir.op.ScalerOp;
import dev.isomorph.ir.op.TreeEnsembleOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.SummationOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operators of ai.onnx.ml that classical models are made of. */
final class MachineLearningKernels {
  private MachineLearningKernels() {}

  static void register(KernelRegistry r) {
    r.exact(
        BinarizerOp.class,
        (op, c) -> each(c, c.type(0), (value, _) -> value > op.threshold() ? 1 : 0));
    r.exact(
        ArrayFeatureExtractorOp.class,
        (_, c) -> {
          Tensor x = c.input(0);
          Tensor taken =
              IndexingKernels.take(c, x, x.rank() - 1, c.stored(1).reshape(c.stored(1).size()));
          return x.rank() == 1 ? taken.reshape(1, taken.size()) : taken;
        });
    r.rounds(
        ScalerOp.class,
        (op, c) ->
            each(
                c,
                c.runType(DType.F32),
                (value, column) ->
                    (value - pick(op.offset(), column, 0)) * pick(op.scale(), column, 1)));
    r.exact(ImputerOp.class, MachineLearningKernels::impute);
    r.rounds(NormalizerOp.class, MachineLearningKernels::normalize);
    r.exact(LabelEncoderOp.class, MachineLearningKernels::encode);
    r.rounds(LinearRegressorOp.class, MachineLearningKernels::regress);
    r.add(LinearClassifierOp.class, Rounding.ROUNDS, MachineLearningKernels::classify);
    r.rounds(TreeEnsembleOp.class, (op, c) -> new Trees(op, c).run());
  }

  /** Maps one element, given its place along the last axis. */
  @FunctionalInterface
  private interface Element {
    double of(double value, int column);
  }

  private static Tensor each(KernelContext c, DType type, Element element) {
    Tensor x = c.input(0);
    Reals in = c.reals(0);
    long columns = x.rank() == 0 ? 1 : x.dim(x.rank() - 1);
    Reals out = c.newReals(x.size(), type);
    for (long i = 0; i < x.size(); i++) {
      out.set(i, element.of(in.get(i), (int) (i % columns)));
    }
    return c.result(out, type, x.dims());
  }

  private static double pick(Optional<List<Double>> values, int column, double otherwise) {
    List<Double> all = values.orElse(List.of());
    return all.isEmpty() ? otherwise : all.get(all.size() == 1 ? 0 : column);
  }

  private static Tensor impute(ImputerOp op, KernelContext c) {
    Tensor x = c.input(0);
    if (x.dtype().isInteger()) {
      long[] values = x.toLongs();
      List<Long> imputed = op.imputedValueInt64s().orElse(List.of());
      int columns = x.rank() == 0 ? 1 : Math.toIntExact(x.dim(x.rank() - 1));
      for (int i = 0; i < values.length; i++) {
        if (values[i] == op.replacedValueInt64()) {
          values[i] = imputed.get(imputed.size() == 1 ? 0 : i % columns);
        }
      }
      return Tensor.of(values, x.dims());
    }
    double wanted = op.replacedValueFloat();
    return each(
        c,
        x.dtype(),
        (value, column) ->
            value == wanted || (Double.isNaN(value) && Double.isNaN(wanted))
                ? pick(op.imputedValueFloats(), column, value)
                : value);
  }

  private static Tensor normalize(NormalizerOp op, KernelContext c) {
    Tensor x = CastKernels.cast(c.input(0), c.runType(DType.F32), true);
    return NormalizationKernels.alongAxis(
        c,
        x,
        x.rank() - 1,
        values -> {
          double norm = 0;
          for (double value : values) {
            norm =
                switch (op.norm()) {
                  case "MAX" -> Math.max(norm, Math.abs(value));
                  case "L1" -> norm + Math.abs(value);
                  case "L2" -> norm + value * value;
                  default -> throw c.error("norm is '%s'", op.norm());
                };
          }
          norm = op.norm().equals("L2") ? Math.sqrt(norm) : norm;
          for (int i = 0; i < values.length; i++) {
            values[i] = norm == 0 ? values[i] : values[i] / norm;
          }
        });
  }

  private static List<Object> objects(Tensor x) {
    if (x.dtype() == DType.STRING) {
      return new ArrayList<>(x.strings());
    }
    List<Object> out = new ArrayList<>();
    for (long i = 0; i < x.size(); i++) {
      out.add(
          x.dtype().isInteger()
              ? (Object) Elements.getLong(x.segment(), x.dtype(), i)
              : (Object) (Elements.getDouble(x.segment(), x.dtype(), i) + 0.0));
    }
    return out;
  }

  private static List<Object> list(
      Optional<Tensor> tensor,
      Optional<List<String>> strings,
      Optional<List<Long>> longs,
      Optional<List<Double>> floats) {
    if (tensor.isPresent()) {
      return objects(tensor.get());
    }
    if (strings.isPresent()) {
      return new ArrayList<>(strings.get());
    }
    return longs.isPresent()
        ? new ArrayList<>(longs.get())
        : new ArrayList<>(floats.orElse(List.of()));
  }

  private static Tensor encode(LabelEncoderOp op, KernelContext c) {
    Tensor x = c.stored(0);
    List<Object> keys = list(op.keysTensor(), op.keysStrings(), op.keysInt64s(), op.keysFloats());
    List<Object> values =
        list(op.valuesTensor(), op.valuesStrings(), op.valuesInt64s(), op.valuesFloats());
    if (keys.size() != values.size()) {
      throw c.error("%d keys do not fit %d values", keys.size(), values.size());
    }
    Map<Object, Object> map = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      map.putIfAbsent(keys.get(i), values.get(i));
    }
    DType type =
        op.valuesTensor().isPresent()
            ? op.valuesTensor().get().dtype()
            : op.valuesStrings().isPresent()
                ? DType.STRING
                : op.valuesInt64s().isPresent() ? DType.I64 : DType.F32;
    Object otherwise =
        op.defaultTensor().isPresent()
            ? objects(op.defaultTensor().get()).getFirst()
            : type == DType.STRING
                ? (Object) op.defaultString()
                : type == DType.I64 ? (Object) op.defaultInt64() : (Object) op.defaultFloat();
    List<Object> out = objects(x).stream().map(k -> map.getOrDefault(k, otherwise)).toList();
    if (type == DType.STRING) {
      return Tensor.of(out.stream().map(String.class::cast).toList(), x.dims());
    }
    DType carried = c.runType(type);
    var bytes = Tensor.allocate(carried.byteSize(out.size()));
    for (int i = 0; i < out.size(); i++) {
      if (out.get(i) instanceof Long whole) {
        Elements.setLong(bytes, carried, i, whole);
      } else {
        Elements.setDouble(bytes, carried, i, (Double) out.get(i));
      }
    }
    return Tensor.of(carried, x.dims(), bytes);
  }

  /** {@return {@code x·coefficientsᵀ + intercepts} as {@code [rows, count]}} */
  private static double[][] scores(
      KernelContext c, int count, List<Double> coefficients, Optional<List<Double>> intercepts) {
    Tensor x = c.stored(0);
    double[] values = x.toDoubles();
    int width = Math.toIntExact(x.dim(x.rank() - 1));
    double[][] out = new double[width == 0 ? 0 : values.length / width][count];
    double[] terms = new double[width];
    boolean f32 = KernelContext.computesInF32(c.runType(DType.F32));
    for (int row = 0; row < out.length; row++) {
      for (int k = 0; k < count; k++) {
        for (int i = 0; i < width; i++) {
          terms[i] = values[row * width + i] * coefficients.get(k * width + i);
        }
        double sum = dev.isomorph.runtime.math.Sums.sum(terms, width, c.order(), f32);
        out[row][k] = sum + pick(intercepts, k, 0);
      }
    }
    return out;
  }

  private static Tensor regress(LinearRegressorOp op, KernelContext c) {
    int targets = Math.toIntExact(op.targets());
    double[][] scores = scores(c, targets, op.coefficients().orElse(List.of()), op.intercepts());
    return table(c, scores, op.postTransform());
  }

  private static Tensor table(KernelContext c, double[][] scores, String transform) {
    int width = scores.length == 0 ? 0 : scores[0].length;
    DType type = c.runType(DType.F32);
    Reals out = c.newReals((long) scores.length * width, type);
    for (int row = 0; row < scores.length; row++) {
      transform(c, scores[row], transform);
      for (int i = 0; i < width; i++) {
        out.set((long) row * width + i, scores[row][i]);
      }
    }
    return c.result(out, type, scores.length, width);
  }

  private static void transform(KernelContext c, double[] row, String transform) {
    switch (transform) {
      case "NONE" -> {}
      case "SOFTMAX" -> NormalizationKernels.softmax(row, false, SummationOrder.SEQUENTIAL, false);
      case "LOGISTIC" -> {
        for (int i = 0; i < row.length; i++) {
          row[i] = 1 / (1 + Math.exp(-row[i]));
        }
      }
      case "SOFTMAX_ZERO" -> {
        double max = java.util.Arrays.stream(row).max().orElse(0);
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
          row[i] = row[i] == 0 ? 0 : Math.exp(row[i] - max);
          sum += row[i];
        }
        for (int i = 0; i < row.length; i++) {
          row[i] = sum == 0 ? 0 : row[i] / sum;
        }
      }
      default -> throw c.unsupported("post_transform %s", transform);
    }
  }

  private static List<Datum> classify(LinearClassifierOp op, KernelContext c) {
    int classes =
        Math.max(
            op.classlabelsInts().map(List::size).orElse(0),
            op.classlabelsStrings().map(List::size).orElse(0));
    Tensor x = c.stored(0);
    int width = Math.toIntExact(x.dim(x.rank() - 1));
    int rows = op.coefficients().size() / Math.max(1, width);
    double[][] scores = scores(c, rows, op.coefficients(), op.intercepts());
    boolean binary = rows == 1 && classes == 2;
    int[] best = new int[scores.length];
    for (int r = 0; r < scores.length; r++) {
      if (binary) {
        double score = scores[r][0];
        boolean logistic = op.postTransform().equals("LOGISTIC");
        scores[r] = logistic ? new double[] {-score, score} : new double[] {1 - score, score};
        best[r] = logistic ? (score > 0 ? 1 : 0) : (score > 0.5 ? 1 : 0);
        continue;
      }
      for (int k = 1; k < scores[r].length; k++) {
        best[r] = scores[r][k] > scores[r][best[r]] ? k : best[r];
      }
    }
    Tensor labels;
    if (op.classlabelsStrings().isPresent() && !op.classlabelsStrings().get().isEmpty()) {
      List<String> names = new ArrayList<>();
      for (int b : best) {
        names.add(op.classlabelsStrings().get().get(b));
      }
      labels = Tensor.of(names, names.size());
    } else {
      long[] ids = new long[best.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] =
            op.classlabelsInts().map(l -> l.isEmpty()).orElse(true)
                ? best[i]
                : op.classlabelsInts().get().get(best[i]);
      }
      labels = Tensor.vector(ids);
    }
    return List.of(labels, table(c, scores, op.postTransform()));
  }

  /** Decision trees over the columns of a matrix. */
  private static final class Trees {
    private final TreeEnsembleOp op;
    private final KernelContext c;
    private final double[] splits;
    private final double[] weights;
    private final long[] modes;
    private final List<java.util.Set<Double>> members = new ArrayList<>();

    Trees(TreeEnsembleOp op, KernelContext c) {
      this.op = op;
      this.c = c;
      this.splits = op.nodesSplits().toDoubles();
      this.weights = op.leafWeights().toDoubles();
      this.modes = op.nodesModes().toLongs();
      java.util.Set<Double> current = new java.util.HashSet<>();
      for (double value : op.membershipValues().map(Tensor::toDoubles).orElse(new double[0])) {
        if (Double.isNaN(value)) {
          members.add(current);
          current = new java.util.HashSet<>();
        } else {
          current.add(value);
        }
      }
      members.add(current);
    }

    Tensor run() {
      Tensor x = c.input(0);
      Reals in = c.reals(0);
      int targets = Math.toIntExact(op.nTargets().orElse(1));
      long columns = x.dim(1);
      double[][] scores = new double[Math.toIntExact(x.dim(0))][targets];
      for (int row = 0; row < scores.length; row++) {
        int[] hits = new int[targets];
        for (long root : op.treeRoots()) {
          int leaf = descend(in, row * columns, root);
          int target = Math.toIntExact(op.leafTargetids().get(leaf));
          combine(scores[row], hits, target, weights[leaf]);
        }
        if (op.aggregateFunction() == 0) {
          for (int t = 0; t < targets; t++) {
            scores[row][t] /= op.treeRoots().size();
          }
        }
      }
      Reals out = c.newReals((long) scores.length * targets, x.dtype());
      String transform =
          switch ((int) op.postTransform()) {
            case 0 -> "NONE";
            case 1 -> "SOFTMAX";
            case 2 -> "LOGISTIC";
            case 3 -> "SOFTMAX_ZERO";
            default -> "PROBIT";
          };
      for (int row = 0; row < scores.length; row++) {
        transform(c, scores[row], transform);
        for (int t = 0; t < targets; t++) {
          out.set((long) row * targets + t, scores[row][t]);
        }
      }
      return c.result(out, x.dtype(), scores.length, targets);
    }

    private void combine(double[] row, int[] hits, int target, double weight) {
      boolean first = hits[target]++ == 0;
      row[target] =
          switch ((int) op.aggregateFunction()) {
            case 2 -> first ? weight : Math.min(row[target], weight);
            case 3 -> first ? weight : Math.max(row[target], weight);
            default -> row[target] + weight;
          };
    }

    private int descend(Reals in, long row, long root) {
      long node = root;
      for (int steps = 0; steps <= splits.length; steps++) {
        int n = Math.toIntExact(node);
        double value = in.get(row + op.nodesFeatureids().get(n));
        boolean yes = holds(n, value);
        List<Long> leafs = yes ? op.nodesTrueleafs() : op.nodesFalseleafs();
        node = (yes ? op.nodesTruenodeids() : op.nodesFalsenodeids()).get(n);
        if (leafs.get(n) != 0) {
          return Math.toIntExact(node);
        }
      }
      throw c.error("the tree at node %d does not end", root);
    }

    private boolean holds(int n, double value) {
      if (Double.isNaN(value) && op.nodesMissingValueTracksTrue().isPresent()) {
        return op.nodesMissingValueTracksTrue().get().get(n) != 0;
      }
      return switch ((int) modes[n]) {
        case 0 -> value <= splits[n];
        case 1 -> value < splits[n];
        case 2 -> value >= splits[n];
        case 3 -> value > splits[n];
        case 4 -> value == splits[n];
        case 5 -> value != splits[n];
        default -> members.get(membership(n)).contains(value);
      };
    }

    /** {@return which of the membership nodes this one is} */
    private int membership(int n) {
      int before = 0;
      for (int i = 0; i < n; i++) {
        before += modes[i] == 6 ? 1 : 0;
      }
      return before;
    }
  }
}
