package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.DequantizeLinearOp;
import dev.isomorph.ir.op.DynamicQuantizeLinearOp;
import dev.isomorph.ir.op.QuantizeLinearOp;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;

/** Quantization: the shape of the operand, the element type of the zero point or the attribute. */
final class QuantizationInference {
  private QuantizationInference() {}

  static void register(InferenceRules rules) {
    rules.on(QuantizeLinearOp.class, QuantizationInference::quantize);
    rules.on(DequantizeLinearOp.class, QuantizationInference::dequantize);
    rules.on(
        DynamicQuantizeLinearOp.class,
        (_, in) -> {
          in.tensor(0, DType.U8, in.shape(0));
          in.tensor(1, DType.F32, Shape.scalar());
          in.tensor(2, DType.U8, Shape.scalar());
        });
  }

  private static void quantize(QuantizeLinearOp op, InferenceContext in) {
    checkScale(op.axis(), op.blockSize(), in);
    if (in.has(2)) {
      in.tensor(0, in.dtype(2), in.shape(0));
      if (op.outputDtype() != 0 && in.dtype(2).isPresent()) {
        DType asked = ElementwiseInference.dtype(op.outputDtype(), in);
        if (asked != in.dtype(2).get()) {
          throw in.error("attribute 'output_dtype' is not the type of the zero point")
              .expected(in.dtype(2).get(), asked)
              .toException();
        }
      }
    } else {
      DType dtype =
          op.outputDtype() == 0 ? DType.U8 : ElementwiseInference.dtype(op.outputDtype(), in);
      in.tensor(0, dtype, in.shape(0));
    }
  }

  private static void dequantize(DequantizeLinearOp op, InferenceContext in) {
    checkScale(op.axis(), op.blockSize(), in);
    if (op.outputDtype() != 0) {
      in.tensor(0, ElementwiseInference.dtype(op.outputDtype(), in), in.shape(0));
    } else {
      in.tensor(0, in.dtype(1), in.shape(0));
    }
  }

  /** The scale is one number, one per index of the axis, or one per block along it. */
  private static void checkScale(long axis, long blockSize, InferenceContext in) {
    Shape x = in.shape(0);
    Shape scale = in.shape(1);
    if (!x.isRanked() || !scale.isRanked() || scale.rank() == 0) {
      return;
    }
    if (blockSize != 0) {
      in.requireRank(1, "the scale of blocks", x.rank());
      in.axis(axis, x.rank());
    } else if (scale.rank() == 1 && !scale.dim(0).is(1)) {
      in.requireEqual(
          x.dim(in.axis(axis, x.rank())), scale.dim(0), "axis " + axis + " and the scale");
    } else if (scale.rank() > 1) {
      throw in.error("the scale must be a number or a vector")
          .expected("rank 0 or 1", scale)
          .toException();
    }
  }
}
