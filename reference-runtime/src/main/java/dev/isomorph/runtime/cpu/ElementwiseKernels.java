package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.scalar.Broadcast;
import dev.isomorph.runtime.scalar.ElementwiseLoop;
import dev.isomorph.runtime.scalar.Fn;
import dev.isomorph.runtime.scalar.ScalarOperator;
import dev.isomorph.runtime.scalar.ScalarTable;
import dev.isomorph.runtime.scalar.TileProgram;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Elementwise operators: each is a row of the scalar table, chosen by its attributes. */
final class ElementwiseKernels {
  /** Functions whose result is one of a few exact values or a rounded-to-integer operand. */
  private static final Set<Fn> EXACT =
      EnumSet.of(
          Fn.NEG, Fn.ABS, Fn.SIGN, Fn.FLOOR, Fn.CEIL, Fn.RINT, Fn.NOT, Fn.ISNAN, Fn.ISINF, Fn.MIN,
          Fn.MAX, Fn.MOD, Fn.FMOD, Fn.BITAND, Fn.BITOR, Fn.BITXOR, Fn.BITNOT, Fn.SHL, Fn.SHR, Fn.LT,
          Fn.LE, Fn.GT, Fn.GE, Fn.EQ, Fn.NE, Fn.AND, Fn.OR, Fn.XOR, Fn.SELECT);

  private static final double[] NO_ATTRIBUTES = {};

  private ElementwiseKernels() {}

  /** A row in the variants for the families of types, found when it is first needed. */
  static final class Rows {
    private final String name;
    private final Map<ScalarOperator.Kind, TileProgram> programs =
        new EnumMap<>(ScalarOperator.Kind.class);

    Rows(String name) {
      this.name = name;
      for (ScalarOperator.Kind kind : ScalarOperator.Kind.values()) {
        ScalarTable.standard()
            .find(name, kind)
            .ifPresent(row -> programs.put(kind, TileProgram.of(row)));
      }
      if (programs.isEmpty()) {
        throw new IllegalArgumentException("the scalar table has no row " + name);
      }
    }

    boolean isExact() {
      return programs.values().stream()
          .flatMap(p -> p.steps().stream())
          .allMatch(s -> !(s instanceof TileProgram.Call call) || EXACT.contains(call.fn()));
    }

