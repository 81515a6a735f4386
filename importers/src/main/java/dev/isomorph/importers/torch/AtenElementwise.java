package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** Operators that work element by element, with broadcasting and type promotion. */
final class AtenElementwise {
  /** Builds the node of a binary operator on two values of one type. */
  @FunctionalInterface
  private interface Binary {
    Value build(TorchTrace trace, Value a, Value b, DType type);
  }

  private static final Map<String, Binary> ARITHMETIC = new HashMap<>();
  private static final Set<String> COMPARISONS = Set.of("eq", "ne", "lt", "le", "gt", "ge");
  private static final Set<String> LOGICAL = Set.of("logical_and", "logical_or", "logical_xor");
  private static final Set<String> FLOATING = Set.of("div", "true_divide", "atan2", "divide");

  private AtenElementwise() {}

  static void register() {
    floating("exp", GraphBuilder::exp);
    floating("log", GraphBuilder::log);
    floating("sqrt", GraphBuilder::sqrt);
    floating("sin", GraphBuilder::sin);
    floating("cos", GraphBuilder::cos);
    floating("tan", GraphBuilder::tan);
    floating("asin", GraphBuilder::asin);
    floating("acos", GraphBuilder::acos);
    floating("atan", GraphBuilder::atan);
    floating("sinh", GraphBuilder::sinh);
    floating("cosh", GraphBuilder::cosh);
    floating("asinh", GraphBuilder::asinh);
    floating("acosh", GraphBuilder::acosh);
    floating("atanh", GraphBuilder::atanh);
    floating("tanh", GraphBuilder::tanh);
    floating("erf", GraphBuilder::erf);
    floating("sigmoid", GraphBuilder::sigmoid);
    floating("reciprocal", GraphBuilder::reciprocal);
    floating("rsqrt", (g, x) -> g.reciprocal(g.sqrt(x)));
    same("neg", GraphBuilder::neg);
    same("abs", GraphBuilder::abs);
    AtenRules.on("sign", AtenElementwise::sign);
    rounding("floor", GraphBuilder::floor);
    rounding("ceil", GraphBuilder::ceil);
    AtenRules.on("round", AtenElementwise::round);
    AtenRules.on("isnan", c -> test(c, GraphBuilder::isNaN));
    AtenRules.on("isinf", c -> test(c, (g, x) -> g.isInf(x)));
    AtenRules.on("logical_not", c -> c.result(c.graph().not_(bool(c, "self"))));
    AtenRules.on("bitwise_not", AtenElementwise::bitwiseNot);
    arithmetic();
    for (String name : ARITHMETIC.keySet()) {
      AtenRules.on(name, c -> binaryRule(c, name));
    }
    for (String name : COMPARISONS) {
      AtenRules.on(name, c -> binaryRule(c, name));
    }
    for (String name : LOGICAL) {
      AtenRules.on(name, c -> binaryRule(c, name));
    }
    AtenRules.on("rsub", AtenElementwise::reversedSub);
    AtenRules.on("where", AtenElementwise::where);
    AtenRules.on("clamp", AtenElementwise::clamp);
    AtenRules.on("masked_fill", AtenElementwise::maskedFill);
  }

  private static void arithmetic() {
    ARITHMETIC.put(
        "add", (t, a, b, type) -> type == DType.BOOL ? t.graph().or_(a, b) : t.graph().add(a, b));
    ARITHMETIC.put("sub", (t, a, b, _) -> t.graph().sub(a, b));
    ARITHMETIC.put(
        "mul", (t, a, b, type) -> type == DType.BOOL ? t.graph().and_(a, b) : t.graph().mul(a, b));
    ARITHMETIC.put("div", (t, a, b, _) -> t.graph().div(a, b));
    ARITHMETIC.put("floor_divide", AtenElementwise::floorDivide);
    ARITHMETIC.put("remainder", AtenElementwise::remainder);
    ARITHMETIC.put("fmod", (t, a, b, _) -> t.graph().mod(a, b, m -> m.fmod(true)));
    ARITHMETIC.put("pow", (t, a, b, _) -> t.graph().pow(a, b));
    ARITHMETIC.put(
        "maximum",
        (t, a, b, type) -> type == DType.BOOL ? t.graph().or_(a, b) : t.graph().max(List.of(a, b)));
    ARITHMETIC.put(
        "minimum",
        (t, a, b, type) ->
            type == DType.BOOL ? t.graph().and_(a, b) : t.graph().min(List.of(a, b)));
    ARITHMETIC.put(
        "bitwise_and",
        (t, a, b, type) -> type == DType.BOOL ? t.graph().and_(a, b) : t.graph().bitwiseAnd(a, b));
    ARITHMETIC.put(
        "bitwise_or",
        (t, a, b, type) -> type == DType.BOOL ? t.graph().or_(a, b) : t.graph().bitwiseOr(a, b));
    ARITHMETIC.put(
        "bitwise_xor",
        (t, a, b, type) -> type == DType.BOOL ? t.graph().xor(a, b) : t.graph().bitwiseXor(a, b));
    ARITHMETIC.put("bitwise_left_shift", AtenElementwise::shiftLeft);
    ARITHMETIC.put("bitwise_right_shift", AtenElementwise::shiftRight);
  }

