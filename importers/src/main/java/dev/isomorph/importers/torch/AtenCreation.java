package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Tensors made from numbers. */
final class AtenCreation {
  /** Most elements of a tensor that is stored instead of made by a node. */
  private static final long STORED = 1 << 16;

  private AtenCreation() {}

  static void register() {
    AtenRules.on("zeros", c -> filled(c, c.list("size"), PyObject.of(0.0)));
    AtenRules.on("ones", c -> filled(c, c.list("size"), PyObject.of(1.0)));
    AtenRules.on("empty", c -> filled(c, c.list("size"), PyObject.of(0.0)));
    AtenRules.on("full", c -> filled(c, c.list("size"), c.get("fill_value")));
    AtenRules.on("zeros_like", c -> like(c, PyObject.of(0)));
    AtenRules.on("ones_like", c -> like(c, PyObject.of(1)));
    AtenRules.on("empty_like", c -> like(c, PyObject.of(0)));
    AtenRules.on("full_like", c -> like(c, c.get("fill_value")));
    for (String name : new String[] {"rand", "randn"}) {
      AtenRules.on(name, c -> random(c, filled(c, c.list("size"), PyObject.of(0.0))));
    }
    AtenRules.on(
        "randint",
        c -> {
          c.ignore("low", "high", "dtype");
          return random(c, made(c.trace(), c.list("size"), PyObject.of(0), DType.I64));
        });
    AtenRules.on(
        "randperm",
        c -> random(c, made(c.trace(), List.of(c.get("n")), PyObject.of(0), DType.I64)));
    for (String name : new String[] {"rand_like", "randn_like", "bernoulli"}) {
      AtenRules.on(
          name,
          c -> {
            c.ignore("p");
            return random(c, like(c, PyObject.of(0)));
          });
    }
    for (String name :
        new String[] {"normal_", "uniform_", "random_", "bernoulli_", "exponential_"}) {
      AtenRules.on(
          name,
          c -> {
            c.schema().arguments().forEach(a -> c.ignore(a.name()));
            TensorRef self = c.tensor("self");
            Value made =
                made(c.trace(), AtenCall.elements(self.sizes()), PyObject.of(0), self.dtype())
                    .value();
            self.write(c.trace().random(made, "Tensor." + name));
            return self;
          });
    }
    AtenRules.on("arange", AtenCreation::arange);
    AtenRules.on("linspace", AtenCreation::linspace);
    AtenRules.on("eye", AtenCreation::eye);
    AtenRules.on(
        "scalar_tensor",
        c -> c.result(Operands.scalar(c.trace(), c.get("s"), typeOf(c, DType.F32))));
  }

  private static DType typeOf(AtenCall c, DType initial) {
    DType given = c.dtype("dtype");
    return given == null ? initial : given;
  }

  private static TensorRef filled(AtenCall c, List<PyObject> size, PyObject value) {
    boolean full = c.has("fill_value");
    DType initial = full ? Operands.numberType(value) : DType.F32;
    return made(c.trace(), size, value, typeOf(c, initial));
  }

  private static TensorRef like(AtenCall c, PyObject value) {
    TensorRef self = c.tensor("self");
    DType type = c.has("dtype") ? typeOf(c, self.dtype()) : self.dtype();
    return made(c.trace(), AtenCall.elements(self.sizes()), value, type);
  }

  private static PyObject random(AtenCall c, TensorRef tensor) {
    // A node of its own, so that a constant of the same content is not taken for random.
    Value own = c.graph().identity(tensor.value());
    return c.trace().tensor(c.trace().random(own, "torch." + c.schema().name()));
  }

  /** {@return a tensor full of one number} */
  static TensorRef made(TorchTrace trace, List<PyObject> size, PyObject value, DType type) {
    boolean known =
        size.stream().noneMatch(d -> d instanceof SymInt)
            && !(value instanceof SymInt)
            && !(value instanceof SymFloat)
            && !(value instanceof TensorRef);
    if (known) {
      long[] dims = size.stream().mapToLong(d -> Values.longValue(trace.in(), d)).toArray();
      if (java.util.Arrays.stream(dims).anyMatch(d -> d < 0)) {
        throw trace.in().raise("RuntimeError", "Trying to create tensor with negative dimension");
      }
      Tensor one = scalar(trace, value, type);
      if (dims.length == 0) {
        return trace.tensor(trace.graph().constant(one));
      }
      return trace.tensor(
          trace.graph().constantOfShape(trace.vector(dims), a -> a.value(one.reshape(1))));
    }
    Value scalar = Operands.as(trace, value, type);
    return trace.tensor(trace.graph().expand(scalar, trace.vectorOf(size)));
  }

  private static Tensor scalar(TorchTrace trace, PyObject value, DType type) {
    return Operands.scalar(trace, value, type).constant().orElseThrow();
  }

