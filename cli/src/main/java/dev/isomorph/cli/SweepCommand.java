package dev.isomorph.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.cli.sweep.Sweep;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph sweep}: many models with what their frameworks compute. */
@Command(
    name = "sweep",
    description = {
      "Imports, runs and compares each case of a file, a JSON object per line, and converts it to"
          + " what the case asks for.",
      "One bad case never ends the sweep."
    },
    footer = {"", "Example:", "  isomorph sweep cases.jsonl -o results.jsonl --jobs 4"})
final class SweepCommand extends IsomorphCommand {
  @Parameters(paramLabel = "CASES.jsonl", description = "The cases.")
  private Path cases;

  @Option(names = "-o", paramLabel = "RESULTS.jsonl", description = "A line per case, as it ends.")
  private Path results;

  @Option(names = "--jobs", defaultValue = "1", paramLabel = "N", description = "Cases at once.")
  private int jobs;

  @Option(
      names = "--timeout",
      defaultValue = "300",
      paramLabel = "S",
      description = "Seconds that one case may take.")
  private long timeout;

  @Option(
      names = "--shard",
      defaultValue = "0/1",
      paramLabel = "i/n",
      description = "Only every n-th case, from the i-th, counted from 0.")
  private String shard;

  @Override
  Outcome execute(Terminal terminal) {
    List<String> lines = shardOf(read());
    TreeMap<String, Integer> counts = new TreeMap<>();
    Path folder = cases.toAbsolutePath().getParent();
    List<JsonNode> all;
    try (PrintStream out = open()) {
      all =
          Sweep.run(
              lines,
              folder,
              Math.max(1, jobs),
              timeout,
              result -> {
                out.println(result);
                terminal.step(result.path("name").asText());
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome("interrupted", 130, List.of(), JsonNodeFactory.instance.nullNode());
    }
    terminal.clearProgress();
    int passed = 0;
    ArrayNode failed = JsonNodeFactory.instance.arrayNode();
    for (JsonNode result : all) {
      counts.merge(result.path("status").asText(), 1, Integer::sum);
      if (Sweep.passed(result)) {
        passed++;
      } else {
        failed.add(result);
        terminal.println(describe(result));
      }
    }
    terminal.println("%d of %d cases passed %s".formatted(passed, all.size(), counts));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("cases", all.size());
    json.put("passed", passed);
    json.set("failed", failed);
    boolean held = passed == all.size();
    return new Outcome(held ? "ok" : "failed", held ? 0 : 1, List.of(), json);
  }

  private static String describe(JsonNode result) {
    String line = result.path("name").asText() + ": " + result.path("status").asText();
    String detail = result.path("detail").asText();
    StringBuilder text = new StringBuilder(line);
    if (!detail.isEmpty()) {
      text.append("\n    ").append(detail.replace("\n", "\n    "));
    }
    result
        .path("to")
        .properties()
        .forEach(
            e -> {
              if (!e.getValue().path("status").asText().equals("passed")) {
                text.append("\n  to ").append(e.getKey()).append(": ");
                text.append(e.getValue().path("status").asText()).append(": ");
                text.append(e.getValue().path("detail").asText().replace("\n", "\n    "));
              }
            });
    return text.toString();
  }

  private List<String> read() {
    try {
      return Files.readAllLines(cases, StandardCharsets.UTF_8).stream()
          .filter(line -> !line.isBlank())
          .toList();
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the cases cannot be read: %s", e.getMessage())
          .inFile(cases.toString())
          .toException();
    }
  }

  private List<String> shardOf(List<String> lines) {
    String[] parts = shard.split("/", -1);
    try {
      int index = Integer.parseInt(parts[0]);
      int count = Integer.parseInt(parts[1]);
      List<String> chosen = new ArrayList<>();
      for (int i = index; i < lines.size(); i += count) {
        chosen.add(lines.get(i));
      }
      if (chosen.isEmpty()) {
        throw Diagnostic.error(
                ErrorCode.USAGE_NOTHING_TO_COMPARE, "there is no case in shard %s", shard)
            .inFile(cases.toString())
            .toException();
      }
      return chosen;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw Diagnostic.error(ErrorCode.USAGE, "a shard is written i/n")
          .expected("0/4", shard)
          .toException();
    }
  }

  private PrintStream open() {
    try {
      return results == null
          ? new PrintStream(java.io.OutputStream.nullOutputStream())
          : new PrintStream(Files.newOutputStream(results), true, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "the results cannot be written: %s", e.getMessage())
          .inFile(results.toString())
          .toException();
    }
  }
}
