package dev.isomorph.ir.infer;

import dev.isomorph.ir.op.EinsumOp;
import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulIntegerOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.op.QLinearMatMulOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Matrix products. */
final class LinearInference {
  private LinearInference() {}

  static void register(InferenceRules rules) {
    rules.on(GemmOp.class, LinearInference::gemm);
    rules.on(MatMulOp.class, (_, in) -> multiply(0, 1, in));
    rules.on(MatMulIntegerOp.class, (_, in) -> multiply(0, 1, in));
    rules.on(QLinearMatMulOp.class, (_, in) -> multiply(0, 3, in));
    rules.on(EinsumOp.class, LinearInference::einsum);
  }

  private static void gemm(GemmOp op, InferenceContext in) {
    in.requireRank(0, "A", 2);
    in.requireRank(1, "B", 2);
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (a.isRanked() && b.isRanked()) {
      requireEqual(a.dim(op.transA() != 0 ? 0 : 1), b.dim(op.transB() != 0 ? 1 : 0), a, b, in);
    }
    Dim rows = a.isRanked() ? a.dim(op.transA() != 0 ? 1 : 0) : in.freshSymbol("rows");
    Dim columns = b.isRanked() ? b.dim(op.transB() != 0 ? 0 : 1) : in.freshSymbol("columns");
    Shape result = Shape.of(rows, columns);
    if (in.has(2) && !in.broadcast(in.shape(2), result).isCompatible(result)) {
      throw in.error("C cannot be broadcast to the product")
          .expected(result, in.shape(2))
          .toException();
    }
    in.result(0, result);
  }

  private static void multiply(int left, int right, InferenceContext in) {
    Shape a = in.shape(left);
    Shape b = in.shape(right);
    if (!a.isRanked() || !b.isRanked()) {
      return;
    }
    if (a.rank() == 0 || b.rank() == 0) {
      throw in.invalid("a matrix product needs operands of at least one axis: %s and %s", a, b);
    }
    requireEqual(a.dim(-1), b.dim(b.rank() == 1 ? 0 : -2), a, b, in);
    Shape batchA = a.slice(0, Math.max(a.rank() - 2, 0));
    Shape batchB = b.slice(0, Math.max(b.rank() - 2, 0));
    List<Dim> dims = new ArrayList<>(in.broadcast(batchA, batchB).dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    in.result(0, Shape.of(dims));
  }

  /**
   * Letters name axes, {@code ...} stands for the axes that no letter names, broadcast; without an
   * arrow the result has the letters that stand once, sorted, behind those axes.
   */
  private static void einsum(EinsumOp op, InferenceContext in) {
    String equation = op.equation().replace(" ", "");
    int arrow = equation.indexOf("->");
    String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
    if (terms.length != in.inputCount()) {
      throw in.error("the equation '%s' does not fit the number of operands", op.equation())
          .expected(terms.length + " operands", in.inputCount())
          .toException();
    }
    Map<Character, Dim> lengths = new TreeMap<>();
    Map<Character, Integer> counts = new TreeMap<>();
    Shape rest = Shape.scalar();
    for (int i = 0; i < terms.length; i++) {
      Shape shape = in.shape(i);
      if (!shape.isRanked()) {
        return;
      }
      int dots = terms[i].indexOf("...");
      String letters = terms[i].replace("...", "");
      int hidden = shape.rank() - letters.length();
      if (hidden < 0 || dots < 0 && hidden > 0 || !letters.chars().allMatch(Character::isLetter)) {
        throw in.error("term '%s' of the equation does not fit operand %d", terms[i], i)
            .expected(letters.length() + (dots < 0 ? " axes" : " or more axes"), shape)
            .toException();
      }
      for (int k = 0; k < letters.length(); k++) {
        Dim dim = shape.dim(dots >= 0 && k >= dots ? k + hidden : k);
        char letter = letters.charAt(k);
        counts.merge(letter, 1, Integer::sum);
        // An axis of length 1 is broadcast, as in numpy.
        lengths.merge(letter, dim, (x, y) -> in.broadcast(Shape.of(x), Shape.of(y)).dim(0));
      }
      if (dots >= 0) {
        rest = in.broadcast(rest, shape.slice(dots, dots + hidden));
      }
    }
    String output =
        arrow >= 0
            ? equation.substring(arrow + 2)
            : "..."
                + counts.entrySet().stream()
                    .filter(e -> e.getValue() == 1)
                    .map(e -> String.valueOf(e.getKey()))
                    .collect(Collectors.joining());
    List<Dim> dims = new ArrayList<>();
    for (int k = 0; k < output.length(); k++) {
      if (output.startsWith("...", k)) {
        dims.addAll(rest.dims());
        k += 2;
      } else if (lengths.containsKey(output.charAt(k))) {
        dims.add(lengths.get(output.charAt(k)));
      } else {
        throw in.invalid(
            "'%s' in the result of the equation '%s' names no axis",
            output.charAt(k), op.equation());
      }
    }
    in.result(0, Shape.of(dims));
  }

  private static void requireEqual(Dim x, Dim y, Shape a, Shape b, InferenceContext in) {
    Dim difference = x.minus(y);
    if (difference.isKnown() && !difference.is(0)) {
      throw in.error("inner lengths differ: %s and %s", a, b).expected(x, y).toException();
    }
    if (!x.equals(y)) {
      in.assume("%s equals %s", x, y);
    }
  }
}
