package dev.isomorph.gpu.driver;

import dev.isomorph.ir.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A kernel's arguments, in the order and with the sizes of its parameters. */
public final class LaunchArguments {
  private static final long ALIGNMENT = 16;

  private final List<MemorySegment> values = new ArrayList<>();

  /** Adds a pointer; null is a null pointer. */
  public LaunchArguments pointer(DeviceBuffer buffer) {
    return int64(buffer == null ? 0 : buffer.address());
  }

  /** Adds a 64-bit integer. */
  public LaunchArguments int64(long value) {
    values.add(MemorySegment.ofArray(new long[] {value}));
    return this;
  }

  /** Adds a 32-bit integer. */
  public LaunchArguments int32(int value) {
    values.add(MemorySegment.ofArray(new int[] {value}));
    return this;
  }

  /**
   * Adds a number of the type in which values of {@code dtype} are computed: {@code float}, {@code
   * double}, else a 64-bit integer.
   */
  public LaunchArguments number(DType dtype, double value) {
    switch (dtype) {
      case F32 -> values.add(MemorySegment.ofArray(new float[] {(float) value}));
      case F64 -> values.add(MemorySegment.ofArray(new double[] {value}));
      default -> int64((long) value);
    }
    return this;
  }

  /** Adds a struct of 64-bit integers. */
  public LaunchArguments struct(long... fields) {
    values.add(MemorySegment.ofArray(fields.clone()));
    return this;
  }

  /** {@return the array of addresses that the driver wants} */
  MemorySegment pack(Arena arena) {
    MemorySegment addresses = arena.allocate(ValueLayout.ADDRESS, Math.max(1, values.size()));
    for (int i = 0; i < values.size(); i++) {
      MemorySegment value = arena.allocate(values.get(i).byteSize(), ALIGNMENT);
      value.copyFrom(values.get(i));
      addresses.setAtIndex(ValueLayout.ADDRESS, i, value);
    }
    return addresses;
  }
}
