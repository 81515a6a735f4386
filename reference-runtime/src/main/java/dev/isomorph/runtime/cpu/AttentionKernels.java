package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.AttentionOp;
import dev.isomorph.ir.op.CausalConvWithStateOp;
import dev.isomorph.ir.op.LinearAttentionOp;
import dev.isomorph.ir.op.RotaryEmbeddingOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Gemm;
import dev.isomorph.runtime.math.Gemm.Matrix;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.Sums;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Attention and what goes with it. */
final class AttentionKernels {
  private AttentionKernels() {}

  static void register(KernelRegistry r) {
    r.add(AttentionOp.class, Rounding.ROUNDS, (op, c) -> new Attention(op, c).run());
    r.rounds(RotaryEmbeddingOp.class, AttentionKernels::rotary);
    r.add(LinearAttentionOp.class, Rounding.ROUNDS, AttentionKernels::linear);
    r.add(CausalConvWithStateOp.class, Rounding.ROUNDS, AttentionKernels::causalConv);
  }

  /** One call of scaled dot product attention. */
  private static final class Attention {
    private final AttentionOp op;
    private final KernelContext c;
    private final boolean packed;
    private final DType type;
    private final long batch;
    private final long heads;
    private final long kvHeads;
    private final long queries;
    private final long keys;
    private final long size;
    private final long valueSize;
    private final Tensor q;
    private final Tensor k;
    private final Tensor v;
    private final double scale;
    private final boolean f32;

    Attention(AttentionOp op, KernelContext c) {
      this.op = op;
      this.c = c;
      this.type = c.type(0);
      this.f32 = KernelContext.computesInF32(type);
      this.packed = c.stored(0).rank() == 3;
      if (packed && (op.qNumHeads().isEmpty() || op.kvNumHeads().isEmpty())) {
        throw c.error("packed heads need q_num_heads and kv_num_heads");
      }
      q = split(c.input(0), op.qNumHeads().orElse(0));
      Tensor newKeys = split(c.input(1), op.kvNumHeads().orElse(0));
      Tensor newValues = split(c.input(2), op.kvNumHeads().orElse(0));
      k = c.has(4) ? MovementKernels.concat(List.of(c.input(4), newKeys), 2, c) : newKeys;
      v = c.has(5) ? MovementKernels.concat(List.of(c.input(5), newValues), 2, c) : newValues;
      batch = q.dim(0);
      heads = q.dim(1);
      queries = q.dim(2);
      size = q.dim(3);
      kvHeads = k.dim(1);
      keys = k.dim(2);
      valueSize = v.dim(3);
      scale = op.scale().orElse(1 / Math.sqrt(size));
      if (heads % kvHeads != 0 || k.dim(3) != size || v.dim(2) != keys) {
        throw c.error(
            "%s, %s and %s do not fit together", q.typeText(), k.typeText(), v.typeText());
      }
    }

    private Tensor split(Tensor x, long count) {
      if (!packed) {
        return x;
      }
      Tensor wide = x.reshape(x.dim(0), x.dim(1), count, x.dim(2) / count);
      return MovementKernels.permute(c, wide, 0, 2, 1, 3);
    }