  private static PyObject arange(AtenCall c) {
    PyObject start = c.has("start") ? c.get("start") : PyObject.of(0);
    PyObject end = c.get("end");
    PyObject step = c.has("step") ? c.get("step") : PyObject.of(1);
    boolean real = false;
    boolean symbolic = false;
    for (PyObject p : List.of(start, end, step)) {
      real |= Values.plain(p) instanceof PyObject.Float || p instanceof SymFloat;
      symbolic |= p instanceof SymInt || p instanceof SymFloat;
    }
    DType type = typeOf(c, real ? DType.F32 : DType.I64);
    if (symbolic) {
      DType work = real ? DType.F64 : DType.I64;
      Value range =
          c.graph()
              .range(
                  Operands.scalar(c.trace(), start, work),
                  Operands.scalar(c.trace(), end, work),
                  Operands.scalar(c.trace(), step, work));
      return c.result(c.trace().cast(range, type));
    }
    double from = Values.doubleValue(c.in(), start);
    double by = Values.doubleValue(c.in(), step);
    double count = Math.ceil((Values.doubleValue(c.in(), end) - from) / by);
    if (by == 0 || count < 0) {
      throw c.in().raise("RuntimeError", "upper bound and lower bound inconsistent with step sign");
    }
    if (count > STORED) {
      return c.result(
          c.graph()
              .range(
                  Operands.scalar(c.trace(), start, type),
                  Operands.scalar(c.trace(), end, type),
                  Operands.scalar(c.trace(), step, type)));
    }
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = from + i * by;
    }
    return c.result(c.graph().constant(Tensor.of(type, values, values.length)));
  }

  private static PyObject linspace(AtenCall c) {
    double start = c.real("start");
    double end = c.real("end");
    int steps = (int) c.integer("steps");
    DType type = typeOf(c, DType.F32);
    double[] values = new double[steps];
    boolean single = type == DType.F32;
    double step = steps > 1 ? (end - start) / (steps - 1) : 0;
    for (int i = 0; i < steps; i++) {
      // PyTorch goes from both ends towards the middle, in the tensor's own precision.
      if (single) {
        float s = ((float) end - (float) start) / (steps - 1);
        values[i] =
            steps == 1
                ? (float) start
                : i < steps / 2 ? (float) start + s * i : (float) end - s * (steps - i - 1);
      } else {
        values[i] =
            steps == 1 ? start : i < steps / 2 ? start + step * i : end - step * (steps - i - 1);
      }
    }
    return c.result(c.graph().constant(Tensor.of(type, values, steps)));
  }

  private static PyObject eye(AtenCall c) {
    long n = c.integer("n");
    long m = c.has("m") ? c.integer("m") : n;
    DType type = typeOf(c, DType.F32);
    dev.isomorph.ir.diagnostic.Limits.check("elements of eye()", n * m, 1 << 24);
    double[] values = new double[(int) (n * m)];
    for (int i = 0; i < Math.min(n, m); i++) {
      values[(int) (i * m + i)] = 1;
    }
    return c.result(c.graph().constant(Tensor.of(type, values, n, m)));
  }

  /** {@return {@code torch.tensor(data)}: numbers, nested lists, or tensors in them} */
  static TensorRef tensorOf(TorchTrace trace, PyObject data, DType wanted) {
    if (data instanceof TensorRef t) {
      return trace.tensor(wanted == null ? t.value() : trace.cast(t.value(), wanted));
    }
    List<PyObject> flat = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    flatten(trace, data, 0, dims, flat);
    DType natural = null;
    boolean computed = false;
    for (PyObject e : flat) {
      DType type = e instanceof TensorRef t ? t.dtype() : Operands.numberType(e);
      natural = ElementTypes.promote(natural, type);
      computed |= e instanceof TensorRef || e instanceof SymInt || e instanceof SymFloat;
    }
    DType type = wanted != null ? wanted : natural == null ? DType.F32 : natural;
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    if (computed) {
      List<Value> parts = new ArrayList<>();
      for (PyObject e : flat) {
        parts.add(trace.graph().reshape(Operands.as(trace, e, type), trace.vector(1)));
      }
      Value joined =
          parts.size() == 1 ? parts.getFirst() : trace.graph().concat(parts, a -> a.axis(0));
      return trace.tensor(trace.graph().reshape(joined, trace.vector(shape)));
    }
    return trace.tensor(trace.graph().constant(stored(trace, flat, type, shape)));
  }

  private static Tensor stored(TorchTrace trace, List<PyObject> flat, DType type, long[] shape) {
    if (type == DType.I64) {
      long[] values = flat.stream().mapToLong(v -> integer(trace, v)).toArray();
      return Tensor.of(values, shape);
    }
    double[] values = new double[flat.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          type == DType.BOOL
              ? trace.in().operators().truth(flat.get(i)) ? 1 : 0
              : Values.doubleValue(trace.in(), flat.get(i));
    }
    return Tensor.of(type, values, shape);
  }

  private static long integer(TorchTrace trace, PyObject value) {
    return Values.plain(value) instanceof PyObject.Float f
        ? new BigDecimal(f.value()).longValue()
        : Values.longValue(trace.in(), value);
  }

  private static void flatten(
      TorchTrace trace, PyObject data, int depth, List<Long> dims, List<PyObject> flat) {
    boolean nested =
        !(data instanceof TensorRef)
            && !(data instanceof SymInt)
            && !(data instanceof SymFloat)
            && !Values.isInteger(data)
            && !(Values.plain(data) instanceof PyObject.Float);
    if (!nested) {
      flat.add(data);
      return;
    }
    List<PyObject> elements = trace.in().operators().list(data);
    if (dims.size() == depth) {
      dims.add((long) elements.size());
    } else if (dims.get(depth) != elements.size()) {
      throw trace
          .in()
          .raise(
              "ValueError",
              "expected sequence of length %d at dim %d (got %d)",
              dims.get(depth),
              depth,
              elements.size());
    }
    for (PyObject e : elements) {
      flatten(trace, e, depth + 1, dims, flat);
    }
  }
}
