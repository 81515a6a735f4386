package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.runtime.math.ComputePool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a {@link TileProgram} over whole tensors on the CPU. Floats are computed in f64 and rounded
 * once to the result's type; integers are computed in 64 bits and wrap to the result's width. The
 * result does not depend on the number of threads. Stateless and safe for many threads.
 */
public final class ElementwiseLoop {
  /** Elements of a tile: several tiles stay in the first-level cache. */
  private static final int TILE = 512;

  private static final long GRAIN = 16 * 1024;

  private ElementwiseLoop() {}

  /**
   * One operand in memory.
   *
   * @param bytes dense and native
   */
  public record Operand(MemorySegment bytes, DType dtype) {}

  /**
   * Computes every element.
   *
   * @param program what is computed; its row's kind decides between floating-point and integer
   *     arithmetic
   * @param attributes the values of the row's attributes, in its order
   * @param plan how the operands' shapes go together
   * @param operands the row's operands, in its order
   * @param out dense, native memory of the result's elements; may be an operand's own memory if
   *     that operand is not repeated
   * @param type the result's element type
   */
  public static void run(
      TileProgram program,
      double[] attributes,
      Broadcast plan,
      List<Operand> operands,
      MemorySegment out,
      DType type,
      ComputePool pool) {
    long size = 1;
    for (long dim : plan.merged()) {
      size *= dim;
    }
    boolean floats = program.operator().kind() == ScalarOperator.Kind.FLOAT;
    pool.forRange(
        size,
        GRAIN,
        (from, to) -> {
          if (floats) {
            floats(program, attributes, plan, operands, out, type, from, to);
          } else {
            integers(program, attributes, plan, operands, out, type, from, to);
          }
        });
  }

  private static void floats(
      TileProgram program,
      double[] attributes,
      Broadcast plan,
      List<Operand> operands,
      MemorySegment out,
      DType type,
      long from,
      long to) {
    double[][] registers = new double[program.registers()][TILE];
    double[][] constants = new double[program.steps().size()][];
    Cursor cursor = new Cursor(plan);
    for (long at = from; at < to; at += TILE) {
      int n = (int) Math.min(TILE, to - at);
      double[] result = null;
      for (int s = 0; s < constants.length; s++) {
        double[] target = registers[program.register(s)];
        result =
            switch (program.steps().get(s)) {
              case TileProgram.Constant constant -> fill(constants, s, constant.value());
              case TileProgram.Attribute attribute ->
                  fill(constants, s, attributes[attribute.index()]);
              case TileProgram.Load load -> {
                cursor.load(operands.get(load.param()), load.param(), at, n, target);
                constants[s] = null;
                yield target;
              }
              case TileProgram.Call call -> {
                DoubleTiles.run(
                    call.fn(),
                    value(program, registers, constants, call.a()),
                    value(program, registers, constants, call.b()),
                    value(program, registers, constants, call.c()),
                    target,
                    n);
                yield target;
              }
            };
      }
      TileIo.store(result, n, out, type, at);
    }
  }

  private static double[] fill(double[][] constants, int step, double value) {
    if (constants[step] == null) {
      constants[step] = new double[TILE];
      Arrays.fill(constants[step], value);
    }
    return constants[step];
  }

  private static double[] value(
      TileProgram program, double[][] registers, double[][] constants, int step) {
    return step < 0
        ? null
        : constants[step] != null ? constants[step] : registers[program.register(step)];
  }

  private static void integers(
      TileProgram program,
      double[] attributes,
      Broadcast plan,
      List<Operand> operands,
      MemorySegment out,
      DType type,
      long from,
      long to) {
    DType width =
        operands.stream().map(Operand::dtype).filter(DType::isInteger).findFirst().orElse(type);
    boolean u64 = width == DType.U64;
    long[][] values = new long[program.steps().size()][TILE];
    for (int s = 0; s < values.length; s++) {
      if (program.steps().get(s) instanceof TileProgram.Constant(double value)) {
        Arrays.fill(values[s], (long) value);
      } else if (program.steps().get(s) instanceof TileProgram.Attribute(int index)) {
        Arrays.fill(values[s], (long) attributes[index]);
      }
    }
    Cursor cursor = new Cursor(plan);
    for (long at = from; at < to; at += TILE) {
      int n = (int) Math.min(TILE, to - at);
      for (int s = 0; s < values.length; s++) {
        switch (program.steps().get(s)) {
          case TileProgram.Load load ->
              cursor.load(operands.get(load.param()), load.param(), at, n, values[s]);
          case TileProgram.Call call ->
              LongTiles.run(
                  call.fn(),
                  values[call.a()],
                  call.b() < 0 ? null : values[call.b()],
                  call.c() < 0 ? null : values[call.c()],
                  values[s],
                  n,
                  width.bits(),
                  u64);
          case TileProgram.Constant _, TileProgram.Attribute _ -> {}
        }
      }
      TileIo.store(values[values.length - 1], n, out, type, at);
    }
  }

  /** Walks an operand in the result's order, run by run along the innermost merged axis. */
  private record Cursor(Broadcast plan) {
    void load(Operand operand, int o, long at, int n, double[] tile) {
      if (plan.isFlat(o)) {
        TileIo.load(operand.bytes(), operand.dtype(), at, 1, tile, 0, n);
        return;
      }
      int last = plan.merged().length - 1;
      for (int done = 0; done < n; ) {
        long inner = (at + done) % plan.merged()[last];
        int run = (int) Math.min(plan.merged()[last] - inner, n - done);
        TileIo.load(
            operand.bytes(),
            operand.dtype(),
            offset(o, at + done),
            plan.strides()[o][last],
            tile,
            done,
            run);
        done += run;
      }
    }

    void load(Operand operand, int o, long at, int n, long[] tile) {
      int last = plan.merged().length - 1;
      for (int done = 0; done < n; ) {
        long inner = (at + done) % plan.merged()[last];
        int run = (int) Math.min(plan.merged()[last] - inner, n - done);
        TileIo.load(
            operand.bytes(),
            operand.dtype(),
            offset(o, at + done),
            plan.strides()[o][last],
            tile,
            done,
            run);
        done += run;
      }
    }

    private long offset(int o, long flat) {
      long offset = 0;
      for (int axis = plan.merged().length - 1; axis >= 0; axis--) {
        offset += flat % plan.merged()[axis] * plan.strides()[o][axis];
        flat /= plan.merged()[axis];
      }
      return offset;
    }
  }
}
