package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyNative;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Types;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.tensor.DType;
import java.util.List;

/** The classes of PyTorch's own values. */
final class TorchTypes {
  static final PyClass TENSOR = new PyClass("Tensor", List.of(Types.OBJECT), new PyDict(), null);
  static final PyClass PARAMETER = new PyClass("Parameter", List.of(TENSOR), new PyDict(), null);
  static final PyClass DTYPE = new PyClass("dtype", List.of(Types.OBJECT), new PyDict(), null);
  static final PyClass DEVICE = new PyClass("device", List.of(Types.OBJECT), new PyDict(), null);
  static final PyClass CONSTANT =
      new PyClass("constant", List.of(Types.OBJECT), new PyDict(), null);
  static final PyClass SIZE = new PyClass("Size", List.of(Types.TUPLE), new PyDict(), null);
  static final PyClass SYM_INT = new PyClass("int", List.of(Types.INT), new PyDict(), null);
  static final PyClass SYM_FLOAT = new PyClass("float", List.of(Types.FLOAT), new PyDict(), null);
  static final PyClass SYM_BOOL = new PyClass("bool", List.of(Types.INT), new PyDict(), null);
  static final PyClass FUNCTION =
      new PyClass("builtin_function", List.of(Types.OBJECT), new PyDict(), null);

  static {
    TENSOR.constructor(
        PyNative.of(
            "Tensor",
            "*args",
            (in, a) ->
                TorchModules.construct(
                    in.host(TorchTrace.class), ((PyTuple) a[0]).elements(), DType.F32)));
    PARAMETER.constructor(
        PyNative.of(
            "Parameter",
            "data=None, requires_grad=True",
            (in, a) ->
                a[0] instanceof TensorRef t
                    ? t.asParameter()
                    : ((TensorRef)
                            TorchModules.construct(in.host(TorchTrace.class), List.of(), DType.F32))
                        .asParameter()));
    DEVICE.constructor(
        PyNative.of("device", "kind, index=None", (in, a) -> TorchModules.device(in, a[0], a[1])));
    SIZE.constructor(PyNative.of("Size", "values=()", (in, a) -> size(in.operators().list(a[0]))));
    SIZE.method(
        "numel",
        "self",
        (in, a) -> {
          PyObject product = PyObject.of(1);
          for (PyObject d : ((PyTuple) Values.plain(a[0])).elements()) {
            product = in.operators().binary("*", product, d);
          }
          return product;
        });
    SIZE.method(
        "__repr__",
        "self",
        (in, a) ->
            PyObject.of(
                "torch.Size("
                    + in.text()
                        .repr(
                            new dev.isomorph.importers.python.PyList(
                                ((PyTuple) Values.plain(a[0])).elements()))
                    + ")"));
  }

  private TorchTypes() {}

  /** {@return a {@code torch.Size}} */
  static PyInstance size(List<PyObject> dims) {
    return new PyInstance(SIZE, new PyTuple(dims));
  }
}
