package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.List;

/** Operands of elementwise operators: tensors and numbers, brought to one element type. */
final class Operands {
  private Operands() {}

  /** {@return the type that a number has by itself} */
  static DType numberType(PyObject number) {
    return switch (Values.plain(number)) {
      case PyObject.Bool _ -> DType.BOOL;
      case PyObject.Int _ -> DType.I64;
      case SymInt _ -> DType.I64;
      case PyObject.Complex _ -> DType.C64;
      default -> DType.F32;
    };
  }

  /** {@return the type of the result of an operator on tensors and numbers} */
  static DType resultType(TorchTrace trace, PyObject... operands) {
    return resultType(trace, List.of(operands));
  }

  static DType resultType(TorchTrace trace, List<? extends PyObject> operands) {
    DType dimensioned = null;
    DType zeroDim = null;
    DType number = null;
    for (PyObject operand : operands) {
      if (operand instanceof TensorRef t) {
        if (t.shape().isRanked() && t.rank() == 0) {
          zeroDim = ElementTypes.promote(zeroDim, t.dtype());
        } else {
          dimensioned = ElementTypes.promote(dimensioned, t.dtype());
        }
      } else {
        number = ElementTypes.promote(number, numberType(operand));
      }
    }
    return ElementTypes.result(dimensioned, zeroDim, number);
  }

  /** {@return the operand as a value of a type} */
  static Value as(TorchTrace trace, PyObject operand, DType type) {
    return operand instanceof TensorRef t
        ? trace.cast(t.value(), type)
        : scalar(trace, operand, type);
  }

  /** {@return a number as a scalar of a type} */
  static Value scalar(TorchTrace trace, PyObject number, DType type) {
    return switch (Values.plain(number)) {
      case SymInt s -> trace.cast(s.value(), type);
      case SymFloat s -> trace.cast(s.value(), type);
      case PyObject.Bool b ->
          type == DType.BOOL
              ? trace.scalar(DType.BOOL, b.value() ? 1L : 0L)
              : trace.scalar(type, b.value() ? 1L : 0L);
      case PyObject.Int i ->
          i.value().bitLength() < 64 && !type.isFloat()
              ? trace.scalar(type, i.value().longValue())
              : trace.scalar(type, i.value().doubleValue());
      case PyObject.Complex c -> complex(trace, c, type);
      default -> trace.scalar(type, Values.doubleValue(trace.in(), number));
    };
  }

  private static Value complex(TorchTrace trace, PyObject.Complex c, DType type) {
    Tensor parts =
        type == DType.C128
            ? Tensor.of(new double[] {c.real(), c.imaginary()}, 2)
            : Tensor.of(new float[] {(float) c.real(), (float) c.imaginary()}, 2);
    return trace.graph().constant(Tensor.of(type, new long[0], parts.segment()));
  }
}
