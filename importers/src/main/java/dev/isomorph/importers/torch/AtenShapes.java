package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Views and copies in another shape. */
final class AtenShapes {
  private AtenShapes() {}

  static void register() {
    AtenRules.on("view", AtenShapes::view);
    AtenRules.on("reshape", AtenShapes::reshape);
    AtenRules.on("permute", AtenShapes::permute);
    AtenRules.on("transpose", AtenShapes::transpose);
    AtenRules.on("t", AtenShapes::t);
    AtenRules.on("squeeze", AtenShapes::squeeze);
    AtenRules.on(
        "unsqueeze",
        c -> {
          TensorRef self = c.tensor("self");
          return Views.unsqueeze(c.trace(), self, c.axis("dim", self.rank() + 1));
        });
    AtenRules.on("expand", AtenShapes::expand);
    AtenRules.on(
        "repeat",
        c -> {
          TensorRef self = c.tensor("self");
          List<PyObject> repeats = c.list("repeats");
          Value x = self.value();
          int missing = repeats.size() - self.rank();
          if (missing > 0) {
            x =
                c.graph()
                    .unsqueeze(
                        x,
                        c.trace().vector(java.util.stream.LongStream.range(0, missing).toArray()));
          }
          return c.result(c.graph().tile(x, c.trace().vectorOf(repeats)));
        });
    AtenRules.on("select", AtenShapes::select);
    AtenRules.on(
        "slice",
        c -> {
          TensorRef self = c.tensor("self");
          int axis = c.axis("dim", self.rank());
          return TensorIndex.slice(
              c.trace(), self, axis, c.get("start"), c.get("end"), c.get("step"));
        });
    AtenRules.on("narrow", AtenShapes::narrow);
    AtenRules.on("flip", AtenShapes::flip);
    AtenRules.on("tril", c -> triangle(c, false));
    AtenRules.on("triu", c -> triangle(c, true));
    AtenRules.on("clone", c -> c.result(c.value("self")));
    AtenRules.on("detach", c -> c.tensor("self").alias());
    AtenRules.on("alias", c -> c.tensor("self").alias());
    AtenRules.on(
        "copy_",
        c -> {
          TensorRef self = c.tensor("self");
          Value source = c.trace().cast(c.value("src"), self.dtype());
          self.write(expandTo(c.trace(), source, self));
          return self;
        });
    AtenRules.on(
        "fill_",
        c -> {
          TensorRef self = c.tensor("self");
          Value scalar = Operands.as(c.trace(), c.get("value"), self.dtype());
          self.write(expandTo(c.trace(), scalar, self));
          return self;
        });
    AtenRules.on(
        "zero_",
        c -> {
          TensorRef self = c.tensor("self");
          self.write(expandTo(c.trace(), c.trace().scalar(self.dtype(), 0L), self));
          return self;
        });
    AtenRules.on("unfold", AtenShapes::unfold);
    AtenRules.on("diagonal", AtenShapes::diagonal);
  }

  /** {@return the value broadcast to a tensor's shape} */
  static Value expandTo(TorchTrace trace, Value value, TensorRef like) {
    if (value.type().shape().equals(like.shape())) {
      return value;
    }
    Value shape = trace.vectorOf(AtenCall.elements(like.sizes()));
    return trace.graph().expand(value, shape);
  }

  private static PyObject view(AtenCall c) {
    if (c.has("dtype")) {
      throw c.in().unsupported("view() as another dtype is outside the subset");
    }
    TensorRef self = c.tensor("self");
    return viewAs(c.trace(), self, c.list("size"));
  }

  /** {@return a view in another shape, where -1 stands for what is left} */
  static TensorRef viewAs(TorchTrace trace, TensorRef self, List<PyObject> size) {
    List<PyObject> given =
        size.stream()
            .map(d -> d instanceof TensorRef t ? TensorNumbers.item(trace, t) : d)
            .toList();
    List<PyObject> known = inferred(trace, self, given);
    List<PyObject> target = new ArrayList<>();
    int symbolic = 0;
    for (int i = 0; i < known.size(); i++) {
      PyObject d = known.get(i);
      boolean copied = d instanceof SymInt s && i < self.rank() && self.dim(i).equals(s.dim());
      if (copied) {
        target.add(PyObject.of(0));
      } else {
        symbolic += d instanceof SymInt ? 1 : 0;
        target.add(d);
      }
    }
    boolean hasRest =
        target.stream().anyMatch(d -> Values.isInteger(d) && Values.longValue(trace.in(), d) == -1);
    if (symbolic == 1 && !hasRest) {
      target.replaceAll(d -> d instanceof SymInt ? PyObject.of(-1) : d);
    }
    boolean zero =
        known.stream().anyMatch(d -> Values.isInteger(d) && Values.longValue(trace.in(), d) == 0);
    boolean zeroCopies = target.stream().anyMatch(d -> d.equals(PyObject.of(0))) && !zero;
    if (zero && !zeroCopies) {
      return Views.reshape(trace, self, trace.vectorOf(known), true);
    }
    return Views.reshape(trace, self, trace.vectorOf(target), false);
  }

