package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The graph that an evaluation writes: where tensors' values are made, with the place and module
 * path of what is being run as their origin.
 */
final class TorchTrace {
  private final GraphBuilder graph = new GraphBuilder("forward");
  private final Deque<GraphBuilder> regions = new ArrayDeque<>();
  private final Deque<Map<Cell, Value>> journals = new ArrayDeque<>();
  private final AtenFunctions aten;
  private final TensorAttributes attributes;
  private final Deque<String> scopes = new ArrayDeque<>();
  private final Map<Value, String> random = new IdentityHashMap<>();
  private final Map<String, Value> constants = new HashMap<>();
  private final Set<String> assumptions = new java.util.LinkedHashSet<>();
  private final Set<String> minimums = Collections.newSetFromMap(new HashMap<>());
  private Interpreter in;

  TorchTrace() {
    this.aten = new AtenFunctions(this);
    this.attributes = new TensorAttributes(this);
  }

  void in(Interpreter interpreter) {
    this.in = interpreter;
  }

  Interpreter in() {
    return in;
  }

  AtenFunctions functions() {
    return aten;
  }

  TensorAttributes tensorAttributes() {
    return attributes;
  }

  /** {@return the builder, at the place that is being run} */
  GraphBuilder graph() {
    String scope = scopes.isEmpty() ? "" : scopes.peek();
    String place = in.place();
    return current().at(new Origin(place.isEmpty() ? List.of() : List.of(place), scope));
  }

  /** {@return the builder of the innermost region} */
  GraphBuilder current() {
    return regions.isEmpty() ? graph : regions.peek();
  }

  /** {@return whether values of a builder may be used now} */
  boolean isOpen(GraphBuilder builder) {
    return builder == graph || regions.contains(builder);
  }

  /** Starts an arm of a condition: its nodes go into a region, its writes into a journal. */
  GraphBuilder openRegion(String name) {
    GraphBuilder region = current().newRegion(name);
    regions.push(region);
    journals.push(new IdentityHashMap<>());
    return region;
  }

  /** Goes on with a region that was closed. */
  void reopenRegion(GraphBuilder region) {
    regions.push(region);
    journals.push(new IdentityHashMap<>());
  }

  /** {@return what the arm wrote, by cell} */
  Map<Cell, Value> writtenCells() {
    Map<Cell, Value> written = new IdentityHashMap<>();
    journals.peek().keySet().forEach(cell -> written.put(cell, cell.value()));
    return written;
  }

  /** Ends a region; cells are again what they were before it. */
  void closeRegion() {
    regions.pop();
    journals.pop().forEach(Cell::write);
  }

  /** Writes into a cell, so that the arm of a condition can be undone. */
  void write(Cell cell, Value value) {
    if (!journals.isEmpty()) {
      journals.peek().putIfAbsent(cell, cell.value());
    }
    cell.write(value);
  }

  void enterModule(String path) {
    scopes.push(path);
  }

  void leaveModule() {
    scopes.pop();
  }

  /** {@return what was taken for granted, in words} */
  Set<String> assumptions() {
    return assumptions;
  }

  void assume(String sentence) {
    assumptions.add(sentence);
  }

  PyObject aten(String name, PyObject... arguments) {
    return aten.call(name, Arguments.of(arguments));
  }

  TensorRef tensor(Value value) {
    return TensorRef.of(this, value);
  }

  int rank(Value value) {
    Shape shape = value.type().shape();
    if (!shape.isRanked()) {
      throw in.unsupported(
          ErrorCode.UNSUPPORTED_FEATURE, "the rank of %s is not known here", value.name());
    }
    return shape.rank();
  }

  PyObject size(Value value, int axis) {
    Dim dim = value.type().shape().dim(axis);
    return SymInt.of(
        this, dim, () -> graph().gather(graph().shape(value), scalar(DType.I64, axis)));
  }

  /** {@return the expression of an integer} */
  Dim dimOf(PyObject integer) {
    return integer instanceof SymInt s ? s.dim() : Dim.of(Values.longValue(in, integer));
  }

  /** {@return the i64 scalar of an integer} */
  Value scalarOf(PyObject integer) {
    return integer instanceof SymInt s
        ? s.value()
        : scalar(DType.I64, Values.longValue(in, integer));
  }

  /** {@return floor division of non-negative or any i64 scalars, as Python rounds} */
  Value floorDivide(Value a, Value b) {
    // ONNX's Div truncates and its Mod has the divisor's sign, so a − a mod b divides exactly.
    return graph().div(graph().sub(a, graph().mod(a, b)), b);
  }

  /** {@return a constant scalar, one value per content} */
  Value scalar(DType type, double number) {
    return constants.computeIfAbsent(
        type + ":" + Double.doubleToLongBits(number),
        _ -> graph.constant(Tensor.scalar(type, number)));
  }