    List<Datum> run() {
      long perHead = queries * keys;
      Reals scores = Reals.allocate(batch * heads * perHead, f32);
      Reals shown = Reals.allocate(batch * heads * perHead, f32);
      Reals y = Reals.allocate(batch * heads * queries * valueSize, f32);
      double root = Math.sqrt(scale);
      Reals scaledQ = scaled(q, root);
      Reals scaledK = scaled(k, root);
      Reals values = KernelContext.reals(v);
      Mask mask = new Mask();
      LinearKernels.each(
          type,
          c,
          batch * heads,
          (gemm, i) -> {
            long b = i / heads;
            long kv = b * kvHeads + i % heads / (heads / kvHeads);
            gemm.multiply(
                queries,
                keys,
                size,
                new Matrix(scaledQ.bytes(), scaledQ.type(), i * queries * size, size, 1),
                new Matrix(scaledK.bytes(), scaledK.type(), kv * keys * size, 1, size),
                scores.bytes(),
                i * perHead,
                keys);
            for (long row = 0; row < queries; row++) {
              softmaxRow(scores, shown, mask, b, i % heads, row, i * perHead + row * keys);
            }
            weigh(gemm, scores, i * perHead, values, kv * keys * valueSize, y, i);
          });
      List<Datum> out = new ArrayList<>();
      Tensor result = c.result(y, type, batch, heads, queries, valueSize);
      out.add(
          packed
              ? MovementKernels.permute(c, result, 0, 2, 1, 3)
                  .reshape(batch, queries, heads * valueSize)
              : result);
      out.add(k);
      out.add(v);
      out.add(c.result(shown, type, batch, heads, queries, keys));
      return out;
    }

    private void weigh(
        Gemm gemm, Reals weights, long at, Reals values, long valuesAt, Reals y, long i) {
      gemm.multiply(
          queries,
          valueSize,
          keys,
          new Matrix(weights.bytes(), weights.type(), at, keys, 1),
          new Matrix(values.bytes(), values.type(), valuesAt, valueSize, 1),
          y.bytes(),
          i * queries * valueSize,
          valueSize);
    }

    private Reals scaled(Tensor x, double factor) {
      Reals in = KernelContext.reals(x);
      Reals out = Reals.allocate(x.size(), f32);
      for (long i = 0; i < x.size(); i++) {
        out.set(i, in.get(i) * factor);
      }
      return out;
    }

    private void softmaxRow(
        Reals scores, Reals shown, Mask mask, long b, long head, long row, long at) {
      double[] values = new double[(int) keys];
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < keys; j++) {
        double score = scores.get(at + j);
        show(shown, at + j, 0, score);
        if (op.softcap() > 0) {
          score = scores.round(op.softcap() * Math.tanh(score / op.softcap()));
        }
        show(shown, at + j, 1, score);
        score = scores.round(score + mask.at(b, head, row, j));
        show(shown, at + j, 2, score);
        values[j] = score;
        max = Math.max(max, score);
      }
      boolean none = max == Double.NEGATIVE_INFINITY;
      double[] exponentials = new double[values.length];
      for (int j = 0; j < keys; j++) {
        exponentials[j] = none ? 0 : Math.exp(values[j] - max);
      }
      double sum = none ? 1 : Sums.sum(exponentials, exponentials.length, c.order(), f32);
      for (int j = 0; j < keys; j++) {
        double weight = exponentials[j] / sum;
        scores.set(at + j, weight);
        show(shown, at + j, 3, weight);
      }
    }

    private void show(Reals shown, long at, int stage, double value) {
      if (op.qkMatmulOutputMode() == stage) {
        shown.set(at, value);
      }
    }

    /** What is added to a score: the given mask, causality, windows, the number of valid keys. */
    private final class Mask {
      private final boolean given = c.has(3);
      private final boolean truth = given && c.stored(3).dtype() == DType.BOOL;
      private final Reals added = given && !truth ? c.reals(3) : null;
      private final MemorySegment flags = truth ? c.stored(3).segment() : null;
      private final long[] valid = c.has(6) ? c.longs(6) : null;
      private final long past = c.has(4) ? c.stored(4).dim(2) : 0;
      private final long[] dims = given ? c.stored(3).dims() : new long[0];
      private final long length = given && dims.length > 0 ? dims[dims.length - 1] : 1;
      private final long[] strides = new long[4];

      Mask() {
        long step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
          strides[4 - dims.length + i] = dims[i] == 1 ? 0 : step;
          step *= dims[i];
        }
      }

