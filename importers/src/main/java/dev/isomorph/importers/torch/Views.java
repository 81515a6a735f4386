package dev.isomorph.importers.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** The views that PyTorch has, each with its way back. */
final class Views {
  private Views() {}

  private static Value shapeOf(TorchTrace trace, Value value) {
    Shape shape = value.type().shape();
    return shape.isKnown() ? trace.vector(shape.known().orElseThrow()) : trace.graph().shape(value);
  }

  /** {@return the same elements in another shape} */
  static TensorRef reshape(TorchTrace trace, TensorRef self, Value shape, boolean allowZero) {
    return self.view(
        true,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            return trace.graph().reshape(base, shape, a -> a.allowzero(allowZero));
          }

          @Override
          public Value write(Value base, Value part) {
            return trace.graph().reshape(part, shapeOf(trace, base));
          }
        });
  }

  static TensorRef squeeze(TorchTrace trace, TensorRef self, long... axes) {
    if (axes.length == 0) {
      return self.alias();
    }
    return self.view(
        true,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            return trace.graph().squeeze(base, trace.vector(axes));
          }

          @Override
          public Value write(Value base, Value part) {
            return trace.graph().unsqueeze(part, trace.vector(axes));
          }
        });
  }

  static TensorRef unsqueeze(TorchTrace trace, TensorRef self, long... axes) {
    return self.view(
        true,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            return trace.graph().unsqueeze(base, trace.vector(axes));
          }

          @Override
          public Value write(Value base, Value part) {
            return trace.graph().squeeze(part, trace.vector(axes));
          }
        });
  }

  static TensorRef permute(TorchTrace trace, TensorRef self, long... perm) {
    long[] inverse = new long[perm.length];
    boolean identity = true;
    for (int i = 0; i < perm.length; i++) {
      inverse[(int) perm[i]] = i;
      identity &= perm[i] == i;
    }
    if (identity) {
      return self.alias();
    }
    return self.view(
        false,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            return trace.graph().transpose(base, a -> a.perm(perm));
          }

          @Override
          public Value write(Value base, Value part) {
            return trace.graph().transpose(part, a -> a.perm(inverse));
          }
        });
  }

  /** {@return a view that can be read alone} */
  static TensorRef readOnly(
      TorchTrace trace, TensorRef self, String name, java.util.function.UnaryOperator<Value> read) {
    return self.view(
        false,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            return read.apply(base);
          }

          @Override
          public Value write(Value base, Value part) {
            throw trace.in().unsupported("writing in place into what %s() shows", name);
          }
        });
  }

  /**
   * {@return the elements {@code start, start + step, …} of an axis}
   *
   * @param start i64 vector of one, within the axis
   * @param end i64 vector of one
   */
  static TensorRef slice(
      TorchTrace trace, TensorRef self, int axis, Value start, Value end, long step) {
    return self.view(
        axis == 0 && step == 1,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            Value axes = trace.vector(axis);
            return step == 1
                ? trace.graph().slice(base, start, end, axes)
                : trace.graph().slice(base, start, end, axes, trace.vector(step));
          }

          @Override
          public Value write(Value base, Value part) {
            return writeSlice(trace, base, part, axis, start, end, step);
          }
        });
  }

  private static Value writeSlice(
      TorchTrace trace, Value base, Value part, int axis, Value start, Value end, long step) {
    Dim size = base.type().shape().dim(axis);
    if (part.type().shape().dim(axis).equals(size)) {
      return part;
    }
    Value axes = trace.vector(axis);
    if (step == 1) {
      List<Value> pieces = new ArrayList<>();
      Value before = trace.graph().slice(base, trace.vector(0), start, axes);
      if (!before.type().shape().dim(axis).is(0)) {
        pieces.add(before);
      }
      pieces.add(part);
      Value after = trace.graph().slice(base, end, trace.vector(Long.MAX_VALUE), axes);
      if (!after.type().shape().dim(axis).is(0)) {
        pieces.add(after);
      }
      return pieces.size() == 1 ? part : trace.graph().concat(pieces, a -> a.axis(axis));
    }
    Value positions =
        trace
            .graph()
            .range(
                trace.scalar(DType.I64, 0L),
                scalarSize(trace, base, axis),
                trace.scalar(DType.I64, 1L));
    Value chosen = trace.graph().slice(positions, start, end, trace.vector(0), trace.vector(step));
    return scatterRows(trace, base, part, axis, chosen);
  }

  private static Value scalarSize(TorchTrace trace, Value base, int axis) {
    return trace.scalarOf(trace.size(base, axis));
  }

  /** {@return the base with its slices at {@code rows} of an axis replaced} */
  static Value scatterRows(TorchTrace trace, Value base, Value part, int axis, Value rows) {
    int rank = base.type().shape().rank();
    long[] perm = toFront(rank, axis);
    Value data = axis == 0 ? base : trace.graph().transpose(base, a -> a.perm(perm));
    Value updates = axis == 0 ? part : trace.graph().transpose(part, a -> a.perm(perm));
    Value indices = trace.graph().unsqueeze(rows, trace.vector(-1));
    Value written = trace.graph().scatterND(data, indices, updates);
    return axis == 0
        ? written
        : trace.graph().transpose(written, a -> a.perm(fromFront(rank, axis)));
  }

  static long[] toFront(int rank, int axis) {
    long[] perm = new long[rank];
    perm[0] = axis;
    for (int i = 0, next = 1; i < rank; i++) {
      if (i != axis) {
        perm[next++] = i;
      }
    }
    return perm;
  }

  static long[] fromFront(int rank, int axis) {
    long[] perm = new long[rank];
    for (int i = 0; i < rank; i++) {
      perm[i] = i == axis ? 0 : i < axis ? i + 1 : i;
    }
    return perm;
  }

  /**
   * {@return one element of an axis, which goes away}
   *
   * @param index i64 scalar
   */
  static TensorRef select(TorchTrace trace, TensorRef self, int axis, Value index) {
    return self.view(
        axis == 0,
        new TensorRef.View() {
          @Override
          public Value read(Value base) {
            // Numbers that constructors take out of small constants stay numbers.
            Value stored = trace.storedElement(base, index);
            return stored != null ? stored : trace.graph().gather(base, index, a -> a.axis(axis));
          }

          @Override
          public Value write(Value base, Value part) {
            Value row = trace.graph().unsqueeze(index, trace.vector(0));
            Value piece = trace.graph().unsqueeze(part, trace.vector(axis));
            return scatterRows(trace, base, piece, axis, row);
          }
        });
  }
}
