package dev.isomorph.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/** What the stand-in driver offers beside the driver's own functions. */
final class Emulation {
  /** Threads in ascending, in descending and in a shuffled order. */
  static final int[] ORDERS = {0, 1, 7};

  private Emulation() {}

  /** {@return whether the device is the emulated one} */
  static boolean isOn() {
    return !"real".equals(System.getProperty("gpu"));
  }

  /** {@return the orders of threads that can be asked for: on a real device there is no choice} */
  static int[] orders() {
    return isOn() ? ORDERS : new int[] {0};
  }

  static void order(int order) {
    if (isOn()) {
      call("isomorph_emulation_order", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), order);
    }
  }

  static long liveBytes() {
    return (long)
        call("isomorph_emulation_live_bytes", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  @SuppressWarnings("restricted")
  private static Object call(String name, FunctionDescriptor type, Object... arguments) {
    MemorySegment function =
        SymbolLookup.libraryLookup("libcuda.so.1", Arena.global()).findOrThrow(name);
    try {
      return Linker.nativeLinker().downcallHandle(function, type).invokeWithArguments(arguments);
    } catch (Throwable t) {
      throw new IllegalStateException(name + " could not be called", t);
    }
  }
}
