package dev.isomorph.ir.infer;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.IfOp;
import dev.isomorph.ir.op.LoopOp;
import dev.isomorph.ir.op.ScanOp;
import dev.isomorph.ir.op.SequenceMapOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Operators with bodies. What is known of a result is what holds for every way through them: both
 * branches, or any number of trips, none included.
 */
final class ControlFlowInference {
  private ControlFlowInference() {}

  static void register(InferenceRules rules) {
    rules.on(IfOp.class, ControlFlowInference::branches);
    rules.on(LoopOp.class, ControlFlowInference::loop);
    rules.on(ScanOp.class, ControlFlowInference::scan);
    rules.on(SequenceMapOp.class, ControlFlowInference::map);
  }

  private static void branches(IfOp op, InferenceContext in) {
    requireOutputs(op.thenBranch(), in.outputCount(), "then_branch", in);
    requireOutputs(op.elseBranch(), in.outputCount(), "else_branch", in);
    for (int i = 0; i < in.outputCount(); i++) {
      Value a = op.thenBranch().outputs().get(i);
      Value b = op.elseBranch().outputs().get(i);
      in.type(i, join(a.type(), b.type(), i, in));
      if (a.contents().isPresent() && a.contents().equals(b.contents())) {
        in.contents(i, a.contents().get());
      }
    }
  }

  /** The type of a value that is one or the other. */
  static ValueType join(ValueType a, ValueType b, int output, InferenceContext in) {
    return switch (a) {
      case ValueType.TensorType x when b instanceof ValueType.TensorType y -> {
        if (x.dtype() != y.dtype()) {
          throw disagree(a, b, output, in);
        }
        yield ValueType.tensor(x.dtype(), join(x.shape(), y.shape(), in));
      }
      case ValueType.SequenceType x when b instanceof ValueType.SequenceType y ->
          new ValueType.SequenceType(join(x.element(), y.element(), output, in));
      case ValueType.OptionalType x when b instanceof ValueType.OptionalType y ->
          new ValueType.OptionalType(join(x.element(), y.element(), output, in));
      case ValueType.Unknown _ -> a;
      case ValueType other when b instanceof ValueType.Unknown -> b;
      case ValueType.MapType x when x.equals(b) -> a;
      default -> throw disagree(a, b, output, in);
    };
  }

  private static RuntimeException disagree(
      ValueType a, ValueType b, int output, InferenceContext in) {
    return in.error("result %d has two types that exclude each other", output)
        .expected(a, b)
        .toException();
  }

