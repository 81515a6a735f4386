package dev.isomorph.ir.infer;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.ValueType.OptionalType;
import dev.isomorph.ir.ValueType.SequenceType;
import dev.isomorph.ir.op.ConcatFromSequenceOp;
import dev.isomorph.ir.op.OptionalGetElementOp;
import dev.isomorph.ir.op.OptionalHasElementOp;
import dev.isomorph.ir.op.OptionalOp;
import dev.isomorph.ir.op.SequenceAtOp;
import dev.isomorph.ir.op.SequenceConstructOp;
import dev.isomorph.ir.op.SequenceEmptyOp;
import dev.isomorph.ir.op.SequenceEraseOp;
import dev.isomorph.ir.op.SequenceInsertOp;
import dev.isomorph.ir.op.SequenceLengthOp;
import dev.isomorph.ir.op.SplitToSequenceOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Sequences and optionals. A sequence's element type holds for each of its elements. */
final class SequenceInference {
  private SequenceInference() {}

  static void register(InferenceRules rules) {
    rules.on(SequenceConstructOp.class, (_, in) -> construct(in));
    rules.on(
        SequenceEmptyOp.class,
        (op, in) -> {
          DType dtype =
              op.dtype().isPresent()
                  ? ElementwiseInference.dtype(op.dtype().getAsLong(), in)
                  : DType.F32;
          in.type(0, new SequenceType(ValueType.tensor(dtype, Shape.UNKNOWN)));
        });
    rules.on(SequenceInsertOp.class, (_, in) -> insert(in));
    rules.on(SequenceEraseOp.class, (_, in) -> in.type(0, in.type(0)));
    rules.on(SequenceLengthOp.class, (_, in) -> in.result(0, Shape.scalar()));
    rules.on(SequenceAtOp.class, (_, in) -> in.type(0, element(in.type(0))));
    rules.on(SplitToSequenceOp.class, SequenceInference::split);
    rules.on(ConcatFromSequenceOp.class, SequenceInference::concat);
    rules.on(
        OptionalOp.class,
        (op, in) -> {
          if (in.has(0)) {
            in.type(0, new OptionalType(in.type(0)));
          } else {
            in.type(
                0,
                new OptionalType(
                    op.type()
                        .orElseThrow(
                            () -> in.invalid("an empty optional needs its attribute 'type'"))));
          }
        });
    rules.on(
        OptionalGetElementOp.class,
        (_, in) -> in.type(0, in.type(0) instanceof OptionalType(var e) ? e : in.type(0)));
    rules.on(OptionalHasElementOp.class, (_, in) -> in.tensor(0, DType.BOOL, Shape.scalar()));
  }

  private static ValueType element(ValueType sequence) {
    return sequence instanceof SequenceType(var element) ? element : ValueType.UNKNOWN;
  }

  private static void construct(InferenceContext in) {
    ValueType joined = in.type(0);
    for (int i = 1; i < in.inputCount(); i++) {
      joined = ControlFlowInference.join(joined, in.type(i), 0, in);
    }
    in.type(0, new SequenceType(joined));
  }

  private static void insert(InferenceContext in) {
    ValueType held = element(in.type(0));
    // The operand may be empty: then its element type says nothing that the tensor does not.
    in.type(0, new SequenceType(ControlFlowInference.join(held, in.type(1), 0, in)));
  }

  private static void split(SplitToSequenceOp op, InferenceContext in) {
    Shape shape = in.shape(0);
    if (in.dtype(0).isEmpty()) {
      return;
    }
    ValueType part = ValueType.tensor(in.dtype(0).get(), Shape.UNKNOWN);
    if (shape.isRanked()) {
      int axis = in.axis(op.axis(), shape.rank());
      if (!in.has(1)) {
        List<Dim> dims = new ArrayList<>(shape.dims());
        dims.remove(axis);
        Shape each = op.keepdims() == 0 ? Shape.of(dims) : shape.with(axis, Dim.of(1));
        part = ValueType.tensor(in.dtype(0).get(), each);
      } else {
        part = ValueType.tensor(in.dtype(0).get(), shape.with(axis, partLength(shape, axis, in)));
      }
    }
    in.type(0, new SequenceType(part));
  }

  /** One length for all parts, or one per part; the last of equal parts may be shorter. */
  private static Dim partLength(Shape shape, int axis, InferenceContext in) {
    Dim dim = shape.dim(axis);
    if (in.shape(1).hasRank(0) && in.scalar(1).isPresent()) {
      Dim each = in.scalar(1).get();
      boolean even =
          each.isKnown() && each.known() > 0 && dim.isKnown() && dim.known() % each.known() == 0;
      return even ? each : in.freshSymbol("part");
    }
    List<Dim> lengths = in.vector(1).orElse(List.of());
    boolean equal = !lengths.isEmpty() && lengths.stream().distinct().count() == 1;
    return equal ? lengths.getFirst() : in.freshSymbol("part");
  }

  private static void concat(ConcatFromSequenceOp op, InferenceContext in) {
    Shape shape = element(in.type(0)).shape();
    if (!(element(in.type(0)) instanceof ValueType.TensorType t)) {
      return;
    }
    if (!shape.isRanked()) {
      in.tensor(0, t.dtype(), Shape.UNKNOWN);
      return;
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    if (op.newAxis() != 0) {
      dims.add(in.axis(op.axis(), shape.rank() + 1), in.freshSymbol("length"));
    } else {
      dims.set(in.axis(op.axis(), shape.rank()), in.freshSymbol("concat"));
    }
    in.tensor(0, t.dtype(), Shape.of(dims));
  }
}
