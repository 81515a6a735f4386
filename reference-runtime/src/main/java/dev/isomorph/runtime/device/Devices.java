package dev.isomorph.runtime.device;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Chooses devices by name. */
public final class Devices {
  private Devices() {}

  /**
   * A device and why it is this one.
   *
   * @param device the device
   * @param reason for people: what was looked for and not found, or empty
   */
  public record Selection(Device device, String reason) {}

  /**
   * {@return the device of this name}
   *
   * @param name {@code auto} (the first device of a provider that works, else the CPU), {@code
   *     cpu}, a provider's kind such as {@code cuda}, or a kind and a number such as {@code cuda:1}
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#DEVICE_MISSING} if a
   *     device other than {@code auto} is not there
   */
  public static Selection select(String name) {
    if (name.equals("cpu")) {
      return new Selection(Device.cpu(), "");
    }
    List<String> reasons = new ArrayList<>();
    for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
      boolean asked = name.equals(provider.kind()) || name.startsWith(provider.kind() + ":");
      if (!name.equals("auto") && !asked) {
        continue;
      }
      DeviceProvider.Detection detection = provider.detect();
      for (Device device : detection.devices()) {
        if (!name.contains(":") || device.name().equals(name)) {
          return new Selection(device, "");
        }
      }
      reasons.add(
          provider.kind()
              + ": "
              + (detection.reason().isEmpty() ? "no such device" : detection.reason()));
    }
    if (name.equals("auto")) {
      return new Selection(Device.cpu(), String.join("; ", reasons));
    }
    Diagnostic missing =
        Diagnostic.error(ErrorCode.DEVICE_MISSING, "there is no device '%s'", name);
    throw (reasons.isEmpty()
            ? missing.help("devices are auto, cpu, and cuda when its module is present")
            : missing.help(String.join("; ", reasons)))
        .toException();
  }
}
