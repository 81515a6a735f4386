package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.CudaStream.Grid;
import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.tensor.DType;
import java.util.Arrays;

/**
 * What a kernel knows of the node that it computes: types and shapes of the operands, which cost
 * nothing to ask for, their memory on the device, and how to launch. Used on one thread.
 */
public final class KernelCall {
  /** Threads of a block in one dimension, for kernels that do not care. */
  static final int THREADS = 256;

  private static final int BLOCKS_PER_MULTIPROCESSOR = 32;

  private final Node node;
  private final Workspace workspace;
  private final Operand[] operands;

  /** One operand of a node. */
  public interface Operand {
    /** {@return the element type that it has on the device in this run} */
    DType dtype();

    /** {@return the shape} */
    long[] dims();

    /** {@return it on the device, copied there if need be; not held for the caller} */
    DeviceTensor onDevice();

    /** {@return its elements on the host, copied there if need be; for integers and bools} */
    long[] longs();
  }

  /**
   * Makes a call.
   *
   * @param operands null where one is absent
   */
  public KernelCall(Node node, Workspace workspace, Operand... operands) {
    this.node = node;
    this.workspace = workspace;
    this.operands = operands;
  }

  /** {@return the node} */
  public Node node() {
    return node;
  }

  /** {@return the number of operands, absent ones included} */
  public int inputCount() {
    return operands.length;
  }

  /** {@return the number of results that the node has} */
  public int outputCount() {
    return node.results().size();
  }

  /** {@return whether an operand is given} */
  public boolean has(int index) {
    return index < operands.length && operands[index] != null;
  }

  /** {@return the element type of an operand} */
  public DType type(int index) {
    return operands[index].dtype();
  }

  /** {@return a copy of an operand's shape} */
  public long[] dims(int index) {
    return operands[index].dims().clone();
  }

  /** {@return the number of axes of an operand} */
  public int rank(int index) {
    return operands[index].dims().length;
  }

  /** {@return the number of elements of an operand} */
  public long size(int index) {
    return dev.isomorph.ir.tensor.Tensor.sizeOf(operands[index].dims());
  }

  /** {@return an operand on the device} */
  public DeviceTensor tensor(int index) {
    return operands[index].onDevice();
  }

  /** {@return an operand's memory, or null if it is absent} */
  public DeviceBuffer buffer(int index) {
    return has(index) ? tensor(index).buffer() : null;
  }

  /** {@return the elements of an integer operand; waits for the device if they are there} */
  public long[] longs(int index) {
    return operands[index].longs();
  }

  /** {@return whether an operand is of a float type that the device computes in} */
  public boolean isReal(int index) {
    return type(index) == DType.F32 || type(index) == DType.F64;
  }

  /** {@return why operands other than f32 and f64 are not taken} */
  public Decision refuseType(int index) {
    return Decision.refuse("no CUDA kernel for elements of type %s", type(index));
  }

  /** {@return the type in which this run carries values of a declared type} */
  public DType runType(DType declared) {
    return workspace.runType(declared);
  }

  /** {@return an axis counted from the start, or -1 if there is none} */
  static int axis(long axis, int rank) {
    return axis < -rank || axis >= rank ? -1 : (int) (axis < 0 ? axis + rank : axis);
  }

  /** {@return new memory for a result} */
  public DeviceTensor allocate(DType dtype, long... dims) {
    DeviceTensor made = new DeviceTensor(dtype, dims, workspace.allocate(dtype, dims));
    return made;
  }

  /**
   * {@return device memory with these numbers, for kernels that walk shapes; not to be released}
   */
  public DeviceBuffer plan(long... numbers) {
    return workspace.constants(numbers);
  }

  /** {@return device memory with these bytes of one element; not to be released} */
  public DeviceBuffer cell(java.lang.foreign.MemorySegment element) {
    return workspace.constants(element);
  }

  /** {@return a word of device memory, all ones; what a kernel leaves there is an error later} */
  public DeviceBuffer fault(String what) {
    return workspace.fault(node, what);
  }

  /**
   * Queues a kernel whose threads each take every so many of {@code count} elements. Does nothing
   * for none.
   */
  public void launchFlat(KernelSource source, String kernel, long count, LaunchArguments args) {
    launchBlocks(source, kernel, Math.ceilDiv(count, (long) THREADS), THREADS, args);
  }

  /** Queues a kernel whose blocks each take every so many of {@code count} pieces of work. */
  public void launchBlocks(
      KernelSource source, String kernel, long count, int threads, LaunchArguments args) {
    long most = (long) workspace.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
    if (count > 0) {
      launch(source, kernel, Grid.of(Math.min(count, most), threads), args);
    }
  }

  /** Queues a kernel. */
  public void launch(KernelSource source, String kernel, Grid grid, LaunchArguments args) {
    workspace.launch(node, source, kernel, grid, args);
  }

  /** {@return threads for a block that reduces so many elements: a power of two} */
  static int reducingThreads(long length) {
    return length <= 32 ? 32 : (int) Math.min(THREADS, Long.highestOneBit(length - 1) * 2);
  }

  @Override
  public String toString() {
    return node + " of " + Arrays.toString(operands);
  }
}
