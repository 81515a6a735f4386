package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.runtime.device.Device;
import dev.isomorph.runtime.device.DeviceProvider;
import dev.isomorph.verifier.engine.Engine;
import dev.isomorph.verifier.engine.Engines;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** {@code isomorph doctor}: what this machine offers. */
@Command(
    name = "doctor",
    description = "Shows this machine: JDK, CPU, GPU, and the engines found, or why not.",
    footer = {"", "Examples:", "  isomorph doctor", "  isomorph doctor --json"})
final class DoctorCommand extends IsomorphCommand {
  /** What kernels get faster by. */
  private static final Set<String> FEATURES =
      Set.of("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "sve2");

  private static final String CACHE = "-XX:AOTCache=";

  @Override
  Outcome execute(Terminal terminal) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    java(result, terminal);
    machine(result, terminal);
    devices(result.putArray("devices"), terminal);
    engines(result.putArray("engines"), terminal);
    return Outcome.ok(result);
  }

  private static void java(ObjectNode result, Terminal terminal) {
    result.put("isomorph", Version.current());
    result.put("java", Runtime.version().toString());
    result.put("vendor", System.getProperty("java.vendor"));
    result.put("javaHome", System.getProperty("java.home"));
    String cache =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> a.startsWith(CACHE))
            .map(a -> a.substring(CACHE.length()))
            .findFirst()
            .orElse("");
    result.put("aotCache", cache);
    line("isomorph", Version.current(), terminal);
    line("Java", Runtime.version() + ", " + System.getProperty("java.vendor"), terminal);
    line("", System.getProperty("java.home"), terminal);
    line(
        "AOT cache",
        cache.isEmpty() ? "none: the launcher makes one on first use" : cache,
        terminal);
  }

  private static void machine(ObjectNode result, Terminal terminal) {
    String os = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    int processors = Runtime.getRuntime().availableProcessors();
    long heap = Runtime.getRuntime().maxMemory();
    List<String> features = features();
    boolean vector = ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent();
    result.put("os", os);
    result.put("processors", processors);
    result.put("heapBytes", heap);
    features.forEach(result.putArray("cpuFeatures")::add);
    result.put("vectorModule", vector);
    line(
        "Machine",
        "%s, %s, heap up to %s"
            .formatted(os, Texts.count(processors, "processor"), Texts.bytes(heap)),
        terminal);
    line(
        "CPU",
        features.isEmpty() ? "its features are not known here" : String.join(" ", features),
        terminal);
    line(
        "Vector API",
        vector
            ? "present; commands that compute load it"
            : "absent: this Java has no jdk.incubator.vector, kernels are scalar",
        terminal);
  }

  private static List<String> features() {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(l -> l.startsWith("flags") || l.startsWith("Features"))
          .findFirst()
          .map(l -> Arrays.stream(l.split("\\s+")).filter(FEATURES::contains).sorted().toList())
          .orElse(List.of());
    } catch (IOException e) {
      return List.of();
    }
  }

  private static void devices(ArrayNode array, Terminal terminal) {
    array.addObject().put("kind", "cpu").put("name", Device.cpu().name()).put("reason", "");
    List<DeviceProvider> providers = new ArrayList<>();
    ServiceLoader.load(DeviceProvider.class).forEach(providers::add);
    for (DeviceProvider provider : providers) {
      DeviceProvider.Detection detection = provider.detect();
      for (Device device : detection.devices()) {
        array.addObject().put("kind", provider.kind()).put("name", device.name()).put("reason", "");
        line("GPU", device.name(), terminal);
      }
      if (detection.devices().isEmpty()) {
        ObjectNode entry = array.addObject();
        entry.put("kind", provider.kind()).putNull("name").put("reason", detection.reason());
        line("GPU", "none: " + detection.reason(), terminal);
      }
    }
    if (providers.isEmpty()) {
      line("GPU", "none: no GPU module is on the class path", terminal);
    }
  }

  private static void engines(ArrayNode array, Terminal terminal) {
    for (Engine engine : Engines.all()) {
      Engine.Availability found = engine.availability();
      ObjectNode entry = array.addObject();
      entry.put("name", engine.name());
      entry.put("present", found.present());
      entry.put("version", found.version());
      entry.put("reason", found.reason());
      line(
          "Engine",
          engine.name() + " " + (found.present() ? found.version() : "missing: " + found.reason()),
          terminal);
    }
  }

  private static void line(String title, String text, Terminal terminal) {
    terminal.println("%-11s %s".formatted(title, text));
  }
}
