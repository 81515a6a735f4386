package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.shape.Dim;

/**
 * A comparison of sizes that the facts about them do not decide.
 *
 * @param text the comparison, for messages
 */
record SymBool(TorchTrace trace, String text) implements HostObject {
  /** {@return the comparison: decided where sizes being at least 0 decides it} */
  static PyObject compare(TorchTrace trace, String operator, PyObject left, PyObject right) {
    Dim a = trace.dimOf(left);
    Dim b = trace.dimOf(right);
    Dim difference = a.minus(b);
    if (difference.isKnown()) {
      long d = difference.known();
      return PyObject.of(
          switch (operator) {
            case "==" -> d == 0;
            case "!=" -> d != 0;
            case "<" -> d < 0;
            case "<=" -> d <= 0;
            case ">" -> d > 0;
            default -> d >= 0;
          });
    }
    boolean atLeast = a.max(b).equals(a);
    boolean atMost = a.min(b).equals(a);
    Boolean decided =
        switch (operator) {
          case ">=" -> atLeast ? Boolean.TRUE : null;
          case "<=" -> atMost ? Boolean.TRUE : null;
          case "<" -> atLeast ? Boolean.FALSE : null;
          case ">" -> atMost ? Boolean.FALSE : null;
          default -> trace.assumeSize(operator, a, b);
        };
    if (decided == null) {
      decided = trace.assumeSize(operator, a, b);
    }
    return decided != null
        ? PyObject.of(decided)
        : new SymBool(trace, a + " " + operator + " " + b);
  }

  @Override
  public PyClass type(Interpreter in) {
    return TorchTypes.SYM_BOOL;
  }

  @Override
  public boolean truth(Interpreter in) {
    throw trace.undecided(text);
  }

  @Override
  public PyObject unary(Interpreter in, String operator) {
    throw trace.undecided(text);
  }

  @Override
  public String repr(Interpreter in) {
    return text;
  }
}
