package dev.isomorph.gpu;

import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.runtime.device.Device;
import dev.isomorph.runtime.device.DeviceProvider;
import java.util.ArrayList;
import java.util.List;

/** Offers the CUDA devices of this machine. Stateless; devices are opened once. */
public final class CudaDeviceProvider implements DeviceProvider {
  private static final class Holder {
    static final Detection DETECTION = look();
  }

  /** For {@link java.util.ServiceLoader}. */
  public CudaDeviceProvider() {}

  @Override
  public String kind() {
    return "cuda";
  }

  @Override
  public Detection detect() {
    return Holder.DETECTION;
  }

  private static Detection look() {
    CudaProbe.Availability found = CudaProbe.availability();
    if (!found.isAvailable()) {
      return new Detection(List.of(), found.reason());
    }
    List<Device> devices = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    for (CudaProbe.DeviceFacts facts : found.devices()) {
      try {
        devices.add(CudaDevice.open(facts.ordinal()));
      } catch (IsomorphException e) {
        refusals.add("cuda:" + facts.ordinal() + ": " + e.diagnostics().getFirst().message());
      } catch (LinkageError e) {
        refusals.add("the bindings cannot be loaded: " + e.getMessage());
      }
    }
    return new Detection(devices, String.join("; ", refusals));
  }
}
