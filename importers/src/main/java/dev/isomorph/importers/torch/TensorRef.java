package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A tensor as Python code holds it: a cell, or a view of another tensor. A read materialises the
 * view; a write goes back through the views into the cell, so that every alias sees it.
 */
final class TensorRef implements HostObject {
  /** How a view reads from its base, and writes back into it. */
  interface View {
    Value read(Value base);

    /** {@return the base with {@code part} in place of what the view shows} */
    Value write(Value base, Value part);
  }

  private final TorchTrace trace;
  private Cell cell;
  private final TensorRef base;
  private final View view;
  private final boolean contiguous;
  private Value cached;
  private long cachedVersion = -1;
  private Cell cachedCell;
  private GraphBuilder cachedIn;

  /** Whether this is an {@code nn.Parameter}. */
  private boolean parameter;

  private TensorRef(TorchTrace trace, Cell cell, TensorRef base, View view, boolean contiguous) {
    this.trace = trace;
    this.cell = cell;
    this.base = base;
    this.view = view;
    this.contiguous = contiguous;
  }

  /** {@return a tensor of its own memory} */
  static TensorRef of(TorchTrace trace, Value value) {
    return new TensorRef(trace, new Cell(value), null, null, true);
  }

  /** {@return a view of this} */
  TensorRef view(boolean staysContiguous, View made) {
    return new TensorRef(trace, null, this, made, contiguous && staysContiguous);
  }

  /** {@return the same memory under another Python object} */
  TensorRef alias() {
    return base == null
        ? new TensorRef(trace, cell, null, null, contiguous)
        : new TensorRef(trace, null, base, view, contiguous);
  }

  /** {@return this memory as an {@code nn.Parameter}} */
  TensorRef asParameter() {
    TensorRef made = alias();
    made.parameter = true;
    return made;
  }

  boolean isParameter() {
    return parameter;
  }

  /** {@return whether elements follow each other in memory, as far as this is tracked} */
  boolean isContiguous() {
    return contiguous;
  }

  TorchTrace trace() {
    return trace;
  }

  /** {@return the memory below all views} */
  Cell root() {
    return base == null ? cell : base.root();
  }

  /** Makes this object stand for other memory, as assigning {@code .data} does. */
  void rebind(TensorRef other) {
    if (base != null) {
      throw trace.in().unsupported("assigning '.data' of a view is outside the subset");
    }
    cell = new Cell(other.value());
  }

  Value value() {
    if (base == null) {
      return cell.value();
    }
    Cell root = root();
    boolean stale =
        cached == null
            || cachedVersion != root.version()
            || cachedCell != root
            || !trace.isOpen(cachedIn);
    if (stale) {
      cached = view.read(base.value());
      cachedIn = trace.current();
      cachedVersion = root.version();
      cachedCell = root;
    }
    return cached;
  }

  /** Writes all elements; {@code value} has this tensor's type. */
  void write(Value value) {
    if (base == null) {
      trace.write(cell, value);
    } else {
      base.write(view.write(base.value(), value));
    }
  }

  DType dtype() {
    return value().type().asTensor().dtype();
  }

  Shape shape() {
    return value().type().shape();
  }

  int rank() {
    return trace.rank(value());
  }

  Dim dim(int axis) {
    return shape().dim(axis);
  }

  @Override
  public PyClass type(Interpreter in) {
    return parameter ? TorchTypes.PARAMETER : TorchTypes.TENSOR;
  }

  @Override
  public PyObject attribute(Interpreter in, String name) {
    return trace.tensorAttributes().get(this, name);
  }

  @Override
  public boolean setAttribute(Interpreter in, String name, PyObject value) {
    switch (name) {
      case "data" -> rebind((TensorRef) value);
      case "requires_grad", "grad" -> {}
      default -> {
        return false;
      }
    }
    return true;
  }

  @Override
  public PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    return TensorOperators.binary(trace, operator, this, other, reflected);
  }

  @Override
  public PyObject inPlace(Interpreter in, String operator, PyObject other) {
    return TensorOperators.inPlace(trace, operator, this, other);
  }

  @Override
  public PyObject unary(Interpreter in, String operator) {
    return TensorOperators.unary(trace, operator, this);
  }

  @Override
  public PyObject compare(Interpreter in, String operator, PyObject other) {
    return TensorOperators.compare(trace, operator, this, other);
  }

  @Override
  public PyObject getItem(Interpreter in, PyObject index) {
    return new TensorIndex(trace, this, index).get();
  }

  @Override
  public boolean setItem(Interpreter in, PyObject index, PyObject value) {
    new TensorIndex(trace, this, index).set(value);
    return true;
  }

  @Override
  public Iterator<PyObject> iterate(Interpreter in) {
    if (rank() == 0) {
      throw in.raise("TypeError", "iteration over a 0-d tensor");
    }
    return ((PyTuple) trace.aten("unbind", this, PyObject.of(0))).elements().iterator();
  }

  @Override
  public long length(Interpreter in) {
    if (rank() == 0) {
      throw in.raise("TypeError", "len() of a 0-d tensor");
    }
    Dim first = dim(0);
    if (!first.isKnown()) {
      throw trace.unknownSize("len() of a tensor", first);
    }
    return first.known();
  }

  @Override
  public boolean truth(Interpreter in) {
    var constant = trace.constant(value());
    if (constant.isPresent() && constant.get().size() == 1) {
      return constant.get().dtype().isFloat()
          ? constant.get().toDoubles()[0] != 0
          : constant.get().toLongs()[0] != 0;
    }
    return trace.decide(this);
  }

  @Override
  public PyObject convert(Interpreter in, String kind) {
    return switch (kind) {
      case "deepcopy" -> {
        TensorRef copy = of(trace, value());
        copy.parameter = parameter;
        yield copy;
      }
      case "index", "int", "float", "symbolic float" -> TensorNumbers.convert(trace, this, kind);
      default -> null;
    };
  }

  /** {@return the sizes as Python holds them} */
  PyObject sizes() {
    List<PyObject> dims = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      dims.add(size(i));
    }
    return TorchTypes.size(dims);
  }

  /** {@return the size of an axis: a number where it is known, else a symbolic one} */
  PyObject size(int axis) {
    return trace.size(value(), axis);
  }

  @Override
  public Object hashKey(Interpreter in) {
    return this;
  }

  @Override
  public String repr(Interpreter in) {
    return "tensor(" + value().type() + ")";
  }
}
