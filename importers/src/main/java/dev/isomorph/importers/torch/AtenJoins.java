package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Joining tensors and taking them apart. */
final class AtenJoins {
  private AtenJoins() {}

  static void register() {
    AtenRules.on("cat", AtenJoins::cat);
    AtenRules.on("stack", AtenJoins::stack);
    AtenRules.on("split", AtenJoins::split);
    AtenRules.on("split_with_sizes", AtenJoins::split);
    AtenRules.on("chunk", AtenJoins::chunk);
    AtenRules.on("unbind", AtenJoins::unbind);
    AtenRules.on("einsum", AtenJoins::einsum);
  }

  private static List<Value> sameType(AtenCall c, List<TensorRef> tensors) {
    DType type = Operands.resultType(c.trace(), tensors);
    return tensors.stream().map(t -> c.trace().cast(t.value(), type)).toList();
  }

  private static PyObject cat(AtenCall c) {
    List<TensorRef> tensors = new ArrayList<>(c.tensors("tensors"));
    // PyTorch lets empty vectors be joined with anything.
    tensors.removeIf(t -> t.rank() == 1 && t.dim(0).is(0) && c.tensors("tensors").size() > 1);
    int axis = c.axis("dim", tensors.getFirst().rank());
    List<Value> values = sameType(c, tensors);
    return c.result(
        values.size() == 1 ? values.getFirst() : c.graph().concat(values, a -> a.axis(axis)));
  }

  private static PyObject stack(AtenCall c) {
    List<TensorRef> tensors = c.tensors("tensors");
    int axis = c.axis("dim", tensors.getFirst().rank() + 1);
    List<Value> values =
        sameType(c, tensors).stream()
            .map(v -> c.graph().unsqueeze(v, c.trace().vector(axis)))
            .toList();
    return c.result(
        values.size() == 1 ? values.getFirst() : c.graph().concat(values, a -> a.axis(axis)));
  }

  private static PyObject pieces(AtenCall c, TensorRef self, int axis, List<PyObject> sizes) {
    List<PyObject> all = new ArrayList<>();
    PyObject start = PyObject.of(0);
    for (PyObject size : sizes) {
      PyObject end = c.in().operators().binary("+", start, size);
      all.add(TensorIndex.slice(c.trace(), self, axis, start, end, PyObject.NONE));
      start = end;
    }
    return new PyTuple(all);
  }

  private static PyObject split(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    PyObject size = c.get(c.has("split_size") ? "split_size" : "split_sizes");
    if (!Values.isInteger(size) && !(size instanceof SymInt)) {
      return pieces(c, self, axis, AtenCall.elements(size));
    }
    return pieces(c, self, axis, evenSizes(c, self.dim(axis), c.known(size)));
  }

  private static List<PyObject> evenSizes(AtenCall c, Dim total, long size) {
    if (!total.isKnown()) {
      throw c.trace().unknownSize("splitting a tensor", total);
    }
    List<PyObject> sizes = new ArrayList<>();
    for (long left = total.known(); left > 0; left -= size) {
      sizes.add(PyObject.of(Math.min(size, left)));
    }
    return sizes.isEmpty() ? List.of(PyObject.of(0)) : sizes;
  }

  private static PyObject chunk(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    long chunks = c.integer("chunks");
    Dim total = self.dim(axis);
    if (!total.isKnown()) {
      throw c.trace().unknownSize("chunk()", total);
    }
    long size = Math.max(1, Math.ceilDiv(total.known(), chunks));
    return pieces(c, self, axis, evenSizes(c, total, size));
  }

  private static PyObject unbind(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    Dim size = self.dim(axis);
    if (!size.isKnown()) {
      throw c.trace().unknownSize("taking a tensor apart", size);
    }
    List<PyObject> all = new ArrayList<>();
    for (long i = 0; i < size.known(); i++) {
      all.add(Views.select(c.trace(), self, axis, c.trace().scalar(DType.I64, i)));
    }
    return new PyTuple(all);
  }

  private static PyObject einsum(AtenCall c) {
    String equation = c.text("equation").replace(" ", "");
    List<Value> values = sameType(c, c.tensors("tensors"));
    return c.result(c.graph().einsum(values, a -> a.equation(equation)));
  }
}
