package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;

import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * One device's primary context, held for the life of the process. Every call of the driver needs
 * {@link #use} on its thread before. Safe for many threads. Touch this class only when the probe
 * says that CUDA is available.
 */
public final class CudaContext {
  private final CUctx_st context = new CUctx_st();
  private final String name;
  private final int architecture;
  private final int multiprocessors;
  private final int driverVersion;

  /**
   * Opens a device.
   *
   * @param ordinal its number
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the driver refuses
   */
  public CudaContext(int ordinal) {
    CudaErrors.check(cuInit(0), "start");
    int[] value = new int[1];
    CudaErrors.check(cuDeviceGet(value, ordinal), "open device " + ordinal);
    int device = value[0];
    byte[] text = new byte[256];
    CudaErrors.check(cuDeviceGetName(text, text.length, device), "name device " + ordinal);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    name = new String(text, 0, length, StandardCharsets.UTF_8);
    architecture =
        10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
            + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
    multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
    CudaErrors.check(cuDriverGetVersion(value), "tell its version");
    driverVersion = value[0];
    CudaErrors.check(cuDevicePrimaryCtxRetain(context, device), "open a context");
  }

  private static int attribute(int attribute, int device) {
    int[] value = new int[1];
    CudaErrors.check(cuDeviceGetAttribute(value, attribute, device), "describe the device");
    return value[0];
  }

  /** Makes this the context of the calling thread. */
  public void use() {
    CudaErrors.check(cuCtxSetCurrent(context), "use the context");
  }

  /** {@return the device's name} */
  public String name() {
    return name;
  }

  /** {@return compute capability as in {@code sm_90}: ten times major plus minor} */
  public int architecture() {
    return architecture;
  }

  /** {@return the number of multiprocessors} */
  public int multiprocessors() {
    return multiprocessors;
  }

  /** {@return the newest CUDA version the driver knows, as 1000 × major + 10 × minor} */
  public int driverVersion() {
    return driverVersion;
  }

  /** {@return free bytes of device memory} */
  public long freeMemory() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      CudaErrors.check(cuMemGetInfo(free, total), "tell its memory");
      return free.get();
    }
  }
}