    TileProgram of(DType type) {
      ScalarOperator.Kind kind =
          type.isFloat()
              ? ScalarOperator.Kind.FLOAT
              : type.isInteger()
                  ? ScalarOperator.Kind.INT
                  : type == DType.BOOL ? ScalarOperator.Kind.BOOL : null;
      TileProgram program = kind == null ? null : programs.get(kind);
      if (program == null) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_DTYPE,
                "%s is not defined for elements of type %s",
                name,
                type)
            .toException();
      }
      return program;
    }
  }

  static void register(KernelRegistry r) {
    simple(r, AbsOp.class, AcosOp.class, AcoshOp.class, AddOp.class, AndOp.class, AsinOp.class);
    simple(r, AsinhOp.class, AtanOp.class, AtanhOp.class, BitwiseAndOp.class, BitwiseNotOp.class);
    simple(r, BitwiseOrOp.class, BitwiseXorOp.class, CeilOp.class, CosOp.class, CoshOp.class);
    simple(r, DivOp.class, ErfOp.class, ExpOp.class, FloorOp.class, GreaterOp.class);
    simple(r, GreaterOrEqualOp.class, HardSwishOp.class, IsNaNOp.class, LessOp.class);
    simple(r, LessOrEqualOp.class, LogOp.class, MishOp.class, MulOp.class, NegOp.class);
    simple(r, NotOp.class, OrOp.class, PReluOp.class, ReciprocalOp.class, ReluOp.class);
    simple(r, RoundOp.class, SigmoidOp.class, SignOp.class, SinOp.class, SinhOp.class);
    simple(r, SoftplusOp.class, SoftsignOp.class, SqrtOp.class, SubOp.class, TanOp.class);
    simple(r, TanhOp.class, XorOp.class);

    with(r, CeluOp.class, op -> new double[] {op.alpha()});
    with(r, EluOp.class, op -> new double[] {op.alpha()});
    with(r, HardSigmoidOp.class, op -> new double[] {op.alpha(), op.beta()});
    with(r, LeakyReluOp.class, op -> new double[] {op.alpha()});
    with(r, SeluOp.class, op -> new double[] {op.alpha(), op.gamma()});
    with(r, ShrinkOp.class, op -> new double[] {op.bias(), op.lambd()});
    with(r, SwiGLUOp.class, op -> new double[] {op.alpha()});
    with(r, SwishOp.class, op -> new double[] {op.alpha()});
    with(r, ThresholdedReluOp.class, op -> new double[] {op.alpha()});

    Rows gelu = new Rows("Gelu");
    Rows geluTanh = new Rows("Gelu.tanh");
    r.rounds(
        GeluOp.class,
        (op, c) ->
            switch (op.approximate()) {
              case "none" -> apply(gelu, NO_ATTRIBUTES, c);
              case "tanh" -> apply(geluTanh, NO_ATTRIBUTES, c);
              default ->
                  throw c.error("approximate must be none or tanh, not %s", op.approximate());
            });
    Rows mod = new Rows("Mod");
    Rows fmod = new Rows("Mod.fmod");
    r.exact(ModOp.class, (op, c) -> apply(op.fmod() != 0 ? fmod : mod, NO_ATTRIBUTES, c));
    Rows left = new Rows("BitShift.left");
    Rows right = new Rows("BitShift.right");
    r.exact(
        BitShiftOp.class,
        (op, c) -> apply(op.direction().equals("LEFT") ? left : right, NO_ATTRIBUTES, c));
    Rows inf = new Rows("IsInf");
    Rows positive = new Rows("IsInf.positive");
    Rows negative = new Rows("IsInf.negative");
    r.exact(
        IsInfOp.class,
        (op, c) -> {
          if (op.detectNegative() == 0 && op.detectPositive() == 0) {
            long[] dims = c.input(0).dims();
            return Tensor.of(DType.BOOL, dims, Tensor.allocate(Tensor.sizeOf(dims)));
          }
          Rows rows =
              op.detectNegative() == 0 ? positive : op.detectPositive() == 0 ? negative : inf;
          return apply(rows, NO_ATTRIBUTES, c);
        });
    Rows clip = new Rows("Clip");
    Rows clipMin = new Rows("Clip.min");
    Rows clipMax = new Rows("Clip.max");
    Rows clipBoth = new Rows("Clip.both");
    r.exact(
        ClipOp.class,
        (_, c) ->
            apply(
                c.has(1) ? (c.has(2) ? clipBoth : clipMin) : c.has(2) ? clipMax : clip,
                NO_ATTRIBUTES,
                c));
    Rows equal = new Rows("Equal");
    r.exact(
        EqualOp.class,
        (_, c) ->
            c.stored(0).dtype() == DType.STRING ? equalStrings(c) : apply(equal, NO_ATTRIBUTES, c));
    Rows pow = new Rows("Pow");
    r.rounds(PowOp.class, (_, c) -> power(pow, c));

    Rows sum = new Rows("Sum");
    Rows finish = new Rows("Mean.finish");
    Rows max = new Rows("Max");
    Rows min = new Rows("Min");
    r.exact(MaxOp.class, (_, c) -> fold(max, c));
    r.exact(MinOp.class, (_, c) -> fold(min, c));
    r.rounds(SumOp.class, (_, c) -> fold(sum, c));
    r.rounds(
        MeanOp.class,
        (_, c) -> run(finish, new double[] {c.inputCount()}, List.of(fold(sum, c)), c.type(0), c));
  }

  @SafeVarargs
  private static void simple(KernelRegistry r, Class<? extends StandardOp>... types) {
    for (Class<? extends StandardOp> type : types) {
      with(r, type, _ -> NO_ATTRIBUTES);
    }
  }

  private static <O extends StandardOp> void with(
      KernelRegistry r, Class<O> type, Function<O, double[]> attributes) {
    String name = type.getSimpleName();
    Rows rows = new Rows(name.substring(0, name.length() - 2));
    r.add(
        type,
        rows.isExact() ? Rounding.EXACT : Rounding.ROUNDS,
        (op, c) -> List.of(apply(rows, attributes.apply(op), c)));
  }

  private static Tensor apply(Rows rows, double[] attributes, KernelContext c) {
    List<Tensor> operands = new ArrayList<>();
    for (int i = 0; i < c.inputCount(); i++) {
      if (c.has(i)) {
        operands.add(c.input(i));
      }
    }
    return run(rows, attributes, operands, c.type(0), c);
  }

  /** {@return the row applied to operands of one type} */
  static Tensor run(
      Rows rows, double[] attributes, List<Tensor> operands, DType type, KernelContext c) {
    TileProgram program = rows.of(type);
    DType out = program.operator().yieldsTruth() ? DType.BOOL : type;
    Broadcast plan = Broadcast.of(operands.stream().map(Tensor::dims).toList());
    MemorySegment bytes = Tensor.allocate(out.byteSize(Tensor.sizeOf(plan.dims())));
    List<ElementwiseLoop.Operand> loaded =
        operands.stream().map(t -> new ElementwiseLoop.Operand(t.segment(), t.dtype())).toList();
    ElementwiseLoop.run(
        program, attributes, plan, loaded, bytes, out, out.isPacked() ? c.serialPool() : c.pool());
    return Tensor.of(out, plan.dims(), bytes);
  }

  private static Tensor fold(Rows rows, KernelContext c) {
    Tensor result = c.input(0);
    for (int i = 1; i < c.inputCount(); i++) {
      result = run(rows, NO_ATTRIBUTES, List.of(result, c.input(i)), c.type(0), c);
    }
    return result;
  }

  /** Base and exponent may be of different types; the result has the base's. */
  private static Tensor power(Rows pow, KernelContext c) {
    Tensor base = c.input(0);
    Tensor exponent = c.input(1);
    if (base.dtype().isInteger() && exponent.dtype().isFloat()) {
      Tensor wide = run(pow, NO_ATTRIBUTES, List.of(base, exponent), DType.F64, c);
      return CastKernels.cast(wide, base.dtype(), true);
    }
    return run(pow, NO_ATTRIBUTES, List.of(base, exponent), base.dtype(), c);
  }

  private static Tensor equalStrings(KernelContext c) {
    Tensor a = c.stored(0);
    Tensor b = c.stored(1);
    Broadcast plan = Broadcast.of(List.of(a.dims(), b.dims()));
    Index left = Index.of(plan.dims(), a.dims());
    Index right = Index.of(plan.dims(), b.dims());
    int size = Math.toIntExact(Tensor.sizeOf(plan.dims()));
    boolean[] out = new boolean[size];
    for (int i = 0; i < size; i++) {
      out[i] = a.strings().get((int) left.at(i)).equals(b.strings().get((int) right.at(i)));
    }
    return Tensor.of(out, plan.dims());
  }
}