      double at(long b, long head, long row, long key) {
        if (valid != null && key >= valid[(int) b]) {
          return Double.NEGATIVE_INFINITY;
        }
        long offset = valid != null ? valid[(int) b] - queries : past;
        long distance = key - (row + offset);
        boolean hidden =
            (op.isCausal() != 0 && distance > 0)
                || (op.rightWindowSize() >= 0 && distance > op.rightWindowSize())
                || (op.leftWindowSize() >= 0 && -distance > op.leftWindowSize());
        if (hidden) {
          return Double.NEGATIVE_INFINITY;
        }
        if (!given) {
          return 0;
        }
        if (length != 1 && key >= length) {
          return Double.NEGATIVE_INFINITY;
        }
        long at = b * strides[0] + head * strides[1] + row * strides[2] + key * strides[3];
        return truth
            ? (Elements.getLong(flags, DType.BOOL, at) != 0 ? 0 : Double.NEGATIVE_INFINITY)
            : added.get(at);
      }
    }
  }

  private static Tensor rotary(RotaryEmbeddingOp op, KernelContext c) {
    Tensor x = c.input(0);
    boolean packed = x.rank() == 3;
    long batch = x.dim(0);
    long heads =
        packed ? op.numHeads().orElseThrow(() -> c.error("num_heads is missing")) : x.dim(1);
    long steps = packed ? x.dim(1) : x.dim(2);
    long size = packed ? x.dim(2) / heads : x.dim(3);
    long rotated = op.rotaryEmbeddingDim() == 0 ? size : op.rotaryEmbeddingDim();
    long half = rotated / 2;
    Reals in = c.reals(0);
    Reals cos = c.reals(1);
    Reals sin = c.reals(2);
    long[] positions = c.has(3) ? c.longs(3) : null;
    Reals out = c.newReals(x.size(), x.dtype());
    for (long b = 0; b < batch; b++) {
      for (long s = 0; s < steps; s++) {
        long cache = (positions == null ? b * steps + s : positions[(int) (b * steps + s)]) * half;
        for (long h = 0; h < heads; h++) {
          long at = (packed ? (b * steps + s) * heads + h : (b * heads + h) * steps + s) * size;
          for (long i = 0; i < half; i++) {
            long first = at + (op.interleaved() != 0 ? 2 * i : i);
            long second = op.interleaved() != 0 ? first + 1 : first + half;
            double re = in.get(first);
            double im = in.get(second);
            out.set(first, cos.get(cache + i) * re - sin.get(cache + i) * im);
            out.set(second, sin.get(cache + i) * re + cos.get(cache + i) * im);
          }
          for (long i = rotated; i < size; i++) {
            out.set(at + i, in.get(at + i));
          }
        }
      }
    }
    return c.result(out, x.dtype(), x.dims());
  }

  private static List<Datum> linear(LinearAttentionOp op, KernelContext c) {
    Tensor query = c.stored(0);
    int batch = Math.toIntExact(query.dim(0));
    int steps = Math.toIntExact(query.dim(1));
    int heads = Math.toIntExact(op.qNumHeads());
    int kvHeads = Math.toIntExact(op.kvNumHeads());
    int size = Math.toIntExact(query.dim(2) / heads);
    int valueSize = Math.toIntExact(c.stored(2).dim(2) / kvHeads);
    boolean gated = op.updateRule().contains("gated");
    boolean delta = op.updateRule().contains("delta");
    if ((gated && !c.has(4)) || (delta && !c.has(5))) {
      throw c.error("update rule %s needs decay and beta as it says", op.updateRule());
    }
    double scale = op.scale() == 0 ? 1 / Math.sqrt(size) : op.scale();
    Reals q = c.reals(0);
    Reals k = c.reals(1);
    Reals v = c.reals(2);
    Reals decay = gated ? c.reals(4) : null;
    boolean perKey = gated && c.stored(4).dim(2) != kvHeads;
    Reals beta = delta ? c.reals(5) : null;
    boolean sharedBeta = delta && c.stored(5).dim(2) == 1;
    DType stateType = c.has(3) ? c.type(3) : c.type(0);
    Reals state = c.newReals((long) batch * kvHeads * size * valueSize, stateType);
    if (c.has(3)) {
      Reals past = c.reals(3);
      for (long i = 0; i < c.stored(3).size(); i++) {
        state.set(i, past.get(i));
      }
    }
    Reals y = c.newReals((long) batch * steps * heads * valueSize, c.type(0));
    double[] retrieved = new double[valueSize];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < kvHeads; h++) {
        long s0 = ((long) b * kvHeads + h) * size * valueSize;
        for (int t = 0; t < steps; t++) {
          long kAt = ((long) b * steps + t) * kvHeads * size + (long) h * size;
          long vAt = ((long) b * steps + t) * kvHeads * valueSize + (long) h * valueSize;
          long row = (long) b * steps + t;
          if (gated) {
            for (int i = 0; i < size; i++) {
              double g = Math.exp(decay.get(perKey ? kAt + i : row * kvHeads + h));
              for (int j = 0; j < valueSize; j++) {
                long at = s0 + (long) i * valueSize + j;
                state.set(at, g * state.get(at));
              }
            }
          }
          Arrays.fill(retrieved, 0);
          double rate = 1;
          if (delta) {
            rate = beta.get(sharedBeta ? row : row * kvHeads + h);
            for (int i = 0; i < size; i++) {
              for (int j = 0; j < valueSize; j++) {
                retrieved[j] += k.get(kAt + i) * state.get(s0 + (long) i * valueSize + j);
              }
            }
          }
          for (int i = 0; i < size; i++) {
            for (int j = 0; j < valueSize; j++) {
              long at = s0 + (long) i * valueSize + j;
              state.set(
                  at, state.get(at) + rate * k.get(kAt + i) * (v.get(vAt + j) - retrieved[j]));
            }
          }
          for (int g = 0; g < heads / kvHeads; g++) {
            int head = h * (heads / kvHeads) + g;
            long qAt = row * heads * size + (long) head * size;
            for (int j = 0; j < valueSize; j++) {
              double sum = 0;
              for (int i = 0; i < size; i++) {
                sum += q.get(qAt + i) * state.get(s0 + (long) i * valueSize + j);
              }
              y.set(row * heads * valueSize + (long) head * valueSize + j, scale * sum);
            }
          }
        }
      }
    }
    return List.of(
        c.result(y, c.type(0), batch, steps, (long) heads * valueSize),
        c.result(state, stateType, batch, kvHeads, size, valueSize));
  }

  private static List<Datum> causalConv(CausalConvWithStateOp op, KernelContext c) {
    Tensor x = c.input(0);
    long channels = x.dim(1);
    int length = Math.toIntExact(x.dim(2));
    int taps = Math.toIntExact(c.stored(1).dim(2));
    Tensor past =
        c.has(3)
            ? c.input(3)
            : Cells.allocate(x.dtype(), x.dim(0) * channels * (taps - 1))
                .toTensor(x.dim(0), channels, taps - 1);
    Tensor joined = MovementKernels.concat(List.of(past, x), 2, c);
    Reals in = KernelContext.reals(joined);
    Reals w = c.reals(1);
    Reals bias = c.has(2) ? c.reals(2) : null;
    boolean silu =
        switch (op.activation()) {
          case "silu", "swish" -> true;
          case "none" -> false;
          default -> throw c.error("activation is %s", op.activation());
        };
    Reals y = c.newReals(x.size(), x.dtype());
    long wide = joined.dim(2);
    double[] terms = new double[taps];
    for (long p = 0; p < x.dim(0) * channels; p++) {
      for (int t = 0; t < length; t++) {
        for (int i = 0; i < taps; i++) {
          terms[i] = w.get(p % channels * taps + i) * in.get(p * wide + t + i);
        }
        double sum = Sums.sum(terms, taps, c.order(), y.f32());
        sum += bias == null ? 0 : bias.get(p % channels);
        y.set(p * length + t, silu ? sum / (1 + Math.exp(-sum)) : sum);
      }
    }
    return List.of(
        c.result(y, x.dtype(), x.dims()),
        MovementKernels.part(c, joined, 2, wide - taps + 1, taps - 1));
  }
}
