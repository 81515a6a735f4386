package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One call of an operator: its arguments by name. It keeps account of which were read; an argument
 * that was given, but that the rule did not read, is an error.
 */
final class AtenCall {
  /** Arguments that cannot change what is computed. */
  private static final Set<String> IRRELEVANT =
      Set.of(
          "device",
          "layout",
          "pin_memory",
          "memory_format",
          "non_blocking",
          "requires_grad",
          "copy",
          "generator",
          "out",
          "implicit",
          "benchmark",
          "deterministic",
          "cudnn_enabled",
          "allow_tf32",
          "cudnn",
          "path",
          "sparse",
          "scale_grad_by_freq",
          "enable_gqa");

  private final TorchTrace trace;
  private final AtenSchema schema;
  private final Map<String, PyObject> arguments;
  private final Set<String> read = new HashSet<>();

  AtenCall(TorchTrace trace, AtenSchema schema, Map<String, PyObject> arguments) {
    this.trace = trace;
    this.schema = schema;
    this.arguments = arguments;
  }

  TorchTrace trace() {
    return trace;
  }

  GraphBuilder graph() {
    return trace.graph();
  }

  Interpreter in() {
    return trace.in();
  }

  AtenSchema schema() {
    return schema;
  }

  String overload() {
    return schema.overload();
  }

  String name() {
    return schema.fullName();
  }

  /** {@return whether this overload has the argument} */
  boolean has(String name) {
    return arguments.containsKey(name);
  }

  /** {@return the argument, {@code None} included} */
  PyObject get(String name) {
    read.add(name);
    PyObject value = arguments.get(name);
    if (value == null) {
      throw new IllegalStateException(name() + " has no argument '" + name + "'");
    }
    return value;
  }

  boolean isNone(String name) {
    return get(name) == PyObject.NONE;
  }

  /** Declares arguments irrelevant for this call. */
  AtenCall ignore(String... names) {
    read.addAll(List.of(names));
    return this;
  }

  TensorRef tensor(String name) {
    PyObject value = get(name);
    if (value instanceof TensorRef t) {
      return t;
    }
    return trace.tensor(number(value));
  }

  private Value number(PyObject value) {
    DType type = Operands.numberType(value);
    return Operands.scalar(trace, value, type);
  }

  Value value(String name) {
    return tensor(name).value();
  }

  /** {@return the tensor's value, or {@link Value#ABSENT}} */
  Value optionalValue(String name) {
    return isNone(name) ? Value.ABSENT : value(name);
  }

  List<TensorRef> tensors(String name) {
    List<TensorRef> all = new ArrayList<>();
    for (PyObject e : list(name)) {
      all.add((TensorRef) e);
    }
    return all;
  }

  List<PyObject> list(String name) {
    return elements(get(name));
  }

  static List<PyObject> elements(PyObject value) {
    return switch (Values.plain(value)) {
      case PyList l -> l.elements();
      case PyTuple t -> t.elements();
      default -> List.of(value);
    };
  }

  boolean flag(String name) {
    return in().operators().truth(get(name));
  }

  long integer(String name) {
    return known(get(name));
  }

  long known(PyObject value) {
    if (value instanceof SymInt s) {
      throw trace.unknownSize("an argument of " + name(), s.dim());
    }
    return Values.longValue(in(), value);
  }

  /** {@return the axes or sizes of a list, each of them known} */
  List<Long> integers(String name) {
    return list(name).stream().map(this::known).toList();
  }

  /** {@return a list of {@code count} numbers; a single one stands for all} */
  long[] spread(String name, int count) {
    List<Long> all = integers(name);
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = all.size() == 1 ? all.getFirst() : all.get(i);
    }
    return out;
  }

  double real(String name) {
    return Values.doubleValue(in(), get(name));
  }

  String text(String name) {
    return Values.string(in(), get(name));
  }

  /** {@return the axis, counted from the front} */
  int axis(String name, int rank) {
    return axis(integer(name), rank);
  }

  int axis(long axis, int rank) {
    long limit = Math.max(rank, 1);
    if (axis < -limit || axis >= limit) {
      throw in().raise(
              "IndexError",
              "Dimension out of range (expected to be in range of [%d, %d], but got %d)",
              -limit,
              limit - 1,
              axis);
    }
    return (int) (axis < 0 ? axis + limit : axis);
  }

  /** {@return the axes, counted from the front; all of them for an empty list or {@code None}} */
  long[] axes(String name, int rank) {
    if (isNone(name) || list(name).isEmpty()) {
      return java.util.stream.LongStream.range(0, rank).toArray();
    }
    return integers(name).stream().mapToLong(a -> axis(a, rank)).toArray();
  }

  /** {@return the element type, or {@code null} for {@code None}} */
  DType dtype(String name) {
    return switch (get(name)) {
      case TorchConstant.ElementType t -> t.dtype();
      case PyObject.None _ -> null;
      case PyObject v when Values.isInteger(v) -> ElementTypes.ofCode((int) known(v));
      case PyObject v -> TensorAttributes.elementType(in(), v);
    };
  }

  TensorRef result(Value value) {
    return trace.tensor(value);
  }

  PyTuple results(Value... values) {
    List<PyObject> all = new ArrayList<>();
    for (Value v : values) {
      all.add(result(v));
    }
    return new PyTuple(all);
  }

  /** Checks that nothing that was given was left unread. */
  void checkAllRead() {
    for (AtenSchema.Argument a : schema.arguments()) {
      PyObject given = arguments.get(a.name());
      boolean isDefault = given == a.initial() || a.initial() != null && same(given, a.initial());
      if (!read.contains(a.name()) && !IRRELEVANT.contains(a.name()) && !isDefault) {
        throw in().unsupported(
                ErrorCode.UNSUPPORTED_ATTRIBUTE,
                "argument '%s' of %s is not supported with the value %s",
                a.name(),
                name(),
                in().text().repr(given));
      }
    }
  }

  private boolean same(PyObject a, PyObject b) {
    if (a instanceof TensorRef || b instanceof TensorRef) {
      return false;
    }
    PyObject x = a instanceof PyTuple t ? new PyList(t.elements()) : a;
    return in().operators().equal(x, b);
  }
}
