package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Operators that make tensors out of shapes, numbers or chance. */
final class CreationInference {
  private CreationInference() {}

  static void register(InferenceRules rules) {
    rules.on(ConstantOp.class, CreationInference::constant);
    rules.on(ConstantOfShapeOp.class, CreationInference::constantOfShape);
    rules.on(RangeOp.class, (_, in) -> range(in));
    rules.on(EyeLikeOp.class, CreationInference::eyeLike);
    rules.on(
        RandomNormalOp.class,
        (op, in) -> in.tensor(0, ElementwiseInference.dtype(op.dtype(), in), shape(op.shape())));
    rules.on(
        RandomUniformOp.class,
        (op, in) -> in.tensor(0, ElementwiseInference.dtype(op.dtype(), in), shape(op.shape())));
    rules.on(RandomNormalLikeOp.class, (op, in) -> like(op.dtype(), in));
    rules.on(RandomUniformLikeOp.class, (op, in) -> like(op.dtype(), in));
    rules.on(BernoulliOp.class, (op, in) -> like(op.dtype(), in));
    rules.on(MultinomialOp.class, CreationInference::multinomial);
    rules.on(HannWindowOp.class, (op, in) -> window(op.outputDatatype(), in));
    rules.on(HammingWindowOp.class, (op, in) -> window(op.outputDatatype(), in));
    rules.on(BlackmanWindowOp.class, (op, in) -> window(op.outputDatatype(), in));
    rules.on(MelWeightMatrixOp.class, CreationInference::mel);
  }

  private static Shape shape(List<Long> dims) {
    return Shape.of(dims.stream().map(Dim::of).toList());
  }

  private static void constant(ConstantOp op, InferenceContext in) {
    op.sparseValue().ifPresent(t -> in.type(0, ValueType.of(t)));
    op.value()
        .ifPresent(
            t -> {
              in.type(0, ValueType.of(t));
              contents(t, in);
            });
    op.valueFloat().ifPresent(_ -> in.tensor(0, DType.F32, Shape.scalar()));
    op.valueFloats().ifPresent(v -> in.tensor(0, DType.F32, Shape.of(v.size())));
    op.valueInt()
        .ifPresent(
            v -> {
              in.tensor(0, DType.I64, Shape.scalar());
              in.contents(0, Contents.scalar(Dim.of(v)));
            });
    op.valueInts()
        .ifPresent(
            v -> {
              in.tensor(0, DType.I64, Shape.of(v.size()));
              in.contents(0, Contents.vector(v.stream().map(Dim::of).toList()));
            });
    op.valueString().ifPresent(_ -> in.tensor(0, DType.STRING, Shape.scalar()));
    op.valueStrings().ifPresent(v -> in.tensor(0, DType.STRING, Shape.of(v.size())));
  }

  private static void contents(Tensor tensor, InferenceContext in) {
    if (tensor.rank() <= 1
        && tensor.size() <= Contents.MAX_LENGTH
        && tensor.dtype().isInteger()
        && !tensor.dtype().isPacked()) {
      List<Dim> dims = new ArrayList<>();
      for (long value : tensor.toLongs()) {
        dims.add(Dim.of(value));
      }
      in.contents(0, new Contents(tensor.rank() == 0, dims));
    }
  }

  private static void constantOfShape(ConstantOfShapeOp op, InferenceContext in) {
    DType dtype = op.value().map(Tensor::dtype).orElse(DType.F32);
    if (op.value().isPresent() && op.value().get().size() != 1) {
      throw in.error("attribute 'value' must have one element")
          .expected("one element", op.value().get().typeText())
          .toException();
    }
    if (in.vector(0).isEmpty()) {
      in.tensor(
          0,
          dtype,
          in.length(0).isPresent()
              ? in.freshShape(in.length(0).getAsInt(), "filled")
              : Shape.UNKNOWN);
      return;
    }
    Shape shape = Shape.of(in.vector(0).get());
    in.tensor(0, dtype, shape);
    boolean small =
        shape.rank() == 0
            || shape.hasRank(1)
                && shape.dim(0).isKnown()
                && shape.dim(0).known() >= 0
                && shape.dim(0).known() <= Contents.MAX_LENGTH;
    if (small && (dtype.isInteger() && !dtype.isPacked() || dtype == DType.BOOL)) {
      Dim value = Dim.of(op.value().map(t -> t.toLongs()[0]).orElse(0L));
      int count = shape.rank() == 0 ? 1 : (int) shape.dim(0).known();
      in.contents(0, new Contents(shape.rank() == 0, Collections.nCopies(count, value)));
    }
  }

