package dev.isomorph.gpu;

import dev.isomorph.gpu.driver.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether CUDA works on this machine, without a class of the bindings: these would fail
 * in a static initialiser where there is no driver. It asks the driver's library itself, through
 * the foreign function interface. Safe for many threads; the answer is found once.
 */
public final class CudaProbe {
  /** Where the search for a working CUDA ended. */
  public enum Status {
    /** Everything that is needed is there. */
    AVAILABLE,
    /** The driver's library is not there. */
    NO_DRIVER,
    /** The driver is there and refuses. */
    DRIVER_FAILED,
    /** The driver sees no device. */
    NO_DEVICE,
    /** The Java bindings are not on the class path. */
    NO_BINDINGS,
    /** The library that compiles kernels, or one that the bindings are linked with, is missing. */
    NO_COMPILER
  }

  /**
   * One device, as the driver tells.
   *
   * @param ordinal its number
   * @param name its name
   * @param computeCapability major and minor, as in {@code 9.0}
   * @param memory bytes
   */
  public record DeviceFacts(int ordinal, String name, String computeCapability, long memory) {}

  /**
   * What was found.
   *
   * @param status where the search ended
   * @param code the result of {@code cuInit}, or -1 if it could not be called
   * @param reason why CUDA cannot be used; empty when it can
   * @param devices what the driver sees
   * @param driverVersion the newest CUDA version the driver knows, as in {@code 13.1}; empty if
   *     there is no driver
   * @param compiler where the library that compiles kernels was found
   */
  public record Availability(
      Status status,
      int code,
      String reason,
      List<DeviceFacts> devices,
      String driverVersion,
      Optional<String> compiler) {
    public Availability {
      devices = List.copyOf(devices);
    }

    /** {@return whether kernels can be compiled and run} */
    public boolean isAvailable() {
      return status == Status.AVAILABLE;
    }
  }

  /** The answer, found when it is first asked for. */
  private static final class Holder {
    static final Availability AVAILABILITY = look();
  }

  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;

  private CudaProbe() {}

  /** {@return what this machine has} */
  public static Availability availability() {
    return Holder.AVAILABILITY;
  }

  /** {@return what this machine has, one fact a line, for people} */
  public static List<String> describe() {
    return describe(availability());
  }

  static List<String> describe(Availability found) {
    List<String> lines = new ArrayList<>();
    for (DeviceFacts device : found.devices()) {
      lines.add(
          "cuda:%d %s, compute capability %s, %.1f GiB"
              .formatted(
                  device.ordinal(),
                  device.name(),
                  device.computeCapability(),
                  device.memory() / (double) (1L << 30)));
    }
    if (!found.driverVersion().isEmpty()) {
      lines.add("driver for CUDA " + found.driverVersion());
    }
    found.compiler().ifPresent(where -> lines.add("kernel compiler " + where));
    if (!found.isAvailable()) {
      lines.add("CUDA is not used: " + found.reason());
    }
    return lines;
  }

  private static Availability look() {
    Optional<SymbolLookup> library = NativeLibraries.driver();
    if (library.isEmpty()) {
      return none(Status.NO_DRIVER, -1, "the driver's library libcuda.so.1 was not found");
    }
    try {
      Driver driver = new Driver(library.get());
      int code = driver.init();
      if (code == 100) {
        return none(Status.NO_DEVICE, code, "the driver sees no device (cuInit gives 100)");
      }
      if (code != 0) {
        return none(Status.DRIVER_FAILED, code, "the driver fails (cuInit gives " + code + ")");
      }
      int version = driver.version();
      String text = version / 1000 + "." + version % 1000 / 10;
      List<DeviceFacts> devices = driver.devices();
      if (devices.isEmpty()) {
        return new Availability(
            Status.NO_DEVICE, 0, "the driver sees no device", devices, text, Optional.empty());
      }
      return withCompiler(devices, text);
    } catch (java.util.NoSuchElementException e) {
      return none(Status.DRIVER_FAILED, -1, "libcuda.so.1 is not a CUDA driver: " + e.getMessage());
    }
  }

  private static Availability none(Status status, int code, String reason) {
    return new Availability(status, code, reason, List.of(), "", Optional.empty());
  }

  private static Availability withCompiler(List<DeviceFacts> devices, String version) {
    Optional<String> bindings = NativeLibraries.missingBindings();
    if (bindings.isPresent()) {
      return new Availability(
          Status.NO_BINDINGS, 0, bindings.get(), devices, version, Optional.empty());
    }
    NativeLibraries.Toolkit toolkit = NativeLibraries.toolkit();
    if (!toolkit.missing().isEmpty()) {
      String reason =
          String.join(", ", toolkit.missing())
              + " not found: put the CUDA 13 run-time libraries on LD_LIBRARY_PATH,"
              + " or name their folder in ISOMORPH_CUDA_LIBRARIES";
      return new Availability(Status.NO_COMPILER, 0, reason, devices, version, toolkit.compiler());
    }
    return new Availability(Status.AVAILABLE, 0, "", devices, version, toolkit.compiler());
  }

  /** The few functions of the driver that are called without the bindings. */
  private static final class Driver {
    private static final int SUCCESS = 0;

    private final SymbolLookup library;

    Driver(SymbolLookup library) {
      this.library = library;
    }

    int init() {
      return call("cuInit", 0);
    }

    int version() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
        return call("cuDriverGetVersion", out) == SUCCESS ? out.get(ValueLayout.JAVA_INT, 0) : 0;
      }
    }

    List<DeviceFacts> devices() {
      List<DeviceFacts> found = new ArrayList<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
        int count = call("cuDeviceGetCount", out) == SUCCESS ? out.get(ValueLayout.JAVA_INT, 0) : 0;
        for (int ordinal = 0; ordinal < count; ordinal++) {
          if (call("cuDeviceGet", out, ordinal) != SUCCESS) {
            continue;
          }
          int device = out.get(ValueLayout.JAVA_INT, 0);
          MemorySegment name = arena.allocate(256);
          call("cuDeviceGetName", name, 256, device);
          String capability =
              attribute(out, CAPABILITY_MAJOR, device)
                  + "."
                  + attribute(out, CAPABILITY_MINOR, device);
          long memory =
              call("cuDeviceTotalMem_v2", out, device) == SUCCESS
                  ? out.get(ValueLayout.JAVA_LONG, 0)
                  : 0;
          found.add(new DeviceFacts(ordinal, name.getString(0), capability, memory));
        }
      }
      return found;
    }

    private int attribute(MemorySegment out, int attribute, int device) {
      return call("cuDeviceGetAttribute", out, attribute, device) == SUCCESS
          ? out.get(ValueLayout.JAVA_INT, 0)
          : 0;
    }

    @SuppressWarnings("restricted") // the one purpose of this class
    private int call(String name, Object... arguments) {
      java.lang.foreign.MemoryLayout[] layouts =
          new java.lang.foreign.MemoryLayout[arguments.length];
      for (int i = 0; i < layouts.length; i++) {
        layouts[i] =
            arguments[i] instanceof MemorySegment ? ValueLayout.ADDRESS : ValueLayout.JAVA_INT;
      }
      MethodHandle function =
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts));
      try {
        return (int) function.invokeWithArguments(arguments);
      } catch (Throwable t) {
        throw new IllegalStateException(name + " could not be called", t);
      }
    }
  }
}