  private static Value shiftLeft(TorchTrace t, Value a, Value b, DType type) {
    Value power = t.graph().pow(t.scalar(type, 2L), b);
    return t.graph().mul(a, power);
  }

  private static Value shiftRight(TorchTrace t, Value a, Value b, DType type) {
    return t.floorDivide(a, t.graph().pow(t.scalar(type, 2L), b));
  }

  private static void floating(String name, BiFunction<GraphBuilder, Value, Value> f) {
    AtenRules.on(name, c -> c.result(f.apply(c.graph(), asFloat(c.trace(), c.tensor("self")))));
  }

  /** {@return the value, integers as default floats} */
  static Value asFloat(TorchTrace trace, TensorRef t) {
    boolean exact = t.dtype().isFloat() || t.dtype().kind() == DType.Kind.COMPLEX;
    return exact ? t.value() : trace.cast(t.value(), DType.F32);
  }

  private static void same(String name, BiFunction<GraphBuilder, Value, Value> f) {
    AtenRules.on(name, c -> c.result(f.apply(c.graph(), c.value("self"))));
  }

  /** PyTorch's sign of NaN is 0, ONNX's is not defined. */
  private static PyObject sign(AtenCall c) {
    TensorRef self = c.tensor("self");
    if (!self.dtype().isFloat()) {
      return c.result(c.graph().sign(self.value()));
    }
    Value zero = c.trace().scalar(self.dtype(), 0.0);
    Value positive = c.trace().cast(c.graph().greater(self.value(), zero), self.dtype());
    Value negative = c.trace().cast(c.graph().less(self.value(), zero), self.dtype());
    return c.result(c.graph().sub(positive, negative));
  }

  private static void rounding(String name, BiFunction<GraphBuilder, Value, Value> f) {
    AtenRules.on(
        name,
        c -> {
          TensorRef self = c.tensor("self");
          return c.result(self.dtype().isFloat() ? f.apply(c.graph(), self.value()) : self.value());
        });
  }

  private static PyObject round(AtenCall c) {
    TensorRef self = c.tensor("self");
    if (!self.dtype().isFloat()) {
      return c.result(self.value());
    }
    long decimals = c.has("decimals") ? c.integer("decimals") : 0;
    if (decimals == 0) {
      return c.result(c.graph().round(self.value()));
    }
    Value ten = c.trace().scalar(self.dtype(), Math.pow(10, Math.abs(decimals)));
    Value scaled =
        decimals > 0 ? c.graph().mul(self.value(), ten) : c.graph().div(self.value(), ten);
    Value rounded = c.graph().round(scaled);
    return c.result(decimals > 0 ? c.graph().div(rounded, ten) : c.graph().mul(rounded, ten));
  }

  private static PyObject test(AtenCall c, BiFunction<GraphBuilder, Value, Value> f) {
    TensorRef self = c.tensor("self");
    return c.result(f.apply(c.graph(), asFloat(c.trace(), self)));
  }

  private static Value bool(AtenCall c, String name) {
    return c.trace().cast(c.value(name), DType.BOOL);
  }

  private static PyObject bitwiseNot(AtenCall c) {
    TensorRef self = c.tensor("self");
    return c.result(
        self.dtype() == DType.BOOL
            ? c.graph().not_(self.value())
            : c.graph().bitwiseNot(self.value()));
  }

  private static String second(AtenCall c) {
    return c.has("other") ? "other" : "exponent";
  }