  private static Shape join(Shape a, Shape b, InferenceContext in) {
    if (!a.isRanked() || !b.isRanked() || a.rank() != b.rank()) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      dims.add(a.dim(i).equals(b.dim(i)) ? a.dim(i) : in.freshSymbol("join"));
    }
    return Shape.of(dims);
  }

  private static void requireOutputs(Graph body, int count, String name, InferenceContext in) {
    if (body.outputs().size() != count) {
      throw in.error("region '%s' has the wrong number of results", name)
          .expected(count, body.outputs().size())
          .toException();
    }
  }

  private static void requireInputs(Graph body, int count, InferenceContext in) {
    if (body.inputs().size() != count) {
      throw in.error("region 'body' has the wrong number of parameters")
          .expected(count, body.inputs().size())
          .toException();
    }
  }

  /** Operands: trip count, condition, carried values. The body also gets trip and condition. */
  private static void loop(LoopOp op, InferenceContext in) {
    Graph body = op.body();
    int carried = Math.max(in.inputCount() - 2, 0);
    requireInputs(body, carried + 2, in);
    requireOutputs(body, in.outputCount() + 1, "body", in);
    List<ValueType> initial = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      initial.add(in.type(i + 2));
    }
    Scope scope = new Scope(body, initial, 2, 1, in);
    for (int i = 0; i < carried; i++) {
      in.type(i, scope.carried(i));
    }
    Dim trips =
        in.has(0) && isEndless(body, in)
            ? in.scalar(0).map(m -> m.max(Dim.of(0))).orElseGet(() -> in.freshSymbol("trips"))
            : in.freshSymbol("trips");
    for (int i = carried; i < in.outputCount(); i++) {
      in.type(i, stacked(scope.outside(body.outputs().get(i + 1).type()), 0, trips, i, in));
    }
  }

  /** Whether only the trip count ends the loop: its condition is true and stays so. */
  private static boolean isEndless(Graph body, InferenceContext in) {
    boolean entered = !in.has(1) || in.constant(1).map(t -> t.toLongs()[0] != 0).orElse(false);
    Value next = body.outputs().getFirst();
    while (next.producer().isPresent()
        && next.producer().get().op() instanceof dev.isomorph.ir.op.IdentityOp) {
      next = next.producer().get().input(0);
    }
    return entered
        && (next == body.inputs().get(1)
            || next.constant().map(t -> t.toLongs()[0] != 0).orElse(false));
  }

  private static ValueType stacked(
      ValueType element, int axis, Dim trips, int output, InferenceContext in) {
    if (!(element instanceof ValueType.TensorType t)) {
      return ValueType.UNKNOWN;
    }
    if (!t.shape().isRanked()) {
      return t;
    }
    List<Dim> dims = new ArrayList<>(t.shape().dims());
    dims.add(axis, trips);
    return ValueType.tensor(t.dtype(), Shape.of(dims));
  }

  private static void scan(ScanOp op, InferenceContext in) {
    Graph body = op.body();
    int scans = (int) op.numScanInputs();
    int carried = in.inputCount() - scans;
    if (scans < 1 || carried < 0) {
      throw in.error("attribute 'num_scan_inputs' does not fit the operands")
          .expected("1 to " + in.inputCount(), scans)
          .toException();
    }
    requireInputs(body, in.inputCount(), in);
    requireOutputs(body, in.outputCount(), "body", in);
    Dim trips = null;
    for (int i = 0; i < scans; i++) {
      Shape shape = in.shape(carried + i);
      if (shape.isRanked()) {
        long asked = op.scanInputAxes().isPresent() ? op.scanInputAxes().get().get(i) : 0;
        Dim length = shape.dim(in.axis(asked, shape.rank()));
        if (trips != null) {
          in.requireEqual(trips, length, "the lengths of the scanned axes");
        }
        trips = trips == null || length.isKnown() ? length : trips;
      }
    }
    Dim count = trips == null ? in.freshSymbol("trips") : trips;
    List<ValueType> initial = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      initial.add(in.type(i));
    }
    Scope scope = new Scope(body, initial, 0, 0, in);
    for (int i = 0; i < carried; i++) {
      in.type(i, scope.carried(i));
    }
    for (int i = carried; i < in.outputCount(); i++) {
      ValueType element = scope.outside(body.outputs().get(i).type());
      long asked = op.scanOutputAxes().isPresent() ? op.scanOutputAxes().get().get(i - carried) : 0;
      int axis = element.shape().isRanked() ? in.axis(asked, element.shape().rank() + 1) : 0;
      in.type(i, stacked(element, axis, count, i, in));
    }
  }

  private static void map(SequenceMapOp op, InferenceContext in) {
    Graph body = op.body();
    requireInputs(body, in.inputCount(), in);
    requireOutputs(body, in.outputCount(), "body", in);
    Scope scope = new Scope(body, List.of(), 0, 0, in);
    for (int i = 0; i < in.outputCount(); i++) {
      in.type(i, new ValueType.SequenceType(scope.outside(body.outputs().get(i).type())));
    }
  }

  /**
   * The symbols of a body's types as they are seen from outside: those of operands and captures
   * mean the same there; a carried value's own ones mean the initial length where the body keeps
   * it; all others differ from trip to trip.
   */
  private static final class Scope {
    private final InferenceContext in;
    private final Set<String> visible = new HashSet<>();
    private final Map<String, Dim> kept = new HashMap<>();
    private final List<ValueType> carried = new ArrayList<>();

    Scope(
        Graph body, List<ValueType> initial, int firstInput, int firstOutput, InferenceContext in) {
      this.in = in;
      for (int i = 0; i < in.inputCount(); i++) {
        visible.addAll(in.shape(i).symbols());
      }
      body.captures().forEach(c -> visible.addAll(c.type().shape().symbols()));
      for (int i = 0; i < initial.size(); i++) {
        visible.removeAll(changing(body, initial.get(i), i + firstInput, i + firstOutput));
      }
      for (int i = 0; i < initial.size(); i++) {
        ValueType formal = body.inputs().get(i + firstInput).type();
        ValueType next = body.outputs().get(i + firstOutput).type();
        carried.add(carriedType(initial.get(i), formal, next, i));
      }
    }

    /** Symbols that stand for a carried length that the body changes; keeps note of the others. */
    private Set<String> changing(Graph body, ValueType initial, int input, int output) {
      Set<String> changing = new HashSet<>();
      Shape formal = body.inputs().get(input).type().shape();
      Shape next = body.outputs().get(output).type().shape();
      if (!formal.isRanked()) {
        return changing;
      }
      for (int d = 0; d < formal.rank(); d++) {
        boolean same =
            next.hasRank(formal.rank())
                && initial.shape().hasRank(formal.rank())
                && next.dim(d).equals(formal.dim(d));
        Set<String> own = formal.dim(d).symbols();
        if (same && own.size() == 1 && formal.dim(d).equals(Dim.symbol(own.iterator().next()))) {
          kept.putIfAbsent(own.iterator().next(), initial.shape().dim(d));
        } else if (!same) {
          changing.addAll(own);
        }
      }
      return changing;
    }

    private ValueType carriedType(ValueType initial, ValueType formal, ValueType next, int output) {
      if (initial instanceof ValueType.OptionalType(var element) && element.isCompatible(next)) {
        in.assume("the loop is entered, so that result %d is no optional", output);
        return outside(next);
      }
      if (!(initial instanceof ValueType.TensorType a && next instanceof ValueType.TensorType b)) {
        return join(initial, outside(next), output, in);
      }
      if (a.dtype() != b.dtype()) {
        throw disagree(initial, next, output, in);
      }
      if (!a.shape().isRanked() || !b.shape().hasRank(a.shape().rank())) {
        return ValueType.tensor(a.dtype(), Shape.UNKNOWN);
      }
      List<Dim> dims = new ArrayList<>();
      for (int d = 0; d < a.shape().rank(); d++) {
        boolean invariant =
            formal.shape().hasRank(a.shape().rank())
                && formal.shape().dim(d).equals(b.shape().dim(d));
        Dim outer = outside(b.shape().dim(d)).orElse(null);
        dims.add(
            invariant || a.shape().dim(d).equals(outer)
                ? a.shape().dim(d)
                : in.freshSymbol("carried"));
      }
      return ValueType.tensor(a.dtype(), Shape.of(dims));
    }

    ValueType carried(int index) {
      return carried.get(index);
    }

    ValueType outside(ValueType type) {
      return switch (type) {
        case ValueType.TensorType t when t.shape().isRanked() ->
            ValueType.tensor(
                t.dtype(),
                Shape.of(
                    t.shape().dims().stream()
                        .map(d -> outside(d).orElseGet(() -> in.freshSymbol("body")))
                        .toList()));
        case ValueType.SequenceType s -> new ValueType.SequenceType(outside(s.element()));
        case ValueType.OptionalType o -> new ValueType.OptionalType(outside(o.element()));
        default -> type;
      };
    }

    private Optional<Dim> outside(Dim dim) {
      Dim replaced = dim.substitute(kept::get);
      Set<String> known = new HashSet<>(visible);
      kept.values().forEach(d -> known.addAll(d.symbols()));
      return known.containsAll(replaced.symbols()) ? Optional.of(replaced) : Optional.empty();
    }
  }
}
