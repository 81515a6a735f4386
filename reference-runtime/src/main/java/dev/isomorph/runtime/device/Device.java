package dev.isomorph.runtime.device;

import dev.isomorph.ir.Signature;
import dev.isomorph.runtime.RunOptions;

/** A machine that runs graphs. Implementations are safe for many threads. */
public interface Device {
  /** {@return the name on the command line: {@code cpu}, {@code cuda:0}} */
  String name();

  /** {@return what it is, for people: the processor or card} */
  String description();

  /**
   * {@return the graph of a signature, ready to be run}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code UNSUPPORTED_OPERATOR} with every
   *     operator that this device cannot run
   */
  PreparedGraph prepare(Signature signature, RunOptions options);

  /** {@return the CPU} */
  static Device cpu() {
    return CpuDevice.INSTANCE;
  }

  /** {@return the best device that works here; see {@link Devices#select} for the reason} */
  static Device auto() {
    return Devices.select("auto").device();
  }
}
