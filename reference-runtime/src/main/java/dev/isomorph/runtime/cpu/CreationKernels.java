package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.BernoulliOp;
import dev.isomorph.ir.op.BlackmanWindowOp;
import dev.isomorph.ir.op.ConstantOfShapeOp;
import dev.isomorph.ir.op.ConstantOp;
import dev.isomorph.ir.op.EyeLikeOp;
import dev.isomorph.ir.op.HammingWindowOp;
import dev.isomorph.ir.op.HannWindowOp;
import dev.isomorph.ir.op.MultinomialOp;
import dev.isomorph.ir.op.RandomNormalLikeOp;
import dev.isomorph.ir.op.RandomNormalOp;
import dev.isomorph.ir.op.RandomUniformLikeOp;
import dev.isomorph.ir.op.RandomUniformOp;
import dev.isomorph.ir.op.RangeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.math.Philox;
import dev.isomorph.runtime.math.Reals;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/** Operators that make tensors from attributes, shapes and random numbers. */
final class CreationKernels {
  private CreationKernels() {}

  static void register(KernelRegistry r) {
    r.exact(ConstantOp.class, CreationKernels::constant);
    r.exact(
        ConstantOfShapeOp.class,
        (op, c) -> {
          Tensor value = op.value().orElse(Tensor.of(new float[] {0}, 1));
          Cells one = Cells.of(KernelContext.inRunType(value, c.options().precision()));
          long[] dims = c.longs(0);
          Cells out = Cells.allocate(one.type(), Tensor.sizeOf(dims));
          out.fill(one, 0, 0, Tensor.sizeOf(dims));
          return out.toTensor(dims);
        });
    r.exact(
        EyeLikeOp.class,
        (op, c) -> {
          Tensor x = c.stored(0);
          DType type =
              c.runType(
                  op.dtype().isPresent()
                      ? CastKernels.target(op.dtype().getAsLong(), c)
                      : c.declaredType(0));
          if (x.rank() != 2) {
            throw c.error("EyeLike needs a matrix, not %s", x.typeText());
          }
          MemorySegment out = Tensor.allocate(type.byteSize(x.size()));
          for (long row = 0; row < x.dim(0); row++) {
            long column = row + op.k();
            if (column >= 0 && column < x.dim(1)) {
              Elements.setDouble(out, type, row * x.dim(1) + column, 1);
            }
          }
          return Tensor.of(type, x.dims(), out);
        });
    r.rounds(RangeOp.class, (_, c) -> range(c));
    r.rounds(
        RandomUniformOp.class,
        (op, c) -> {
          Philox random = c.random(op.seed());
          return draw(
              c,
              CastKernels.target(op.dtype(), c),
              op.shape(),
              i -> op.low() + (op.high() - op.low()) * random.uniform(i));
        });
    r.rounds(
        RandomNormalOp.class,
        (op, c) -> {
          Philox random = c.random(op.seed());
          return draw(
              c,
              CastKernels.target(op.dtype(), c),
              op.shape(),
              i -> op.mean() + op.scale() * random.normal(i));
        });
    r.rounds(
        RandomUniformLikeOp.class,
        (op, c) -> {
          Philox random = c.random(op.seed());
          return draw(
              c,
              like(c, op.dtype()),
              dims(c),
              i -> op.low() + (op.high() - op.low()) * random.uniform(i));
        });
    r.rounds(
        RandomNormalLikeOp.class,
        (op, c) -> {
          Philox random = c.random(op.seed());
          return draw(
              c, like(c, op.dtype()), dims(c), i -> op.mean() + op.scale() * random.normal(i));
        });
    r.exact(
        BernoulliOp.class,
        (op, c) -> {
          Philox random = c.random(op.seed());
          Reals p = c.reals(0);
          return draw(c, like(c, op.dtype()), dims(c), i -> random.uniform(i) < p.get(i) ? 1 : 0);
        });
    r.exact(MultinomialOp.class, CreationKernels::multinomial);
    r.rounds(
        HannWindowOp.class, (op, c) -> window(c, op.outputDatatype(), op.periodic(), 0.5, 0.5, 0));
    r.rounds(
        HammingWindowOp.class,
        (op, c) -> window(c, op.outputDatatype(), op.periodic(), 25.0 / 46, 1 - 25.0 / 46, 0));
    r.rounds(
        BlackmanWindowOp.class,
        (op, c) -> window(c, op.outputDatatype(), op.periodic(), 0.42, 0.5, 0.08));
  }