  /** {@return the sizes with -1 replaced, where the sizes are all known} */
  private static List<PyObject> inferred(TorchTrace trace, TensorRef self, List<PyObject> size) {
    int rest = -1;
    long product = 1;
    for (int i = 0; i < size.size(); i++) {
      if (size.get(i) instanceof SymInt) {
        return size;
      }
      long d = Values.longValue(trace.in(), size.get(i));
      if (d == -1) {
        rest = i;
      } else {
        product *= d;
      }
    }
    Dim total = self.shape().size();
    if (!total.isKnown()) {
      return size;
    }
    boolean fits =
        rest < 0 ? total.known() == product : product != 0 && total.known() % product == 0;
    if (!fits) {
      throw trace
          .in()
          .raise(
              "RuntimeError",
              "shape '%s' is invalid for input of size %s",
              trace.in().text().repr(new dev.isomorph.importers.python.PyList(size)),
              total);
    }
    if (rest < 0) {
      return size;
    }
    List<PyObject> filled = new ArrayList<>(size);
    filled.set(rest, PyObject.of(total.known() / product));
    return filled;
  }

  private static PyObject reshape(AtenCall c) {
    TensorRef self = c.tensor("self");
    TensorRef view = viewAs(c.trace(), self, c.list("shape"));
    return self.isContiguous() ? view : c.result(view.value());
  }

  private static PyObject permute(AtenCall c) {
    TensorRef self = c.tensor("self");
    return Views.permute(c.trace(), self, c.axes("dims", self.rank()));
  }

  private static PyObject transpose(AtenCall c) {
    TensorRef self = c.tensor("self");
    int a = c.axis("dim0", self.rank());
    int b = c.axis("dim1", self.rank());
    return swap(c.trace(), self, a, b);
  }

  private static TensorRef swap(TorchTrace trace, TensorRef self, int a, int b) {
    long[] perm = java.util.stream.LongStream.range(0, self.rank()).toArray();
    if (perm.length == 0) {
      return self;
    }
    perm[a] = b;
    perm[b] = a;
    return Views.permute(trace, self, perm);
  }

  private static PyObject t(AtenCall c) {
    TensorRef self = c.tensor("self");
    return self.rank() < 2 ? self : swap(c.trace(), self, 0, 1);
  }

  private static PyObject squeeze(AtenCall c) {
    TensorRef self = c.tensor("self");
    long[] candidates =
        c.has("dim")
            ? c.axes("dim", self.rank())
            : java.util.stream.LongStream.range(0, self.rank()).toArray();
    List<Long> axes = new ArrayList<>();
    for (long axis : candidates) {
      if (self.rank() == 0) {
        break;
      }
      Dim d = self.dim((int) axis);
      if (d.is(1)) {
        axes.add(axis);
      } else if (!d.isKnown()) {
        c.trace().assume("the size " + d + " is not 1");
      }
    }
    return Views.squeeze(c.trace(), self, axes.stream().mapToLong(Long::longValue).toArray());
  }

  private static PyObject expand(AtenCall c) {
    TensorRef self = c.tensor("self");
    List<PyObject> size = c.list("size");
    List<PyObject> target = new ArrayList<>();
    int offset = size.size() - self.rank();
    for (int i = 0; i < size.size(); i++) {
      PyObject d = size.get(i);
      boolean keep = Values.isInteger(d) && Values.longValue(c.in(), d) == -1;
      target.add(keep ? self.size(i - offset) : d);
    }
    if (offset == 0 && sameSizes(c.trace(), self, target)) {
      return self.alias();
    }
    Value shape = c.trace().vectorOf(target);
    return Views.readOnly(c.trace(), self, "expand", x -> c.trace().graph().expand(x, shape));
  }

