package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** {@code isomorph doctor}: what this machine offers. */
@Command(
    name = "doctor",
    description = "Shows this machine: JDK, CPU, GPU, and the engines found, or why not.")
final class DoctorCommand extends IsomorphCommand {
  @Override
  Outcome execute(Terminal terminal) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("isomorph", Version.current());
    result.put("java", Runtime.version().toString());
    result.put("vendor", System.getProperty("java.vendor"));
    result.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    result.put("processors", Runtime.getRuntime().availableProcessors());
    result.put("heapBytes", Runtime.getRuntime().maxMemory());
    boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    result.put("vectorModule", vector);
    terminal.println("isomorph    " + Version.current());
    terminal.println("Java        " + Runtime.version() + ", " + System.getProperty("java.vendor"));
    terminal.println(
        "Machine     %s, %d processors"
            .formatted(result.get("os").asText(), Runtime.getRuntime().availableProcessors()));
    terminal.println(
        "Vector API  "
            + (vector ? "present" : "absent: commands that compute load it by themselves"));
    return Outcome.ok(result);
  }
}