  private static Tensor constant(ConstantOp op, KernelContext c) {
    Tensor made;
    if (op.value().isPresent()) {
      made = op.value().get();
    } else if (op.valueFloat().isPresent()) {
      made = Tensor.scalar(DType.F32, op.valueFloat().getAsDouble());
    } else if (op.valueFloats().isPresent()) {
      double[] values = op.valueFloats().get().stream().mapToDouble(Double::doubleValue).toArray();
      made = Tensor.of(DType.F32, values, values.length);
    } else if (op.valueInt().isPresent()) {
      made = Tensor.scalar(DType.I64, op.valueInt().getAsLong());
    } else if (op.valueInts().isPresent()) {
      made = Tensor.vector(op.valueInts().get().stream().mapToLong(Long::longValue).toArray());
    } else if (op.valueString().isPresent()) {
      made = Tensor.of(List.of(op.valueString().get()));
    } else if (op.valueStrings().isPresent()) {
      made = Tensor.of(op.valueStrings().get(), op.valueStrings().get().size());
    } else {
      made = op.sparseValue().orElseThrow(() -> c.error("the constant has no value"));
    }
    return KernelContext.inRunType(made.dense(), c.options().precision());
  }

  private static Tensor range(KernelContext c) {
    DType type = c.type(0);
    if (type.isInteger()) {
      long start = c.scalarLong(0);
      long limit = c.scalarLong(1);
      long delta = c.scalarLong(2);
      if (delta == 0) {
        throw c.error("the step of Range is 0");
      }
      long count = Math.max(0, Math.ceilDiv(limit - start, delta));
      MemorySegment out = Tensor.allocate(type.byteSize(count));
      for (long i = 0; i < count; i++) {
        Elements.setLong(out, type, i, start + i * delta);
      }
      return Tensor.of(type, new long[] {count}, out);
    }
    double start = c.scalarDouble(0);
    double delta = c.scalarDouble(2);
    if (delta == 0) {
      throw c.error("the step of Range is 0");
    }
    long count = Math.max(0, (long) Math.ceil((c.scalarDouble(1) - start) / delta));
    Reals out = c.newReals(count, type);
    for (long i = 0; i < count; i++) {
      out.set(i, start + i * delta);
    }
    return c.result(out, type, count);
  }

  private static DType like(KernelContext c, java.util.OptionalLong code) {
    return code.isPresent() ? CastKernels.target(code.getAsLong(), c) : c.declaredType(0);
  }

  private static List<Long> dims(KernelContext c) {
    return java.util.Arrays.stream(c.stored(0).dims()).boxed().toList();
  }

  private static Tensor draw(
      KernelContext c, DType declared, List<Long> shape, LongToDoubleFunction value) {
    DType type = c.runType(declared);
    long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
    long size = Tensor.sizeOf(dims);
    MemorySegment out = Tensor.allocate(type.byteSize(size));
    for (long i = 0; i < size; i++) {
      Elements.setDouble(out, type, i, value.applyAsDouble(i));
    }
    return Tensor.of(type, dims, out);
  }

  private static Tensor multinomial(MultinomialOp op, KernelContext c) {
    Tensor x = c.input(0);
    DType type = CastKernels.target(op.dtype(), c);
    Philox random = c.random(op.seed());
    Reals logits = c.reals(0);
    int classes = Math.toIntExact(x.dim(1));
    long samples = op.sampleSize();
    MemorySegment out = Tensor.allocate(type.byteSize(x.dim(0) * samples));
    double[] cumulative = new double[classes];
    for (long row = 0; row < x.dim(0); row++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < classes; i++) {
        max = Math.max(max, logits.get(row * classes + i));
      }
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += Math.exp(logits.get(row * classes + i) - max);
        cumulative[i] = sum;
      }
      for (long s = 0; s < samples; s++) {
        double at = random.uniform(row * samples + s) * sum;
        int chosen = 0;
        while (chosen < classes - 1 && cumulative[chosen] <= at) {
          chosen++;
        }
        Elements.setLong(out, type, row * samples + s, chosen);
      }
    }
    return Tensor.of(type, new long[] {x.dim(0), samples}, out);
  }

  private static Tensor window(
      KernelContext c, long dtype, long periodic, double a, double b, double second) {
    long size = c.scalarLong(0);
    double period = periodic != 0 ? size : size - 1;
    return draw(
        c,
        CastKernels.target(dtype, c),
        List.of(size),
        i -> {
          double angle = 2 * Math.PI * i / period;
          return a - b * Math.cos(angle) + second * Math.cos(2 * angle);
        });
  }
}
