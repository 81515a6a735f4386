package dev.isomorph.runtime.scalar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An expression as straight-line code over registers, equal subexpressions computed once. On the
 * CPU a register is a tile of elements and each step is one loop over it, so that all operators
 * share the same few compiled loops; for CUDA each step is one line of source. Immutable and safe
 * for many threads.
 */
public final class TileProgram {
  /** Where a register's value comes from. */
  public sealed interface Step {
    /** {@return the type of the value} */
    Expr.Type type();
  }

  /** An operand's element. */
  public record Load(int param, Expr.Type type) implements Step {}

  /** A number from the table. */
  public record Constant(double value) implements Step {
    @Override
    public Expr.Type type() {
      return Expr.Type.NUMBER;
    }
  }

  /** An attribute's value. */
  public record Attribute(int index) implements Step {
    @Override
    public Expr.Type type() {
      return Expr.Type.NUMBER;
    }
  }

  /** A function of earlier steps' values; unused operands are −1. */
  public record Call(Fn fn, int a, int b, int c, Expr.Type type) implements Step {}

  private final ScalarOperator operator;
  private final List<Step> steps;
  private final int[] register;
  private final int registers;

  private TileProgram(ScalarOperator operator, List<Step> steps) {
    this.operator = operator;
    this.steps = List.copyOf(steps);
    this.register = new int[steps.size()];
    this.registers = allocate();
  }

  /** {@return the program of a row} */
  public static TileProgram of(ScalarOperator operator) {
    List<Step> steps = new ArrayList<>();
    Map<Step, Integer> known = new HashMap<>();
    int last = emit(operator.body(), steps, known);
    if (last != steps.size() - 1) {
      throw new IllegalStateException("the body's value is not the last step");
    }
    return new TileProgram(operator, steps);
  }

  private static int emit(Expr expr, List<Step> steps, Map<Step, Integer> known) {
    Step step =
        switch (expr) {
          case Expr.Literal literal -> new Constant(literal.value());
          case Expr.Attribute attribute -> new Attribute(attribute.index());
          case Expr.Param param -> new Load(param.index(), param.type());
          case Expr.Apply apply -> {
            int[] in = {-1, -1, -1};
            for (int i = 0; i < apply.operands().size(); i++) {
              in[i] = emit(apply.operands().get(i), steps, known);
            }
            yield new Call(apply.fn(), in[0], in[1], in[2], apply.type());
          }
        };
    return known.computeIfAbsent(
        step,
        s -> {
          steps.add(s);
          return steps.size() - 1;
        });
  }

  private int allocate() {
    int n = steps.size();
    int[] lastUse = new int[n];
    Arrays.fill(lastUse, n);
    for (int i = 0; i < n; i++) {
      if (steps.get(i) instanceof Call call) {
        for (int operand : new int[] {call.a(), call.b(), call.c()}) {
          if (operand >= 0) {
            lastUse[operand] = i;
          }
        }
      }
    }
    lastUse[n - 1] = n;
    List<Integer> free = new ArrayList<>();
    int made = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        if (lastUse[j] == i) {
          free.add(register[j]);
          lastUse[j] = -1;
        }
      }
      register[i] = free.isEmpty() ? made++ : free.removeLast();
    }
    return made;
  }

  /** {@return the row that this computes} */
  public ScalarOperator operator() {
    return operator;
  }

  /** {@return the steps, each after those that it uses; the last one's value is the result} */
  public List<Step> steps() {
    return steps;
  }

  /** {@return the number of registers} */
  int registers() {
    return registers;
  }

  /** {@return the register of a step's value; an operand's may be the step's own} */
  int register(int step) {
    return register[step];
  }
}