  private static PyObject binaryRule(AtenCall c, String name) {
    PyObject left = c.get(c.has("self") ? "self" : "a");
    PyObject right = c.get(c.has("b") ? "b" : second(c));
    if (c.has("alpha")) {
      PyObject alpha = c.get("alpha");
      if (!c.in().operators().equal(alpha, PyObject.of(1))) {
        DType type = Operands.resultType(c.trace(), left, right);
        right =
            c.result(
                c.graph()
                    .mul(
                        Operands.as(c.trace(), right, type),
                        Operands.scalar(c.trace(), alpha, type)));
      }
    }
    if (c.has("rounding_mode") && !c.isNone("rounding_mode")) {
      return c.text("rounding_mode").equals("floor")
          ? binary(c.trace(), "floor_divide", left, right)
          : truncated(c.trace(), left, right);
    }
    return binary(c.trace(), name, left, right);
  }

  private static PyObject truncated(TorchTrace trace, PyObject left, PyObject right) {
    DType type = Operands.resultType(trace, left, right);
    Value quotient =
        trace.graph().div(Operands.as(trace, left, type), Operands.as(trace, right, type));
    return trace.tensor(type.isFloat() ? truncate(trace, quotient) : quotient);
  }

  /** {@return the value rounded towards zero} */
  static Value truncate(TorchTrace trace, Value x) {
    GraphBuilder g = trace.graph();
    Value zero = trace.scalar(x.type().asTensor().dtype(), 0.0);
    return g.where(g.less(x, zero), g.ceil(x), g.floor(x));
  }

  /** {@return the result of a binary operator on tensors or numbers} */
  static TensorRef binary(TorchTrace trace, String name, PyObject left, PyObject right) {
    DType type = Operands.resultType(trace, left, right);
    if (LOGICAL.contains(name)) {
      Value a = Operands.as(trace, left, DType.BOOL);
      Value b = Operands.as(trace, right, DType.BOOL);
      return trace.tensor(
          switch (name) {
            case "logical_and" -> trace.graph().and_(a, b);
            case "logical_or" -> trace.graph().or_(a, b);
            default -> trace.graph().xor(a, b);
          });
    }
    if (FLOATING.contains(name) && (type.isInteger() || type == DType.BOOL)) {
      type = DType.F32;
    }
    if (name.equals("pow") && left instanceof TensorRef base && type.isFloat()) {
      Value special = specialPower(trace, Operands.as(trace, base, type), right);
      if (special != null) {
        return trace.tensor(special);
      }
    }
    if (COMPARISONS.contains(name)) {
      return trace.tensor(compare(trace, name, left, right, type));
    }
    if (name.equals("sub") && type == DType.BOOL) {
      throw trace.in().raise("RuntimeError", "subtraction of two bool tensors is not supported");
    }
    Value a = Operands.as(trace, left, type);
    Value b = Operands.as(trace, right, type);
    return trace.tensor(ARITHMETIC.get(name).build(trace, a, b, type));
  }

  private static Value compare(
      TorchTrace trace, String name, PyObject left, PyObject right, DType type) {
    Value a = Operands.as(trace, left, type);
    Value b = Operands.as(trace, right, type);
    GraphBuilder g = trace.graph();
    boolean order = !name.equals("eq") && !name.equals("ne");
    if (order && type == DType.BOOL) {
      a = trace.cast(a, DType.I32);
      b = trace.cast(b, DType.I32);
    }
    return switch (name) {
      case "eq" -> g.equal(a, b);
      case "ne" -> g.not_(g.equal(a, b));
      case "lt" -> g.less(a, b);
      case "le" -> g.lessOrEqual(a, b);
      case "gt" -> g.greater(a, b);
      default -> g.greaterOrEqual(a, b);
    };
  }

  /** {@return a power as PyTorch computes it for these exponents, else {@code null}} */
  private static Value specialPower(TorchTrace trace, Value x, PyObject exponent) {
    if (exponent instanceof TensorRef
        || exponent instanceof SymInt
        || exponent instanceof SymFloat
        || exponent instanceof PyObject.Complex) {
      return null;
    }
    GraphBuilder g = trace.graph();
    double e = Values.doubleValue(trace.in(), exponent);
    if (e == 0.5) {
      return g.sqrt(x);
    }
    if (e == 2) {
      return g.mul(x, x);
    }
    if (e == 3) {
      return g.mul(g.mul(x, x), x);
    }
    if (e == -0.5) {
      return g.reciprocal(g.sqrt(x));
    }
    if (e == -1) {
      return g.reciprocal(x);
    }
    if (e == -2) {
      return g.reciprocal(g.mul(x, x));
    }
    return null;
  }