  /** {@return a constant integer scalar, one value per content} */
  Value scalar(DType type, long number) {
    if (type.isFloat()) {
      return scalar(type, (double) number);
    }
    return constants.computeIfAbsent(
        type + "#" + number, _ -> graph.constant(Tensor.scalar(type, number)));
  }

  /** {@return a constant i64 vector, one value per content} */
  Value vector(long... numbers) {
    return constants.computeIfAbsent(
        java.util.Arrays.toString(numbers), _ -> graph.constant(Tensor.vector(numbers)));
  }

  Value vector(List<Long> numbers) {
    return vector(numbers.stream().mapToLong(Long::longValue).toArray());
  }

  /** {@return an i64 vector of numbers that may be symbolic} */
  Value vectorOf(List<PyObject> numbers) {
    if (numbers.stream().noneMatch(SymInt.class::isInstance)) {
      return vector(numbers.stream().map(n -> Values.longValue(in, n)).toList());
    }
    List<Value> parts = new ArrayList<>();
    for (PyObject n : numbers) {
      parts.add(
          n instanceof SymInt s
              ? graph().unsqueeze(s.value(), vector(0))
              : vector(Values.longValue(in, n)));
    }
    return parts.size() == 1 ? parts.getFirst() : graph().concat(parts, a -> a.axis(0));
  }

  Value cast(Value value, DType type) {
    if (value.type().asTensor().dtype() == type) {
      return value;
    }
    return graph().cast(value, a -> a.to(type.onnxCode()));
  }

  /** {@return the stored elements, where the value is a small constant} */
  Optional<Tensor> constant(Value value) {
    return value instanceof Value.Parameter p && p.kind() == Value.Parameter.Kind.CONSTANT
        ? p.constant()
        : Optional.empty();
  }

  /** {@return an element of a constant vector as a constant, or {@code null}} */
  Value storedElement(Value base, Value index) {
    Optional<Tensor> vector = constant(base);
    Optional<Tensor> at = constant(index);
    if (vector.isEmpty() || at.isEmpty() || vector.get().rank() != 1) {
      return null;
    }
    long i = at.get().toLongs()[0];
    DType type = vector.get().dtype();
    int position = (int) (i < 0 ? i + vector.get().size() : i);
    if (type.isFloat()) {
      return scalar(type, vector.get().toDoubles()[position]);
    }
    return type.isInteger() || type == DType.BOOL
        ? scalar(type, vector.get().toLongs()[position])
        : null;
  }

  /** Marks a value as random: a model whose outputs need it is refused. */
  Value random(Value value, String what) {
    random.put(value, what + " at " + in.place());
    return value;
  }

  Map<Value, String> randomValues() {
    return random;
  }

  /** {@return whether sizes of at least one decide the comparison; {@code null} if not} */
  Boolean assumeSize(String operator, Dim a, Dim b) {
    boolean plain = Dim.isSymbolName(a.toString()) && b.isKnown() && b.known() <= 1;
    if (!plain) {
      boolean mirrored = Dim.isSymbolName(b.toString()) && a.isKnown() && a.known() <= 1;
      if (!mirrored) {
        return null;
      }
      String other =
          switch (operator) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            default -> operator;
          };
      return assumeSize(other, b, a);
    }
    long bound = b.known();
    Boolean decided =
        switch (operator) {
          case "==" -> bound < 1 ? Boolean.FALSE : null;
          case "!=" -> bound < 1 ? Boolean.TRUE : null;
          case ">" -> bound < 1 ? Boolean.TRUE : null;
          case ">=" -> Boolean.TRUE;
          case "<" -> Boolean.FALSE;
          case "<=" -> bound < 1 ? Boolean.FALSE : null;
          default -> null;
        };
    if (decided != null && minimums.add(a.toString())) {
      assume("the size " + a + " is at least 1");
    }
    return decided;
  }

  RuntimeException undecided(String condition) {
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_CONSTRUCT,
            "the condition '%s' depends on the input's size",
            condition)
        .from(in.place())
        .help("give the sizes with --input NAME=DTYPE[DIMS]")
        .toException();
  }

  RuntimeException unknownSize(String what, Dim dim) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_CONSTRUCT, "%s depends on the size %s", what, dim)
        .from(in.place())
        .help("give the size with --input NAME=DTYPE[DIMS]")
        .toException();
  }

  /** {@return the truth of a tensor that is no constant: refused, with the line} */
  boolean decide(TensorRef condition) {
    throw in.unsupported(
        "a condition on the values of a tensor (%s) is outside the subset",
        condition.value().type());
  }
}
