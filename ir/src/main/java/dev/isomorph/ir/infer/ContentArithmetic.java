package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Arithmetic on known elements of small integer and bool tensors. An operation gives null where the
 * result has no exact expression: nothing is known then, rather than something nearly right.
 */
final class ContentArithmetic {
  /** A function of two elements; null if the result is not known. */
  @FunctionalInterface
  private interface Binary {
    Dim apply(Dim a, Dim b);
  }

  private static final Map<Class<? extends Op>, Binary> BINARY = new HashMap<>();

  static {
    BINARY.put(AddOp.class, Dim::plus);
    BINARY.put(SumOp.class, Dim::plus);
    BINARY.put(SubOp.class, Dim::minus);
    BINARY.put(MulOp.class, Dim::times);
    BINARY.put(DivOp.class, ContentArithmetic::truncatedQuotient);
    BINARY.put(MinOp.class, Dim::min);
    BINARY.put(MaxOp.class, Dim::max);
    BINARY.put(EqualOp.class, ContentArithmetic::equal);
    BINARY.put(LessOp.class, (a, b) -> truth(b.minus(a).plus(-1)));
    BINARY.put(GreaterOp.class, (a, b) -> truth(a.minus(b).plus(-1)));
    BINARY.put(LessOrEqualOp.class, (a, b) -> truth(b.minus(a)));
    BINARY.put(GreaterOrEqualOp.class, (a, b) -> truth(a.minus(b)));
    BINARY.put(AndOp.class, Dim::times);
    BINARY.put(OrOp.class, Dim::max);
  }

  private ContentArithmetic() {}

  /** Sets the elements of result 0 of an operator with one or more broadcast operands. */
  static void broadcast(Op op, InferenceContext in) {
    Binary binary =
        op instanceof ModOp mod
            ? (a, b) -> remainder(a, b, mod.fmod() != 0)
            : BINARY.get(op.getClass());
    if (binary == null || in.inputCount() == 0) {
      return;
    }
    Optional<Contents> total = in.contents(0);
    for (int i = 1; i < in.inputCount() && total.isPresent(); i++) {
      Contents left = total.get();
      total = in.contents(i).flatMap(right -> zip(left, right, binary));
    }
    total.ifPresent(c -> set(in, 0, c));
  }

  private static Optional<Contents> zip(Contents a, Contents b, Binary binary) {
    int n = Math.max(a.dims().size(), b.dims().size());
    if (a.dims().isEmpty() || b.dims().isEmpty()) {
      return Optional.of(Contents.vector(List.of()));
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Dim dim = binary.apply(element(a, i), element(b, i));
      if (dim == null) {
        return Optional.empty();
      }
      dims.add(dim);
    }
    return Optional.of(new Contents(a.scalar() && b.scalar(), dims));
  }

  private static Dim element(Contents contents, int index) {
    return contents.dims().get(contents.dims().size() == 1 ? 0 : index);
  }

  /** Sets the elements of {@code Where(condition, x, y)} where the condition is known. */
  static void select(InferenceContext in) {
    if (in.contents(0).isEmpty() || in.contents(1).isEmpty() || in.contents(2).isEmpty()) {
      return;
    }
    Contents condition = in.contents(0).get();
    Contents x = in.contents(1).get();
    Contents y = in.contents(2).get();
    int n = Math.max(condition.dims().size(), Math.max(x.dims().size(), y.dims().size()));
    if (!condition.isKnown()
        || condition.dims().isEmpty()
        || x.dims().isEmpty()
        || y.dims().isEmpty()) {
      return;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      dims.add(element(element(condition, i).is(0) ? y : x, i));
    }
    set(in, 0, new Contents(condition.scalar() && x.scalar() && y.scalar(), dims));
  }

  /** Sets the elements of a function of one operand. */
  static void unary(InferenceContext in, java.util.function.UnaryOperator<Dim> function) {
    in.contents(0)
        .ifPresent(
            c -> {
              List<Dim> dims = new ArrayList<>();
              for (Dim dim : c.dims()) {
                Dim result = function.apply(dim);
                if (result == null) {
                  return;
                }
                dims.add(result);
              }
              set(in, 0, new Contents(c.scalar(), dims));
            });
  }

  static Dim absolute(Dim a) {
    return a.isKnown() ? Dim.of(Math.absExact(a.known())) : a.isAtLeast(0) ? a : null;
  }

  static Dim not(Dim a) {
    return Dim.of(1).minus(a);
  }

  /**
   * Sets a result's elements if its type can hold them: what would wrap around is not known. Sizes
   * in 32 and 64 bits are taken to fit.
   */
  static void set(InferenceContext in, int output, Contents contents) {
    if (output < in.outputCount()
        && in.types().get(output) instanceof ValueType.TensorType t
        && contents.dims().stream().allMatch(d -> fits(d, t.dtype()))) {
      in.contents(output, contents);
    }
  }

  private static boolean fits(Dim dim, DType dtype) {
    if (dtype == DType.BOOL) {
      return dim.is(0) || dim.is(1);
    }
    if (!dtype.isInteger() || dtype.isPacked()) {
      return false;
    }
    boolean signed = dtype.kind() == DType.Kind.SIGNED;
    if (!dim.isKnown()) {
      return dtype.bits() >= 32 && (signed || dim.isAtLeast(0));
    }
    long value = dim.known();
    int bits = signed ? dtype.bits() - 1 : dtype.bits();
    long low = signed ? (bits == 63 ? Long.MIN_VALUE : -(1L << bits)) : 0;
    long high = bits >= 63 ? Long.MAX_VALUE : (1L << bits) - 1;
    return value >= low && value <= high;
  }

  /** ONNX divides integers towards zero, dims towards −∞: the same where nothing is negative. */
  private static Dim truncatedQuotient(Dim a, Dim b) {
    if (b.is(0)) {
      return null;
    }
    if (a.isKnown() && b.isKnown()) {
      return Dim.of(a.known() / b.known());
    }
    if (a.isAtLeast(0) && b.isAtLeast(1)) {
      return a.floorDiv(b);
    }
    Dim quotient = a.floorDiv(b);
    return b.isKnown() && quotient.times(b).equals(a) ? quotient : null;
  }

  private static Dim remainder(Dim a, Dim b, boolean truncated) {
    if (b.is(0)) {
      return null;
    }
    if (a.isKnown() && b.isKnown()) {
      return Dim.of(truncated ? a.known() % b.known() : Math.floorMod(a.known(), b.known()));
    }
    return a.isAtLeast(0) && b.isAtLeast(1) ? a.mod(b) : null;
  }

  private static Dim equal(Dim a, Dim b) {
    Dim difference = a.minus(b);
    if (difference.isKnown()) {
      return Dim.of(difference.is(0) ? 1 : 0);
    }
    boolean apart = difference.isAtLeast(1) || difference.times(-1).isAtLeast(1);
    return apart ? Dim.of(0) : null;
  }

  /** 1 if {@code a} is known to be at least 0, 0 if known to be below. */
  private static Dim truth(Dim a) {
    if (a.isAtLeast(0)) {
      return Dim.of(1);
    }
    return a.times(-1).isAtLeast(1) ? Dim.of(0) : null;
  }
}