  private static boolean sameSizes(TorchTrace trace, TensorRef self, List<PyObject> target) {
    for (int i = 0; i < target.size(); i++) {
      if (!trace.dimOf(target.get(i)).equals(self.dim(i))) {
        return false;
      }
    }
    return true;
  }

  private static PyObject select(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    PyObject index = c.get("index");
    Value at = index instanceof SymInt s ? s.value() : c.trace().scalar(DType.I64, c.known(index));
    return Views.select(c.trace(), self, axis, at);
  }

  private static PyObject narrow(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dim", self.rank());
    PyObject start = c.get("start");
    if (start instanceof TensorRef t) {
      start = TensorNumbers.item(c.trace(), t);
    }
    PyObject end = c.in().operators().binary("+", start, c.get("length"));
    return TensorIndex.slice(c.trace(), self, axis, start, end, PyObject.NONE);
  }

  private static PyObject flip(AtenCall c) {
    TensorRef self = c.tensor("self");
    long[] axes = c.axes("dims", self.rank());
    long[] starts = new long[axes.length];
    long[] ends = new long[axes.length];
    long[] steps = new long[axes.length];
    java.util.Arrays.fill(starts, -1);
    java.util.Arrays.fill(ends, Long.MIN_VALUE + 1);
    java.util.Arrays.fill(steps, -1);
    TorchTrace t = c.trace();
    return c.result(
        c.graph()
            .slice(
                self.value(), t.vector(starts), t.vector(ends), t.vector(axes), t.vector(steps)));
  }

  private static PyObject triangle(AtenCall c, boolean upper) {
    Value k = c.trace().scalar(DType.I64, c.integer("diagonal"));
    return c.result(c.graph().trilu(c.value("self"), k, a -> a.upper(upper)));
  }

  private static PyObject unfold(AtenCall c) {
    TensorRef self = c.tensor("self");
    int axis = c.axis("dimension", self.rank());
    long size = c.integer("size");
    long step = c.integer("step");
    Dim length = self.dim(axis);
    if (!length.isKnown()) {
      throw c.trace().unknownSize("unfold()", length);
    }
    long count = (length.known() - size) / step + 1;
    long[] positions = new long[(int) (count * size)];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i / size * step + i % size;
    }
    Value indices = c.graph().constant(dev.isomorph.ir.tensor.Tensor.of(positions, count, size));
    Value windows = c.graph().gather(self.value(), indices, a -> a.axis(axis));
    int rank = self.rank() + 1;
    long[] perm = new long[rank];
    for (int i = 0, next = 0; i < rank; i++) {
      if (i != axis + 1) {
        perm[next++] = i;
      }
    }
    perm[rank - 1] = axis + 1;
    return c.result(c.graph().transpose(windows, a -> a.perm(perm)));
  }

  private static PyObject diagonal(AtenCall c) {
    TensorRef self = c.tensor("self");
    int a = c.axis("dim1", self.rank());
    int b = c.axis("dim2", self.rank());
    long offset = c.integer("offset");
    if (!self.dim(a).isKnown() || !self.dim(b).isKnown()) {
      throw c.trace().unknownSize("diagonal()", self.dim(a));
    }
    long rows = self.dim(a).known();
    long columns = self.dim(b).known();
    long count =
        Math.max(
            0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
    List<Long> order = new ArrayList<>(List.of((long) a, (long) b));
    for (long i = 0; i < self.rank(); i++) {
      if (i != a && i != b) {
        order.add(i);
      }
    }
    long[] pairs = new long[(int) (2 * count)];
    for (int i = 0; i < count; i++) {
      pairs[2 * i] = i + Math.max(0, -offset);
      pairs[2 * i + 1] = i + Math.max(0, offset);
    }
    long[] perm = order.stream().mapToLong(Long::longValue).toArray();
    Value front = c.graph().transpose(self.value(), p -> p.perm(perm));
    Value indices = c.graph().constant(dev.isomorph.ir.tensor.Tensor.of(pairs, count, 2));
    Value picked = c.graph().gatherND(front, indices);
    int rank = self.rank() - 1;
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[i] = i == rank - 1 ? 0 : i + 1;
    }
    return c.result(rank == 1 ? picked : c.graph().transpose(picked, p -> p.perm(back)));
  }
}
