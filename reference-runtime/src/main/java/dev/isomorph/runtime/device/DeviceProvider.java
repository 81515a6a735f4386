package dev.isomorph.runtime.device;

import java.util.List;

/**
 * Finds devices of one kind; known to {@link java.util.ServiceLoader}. A machine without the device
 * is no error: the detection says why.
 */
public interface DeviceProvider {
  /**
   * What was found.
   *
   * @param devices the devices that work, the best first
   * @param reason why there are none, or empty
   */
  record Detection(List<Device> devices, String reason) {
    public Detection {
      devices = List.copyOf(devices);
    }
  }

  /** {@return the kind, as on the command line: {@code cuda}} */
  String kind();

  /** {@return the devices of this machine; never throws for what is missing} */
  Detection detect();
}
