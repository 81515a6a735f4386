package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code tensor[…]}: integers, slices, {@code None}, {@code ...} make views; tensors and lists
 * gather, as PyTorch's (and NumPy's) indexing defines it.
 */
final class TensorIndex {
  private final TorchTrace trace;
  private final TensorRef self;
  private final List<PyObject> parts;

  TensorIndex(TorchTrace trace, TensorRef self, PyObject index) {
    this.trace = trace;
    this.self = self;
    boolean many = Values.plain(index) instanceof PyTuple;
    this.parts = expand(many ? ((PyTuple) Values.plain(index)).elements() : List.of(index));
  }

  private List<PyObject> expand(List<PyObject> given) {
    int consumed = 0;
    for (PyObject p : given) {
      consumed += consumes(p);
    }
    List<PyObject> all = new ArrayList<>();
    int missing = self.rank() - consumed;
    if (missing < 0) {
      throw trace
          .in()
          .raise("IndexError", "too many indices for tensor of dimension %d", self.rank());
    }
    boolean sawEllipsis = false;
    for (PyObject p : given) {
      if (p == PyObject.ELLIPSIS) {
        for (int i = 0; i < missing && !sawEllipsis; i++) {
          all.add(full());
        }
        sawEllipsis = true;
      } else {
        all.add(p);
      }
    }
    for (int i = 0; i < missing && !sawEllipsis; i++) {
      all.add(full());
    }
    return all;
  }

  private static PyObject full() {
    return new PyObject.Slice(PyObject.NONE, PyObject.NONE, PyObject.NONE);
  }

  private int consumes(PyObject part) {
    if (part == PyObject.NONE || part == PyObject.ELLIPSIS || part instanceof PyObject.Bool) {
      return 0;
    }
    return part instanceof TensorRef t && isMask(t) ? t.rank() : 1;
  }

  private static boolean isMask(TensorRef t) {
    return t.dtype() == DType.BOOL || t.dtype() == DType.U8;
  }

  PyObject get() {
    List<PyObject> advanced = new ArrayList<>();
    TensorRef viewed = basic(advanced);
    if (advanced.stream().allMatch(a -> a == PyObject.NONE)) {
      return viewed == self ? self.alias() : viewed;
    }
    return trace.aten("index", viewed, new PyList(advanced));
  }

  void set(PyObject value) {
    List<PyObject> advanced = new ArrayList<>();
    TensorRef viewed = basic(advanced);
    if (advanced.stream().allMatch(a -> a == PyObject.NONE)) {
      trace.aten("copy_", viewed, asTensor(value));
    } else {
      trace.aten("index_put_", viewed, new PyList(advanced), asTensor(value));
    }
  }

  private PyObject asTensor(PyObject value) {
    return value instanceof TensorRef
        ? value
        : trace.tensor(Operands.scalar(trace, value, self.dtype()));
  }

  /** {@return the view that the plain parts make; the others are left in {@code advanced}} */
  private TensorRef basic(List<PyObject> advanced) {
    TensorRef view = self;
    int axis = 0;
    for (PyObject part : parts) {
      switch (part) {
        case PyObject.None _ -> {
          view = Views.unsqueeze(trace, view, axis++);
          advanced.add(PyObject.NONE);
        }
        case PyObject.Slice s -> {
          view = slice(view, axis++, s);
          advanced.add(PyObject.NONE);
        }
        case TensorRef t when t.rank() == 0 && t.dtype().isInteger() && hasNoLists() ->
            view = Views.select(trace, view, axis, trace.cast(t.value(), DType.I64));
        case TensorRef t -> {
          advanced.add(t);
          axis += isMask(t) ? t.rank() : 1;
        }
        case PyObject.Bool b -> {
          view = Views.unsqueeze(trace, view, axis);
          advanced.add(
              trace.tensor(
                  trace
                      .graph()
                      .unsqueeze(trace.scalar(DType.BOOL, b.value() ? 1L : 0L), trace.vector(0))));
          axis++;
        }
        case SymInt i -> view = Views.select(trace, view, axis, i.value());
        case PyObject p when Values.isInteger(p) -> view = select(view, axis, p);
        case PyObject p -> {
          advanced.add(AtenCreation.tensorOf(trace, p, null));
          axis++;
        }
      }
    }
    return view;
  }

  private boolean hasNoLists() {
    return parts.stream()
        .noneMatch(p -> p instanceof PyList || p instanceof TensorRef t && t.rank() > 0);
  }

  private TensorRef select(TensorRef view, int axis, PyObject index) {
    long at = Values.longValue(trace.in(), index);
    Dim size = view.dim(axis);
    if (size.isKnown() && (at >= size.known() || at < -size.known())) {
      throw trace
          .in()
          .raise(
              "IndexError",
              "index %d is out of bounds for dimension %d with size %d",
              at,
              axis,
              size.known());
    }
    long normal = at < 0 && size.isKnown() ? at + size.known() : at;
    return Views.select(trace, view, axis, trace.scalar(DType.I64, normal));
  }

  private TensorRef slice(TensorRef view, int axis, PyObject.Slice s) {
    if (s.start() == PyObject.NONE && s.stop() == PyObject.NONE && s.step() == PyObject.NONE) {
      return view;
    }
    return slice(trace, view, axis, s.start(), s.stop(), s.step());
  }

  /** {@return {@code self[start:stop:step]} along an axis} */
  static TensorRef slice(
      TorchTrace trace, TensorRef self, int axis, PyObject start, PyObject stop, PyObject step) {
    long by = step == PyObject.NONE ? 1 : Values.longValue(trace.in(), step);
    if (by <= 0) {
      throw trace.in().raise("ValueError", "step must be greater than zero");
    }
    Dim size = self.dim(axis);
    Value from = bound(trace, start, size, 0);
    Value to = bound(trace, stop, size, Long.MAX_VALUE);
    return Views.slice(trace, self, axis, from, to, by);
  }

  private static Value bound(TorchTrace trace, PyObject value, Dim size, long absent) {
    if (value == PyObject.NONE) {
      return trace.vector(absent);
    }
    if (value instanceof TensorRef t) {
      return bound(trace, TensorNumbers.item(trace, t), size, absent);
    }
    if (value instanceof SymInt s) {
      return trace.graph().unsqueeze(s.value(), trace.vector(0));
    }
    long at = Values.longValue(trace.in(), value);
    if (size.isKnown()) {
      long n = size.known();
      return trace.vector(Math.clamp(at < 0 ? at + n : at, 0, n));
    }
    return trace.vector(at);
  }
}
