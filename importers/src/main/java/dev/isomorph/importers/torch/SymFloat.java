package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.function.Supplier;

/**
 * A float that depends on sizes: a scalar of the graph in double precision, and the quotient of two
 * integers where it is one, so that rounding it is exact.
 */
final class SymFloat implements HostObject {
  private final TorchTrace trace;
  private final Supplier<Value> source;
  private final PyObject numerator;
  private final PyObject denominator;
  private Value value;
  private GraphBuilder madeIn;

  private SymFloat(
      TorchTrace trace, PyObject numerator, PyObject denominator, Supplier<Value> source) {
    this.trace = trace;
    this.numerator = numerator;
    this.denominator = denominator;
    this.source = source;
  }

  static SymFloat of(TorchTrace trace, PyObject integer) {
    return new SymFloat(
        trace, integer, PyObject.of(1), () -> trace.cast(trace.scalarOf(integer), DType.F64));
  }

  static SymFloat of(TorchTrace trace, Supplier<Value> source) {
    return new SymFloat(trace, null, null, source);
  }

  static PyObject divide(TorchTrace trace, PyObject a, PyObject b) {
    if (a instanceof PyObject.Float
        || b instanceof PyObject.Float
        || a instanceof SymFloat
        || b instanceof SymFloat) {
      return of(trace, () -> trace.graph().div(scalar(trace, a), scalar(trace, b)));
    }
    return new SymFloat(
        trace,
        a,
        b,
        () ->
            trace
                .graph()
                .div(
                    trace.cast(trace.scalarOf(a), DType.F64),
                    trace.cast(trace.scalarOf(b), DType.F64)));
  }

  private static Value scalar(TorchTrace trace, PyObject number) {
    return switch (number) {
      case SymFloat f -> f.value();
      case SymInt i -> trace.cast(i.value(), DType.F64);
      default -> trace.scalar(DType.F64, Values.doubleValue(trace.in(), number));
    };
  }

  /** {@return the f64 scalar of the graph} */
  Value value() {
    if (value == null || !trace.isOpen(madeIn)) {
      value = source.get();
      madeIn = trace.current();
    }
    return value;
  }

  @Override
  public PyClass type(Interpreter in) {
    return TorchTypes.SYM_FLOAT;
  }

  @Override
  public PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    if (other instanceof TensorRef
        || !(other instanceof SymFloat
                || other instanceof SymInt
                || other instanceof PyObject.Float)
            && !Values.isInteger(other)) {
      return null;
    }
    PyObject left = reflected ? other : this;
    PyObject right = reflected ? this : other;
    Supplier<Value> x = () -> scalar(trace, left);
    Supplier<Value> y = () -> scalar(trace, right);
    var g = trace.graph();
    return switch (operator) {
      case "+" -> of(trace, () -> g.add(x.get(), y.get()));
      case "-" -> of(trace, () -> g.sub(x.get(), y.get()));
      case "*" -> of(trace, () -> g.mul(x.get(), y.get()));
      case "/" -> of(trace, () -> g.div(x.get(), y.get()));
      case "**" -> of(trace, () -> g.pow(x.get(), y.get()));
      case "//" -> of(trace, () -> g.floor(g.div(x.get(), y.get())));
      default -> throw in.unsupported("'%s' with a float that depends on sizes", operator);
    };
  }

  @Override
  public PyObject unary(Interpreter in, String operator) {
    var g = trace.graph();
    return switch (operator) {
      case "-" -> of(trace, () -> g.neg(value()));
      case "+" -> this;
      case "abs" -> of(trace, () -> g.abs(value()));
      case "math.sqrt" -> of(trace, () -> g.sqrt(value()));
      case "math.log" -> of(trace, () -> g.log(value()));
      case "math.exp" -> of(trace, () -> g.exp(value()));
      case "math.floor", "math.trunc" -> quotient(in, "//", operator);
      case "math.ceil" -> {
        PyObject negative = in.operators().binary("-", PyObject.of(0), integer(in, operator));
        PyObject floor = in.operators().binary("//", negative, denominator);
        yield in.operators().binary("-", PyObject.of(0), floor);
      }
      default -> throw in.unsupported("%s of a float that depends on sizes", operator);
    };
  }

  private PyObject integer(Interpreter in, String what) {
    if (numerator == null) {
      throw in.unsupported("%s of a float that depends on sizes", what);
    }
    return numerator;
  }

  private PyObject quotient(Interpreter in, String operator, String what) {
    return in.operators().binary(operator, integer(in, what), denominator);
  }

  @Override
  public PyObject compare(Interpreter in, String operator, PyObject other) {
    if (numerator != null && Values.isInteger(other)) {
      PyObject scaled = in.operators().binary("*", other, denominator);
      return in.operators().compare(operator, numerator, scaled);
    }
    throw in.unsupported("a comparison of a float that depends on sizes");
  }

  @Override
  public boolean truth(Interpreter in) {
    return in.operators().truth(compare(in, "!=", PyObject.of(0)));
  }

  @Override
  public PyObject convert(Interpreter in, String kind) {
    return switch (kind) {
      case "int" -> quotient(in, "//", "int()");
      case "symbolic float", "deepcopy" -> this;
      case "float", "index" ->
          throw in.unsupported("a float that depends on sizes must be known here");
      default -> null;
    };
  }

  @Override
  public String repr(Interpreter in) {
    return "float";
  }
}
