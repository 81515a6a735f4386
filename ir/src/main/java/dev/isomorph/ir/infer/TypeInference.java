package dev.isomorph.ir.infer;

import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.OperatorSchema.Arity;
import dev.isomorph.ir.OperatorSchema.Formal;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Checks a node against its operator's schema and finds the types of its results. */
public final class TypeInference {
  // What a file of functions that call functions may ask for; real models stay far below.
  private static final int MAX_EXPANSIONS = 100_000;

  /** The composites whose bodies are being built, outermost first, and how many were in all. */
  private record Expanding(List<Composite> active, AtomicInteger count) {}

  private static final ScopedValue<Expanding> EXPANDING = ScopedValue.newInstance();

  private TypeInference() {}

  /**
   * Sets the types and contents of the results in {@code context}.
   *
   * @param declared types that the source declares for the results, in order, possibly fewer
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code MODEL_INVALID} if operands break
   *     the operator's rules or contradict what is declared
   */
  public static void infer(Op op, InferenceContext context, List<ValueType> declared) {
    try {
      inferResults(op, context, declared);
    } catch (ArithmeticException e) {
      // An expression that grew too large is not followed; a number that did is an error.
      if (context.allShapesKnown()) {
        throw context.invalid("a size does not fit in 63 bits");
      }
    }
  }

  private static void inferResults(Op op, InferenceContext context, List<ValueType> declared) {
    switch (op) {
      case StandardOp standard -> {
        Map<String, ValueType> bound = checkOperands(standard.schema(), context);
        elementTypes(standard.schema(), bound, context);
        InferenceRules.find(standard).ifPresent(rule -> rule.infer(standard, context));
      }
      case CompositeCall call ->
          InferenceRules.find(call)
              .ifPresentOrElse(
                  rule -> rule.infer(call, context), () -> fromExpansion(call, context));
      case OpaqueCall _ -> {}
    }
    for (int i = 0; i < Math.min(declared.size(), context.outputCount()); i++) {
      context.type(i, join(context.types().get(i), declared.get(i), i, context));
    }
    for (ValueType type : context.types()) {
      Shape shape = type.shape();
      if (shape.isRanked() && shape.dims().stream().anyMatch(d -> d.isKnown() && d.known() < 0)) {
        throw context
            .error("a result would have a negative length")
            .expected("lengths of at least 0", shape)
            .toException();
      }
    }
  }

