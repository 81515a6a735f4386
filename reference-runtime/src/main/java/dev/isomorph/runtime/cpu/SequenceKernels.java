package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ConcatFromSequenceOp;
import dev.isomorph.ir.op.OptionalGetElementOp;
import dev.isomorph.ir.op.OptionalHasElementOp;
import dev.isomorph.ir.op.OptionalOp;
import dev.isomorph.ir.op.SequenceAtOp;
import dev.isomorph.ir.op.SequenceConstructOp;
import dev.isomorph.ir.op.SequenceEmptyOp;
import dev.isomorph.ir.op.SequenceEraseOp;
import dev.isomorph.ir.op.SequenceInsertOp;
import dev.isomorph.ir.op.SequenceLengthOp;
import dev.isomorph.ir.op.SplitToSequenceOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Sequences and optionals. */
final class SequenceKernels {
  private SequenceKernels() {}

  static void register(KernelRegistry r) {
    r.add(
        SequenceConstructOp.class,
        Rounding.EXACT,
        (_, c) -> {
          List<Datum> elements = new ArrayList<>();
          for (int i = 0; i < c.inputCount(); i++) {
            elements.add(c.input(i));
          }
          return List.of(new SequenceValue(elements));
        });
    r.add(SequenceEmptyOp.class, Rounding.EXACT, (_, _) -> List.of(new SequenceValue(List.of())));
    r.add(
        SequenceAtOp.class,
        Rounding.EXACT,
        (_, c) -> {
          List<Datum> all = sequence(c, 0);
          return List.of(all.get(place(c, c.scalarLong(1), all.size(), false)));
        });
    r.add(
        SequenceInsertOp.class,
        Rounding.EXACT,
        (_, c) -> {
          List<Datum> all = new ArrayList<>(sequence(c, 0));
          int at = c.has(2) ? place(c, c.scalarLong(2), all.size(), true) : all.size();
          all.add(at, c.input(1));
          return List.of(new SequenceValue(all));
        });
    r.add(
        SequenceEraseOp.class,
        Rounding.EXACT,
        (_, c) -> {
          List<Datum> all = new ArrayList<>(sequence(c, 0));
          all.remove(c.has(1) ? place(c, c.scalarLong(1), all.size(), false) : all.size() - 1);
          return List.of(new SequenceValue(all));
        });
    r.exact(SequenceLengthOp.class, (_, c) -> Tensor.scalar(DType.I64, sequence(c, 0).size()));
    r.add(SplitToSequenceOp.class, Rounding.EXACT, SequenceKernels::split);
    r.exact(ConcatFromSequenceOp.class, SequenceKernels::concat);
    r.add(
        OptionalOp.class,
        Rounding.EXACT,
        (_, c) ->
            List.of(new OptionalValue(c.has(0) ? Optional.of(c.datum(0)) : Optional.empty())));
    r.add(
        OptionalGetElementOp.class,
        Rounding.EXACT,
        (_, c) ->
            List.of(
                c.datum(0) instanceof OptionalValue(var element)
                    ? element.orElseThrow(() -> c.error("the optional is empty"))
                    : c.datum(0)));
    r.exact(
        OptionalHasElementOp.class,
        (_, c) ->
            Tensor.of(
                new boolean[] {
                  c.has(0)
                      && !(c.datum(0) instanceof OptionalValue(var element) && element.isEmpty())
                }));
  }

  private static List<Datum> sequence(KernelContext c, int index) {
    Datum value = c.datum(index);
    if (value instanceof OptionalValue(var element) && element.isPresent()) {
      value = element.get();
    }
    if (value instanceof SequenceValue(var elements)) {
      return elements;
    }
    throw c.error("operand %d is no sequence", index);
  }

  private static int place(KernelContext c, long at, int size, boolean end) {
    if (at < -size || at > size || (at == size && !end)) {
      throw c.error("place %d is outside a sequence of %d", at, size);
    }
    return (int) (at < 0 ? at + size : at);
  }

  private static List<Datum> split(SplitToSequenceOp op, KernelContext c) {
    Tensor x = c.input(0);
    int axis = c.axis(op.axis(), x.rank());
    long length = x.dim(axis);
    long[] sizes;
    boolean single = !c.has(1);
    if (single) {
      sizes = new long[Math.toIntExact(length)];
      Arrays.fill(sizes, 1);
    } else if (c.stored(1).rank() == 0) {
      long chunk = c.scalarLong(1);
      if (chunk < 1) {
        throw c.error("parts of %d", chunk);
      }
      sizes = new long[Math.toIntExact(Math.ceilDiv(length, chunk))];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = Math.min(chunk, length - i * chunk);
      }
    } else {
      sizes = c.longs(1);
    }
    if (Arrays.stream(sizes).sum() != length) {
      throw c.error("parts %s do not make up %d", Arrays.toString(sizes), length);
    }
    List<Datum> out = new ArrayList<>();
    long at = 0;
    for (long size : sizes) {
      Tensor part = MovementKernels.part(c, x, axis, at, size);
      out.add(
          single && op.keepdims() == 0
              ? part.reshape(ReductionKernels.without(part.dims(), axis))
              : part);
      at += size;
    }
    return List.of(new SequenceValue(out));
  }

  private static Tensor concat(ConcatFromSequenceOp op, KernelContext c) {
    List<Tensor> parts = new ArrayList<>();
    for (Datum element : sequence(c, 0)) {
      Tensor part = ((Tensor) element).dense();
      if (op.newAxis() != 0) {
        int axis = c.axis(op.axis(), part.rank() + 1);
        long[] dims = new long[part.rank() + 1];
        System.arraycopy(part.dims(), 0, dims, 0, axis);
        dims[axis] = 1;
        System.arraycopy(part.dims(), axis, dims, axis + 1, part.rank() - axis);
        part = part.reshape(dims);
      }
      parts.add(part);
    }
    if (parts.isEmpty()) {
      throw c.error("an empty sequence cannot be joined");
    }
    return MovementKernels.concat(parts, op.axis(), c);
  }
}
