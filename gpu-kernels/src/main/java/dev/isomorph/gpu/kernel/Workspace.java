package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.CudaAllocator;
import dev.isomorph.gpu.driver.CudaStream;
import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.KernelLibrary;
import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the nodes of one prepared graph share: stream, memory, compiled kernels, the small constants
 * that kernels read. Not safe for many threads.
 */
public final class Workspace implements AutoCloseable {
  private static final int MOST_CONSTANTS = 4096;

  private record Fault(Node node, String what, DeviceBuffer word) {}

  private final KernelLibrary library;
  private final CudaStream stream;
  private final CudaAllocator allocator;
  private final int multiprocessors;
  private final Precision precision;
  private final boolean checking;
  private final Map<ByteBuffer, DeviceBuffer> constants = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /**
   * Makes a workspace.
   *
   * @param precision in a truth run floats are f64
   * @param checking whether after each launch it is waited for and red zones are looked at
   */
  public Workspace(
      KernelLibrary library,
      CudaStream stream,
      CudaAllocator allocator,
      int multiprocessors,
      Precision precision,
      boolean checking) {
    this.library = library;
    this.stream = stream;
    this.allocator = allocator;
    this.multiprocessors = multiprocessors;
    this.precision = precision;
    this.checking = checking;
  }

  /** {@return the queue} */
  public CudaStream stream() {
    return stream;
  }

  /** {@return memory for dense elements} */
  public DeviceBuffer allocate(DType dtype, long... dims) {
    return allocator.allocate(dtype.byteSize(Tensor.sizeOf(dims)));
  }

  /** {@return the allocator} */
  public CudaAllocator allocator() {
    return allocator;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** {@return the type in which this run carries values of a declared type} */
  public DType runType(DType declared) {
    return precision == Precision.TRUTH && declared.isFloat() ? DType.F64 : declared;
  }

  DeviceBuffer constants(long... numbers) {
    return constants(Tensor.vector(numbers).segment());
  }

  DeviceBuffer constants(MemorySegment bytes) {
    return constants.computeIfAbsent(
        ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)),
        _ -> {
          DeviceBuffer made = allocator.allocate(bytes.byteSize());
          stream.upload(bytes, made);
          return made;
        });
  }

  DeviceBuffer fault(Node node, String what) {
    DeviceBuffer word = allocator.allocate(8);
    stream.fill(word.address(), (byte) 0xFF, 8);
    faults.add(new Fault(node, what, word));
    return word;
  }

  void launch(
      Node node, KernelSource source, String kernel, CudaStream.Grid grid, LaunchArguments args) {
    stream.launch(library.function(source, kernel), grid, args);
    if (checking) {
      stream.synchronize();
      allocator.checkRedZones("kernel " + kernel + " of node " + node.describe());
    }
  }

  /**
   * Waits for everything queued.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#RUN_FAILED} for the first
   *     node whose kernel met a value that it cannot take
   */
  public void finish() {
    try {
      stream.synchronize();
      for (Fault fault : faults) {
        MemorySegment word = Tensor.allocate(8);
        stream.download(fault.word, word);
        stream.synchronize();
        long place = word.get(Tensor.LE_LONG, 0);
        if (place != -1) {
          throw Diagnostic.error(ErrorCode.RUN_FAILED, fault.what, place)
              .atNode(fault.node.describe())
              .from(fault.node.origin().toString())
              .toException();
        }
      }
    } finally {
      endRun();
    }
  }

  /** Lets go of what belongs to one run, also one that failed. */
  public void endRun() {
    faults.forEach(fault -> fault.word.release());
    faults.clear();
    // Not while a run goes on: a kernel may be about to read them.
    if (constants.size() > MOST_CONSTANTS) {
      constants.values().forEach(DeviceBuffer::release);
      constants.clear();
    }
  }

  @Override
  public void close() {
    allocator.close();
    stream.close();
  }
}
