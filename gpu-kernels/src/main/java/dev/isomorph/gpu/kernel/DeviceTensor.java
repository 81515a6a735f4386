package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;

/**
 * A tensor in device memory, row-major, held by whoever has it.
 *
 * @param dtype the element type; none of several elements per byte
 * @param dims the shape
 * @param buffer at least the elements' bytes
 */
public record DeviceTensor(DType dtype, long[] dims, DeviceBuffer buffer) {
  /** {@return the number of elements} */
  public long size() {
    return Tensor.sizeOf(dims);
  }

  /** {@return the elements' bytes} */
  public long byteSize() {
    return dtype.byteSize(size());
  }

  /** {@return the same memory in another shape, held once more} */
  public DeviceTensor view(long... shape) {
    return new DeviceTensor(dtype, shape, buffer.retain());
  }

  @Override
  public String toString() {
    return dtype + Arrays.toString(dims) + " on the device";
  }
}
