package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.NarrowFloats;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.Precision;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.math.ComputePool;
import dev.isomorph.runtime.math.Philox;
import dev.isomorph.runtime.math.Reals;
import dev.isomorph.runtime.math.SummationOrder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/**
 * What a kernel knows of the node that it computes: operands in the run's precision, the order of
 * sums, threads, random numbers, regions. One per node and call; used on the caller's thread, but
 * {@link Reals} and segments may be used by the pool's threads.
 */
public final class KernelContext {
  private final Node node;
  private final List<Datum> inputs;
  private final RunOptions options;
  private final long serial;
  private final BiFunction<Graph, List<Datum>, List<Datum>> regions;
  private boolean exact;

  KernelContext(
      Node node,
      List<Datum> inputs,
      RunOptions options,
      long serial,
      BiFunction<Graph, List<Datum>, List<Datum>> regions) {
    this.node = node;
    this.inputs = inputs;
    this.options = options;
    this.serial = serial;
    this.regions = regions;
  }

  /**
   * Says that this call rounds nothing, although its operator may: a cast to a wider type, a
   * dropout outside training.
   */
  public void markExact() {
    exact = true;
  }

  boolean isExact() {
    return exact;
  }

  /** {@return how the graph is run} */
  public RunOptions options() {
    return options;
  }

  /** {@return the threads} */
  public ComputePool pool() {
    return options.pool();
  }

  /** {@return the calling thread alone: for results of which several elements share a byte} */
  public ComputePool serialPool() {
    return ComputePool.serial();
  }

  /** {@return the order in which sums are added} */
  public SummationOrder order() {
    return options.order();
  }

  /** {@return the number of operands, absent ones included} */
  public int inputCount() {
    return inputs.size();
  }

  /** {@return the number of results that the node has} */
  public int outputCount() {
    return node.results().size();
  }

  /** {@return whether an operand is given} */
  public boolean has(int index) {
    return index < inputs.size() && inputs.get(index) != null;
  }

  /** {@return an operand that need not be a tensor} */
  public Datum datum(int index) {
    return inputs.get(index);
  }

  /**
   * {@return an operand of any storage type, as it is stored: for kernels that convert it piece by
   * piece}
   */
  public Tensor stored(int index) {
    if (!has(index)) {
      throw new IllegalStateException("operand " + index + " of " + node + " is absent");
    }
    if (inputs.get(index) instanceof Tensor tensor) {
      return tensor;
    }
    throw error("operand %d is no tensor", index);
  }

  /** {@return an operand, dense, in the run's precision: floats are f64 in a truth run} */
  public Tensor input(int index) {
    return inRunType(stored(index).dense(), options.precision());
  }

  /** {@return the element type of an operand in the run's precision} */
  public DType type(int index) {
    return runType(stored(index).dtype());
  }

  /**
   * {@return the element type that the graph declares for an operand, whatever the run's precision}
   */
  public DType declaredType(int index) {
    return node.input(index).type() instanceof dev.isomorph.ir.ValueType.TensorType tensor
        ? tensor.dtype()
        : stored(index).dtype();
  }

  /** {@return the type in which this run carries values that are declared as {@code declared}} */
  public DType runType(DType declared) {
    return options.precision() == Precision.TRUTH && declared.isFloat() ? DType.F64 : declared;
  }

  static Tensor inRunType(Tensor tensor, Precision precision) {
    if (precision == Precision.OWN || !tensor.dtype().isFloat() || tensor.dtype() == DType.F64) {
      return tensor;
    }
    Reals wide = Reals.allocate(tensor.size(), false);
    widen(tensor, wide);
    return Tensor.of(DType.F64, tensor.dims(), wide.bytes());
  }

  private static void widen(Tensor tensor, Reals target) {
    MemorySegment from = tensor.segment();
    long size = tensor.size();
    if (tensor.dtype() == DType.F32) {
      for (long i = 0; i < size; i++) {
        target.set(i, from.get(Tensor.LE_FLOAT, i * 4));
      }
      return;
    }
    for (long i = 0; i < size; i++) {
      target.set(i, Elements.getDouble(from, tensor.dtype(), i));
    }
  }

