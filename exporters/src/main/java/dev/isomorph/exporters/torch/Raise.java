package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a rule knows of its node, and what it may make. Not safe for many threads. */
final class Raise {
  /** Thrown by {@link #refuse}: the rule cannot say this node. */
  static final class Refusal extends RuntimeException {
    private final transient Diagnostic diagnostic;

    private Refusal(Diagnostic diagnostic) {
      super(diagnostic.message());
      this.diagnostic = diagnostic;
    }

    Diagnostic diagnostic() {
      return diagnostic;
    }
  }

  private final Node node;
  private final Modules modules;
  private final Symbols symbols;
  private final List<Value> operands = new ArrayList<>();

  Raise(Node node, Modules modules, Symbols symbols) {
    this.node = node;
    this.modules = modules;
    this.symbols = symbols;
  }

  Node node() {
    return node;
  }

  Modules modules() {
    return modules;
  }

  List<Value> operands() {
    return operands;
  }

  boolean has(int input) {
    return !node.input(input).isAbsent();
  }

  /** {@return an operand as an expression} */
  String in(int input) {
    return ref(node.input(input));
  }

  /** {@return all operands as expressions, separated by commas} */
  String all() {
    return node.inputs().stream().map(this::ref).collect(Collectors.joining(", "));
  }

  /** {@return a value as an expression} */
  String ref(Value value) {
    if (value instanceof Value.Parameter parameter) {
      return modules.constant(parameter);
    }
    operands.add(value);
    return "{" + (operands.size() - 1) + "}";
  }

  Shape shape(int input) {
    return node.input(input).type().shape();
  }

  /** {@return the rank of an operand; refuses the node if it is not known} */
  int rank(int input) {
    if (!shape(input).isRanked()) {
      throw refuse("the rank of operand %d is not known", input);
    }
    return shape(input).rank();
  }

  DType dtype(int input) {
    if (node.input(input).type() instanceof dev.isomorph.ir.ValueType.TensorType t) {
      return t.dtype();
    }
    throw refuse("the element type of operand %d is not known", input);
  }

  Optional<Tensor> constant(int input) {
    return node.input(input).constant();
  }

  Optional<Value.Parameter> parameter(int input) {
    return node.input(input) instanceof Value.Parameter p ? Optional.of(p) : Optional.empty();
  }

  /** {@return the elements of an integer operand as Python expressions, if they are known} */
  Optional<List<String>> integers(int input) {
    return node.input(input).contents().map(Contents::dims).flatMap(this::texts);
  }

  /** {@return the elements of an integer operand as numbers, if they are known} */
  Optional<long[]> knownIntegers(int input) {
    return node.input(input).contents().filter(Contents::isKnown).map(Contents::known);
  }

  /** {@return numbers of an integer operand; refuses the node if they are not known} */
  long[] needIntegers(int input, String what) {
    return knownIntegers(input)
        .orElseThrow(() -> refuse("%s is not known before the model runs", what));
  }

  /** {@return a dim as a Python expression, if the inputs' shapes give it} */
  Optional<String> text(Dim dim) {
    return symbols.text(dim);
  }

  private Optional<List<String>> texts(List<Dim> dims) {
    List<String> texts = new ArrayList<>();
    for (Dim dim : dims) {
      Optional<String> text = text(dim);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      texts.add(text.get());
    }
    return Optional.of(texts);
  }

  /** {@return the refusal of this node, to be thrown} */
  Refusal refuse(String format, Object... args) {
    String reason = String.format(java.util.Locale.ROOT, format, args);
    return new Refusal(
        Diagnostic.error(
                ErrorCode.UNSUPPORTED_TARGET,
                "PyTorch source cannot say %s: %s",
                node.op().name(),
                reason)
            .atNode(node.describe())
            .from(node.origin().toString()));
  }

  /** {@return a Python tuple of numbers, {@code (1, 2)} or {@code (1,)}} */
  static String tuple(List<?> items) {
    return items.size() == 1
        ? "(" + items.getFirst() + ",)"
        : items.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
  }

  /** {@return one number if all are equal, else a tuple} */
  static String compact(List<Long> items) {
    return items.stream().distinct().count() == 1 ? items.getFirst().toString() : tuple(items);
  }

  /** {@return a real number as Python writes it} */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "float(\"nan\")";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "float(\"inf\")" : "float(\"-inf\")";
    }
    return Double.toString(value).replace("E", "e");
  }

  /** {@return the name of an element type} */
  String torch(DType dtype) {
    return switch (dtype) {
      case F32 -> "torch.float32";
      case F64 -> "torch.float64";
      case F16 -> "torch.float16";
      case BF16 -> "torch.bfloat16";
      case I8 -> "torch.int8";
      case I16 -> "torch.int16";
      case I32 -> "torch.int32";
      case I64 -> "torch.int64";
      case U8 -> "torch.uint8";
      case BOOL -> "torch.bool";
      case C64 -> "torch.complex64";
      case C128 -> "torch.complex128";
      default -> throw refuse("PyTorch has no arithmetic for elements of type %s", dtype);
    };
  }
}
