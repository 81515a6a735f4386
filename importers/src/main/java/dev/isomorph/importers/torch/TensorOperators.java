package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.Value;
import java.util.Map;

/** Python's operators on tensors. */
final class TensorOperators {
  private static final Map<String, String> BINARY =
      Map.ofEntries(
          Map.entry("+", "add"),
          Map.entry("-", "sub"),
          Map.entry("*", "mul"),
          Map.entry("/", "div"),
          Map.entry("//", "floor_divide"),
          Map.entry("%", "remainder"),
          Map.entry("**", "pow"),
          Map.entry("@", "matmul"),
          Map.entry("&", "bitwise_and"),
          Map.entry("|", "bitwise_or"),
          Map.entry("^", "bitwise_xor"),
          Map.entry("<<", "bitwise_left_shift"),
          Map.entry(">>", "bitwise_right_shift"));
  private static final Map<String, String> COMPARE =
      Map.of("==", "eq", "!=", "ne", "<", "lt", "<=", "le", ">", "gt", ">=", "ge");

  private TensorOperators() {}

  private static boolean isOperand(PyObject value) {
    return value instanceof TensorRef
        || value instanceof SymInt
        || value instanceof SymFloat
        || value instanceof PyObject.Complex
        || Values.isInteger(value)
        || Values.plain(value) instanceof PyObject.Float;
  }

  static PyObject binary(
      TorchTrace trace, String operator, TensorRef self, PyObject other, boolean reflected) {
    String name = BINARY.get(operator);
    if (name == null || !isOperand(other)) {
      return null;
    }
    PyObject left = reflected ? other : self;
    PyObject right = reflected ? self : other;
    if (reflected && !(other instanceof TensorRef) && !name.equals("pow")) {
      return AtenElementwise.binary(trace, name, other, right);
    }
    return trace.aten(name, left, right);
  }

  static PyObject inPlace(TorchTrace trace, String operator, TensorRef self, PyObject other) {
    PyObject result = binary(trace, operator, self, other, false);
    if (!(result instanceof TensorRef made)) {
      return null;
    }
    assign(trace, self, made);
    return self;
  }

  /** Writes a result into a tensor, as an operator in place does: the tensor keeps its type. */
  static void assign(TorchTrace trace, TensorRef self, TensorRef result) {
    Value value = trace.cast(result.value(), self.dtype());
    boolean sameRank =
        !self.shape().isRanked() || !result.shape().isRanked() || self.rank() == result.rank();
    if (!sameRank || !self.shape().isCompatible(result.shape())) {
      throw trace
          .in()
          .raise(
              "RuntimeError",
              "output with shape %s doesn't match the broadcast shape %s",
              self.shape(),
              result.shape());
    }
    self.write(value);
  }

  static PyObject unary(TorchTrace trace, String operator, TensorRef self) {
    return switch (operator) {
      case "-" -> trace.aten("neg", self);
      case "+" -> self;
      case "~" -> trace.aten("bitwise_not", self);
      case "abs" -> trace.aten("abs", self);
      case "round" -> trace.aten("round", self);
      default -> null;
    };
  }

  static PyObject compare(TorchTrace trace, String operator, TensorRef self, PyObject other) {
    if (!isOperand(other)) {
      return operator.equals("==") ? PyObject.FALSE : operator.equals("!=") ? PyObject.TRUE : null;
    }
    return trace.aten(COMPARE.get(operator), self, other);
  }
}
