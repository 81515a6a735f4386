package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import java.util.function.Supplier;

/**
 * An integer that is known as an expression over the inputs' sizes, or only as a scalar of the
 * graph.
 */
final class SymInt implements HostObject {
  private final TorchTrace trace;
  private final Dim dim;
  private final Supplier<Value> source;
  private Value value;
  private GraphBuilder madeIn;

  private SymInt(TorchTrace trace, Dim dim, Supplier<Value> source) {
    this.trace = trace;
    this.dim = dim;
    this.source = source;
  }

  /** {@return the number: Python's own where it is known} */
  static PyObject of(TorchTrace trace, Dim dim, Supplier<Value> value) {
    return dim.isKnown() ? PyObject.of(dim.known()) : new SymInt(trace, dim, value);
  }

  Dim dim() {
    return dim;
  }

  /** {@return the i64 scalar of the graph} */
  Value value() {
    if (value == null || !trace.isOpen(madeIn)) {
      value = source.get();
      madeIn = trace.current();
    }
    return value;
  }

  @Override
  public PyClass type(Interpreter in) {
    return TorchTypes.SYM_INT;
  }

  @Override
  public PyObject attribute(Interpreter in, String name) {
    return name.equals("item")
        ? dev.isomorph.importers.python.PyNative.of("item", "", (_, _) -> this)
        : null;
  }

  @Override
  public PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    if (other instanceof TensorRef) {
      return null;
    }
    if (operator.equals("/")) {
      return SymFloat.divide(trace, reflected ? other : this, reflected ? this : other);
    }
    if (other instanceof PyObject.Float || other instanceof SymFloat) {
      return SymFloat.of(trace, this).binary(in, operator, other, reflected);
    }
    if (!(other instanceof SymInt) && !Values.isInteger(other)) {
      return null;
    }
    PyObject left = reflected ? other : this;
    PyObject right = reflected ? this : other;
    Dim a = trace.dimOf(left);
    Dim b = trace.dimOf(right);
    var g = trace.graph();
    Supplier<Value> x = () -> trace.scalarOf(left);
    Supplier<Value> y = () -> trace.scalarOf(right);
    return switch (operator) {
      case "+" -> of(trace, a.plus(b), () -> g.add(x.get(), y.get()));
      case "-" -> of(trace, a.minus(b), () -> g.sub(x.get(), y.get()));
      case "*" -> of(trace, a.times(b), () -> g.mul(x.get(), y.get()));
      case "//" -> {
        positive(in, b, operator);
        yield of(trace, a.floorDiv(b), () -> trace.floorDivide(x.get(), y.get()));
      }
      case "%" -> {
        positive(in, b, operator);
        yield of(trace, a.mod(b), () -> g.mod(x.get(), y.get()));
      }
      case "min" -> of(trace, a.min(b), () -> g.min(java.util.List.of(x.get(), y.get())));
      case "max" -> of(trace, a.max(b), () -> g.max(java.util.List.of(x.get(), y.get())));
      case "**" -> {
        if (b.isKnown() && b.known() >= 0 && b.known() <= 4) {
          PyObject result = PyObject.of(1);
          for (long i = 0; i < b.known(); i++) {
            result = in.operators().binary("*", result, left);
          }
          yield result;
        }
        throw in.unsupported("'**' with the size %s is outside the subset", dim);
      }
      default -> throw in.unsupported("'%s' with the size %s is outside the subset", operator, dim);
    };
  }

  private void positive(Interpreter in, Dim divisor, String operator) {
    if (divisor.isKnown() && divisor.known() <= 0) {
      throw in.unsupported(
          "'%s' of the size %s by %s is outside the subset", operator, dim, divisor);
    }
  }

  @Override
  public PyObject unary(Interpreter in, String operator) {
    return switch (operator) {
      case "-" -> in.operators().binary("-", PyObject.of(0), this);
      case "+", "abs", "math.floor", "math.ceil", "math.trunc", "round" -> this;
      default -> operator.startsWith("math.") ? SymFloat.of(trace, this).unary(in, operator) : null;
    };
  }

  @Override
  public PyObject compare(Interpreter in, String operator, PyObject other) {
    if (!(other instanceof SymInt) && !Values.isInteger(other)) {
      if (other instanceof PyObject.Float f
          && f.value() == Math.rint(f.value())
          && Math.abs(f.value()) < 1e15) {
        return compare(in, operator, PyObject.of((long) f.value()));
      }
      return operator.equals("==") ? PyObject.FALSE : operator.equals("!=") ? PyObject.TRUE : null;
    }
    return SymBool.compare(trace, operator, this, other);
  }

  @Override
  public boolean truth(Interpreter in) {
    return in.operators().truth(compare(in, "!=", PyObject.of(0)));
  }

  @Override
  public PyObject convert(Interpreter in, String kind) {
    return switch (kind) {
      case "int", "deepcopy" -> this;
      case "symbolic float" -> SymFloat.of(trace, this);
      case "index", "float" -> throw trace.unknownSize("a number that must be known here", dim);
      default -> null;
    };
  }

  @Override
  public Object hashKey(Interpreter in) {
    return dim;
  }

  @Override
  public String repr(Interpreter in) {
    return dim.toString();
  }
}
