package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Optional;

/** Numbers taken out of tensors. */
final class TensorNumbers {
  private TensorNumbers() {}

  /** {@return {@code tensor.item()}: a number where it is constant, else a symbolic one} */
  static PyObject item(TorchTrace trace, TensorRef tensor) {
    Value value = tensor.value();
    Optional<Tensor> constant = trace.constant(value);
    if (constant.isPresent() && constant.get().size() == 1) {
      return element(constant.get(), 0);
    }
    if (value.contents().isPresent() && value.contents().get().dims().size() == 1) {
      Dim dim = value.contents().get().dims().getFirst();
      return SymInt.of(trace, dim, () -> scalar(trace, value, DType.I64));
    }
    return switch (tensor.dtype().kind()) {
      case FLOAT -> SymFloat.of(trace, () -> scalar(trace, value, DType.F64));
      case SIGNED, UNSIGNED ->
          SymInt.of(trace, trace.graph().freshSymbol("i"), () -> scalar(trace, value, DType.I64));
      default ->
          throw trace.in().unsupported("item() of a %s tensor that is computed", tensor.dtype());
    };
  }

  private static Value scalar(TorchTrace trace, Value value, DType type) {
    Value flat =
        value.type().shape().hasRank(0) ? value : trace.graph().reshape(value, trace.vector());
    return trace.cast(flat, type);
  }

  static PyObject element(Tensor tensor, int index) {
    return switch (tensor.dtype().kind()) {
      case FLOAT -> PyObject.of(tensor.toDoubles()[index]);
      case BOOL -> PyObject.of(tensor.toLongs()[index] != 0);
      default -> PyObject.of(tensor.toLongs()[index]);
    };
  }

  static PyObject convert(TorchTrace trace, TensorRef tensor, String kind) {
    PyObject item = item(trace, tensor);
    return switch (kind) {
      case "int" ->
          item instanceof PyObject.Float f
              ? PyObject.of((long) f.value())
              : item instanceof SymInt
                  ? item
                  : item instanceof PyObject.Bool b ? PyObject.of(b.value() ? 1 : 0) : known(item);
      case "index" -> item instanceof PyObject.Int ? item : null;
      case "float" ->
          item instanceof PyObject.Int i
              ? PyObject.of(i.value().doubleValue())
              : item instanceof PyObject.Float ? item : null;
      default ->
          item instanceof SymInt i
              ? SymFloat.of(trace, i)
              : item instanceof SymFloat ? item : convert(trace, tensor, "float");
    };
  }

  private static PyObject known(PyObject item) {
    return item instanceof PyObject.Int ? item : null;
  }

  /** {@return {@code tensor.tolist()}} */
  static PyObject toList(TorchTrace trace, TensorRef tensor) {
    Optional<Tensor> constant = trace.constant(tensor.value());
    if (constant.isPresent()) {
      return nested(constant.get(), 0, new int[] {0});
    }
    if (tensor.value().contents().isPresent() && tensor.rank() == 1) {
      PyList all = new PyList();
      for (int i = 0; i < tensor.value().contents().get().dims().size(); i++) {
        all.elements()
            .add(
                item(
                    trace,
                    (TensorRef) trace.aten("select", tensor, PyObject.of(0), PyObject.of(i))));
      }
      return all;
    }
    throw trace.in().unsupported("tolist() of a tensor that is computed");
  }

  private static PyObject nested(Tensor tensor, int axis, int[] next) {
    if (axis == tensor.rank()) {
      return element(tensor, next[0]++);
    }
    PyList all = new PyList();
    for (long i = 0; i < tensor.dim(axis); i++) {
      all.elements().add(nested(tensor, axis + 1, next));
    }
    return all;
  }
}