  /** {@return whether values of this type are computed in f32: all float types below f64} */
  public static boolean computesInF32(DType type) {
    return type.isFloat() && type != DType.F64;
  }

  /**
   * {@return a float or integer operand in the type in which it is computed: f64 for f64 and for
   * integers, else f32}
   */
  public Reals reals(int index) {
    return reals(input(index));
  }

  /** {@return a tensor's elements in the type in which they are computed} */
  public static Reals reals(Tensor tensor) {
    if (tensor.dtype() == DType.F32 || tensor.dtype() == DType.F64) {
      return Reals.of(tensor.dense());
    }
    Reals made = Reals.allocate(tensor.size(), computesInF32(tensor.dtype()));
    widen(tensor.dense(), made);
    return made;
  }

  /** {@return new elements, all zero, in the type in which {@code type} is computed} */
  public Reals newReals(long count, DType type) {
    return Reals.allocate(count, computesInF32(type));
  }

  /** {@return a tensor of {@code type}: the computed elements rounded once, if they need to be} */
  public Tensor result(Reals computed, DType type, long... dims) {
    if (computed.type() == type) {
      return Tensor.of(type, dims, computed.bytes());
    }
    long size = Tensor.sizeOf(dims);
    MemorySegment out = Tensor.allocate(type.byteSize(size));
    boolean eight = type.bits() == 8 && type.isFloat();
    for (long i = 0; i < size; i++) {
      double value = computed.get(i);
      if (eight) {
        out.set(ValueLayout.JAVA_BYTE, i, (byte) NarrowFloats.encode(type, value, false));
      } else {
        Elements.setDouble(out, type, i, value);
      }
    }
    return Tensor.of(type, dims, out);
  }

  /** {@return the elements of an integer operand of at most a few} */
  public long[] longs(int index) {
    Tensor tensor = stored(index);
    if (!tensor.dtype().isInteger() && tensor.dtype() != DType.BOOL) {
      throw error("operand %d must hold integers, not %s", index, tensor.dtype());
    }
    return tensor.toLongs();
  }

  /** {@return the one element of an integer operand} */
  public long scalarLong(int index) {
    long[] values = longs(index);
    if (values.length != 1) {
      throw error("operand %d must have one element, not %d", index, values.length);
    }
    return values[0];
  }

  /** {@return the one element of a numeric operand} */
  public double scalarDouble(int index) {
    Tensor tensor = stored(index);
    if (tensor.size() != 1) {
      throw error("operand %d must have one element, not %d", index, tensor.size());
    }
    return tensor.toDoubles()[0];
  }

  /** {@return an axis counted from the start} */
  public int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw error("axis %d is out of range for rank %d", axis, rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** {@return axes counted from the start} */
  public int[] axes(long[] axes, int rank) {
    int[] out = new int[axes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = axis(axes[i], rank);
    }
    return out;
  }

  /** {@return random numbers of this node: the same for the same seed and the same call} */
  public Philox random(OptionalDouble seed) {
    return seed.isPresent()
        ? new Philox(Double.doubleToLongBits(seed.getAsDouble()), 0)
        : new Philox(options.randomSeed(), serial + 1);
  }

  /** {@return the results of a region for these inputs; what it captures is given by itself} */
  public List<Datum> run(Graph region, List<Datum> regionInputs) {
    return regions.apply(region, regionInputs);
  }

  /** {@return an error about this node's values} */
  public IsomorphException error(String format, Object... args) {
    return Diagnostic.error(ErrorCode.RUN_FAILED, format, args).toException();
  }

  /** {@return an error about a type for which there is no kernel} */
  public IsomorphException unsupported(DType type) {
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_DTYPE, "there is no CPU kernel for elements of type %s", type)
        .toException();
  }

  /** {@return an error about a use of the operator for which there is no kernel} */
  public IsomorphException unsupported(String format, Object... args) {
    return Diagnostic.error(ErrorCode.UNSUPPORTED_FEATURE, format, args).toException();
  }
}