  /** Binds type variables to what the operands are; refuses what the schema does not allow. */
  private static Map<String, ValueType> checkOperands(
      OperatorSchema schema, InferenceContext context) {
    int count = context.inputCount();
    if (count < schema.minInputs() || count > schema.maxInputs()) {
      String range =
          schema.maxInputs() == schema.minInputs()
              ? String.valueOf(schema.minInputs())
              : schema.maxInputs() == Integer.MAX_VALUE
                  ? "at least " + schema.minInputs()
                  : schema.minInputs() + " to " + schema.maxInputs();
      throw context
          .error("%s has the wrong number of operands", schema.name())
          .expected(range, count)
          .toException();
    }
    if (context.outputCount() > schema.maxOutputs()) {
      throw context
          .error("%s has too many results", schema.name())
          .expected("at most " + schema.maxOutputs(), context.outputCount())
          .toException();
    }
    Map<String, ValueType> bound = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Formal formal = schema.input(i);
      if (!context.has(i)) {
        if (formal.arity() == Arity.SINGLE) {
          throw context.invalid("operand '%s' of %s is missing", formal.name(), schema.name());
        }
        continue;
      }
      ValueType type = context.type(i);
      if (type instanceof ValueType.Unknown) {
        continue;
      }
      Set<String> allowed = schema.typeConstraints().get(formal.type());
      boolean fits =
          allowed == null
              ? matches(type, formal.type())
              : allowed.stream().anyMatch(a -> matches(type, a));
      if (!fits) {
        throw context
            .error(
                "operand '%s' of %s has a type that is not allowed", formal.name(), schema.name())
            .expected(allowed == null ? formal.type() : String.join(", ", allowed), type)
            .toException();
      }
      boolean shares = formal.arity() != Arity.VARIADIC || formal.homogeneous();
      if (allowed != null && shares) {
        ValueType first = bound.putIfAbsent(formal.type(), type);
        if (first != null && !sameElements(first, type)) {
          throw context
              .error(
                  "operand '%s' of %s must have the element type of the other operands of type %s",
                  formal.name(), schema.name(), formal.type())
              .expected(first, type)
              .toException();
        }
      }
    }
    return bound;
  }

  private static void elementTypes(
      OperatorSchema schema, Map<String, ValueType> bound, InferenceContext context) {
    for (int i = 0; i < context.outputCount(); i++) {
      Formal formal = schema.output(i);
      ValueType operand = bound.get(formal.type());
      DType dtype =
          operand instanceof ValueType.TensorType t
              ? t.dtype()
              : DType.byName(only(schema.typeConstraints().get(formal.type()), formal.type()))
                  .orElse(null);
      boolean shares = formal.arity() != Arity.VARIADIC || formal.homogeneous();
      if (dtype != null && shares) {
        context.tensor(i, dtype, Shape.UNKNOWN);
      } else if (operand != null && shares) {
        context.type(i, operand);
      }
    }
  }

  private static String only(Set<String> allowed, String type) {
    return allowed == null ? type : allowed.size() == 1 ? allowed.iterator().next() : "";
  }

  private static boolean matches(ValueType type, String allowed) {
    return switch (type) {
      case ValueType.TensorType t -> allowed.equals(t.dtype().shortName());
      case ValueType.SequenceType s -> inner(allowed, "seq(") && matches(s.element(), cut(allowed));
      case ValueType.OptionalType o ->
          inner(allowed, "optional(") && matches(o.element(), cut(allowed));
      case ValueType.MapType m ->
          inner(allowed, "map(") && allowed.startsWith("map(" + m.key().shortName() + ",");
      case ValueType.Unknown _ -> true;
    };
  }

  private static boolean inner(String allowed, String kind) {
    return allowed.startsWith(kind);
  }

  private static String cut(String allowed) {
    return allowed.substring(allowed.indexOf('(') + 1, allowed.length() - 1);
  }

  private static boolean sameElements(ValueType a, ValueType b) {
    return a instanceof ValueType.TensorType x && b instanceof ValueType.TensorType y
        ? x.dtype() == y.dtype()
        : a.getClass() == b.getClass();
  }

  private static void fromExpansion(CompositeCall call, InferenceContext context) {
    Expanding outer = EXPANDING.orElse(new Expanding(List.of(), new AtomicInteger()));
    Composite composite = call.composite();
    if (outer.active.stream().anyMatch(composite::isSameAs)) {
      throw context.invalid("%s is defined by itself", composite);
    }
    if (outer.count.incrementAndGet() > MAX_EXPANSIONS) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_LIMIT,
              "a call stands for more than %d calls of other functions",
              MAX_EXPANSIONS)
          .atNode(context.node())
          .toException();
    }
    List<Composite> active = new ArrayList<>(outer.active);
    active.add(composite);
    ScopedValue.where(EXPANDING, new Expanding(active, outer.count))
        .run(() -> inferBody(call, context));
  }

  private static void inferBody(CompositeCall call, InferenceContext context) {
    GraphBuilder body = GraphBuilder.ofBody(call.name().toString(), context);
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < context.inputCount(); i++) {
      operands.add(
          !context.has(i)
              ? Value.ABSENT
              : context.constant(i).isPresent()
                  ? body.constant(context.constant(i).get())
                  : body.input("x" + i, context.type(i), context.contents(i).orElse(null)));
    }
    List<Value> results = call.composite().expansion().build(call, operands, body);
    for (int i = 0; i < Math.min(results.size(), context.outputCount()); i++) {
      int output = i;
      context.type(i, results.get(i).type());
      results.get(i).contents().ifPresent(c -> context.contents(output, c));
    }
  }

  /** Joins what was inferred with what the source declares; the more precise of the two stands. */
  private static ValueType join(
      ValueType inferred, ValueType declared, int output, InferenceContext context) {
    if (inferred instanceof ValueType.Unknown) {
      return declared;
    }
    if (!inferred.isCompatible(declared)) {
      throw context
          .error("result %d is declared with a type that it cannot have", output)
          .expected(inferred, declared)
          .toException();
    }
    if (!(inferred instanceof ValueType.TensorType a
        && declared instanceof ValueType.TensorType b)) {
      return inferred;
    }
    if (!a.shape().isRanked() || !b.shape().isRanked()) {
      return a.shape().isRanked() ? a : b;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.shape().rank(); i++) {
      Dim known = b.shape().dim(i);
      Dim found = a.shape().dim(i);
      if (known.isKnown() && !found.isKnown()) {
        context.assume("%s is %s, as result %d declares", found, known, output);
      }
      dims.add(known.isKnown() ? known : found);
    }
    return ValueType.tensor(a.dtype(), Shape.of(dims));
  }
}