  private static void range(InferenceContext in) {
    in.result(0, Shape.of(rangeLength(in)));
    if (in.scalar(0).isEmpty() || in.scalar(2).isEmpty()) {
      return;
    }
    Shape shape = in.types().getFirst().shape();
    if (shape.hasRank(1) && shape.dim(0).isKnown() && shape.dim(0).known() <= Contents.MAX_LENGTH) {
      List<Dim> elements = new ArrayList<>();
      for (long i = 0; i < shape.dim(0).known(); i++) {
        elements.add(in.scalar(0).get().plus(in.scalar(2).get().times(i)));
      }
      ContentArithmetic.set(in, 0, Contents.vector(elements));
    }
  }

  private static Dim rangeLength(InferenceContext in) {
    Optional<Dim> start = in.scalar(0);
    Optional<Dim> limit = in.scalar(1);
    Optional<Dim> delta = in.scalar(2);
    if (delta.filter(d -> d.is(0)).isPresent()) {
      throw in.invalid("a range cannot have steps of 0");
    }
    if (start.isPresent() && limit.isPresent() && delta.filter(Dim::isKnown).isPresent()) {
      boolean up = delta.get().known() > 0;
      Dim span = up ? limit.get().minus(start.get()) : start.get().minus(limit.get());
      Dim count = span.ceilDiv(up ? delta.get() : delta.get().times(-1));
      return span.isAtLeast(0) ? count : count.max(Dim.of(0));
    }
    if (in.dtype(0).filter(DType::isFloat).isPresent()
        && in.constant(0).isPresent()
        && in.constant(1).isPresent()
        && in.constant(2).isPresent()) {
      double from = in.constant(0).get().toDoubles()[0];
      double to = in.constant(1).get().toDoubles()[0];
      double step = in.constant(2).get().toDoubles()[0];
      // With fractions the count depends on the precision in which it is computed.
      if (isSmallInteger(from) && isSmallInteger(to) && isSmallInteger(step)) {
        return Dim.of((long) Math.max(Math.ceil((to - from) / step), 0));
      }
    }
    return in.freshSymbol("range");
  }

  private static boolean isSmallInteger(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1 << 10;
  }

  private static void eyeLike(EyeLikeOp op, InferenceContext in) {
    in.requireRank(0, "input", 2);
    like(op.dtype(), in);
  }

  private static void like(OptionalLong dtype, InferenceContext in) {
    if (dtype.isPresent()) {
      in.tensor(0, ElementwiseInference.dtype(dtype.getAsLong(), in), in.shape(0));
    } else {
      in.tensor(0, in.dtype(0), in.shape(0));
    }
  }

  private static void multinomial(MultinomialOp op, InferenceContext in) {
    in.requireRank(0, "input", 2);
    Dim batch = in.shape(0).isRanked() ? in.shape(0).dim(0) : in.freshSymbol("batch");
    in.tensor(
        0, ElementwiseInference.dtype(op.dtype(), in), Shape.of(batch, Dim.of(op.sampleSize())));
  }

  private static void window(long dtype, InferenceContext in) {
    Dim size = in.scalar(0).orElseGet(() -> in.freshSymbol("window"));
    in.tensor(0, ElementwiseInference.dtype(dtype, in), Shape.of(size));
  }

  private static void mel(MelWeightMatrixOp op, InferenceContext in) {
    Dim bins = in.scalar(0).orElseGet(() -> in.freshSymbol("bins"));
    Dim spectrum =
        in.scalar(1)
            .map(length -> length.floorDiv(Dim.of(2)).plus(1))
            .orElseGet(() -> in.freshSymbol("spectrum"));
    in.tensor(0, ElementwiseInference.dtype(op.outputDatatype(), in), Shape.of(spectrum, bins));
  }
}
