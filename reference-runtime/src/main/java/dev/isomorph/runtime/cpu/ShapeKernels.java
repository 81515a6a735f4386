package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.DropoutOp;
import dev.isomorph.ir.op.FlattenOp;
import dev.isomorph.ir.op.IdentityOp;
import dev.isomorph.ir.op.ReshapeOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.SizeOp;
import dev.isomorph.ir.op.SqueezeOp;
import dev.isomorph.ir.op.UnsqueezeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Philox;
import dev.isomorph.runtime.math.Reals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Operators that keep the elements and change or tell the shape. */
final class ShapeKernels {
  private ShapeKernels() {}

  static void register(KernelRegistry r) {
    r.add(IdentityOp.class, Rounding.EXACT, (_, c) -> List.of(c.datum(0)));
    r.exact(ReshapeOp.class, ShapeKernels::reshape);
    r.exact(
        FlattenOp.class,
        (op, c) -> {
          Tensor x = c.input(0);
          int axis = op.axis() == x.rank() ? x.rank() : c.axis(op.axis(), x.rank());
          return x.reshape(
              Index.product(x.dims(), 0, axis), Index.product(x.dims(), axis, x.rank()));
        });
    r.exact(SqueezeOp.class, (_, c) -> squeeze(c));
    r.exact(UnsqueezeOp.class, (_, c) -> unsqueeze(c));
    r.exact(
        ShapeOp.class,
        (op, c) -> {
          long[] dims = c.stored(0).dims();
          int from = bound(op.start(), dims.length);
          int to = bound(op.end().orElse(dims.length), dims.length);
          return Tensor.vector(from < to ? Arrays.copyOfRange(dims, from, to) : new long[0]);
        });
    r.exact(SizeOp.class, (_, c) -> Tensor.scalar(DType.I64, c.stored(0).size()));
    r.add(DropoutOp.class, Rounding.ROUNDS, ShapeKernels::dropout);
  }

  private static int bound(long at, int rank) {
    return Math.clamp(at < 0 ? at + rank : at, 0, rank);
  }

  private static Tensor reshape(ReshapeOp op, KernelContext c) {
    Tensor x = c.input(0);
    long[] shape = c.longs(1);
    long known = 1;
    int unknown = -1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0 && op.allowzero() == 0) {
        if (i >= x.rank()) {
          throw c.error("dim %d is to be kept, but the operand is %s", i, x.typeText());
        }
        shape[i] = x.dim(i);
      }
      if (shape[i] == -1) {
        if (unknown >= 0) {
          throw c.error("two dims are to be inferred");
        }
        unknown = i;
      } else {
        known *= shape[i];
      }
    }
    if (unknown >= 0) {
      shape[unknown] = known == 0 ? 0 : x.size() / known;
    }
    if (Arrays.stream(shape).anyMatch(d -> d < 0) || Tensor.sizeOf(shape) != x.size()) {
      throw c.error("%s cannot be reshaped to %s", x.typeText(), Arrays.toString(c.longs(1)));
    }
    return x.reshape(shape);
  }

  private static Tensor squeeze(KernelContext c) {
    Tensor x = c.input(0);
    boolean[] drop = new boolean[x.rank()];
    if (c.has(1)) {
      for (int axis : c.axes(c.longs(1), x.rank())) {
        if (x.dim(axis) != 1) {
          throw c.error("axis %d of %s is not 1", axis, x.typeText());
        }
        drop[axis] = true;
      }
    } else {
      for (int i = 0; i < drop.length; i++) {
        drop[i] = x.dim(i) == 1;
      }
    }
    long[] dims = new long[x.rank()];
    int count = 0;
    for (int i = 0; i < drop.length; i++) {
      if (!drop[i]) {
        dims[count++] = x.dim(i);
      }
    }
    return x.reshape(Arrays.copyOf(dims, count));
  }

  private static Tensor unsqueeze(KernelContext c) {
    Tensor x = c.input(0);
    long[] given = c.longs(1);
    int rank = x.rank() + given.length;
    long[] dims = new long[rank];
    for (int axis : c.axes(given, rank)) {
      if (dims[axis] == 1) {
        throw c.error("axis %d is given twice", axis);
      }
      dims[axis] = 1;
    }
    int from = 0;
    for (int i = 0; i < rank; i++) {
      if (dims[i] == 0) {
        dims[i] = x.dim(from++);
      }
    }
    return x.reshape(dims);
  }

  private static List<Datum> dropout(DropoutOp op, KernelContext c) {
    Tensor x = c.input(0);
    boolean training = c.has(2) && c.longs(2)[0] != 0;
    double ratio = c.has(1) ? c.scalarDouble(1) : 0.5;
    MemorySegment mask = Tensor.allocate(x.size());
    if (!training || ratio == 0) {
      c.markExact();
      mask.fill((byte) 1);
      return List.of(x, Tensor.of(DType.BOOL, x.dims(), mask));
    }
    Philox random =
        c.random(
            op.seed().isPresent()
                ? OptionalDouble.of(op.seed().getAsLong())
                : OptionalDouble.empty());
    Reals in = c.reals(0);
    Reals out = c.newReals(x.size(), x.dtype());
    for (long i = 0; i < x.size(); i++) {
      boolean keep = random.uniform(i) >= ratio;
      mask.set(ValueLayout.JAVA_BYTE, i, (byte) (keep ? 1 : 0));
      out.set(i, keep ? in.get(i) / (1 - ratio) : 0);
    }
    return List.of(c.result(out, x.dtype(), x.dims()), Tensor.of(DType.BOOL, x.dims(), mask));
  }
}
