package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.op.MaxOp;
import dev.isomorph.ir.op.MeanOp;
import dev.isomorph.ir.op.MinOp;
import dev.isomorph.ir.op.SumOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.scalar.Broadcast;
import dev.isomorph.runtime.scalar.CudaSource;
import dev.isomorph.runtime.scalar.Expr;
import dev.isomorph.runtime.scalar.ScalarOperator;
import dev.isomorph.runtime.scalar.ScalarTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Elementwise operators: sources generated from the rows that the CPU's loops come from too. */
final class ElementwiseKernels {
  private record SourceKey(ScalarOperator row, DType dtype) {}

  private static final Map<SourceKey, KernelSource> SOURCES = new ConcurrentHashMap<>();
  private static final String KERNEL = "elementwise";
  // An integer division by zero is an error, which a kernel cannot raise.
  private static final Set<String> CHECKED_INTEGER_ROWS = Set.of("Div", "Mod", "Mod.fmod");

  private ElementwiseKernels() {}

  static void register(CudaKernelRegistry r) {
    ElementwiseRows rows = new ElementwiseRows();
    for (Class<? extends Op> type : rows.operators()) {
      single(r, type.asSubclass(StandardOp.class), rows);
    }
    r.add(MaxOp.class, (_, c) -> fold("Max", c, false));
    r.add(MinOp.class, (_, c) -> fold("Min", c, false));
    r.add(SumOp.class, (_, c) -> fold("Sum", c, false));
    r.add(MeanOp.class, (_, c) -> fold("Sum", c, true));
  }

  private static <O extends StandardOp> void single(
      CudaKernelRegistry r, Class<O> type, ElementwiseRows rows) {
    r.add(type, (op, c) -> decide(rows.of(op, c::has).orElseThrow(), c));
  }

  private static Decision decide(ElementwiseRows.Row use, KernelCall c) {
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < c.inputCount(); i++) {
      if (c.has(i)) {
        given.add(i);
      }
    }
    DType type = c.type(given.getLast());
    Optional<ScalarOperator> row = row(use.name(), type);
    if (row.isEmpty() || row.get().params().size() != given.size()) {
      return Decision.refuse("no CUDA kernel for elements of type %s", type);
    }
    if (type.isInteger() && CHECKED_INTEGER_ROWS.contains(use.name())) {
      return Decision.refuse("the CPU checks integer divisors");
    }
    for (int i = 0; i < given.size(); i++) {
      DType wanted = isTruth(row.get().body(), i) ? DType.BOOL : type;
      if (c.type(given.get(i)) != wanted) {
        return Decision.refuse(
            "no CUDA kernel for operands of types %s and %s", c.type(given.get(i)), type);
      }
    }
    return Decision.compute(
        () -> {
          List<DeviceTensor> operands = given.stream().map(c::tensor).toList();
          return run(row.get(), type, use.attributes(), operands, c);
        });
  }

  private static Decision fold(String name, KernelCall c, boolean mean) {
    DType type = c.type(0);
    Optional<ScalarOperator> row = row(name, type);
    if (row.isEmpty()) {
      return c.refuseType(0);
    }
    ScalarOperator finish = mean ? row("Mean.finish", type).orElseThrow() : null;
    return Decision.compute(
        () -> {
          DeviceTensor result = c.tensor(0).view(c.dims(0));
          for (int i = 1; i < c.inputCount(); i++) {
            result = replace(result, run(row.get(), type, NONE, List.of(result, c.tensor(i)), c));
          }
          double[] count = {c.inputCount()};
          return mean ? replace(result, run(finish, type, count, List.of(result), c)) : result;
        });
  }

  private static final double[] NONE = {};

  private static DeviceTensor replace(DeviceTensor old, DeviceTensor made) {
    old.buffer().release();
    return made;
  }

  private static Optional<ScalarOperator> row(String name, DType type) {
    ScalarOperator.Kind kind =
        switch (type) {
          case F32, F64 -> ScalarOperator.Kind.FLOAT;
          case BOOL -> ScalarOperator.Kind.BOOL;
          case I8, I16, I32, I64, U8, U16, U32, U64 -> ScalarOperator.Kind.INT;
          default -> null;
        };
    return kind == null ? Optional.empty() : ScalarTable.standard().find(name, kind);
  }

  /** {@return whether the expression takes an operand as a truth value} */
  private static boolean isTruth(Expr body, int param) {
    return switch (body) {
      case Expr.Param(int index, Expr.Type type) -> index == param && type == Expr.Type.TRUTH;
      case Expr.Apply apply -> apply.operands().stream().anyMatch(e -> isTruth(e, param));
      case Expr.Literal _, Expr.Attribute _ -> false;
    };
  }

  private static DType resultType(ScalarOperator row, DType type) {
    return row.yieldsTruth() ? DType.BOOL : type;
  }

  static KernelSource source(ScalarOperator row, DType type) {
    return SOURCES.computeIfAbsent(
        new SourceKey(row, type),
        _ ->
            new KernelSource(
                row.name() + "." + type + ".cu",
                CudaSource.PREAMBLE + CudaSource.kernel(row, type, resultType(row, type), KERNEL),
                List.of()));
  }

  private static DeviceTensor run(
      ScalarOperator row,
      DType type,
      double[] attributes,
      List<DeviceTensor> operands,
      KernelCall c) {
    Broadcast broadcast = Broadcast.of(operands.stream().map(DeviceTensor::dims).toList());
    DeviceTensor out = c.allocate(resultType(row, type), broadcast.dims());
    long count = Tensor.sizeOf(broadcast.dims());
    LaunchArguments arguments = new LaunchArguments().int64(count).pointer(out.buffer());
    operands.forEach(operand -> arguments.pointer(operand.buffer()));
    boolean flat = operands.stream().allMatch(operand -> operand.size() == count);
    DeviceBuffer plan = flat ? null : plan(broadcast, c);
    arguments.int32(flat ? 0 : broadcast.merged().length).pointer(plan);
    for (double attribute : attributes) {
      arguments.number(type, attribute);
    }
    c.launchFlat(source(row, type), KERNEL, count, arguments);
    return out;
  }

  private static DeviceBuffer plan(Broadcast broadcast, KernelCall c) {
    int rank = broadcast.merged().length;
    long[] plan = new long[rank * (1 + broadcast.strides().length)];
    System.arraycopy(broadcast.merged(), 0, plan, 0, rank);
    for (int i = 0; i < broadcast.strides().length; i++) {
      System.arraycopy(broadcast.strides()[i], 0, plan, rank * (i + 1), rank);
    }
    return c.plan(plan);
  }
}
