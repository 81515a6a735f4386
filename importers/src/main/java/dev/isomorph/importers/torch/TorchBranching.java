package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Branching;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Unavailable;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Conditions on tensors: each arm becomes a region of an If; what they leave is joined. */
final class TorchBranching implements Branching {
  /** One evaluated arm with its region, and the cells that it wrote. */
  private record Side(GraphBuilder region, Arm arm, Map<Cell, Value> written) {}

  /** A result of the If: its value in both arms, and who gets it. */
  private record Joint(PyObject then, PyObject otherwise, Consumer<Value> target) {}

  private final TorchTrace trace;
  private final List<Joint> joints = new ArrayList<>();

  TorchBranching(TorchTrace trace) {
    this.trace = trace;
  }

  @Override
  public boolean isOpen(Interpreter in, PyObject condition) {
    return condition instanceof TensorRef t && trace.constant(t.value()).isEmpty();
  }

  @Override
  public boolean assume(PyObject condition, boolean holds) {
    if (!(condition instanceof SymBool b)) {
      return false;
    }
    trace.assume(
        (holds ? "" : "not ") + b.text() + ", as the source requires at " + trace.in().place());
    return true;
  }

  @Override
  public Arm join(Interpreter in, PyObject condition, Supplier<Arm> then, Supplier<Arm> otherwise) {
    return new TorchBranching(trace).joined((TensorRef) condition, then, otherwise);
  }

  private Arm joined(TensorRef condition, Supplier<Arm> then, Supplier<Arm> otherwise) {
    Value bool = trace.cast(condition.value(), DType.BOOL);
    Value flag =
        bool.type().shape().hasRank(0) ? bool : trace.graph().reshape(bool, trace.vector());
    Side a = side("then", then);
    Side b = side("else", otherwise);
    if ((a.arm.returned() == null) != (b.arm.returned() == null)) {
      throw trace
          .in()
          .unsupported("a condition on the values of a tensor of which one arm alone returns");
    }
    Set<Cell> cells = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
    cells.addAll(a.written.keySet());
    cells.addAll(b.written.keySet());
    for (Cell cell : cells) {
      PyObject x = trace.tensor(a.written.getOrDefault(cell, cell.value()));
      PyObject y = trace.tensor(b.written.getOrDefault(cell, cell.value()));
      joints.add(new Joint(x, y, v -> trace.write(cell, v)));
    }
    PyObject[] returned = new PyObject[1];
    if (a.arm.returned() != null) {
      meet("the result", a.arm.returned(), b.arm.returned(), v -> returned[0] = v);
    }
    SequencedMap<String, PyObject> variables = new LinkedHashMap<>();
    Set<String> names = new LinkedHashSet<>(a.arm.variables().keySet());
    names.addAll(b.arm.variables().keySet());
    for (String name : names) {
      PyObject x = a.arm.variables().get(name);
      PyObject y = b.arm.variables().get(name);
      variables.put(name, null);
      if (x != null && y != null) {
        meet("'" + name + "'", x, y, v -> variables.put(name, v));
      }
    }
    emit(flag, a, b);
    return new Arm(returned[0], variables);
  }

  private Side side(String name, Supplier<Arm> body) {
    GraphBuilder region = trace.openRegion(name);
    try {
      Arm arm = body.get();
      return new Side(region, arm, trace.writtenCells());
    } finally {
      trace.closeRegion();
    }
  }

  /** Finds what a value is after the If. */
  private void meet(String what, PyObject a, PyObject b, Consumer<PyObject> target) {
    boolean numbers =
        isNumber(a) && isNumber(b) && !(a instanceof TensorRef && b instanceof TensorRef);
    if (a == b || !(a instanceof TensorRef) && !(b instanceof TensorRef) && same(a, b)) {
      target.accept(a);
    } else if (a instanceof TensorRef x && b instanceof TensorRef y && x.dtype() == y.dtype()) {
      joints.add(new Joint(a, b, v -> target.accept(trace.tensor(v))));
    } else if (sequence(a) && sequence(b) && elements(a).size() == elements(b).size()) {
      List<PyObject> all = new ArrayList<>(elements(a));
      for (int i = 0; i < all.size(); i++) {
        int at = i;
        meet(what, elements(a).get(i), elements(b).get(i), v -> all.set(at, v));
      }
      later(() -> target.accept(a instanceof PyTuple ? new PyTuple(all) : new PyList(all)));
    } else {
      String reason = numbers ? "a number" : "a value";
      target.accept(
          new Unavailable(
              what + ", " + reason + " that differs between the arms of a condition on a tensor,",
              trace.in().place()));
    }
  }

  private void later(Runnable action) {
    joints.add(new Joint(null, null, _ -> action.run()));
  }

  private static boolean isNumber(PyObject value) {
    return Values.isInteger(value) || value instanceof PyObject.Float || value instanceof SymInt;
  }

  private boolean same(PyObject a, PyObject b) {
    return !sequence(a)
        && !sequence(b)
        && !(a instanceof Unavailable)
        && !(b instanceof Unavailable)
        && a.equals(b);
  }

  private static boolean sequence(PyObject value) {
    return value instanceof PyTuple || value instanceof PyList;
  }

  private static List<PyObject> elements(PyObject value) {
    return AtenCall.elements(value);
  }

  private void emit(Value flag, Side a, Side b) {
    List<Joint> outputs = joints.stream().filter(j -> j.then != null).toList();
    List<Value> results = List.of();
    if (!outputs.isEmpty()) {
      Graph then = region(a.region, outputs.stream().map(j -> (TensorRef) j.then).toList());
      Graph otherwise =
          region(b.region, outputs.stream().map(j -> (TensorRef) j.otherwise).toList());
      results =
          trace.graph().if_(flag, outputs.size(), i -> i.thenBranch(then).elseBranch(otherwise));
    }
    int next = 0;
    for (Joint j : joints) {
      j.target.accept(j.then == null ? null : results.get(next++));
    }
  }

  private Graph region(GraphBuilder region, List<TensorRef> outputs) {
    trace.reopenRegion(region);
    try {
      List<Value> values = new ArrayList<>();
      outputs.forEach(t -> values.add(trace.graph().identity(t.value())));
      return region.build(values);
    } finally {
      trace.closeRegion();
    }
  }
}