  private static Value differ(GraphBuilder g, Value a, Value b, Value zero) {
    return g.xor(g.less(a, zero), g.less(b, zero));
  }

  /** PyTorch's: from the exact remainder, so that quotients near an integer round rightly. */
  private static Value floorDivide(TorchTrace t, Value a, Value b, DType type) {
    if (!type.isFloat()) {
      return t.floorDivide(a, b);
    }
    GraphBuilder g = t.graph();
    Value zero = t.scalar(type, 0.0);
    Value one = t.scalar(type, 1.0);
    Value rest = g.mod(a, b, m -> m.fmod(true));
    Value quotient = g.div(g.sub(a, rest), b);
    Value wrong = g.and_(g.not_(g.equal(rest, zero)), differ(g, b, rest, zero));
    Value lower = g.where(wrong, g.sub(quotient, one), quotient);
    Value floor = g.floor(lower);
    Value up = g.greater(g.sub(lower, floor), t.scalar(type, 0.5));
    Value rounded = g.where(up, g.add(floor, one), floor);
    Value plain = g.div(a, b);
    Value signed = g.where(g.equal(lower, zero), g.mul(plain, zero), rounded);
    return g.where(g.equal(b, zero), plain, signed);
  }

  private static Value remainder(TorchTrace t, Value a, Value b, DType type) {
    GraphBuilder g = t.graph();
    if (!type.isFloat()) {
      return g.mod(a, b);
    }
    Value zero = t.scalar(type, 0.0);
    Value rest = g.mod(a, b, m -> m.fmod(true));
    Value wrong = g.and_(g.not_(g.equal(rest, zero)), differ(g, b, rest, zero));
    return g.where(wrong, g.add(rest, b), rest);
  }

  private static PyObject reversedSub(AtenCall c) {
    PyObject other = c.get("other");
    PyObject self = c.get("self");
    DType type = Operands.resultType(c.trace(), self, other);
    Value scaled = Operands.as(c.trace(), self, type);
    if (!c.in().operators().equal(c.get("alpha"), PyObject.of(1))) {
      scaled = c.graph().mul(scaled, Operands.scalar(c.trace(), c.get("alpha"), type));
    }
    return c.result(c.graph().sub(Operands.as(c.trace(), other, type), scaled));
  }

  private static PyObject where(AtenCall c) {
    if (!c.has("self")) {
      return AtenIndexing.nonzeroTuple(c.trace(), c.tensor("condition"));
    }
    PyObject self = c.get("self");
    PyObject other = c.get("other");
    DType type = Operands.resultType(c.trace(), self, other);
    return c.result(
        c.graph()
            .where(
                c.trace().cast(c.value("condition"), DType.BOOL),
                Operands.as(c.trace(), self, type),
                Operands.as(c.trace(), other, type)));
  }

  private static PyObject clamp(AtenCall c) {
    TensorRef self = c.tensor("self");
    PyObject min = c.get("min");
    PyObject max = c.get("max");
    List<PyObject> operands =
        java.util.stream.Stream.of(self, min, max).filter(v -> v != PyObject.NONE).toList();
    DType type = Operands.resultType(c.trace(), operands);
    Value x = c.trace().cast(self.value(), type);
    boolean plain = !(min instanceof TensorRef) && !(max instanceof TensorRef);
    if (plain) {
      Value low = min == PyObject.NONE ? Value.ABSENT : Operands.scalar(c.trace(), min, type);
      return c.result(
          max == PyObject.NONE
              ? c.graph().clip(x, low)
              : c.graph().clip(x, low, Operands.scalar(c.trace(), max, type)));
    }
    if (min != PyObject.NONE) {
      x = c.graph().max(List.of(x, Operands.as(c.trace(), min, type)));
    }
    if (max != PyObject.NONE) {
      x = c.graph().min(List.of(x, Operands.as(c.trace(), max, type)));
    }
    return c.result(x);
  }

  private static PyObject maskedFill(AtenCall c) {
    TensorRef self = c.tensor("self");
    Value mask = c.trace().cast(c.value("mask"), DType.BOOL);
    Value value = Operands.as(c.trace(), c.get("value"), self.dtype());
    return c.result(c.graph().where(mask, value, self.value()));
  }
}
