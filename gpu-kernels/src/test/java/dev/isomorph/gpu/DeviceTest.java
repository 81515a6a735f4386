package dev.isomorph.gpu;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test that needs a CUDA device: the emulated one, or with {@code -Dgpu=real} the machine's. It
 * is skipped, with the reason, where the emulation cannot be built, and never on a real device.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("device")
@ExtendWith(DeviceTest.Present.class)
@interface DeviceTest {
  /** Skips, or fails where a device was promised. */
  final class Present implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
      Path skipped = Path.of(System.getProperty("gpu.emulation"), "skipped");
      if (Emulation.isOn() && Files.exists(skipped)) {
        String reason = context.getDisplayName() + ": " + Files.readString(skipped);
        System.out.println("Skipped " + reason);
        Assumptions.abort(reason);
      }
      if (!CudaProbe.availability().isAvailable()) {
        throw new IllegalStateException(
            "there is no CUDA device: " + CudaProbe.availability().reason());
      }
    }
  }
}
