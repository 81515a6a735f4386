package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Absence is a value with a reason; each case runs in a JVM of its own, whose linker finds less.
 */
class CudaProbeTest {
  private static final Path EMULATION = Path.of("target", "emulation").toAbsolutePath();

  /** Runs in a JVM of its own: prints what the probe, the provider and the selection say. */
  public static final class Ask {
    private Ask() {}

    /** Prints one fact a line. */
    public static void main(String[] args) {
      CudaProbe.Availability found = CudaProbe.availability();
      System.out.println(found.status() + " " + found.code());
      CudaProbe.describe().forEach(System.out::println);
      System.out.println("devices " + new CudaDeviceProvider().detect().devices().size());
      var selection = dev.isomorph.runtime.device.Devices.select("auto");
      System.out.println("auto " + selection.device().name() + " | " + selection.reason());
    }
  }

  private static List<String> ask(String libraryPath, boolean bindings)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> bindings || !entry.contains("bytedeco"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
    command.add(Ask.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", libraryPath);
    builder.environment().put("ISOMORPH_CACHE", Path.of("target", "cache").toString());
    builder.environment().keySet().removeAll(List.of("CUDA_HOME", "CUDA_PATH"));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text.lines().toList();
  }

  private static void needsEmulation() {
    boolean built = EMULATION.resolve("libcuda.so.1").toFile().exists();
    Assumptions.assumeTrue(built, "the emulation could not be built");
  }

  /** A folder with some of the stand-ins. */
  private static String only(Path folder, String... libraries) throws IOException {
    for (String library : libraries) {
      java.nio.file.Files.copy(EMULATION.resolve(library), folder.resolve(library));
    }
    return folder.toString();
  }

  @Test
  void withoutADriverThereIsAReason() throws Exception {
    Assumptions.assumeFalse(
        new File("/dev/nvidiactl").exists(), "this machine has a driver, which is always found");
    List<String> lines = ask("/nonexistent", true);
    String reason = "the driver's library libcuda.so.1 was not found";
    assertEquals(
        List.of(
            "NO_DRIVER -1",
            "CUDA is not used: " + reason,
            "devices 0",
            "auto cpu | cuda: " + reason),
        lines);
  }

  @Test
  void withoutBindingsThereIsAReason() throws Exception {
    needsEmulation();
    List<String> lines = ask(EMULATION.toString(), false);
    assertEquals("NO_BINDINGS 0", lines.get(0));
    assertEquals("cuda:0 host emulation, compute capability 9.0, 0.5 GiB", lines.get(1));
    assertTrue(
        lines.contains(
            "CUDA is not used: the bindings org.bytedeco:javacpp and org.bytedeco:cuda are not on"
                + " the class path"),
        lines.toString());
    assertTrue(lines.contains("devices 0"), lines.toString());
  }

  @Test
  void withoutACompilerThereIsAReason(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    needsEmulation();
    Assumptions.assumeFalse(new File("/usr/local/cuda/lib64/libnvrtc.so.13").exists());
    List<String> lines = ask(only(folder, "libcuda.so.1", "libcudart.so.13"), true);
    assertEquals("NO_COMPILER 0", lines.get(0));
    assertTrue(
        lines.contains(
            "CUDA is not used: libnvrtc.so.13 not found: put the CUDA 13 run-time libraries on"
                + " LD_LIBRARY_PATH, or name their folder in ISOMORPH_CUDA_LIBRARIES"),
        lines.toString());
  }

  @Test
  void withEverythingTheDeviceIsTaken() throws Exception {
    needsEmulation();
    List<String> lines = ask(EMULATION.toString(), true);
    assertEquals(
        List.of(
            "AVAILABLE 0",
            "cuda:0 host emulation, compute capability 9.0, 0.5 GiB",
            "driver for CUDA 13.1",
            "kernel compiler libnvrtc.so.13",
            "devices 1",
            "auto cuda:0 | "),
        lines);
  }

  @Test
  void aDriverThatRefusesIsDescribed() {
    var found =
        new CudaProbe.Availability(
            CudaProbe.Status.DRIVER_FAILED,
            804,
            "the driver fails (cuInit gives 804)",
            List.of(),
            "",
            Optional.empty());
    assertFalse(found.isAvailable());
    assertEquals(
        List.of("CUDA is not used: the driver fails (cuInit gives 804)"),
        CudaProbe.describe(found));
  }
}
