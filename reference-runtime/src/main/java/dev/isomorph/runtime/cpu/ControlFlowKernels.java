package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.IfOp;
import dev.isomorph.ir.op.LoopOp;
import dev.isomorph.ir.op.ScanOp;
import dev.isomorph.ir.op.SequenceMapOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Operators that run regions. What a region captures is given by the executor. */
final class ControlFlowKernels {
  private ControlFlowKernels() {}

  static void register(KernelRegistry r) {
    r.add(
        IfOp.class,
        Rounding.EXACT,
        (op, c) -> c.run(c.longs(0)[0] != 0 ? op.thenBranch() : op.elseBranch(), List.of()));
    r.add(LoopOp.class, Rounding.EXACT, ControlFlowKernels::loop);
    r.add(ScanOp.class, Rounding.EXACT, ControlFlowKernels::scan);
    r.add(SequenceMapOp.class, Rounding.EXACT, ControlFlowKernels::sequenceMap);
  }

  private static List<Datum> loop(LoopOp op, KernelContext c) {
    long trips = c.has(0) ? c.scalarLong(0) : Long.MAX_VALUE;
    boolean going = !c.has(1) || c.scalarLong(1) != 0;
    List<Datum> carried = new ArrayList<>();
    for (int i = 2; i < c.inputCount(); i++) {
      carried.add(c.datum(i));
    }
    int states = carried.size();
    Graph body = op.body();
    List<List<Tensor>> scans = new ArrayList<>();
    for (int i = states + 1; i < body.outputs().size(); i++) {
      scans.add(new ArrayList<>());
    }
    for (long trip = 0; trip < trips && going; trip++) {
      if (trip >= c.options().maxTrips()) {
        throw c.error("the loop does not end within %d trips", c.options().maxTrips());
      }
      List<Datum> inputs = new ArrayList<>();
      inputs.add(Tensor.scalar(DType.I64, trip));
      inputs.add(Tensor.scalar(DType.BOOL, 1L));
      inputs.addAll(carried);
      List<Datum> results = c.run(body, inputs);
      going = ((Tensor) results.getFirst()).toLongs()[0] != 0;
      carried = new ArrayList<>(results.subList(1, states + 1));
      for (int i = 0; i < scans.size(); i++) {
        scans.get(i).add((Tensor) results.get(states + 1 + i));
      }
    }
    List<Datum> out = new ArrayList<>(carried);
    for (int i = 0; i < scans.size(); i++) {
      out.add(stack(scans.get(i), 0, body.outputs().get(states + 1 + i).type(), c));
    }
    return out;
  }

  /** {@return the tensors along a new axis; without any, an empty tensor of the declared type} */
  private static Tensor stack(List<Tensor> parts, int axis, ValueType declared, KernelContext c) {
    if (parts.isEmpty()) {
      if (!(declared instanceof ValueType.TensorType type) || !type.shape().isRanked()) {
        throw c.error("a loop without trips has a scan output of unknown rank");
      }
      long[] dims = new long[type.shape().rank() + 1];
      for (int i = 0; i < type.shape().rank(); i++) {
        dims[i < axis ? i : i + 1] = type.shape().dim(i).value().orElse(0);
      }
      dims[axis] = 0;
      DType dtype = c.runType(type.dtype());
      return Cells.allocate(dtype, 0).toTensor(dims);
    }
    List<Tensor> wide = new ArrayList<>();
    for (Tensor part : parts) {
      long[] dims = new long[part.rank() + 1];
      System.arraycopy(part.dims(), 0, dims, 0, axis);
      dims[axis] = 1;
      System.arraycopy(part.dims(), axis, dims, axis + 1, part.rank() - axis);
      wide.add(part.dense().reshape(dims));
    }
    return MovementKernels.concat(wide, axis, c);
  }

  private static List<Datum> scan(ScanOp op, KernelContext c) {
    int scanned = Math.toIntExact(op.numScanInputs());
    int states = c.inputCount() - scanned;
    Graph body = op.body();
    int scanOutputs = body.outputs().size() - states;
    List<Datum> carried = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      carried.add(c.datum(i));
    }
    List<Tensor> inputs = new ArrayList<>();
    int[] axes = new int[scanned];
    long length = -1;
    for (int i = 0; i < scanned; i++) {
      Tensor x = c.input(states + i);
      inputs.add(x);
      axes[i] = c.axis(value(op.scanInputAxes(), i), x.rank());
      if (length >= 0 && x.dim(axes[i]) != length) {
        throw c.error("scan inputs have lengths %d and %d", length, x.dim(axes[i]));
      }
      length = x.dim(axes[i]);
    }
    List<List<Tensor>> scans = new ArrayList<>();
    for (int i = 0; i < scanOutputs; i++) {
      scans.add(new ArrayList<>());
    }
    for (long step = 0; step < length; step++) {
      List<Datum> given = new ArrayList<>(carried);
      for (int i = 0; i < scanned; i++) {
        boolean backwards = value(op.scanInputDirections(), i) != 0;
        Tensor part =
            MovementKernels.part(
                c, inputs.get(i), axes[i], backwards ? length - 1 - step : step, 1);
        given.add(part.reshape(ReductionKernels.without(part.dims(), axes[i])));
      }
      List<Datum> results = c.run(body, given);
      carried = new ArrayList<>(results.subList(0, states));
      for (int i = 0; i < scanOutputs; i++) {
        scans.get(i).add((Tensor) results.get(states + i));
      }
    }
    List<Datum> out = new ArrayList<>(carried);
    for (int i = 0; i < scanOutputs; i++) {
      List<Tensor> parts = scans.get(i);
      if (value(op.scanOutputDirections(), i) != 0) {
        Collections.reverse(parts);
      }
      ValueType declared = body.outputs().get(states + i).type();
      int rank = (parts.isEmpty() ? declared.shape().rank() : parts.getFirst().rank()) + 1;
      out.add(stack(parts, c.axis(value(op.scanOutputAxes(), i), rank), declared, c));
    }
    return out;
  }

  private static long value(Optional<List<Long>> values, int index) {
    return values.isPresent() && !values.get().isEmpty() ? values.get().get(index) : 0;
  }

  private static List<Datum> sequenceMap(SequenceMapOp op, KernelContext c) {
    SequenceValue first = (SequenceValue) c.datum(0);
    List<List<Datum>> results = new ArrayList<>();
    for (int i = 0; i < op.body().outputs().size(); i++) {
      results.add(new ArrayList<>());
    }
    for (int step = 0; step < first.elements().size(); step++) {
      List<Datum> given = new ArrayList<>();
      for (int i = 0; i < c.inputCount(); i++) {
        given.add(
            c.datum(i) instanceof SequenceValue(var elements) ? elements.get(step) : c.datum(i));
      }
      List<Datum> made = c.run(op.body(), given);
      for (int i = 0; i < made.size(); i++) {
        results.get(i).add(made.get(i));
      }
    }
    return results.stream().map(list -> (Datum) new SequenceValue(list)).toList();
  }
}
