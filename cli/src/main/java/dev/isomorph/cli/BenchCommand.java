package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Devices;
import dev.isomorph.verifier.engine.Engine;
import dev.isomorph.verifier.engine.EngineSession;
import dev.isomorph.verifier.engine.Engines;
import dev.isomorph.verifier.inputs.InputSet;
import dev.isomorph.verifier.inputs.InputSets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph bench}: how long a call takes, beside other engines. */
@Command(
    name = "bench",
    description = {
      "Times calls of a model here and in every engine that runs its file, each after a warm-up.",
      "The median of the runs counts; the ratio is to the reference runtime's."
    },
    footer = {
      "",
      "Examples:",
      "  isomorph bench net.onnx --dim N=8",
      "  isomorph bench net.onnx --inputs x.npy --runs 50"
    })
final class BenchCommand extends IsomorphCommand {
  @Parameters(paramLabel = "M", description = "The model: any file or folder.")
  private Path path;

  @Mixin private InputOptions input;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--inputs",
      paramLabel = "PATH",
      description = "The model's inputs: F.npy, F.npz or a folder of NAME.npy.")
  private Path inputs;

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "Size of a symbolic dim for inputs that are made; else 1.")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  @Option(
      names = "--runs",
      defaultValue = "20",
      paramLabel = "N",
      description = "How many runs are timed; default 20.")
  private int runs;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "auto|cpu|cuda[:n]",
      description = "Which device computes.")
  private String device;

  @Option(names = "--engine", paramLabel = "E", description = "Only beside this engine.")
  private List<String> engines = new ArrayList<>();

  private record Timing(String engine, String version, double[] milliseconds) {
    double median() {
      double[] sorted = milliseconds.clone();
      Arrays.sort(sorted);
      int middle = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
  }

  @Override
  Outcome execute(Terminal terminal) {
    if (runs < 1) {
      throw Diagnostic.error(ErrorCode.USAGE, "--runs must be at least 1").toException();
    }
    Diagnostics reading = new Diagnostics();
    try (TensorArena arena = TensorArena.open("inputs");
        Model model = Importers.load(weights.apply(input.request(path)).reportingTo(reading))) {
      InputSet set = inputs(model, arena);
      List<Timing> timings = new ArrayList<>();
      Devices.Selection selected = Devices.select(device);
      terminal.step("timing the reference runtime");
      try (Session session = Session.open(model, selected.device())) {
        timings.add(
            time(
                "reference " + selected.device().name(),
                Version.current(),
                () -> session.run(set.values())));
      }
      for (Engine engine : engines(model.source().format())) {
        terminal.step("timing " + engine.name());
        try (EngineSession session = engine.open(path, "")) {
          timings.add(
              time(
                  engine.name(), engine.availability().version(), () -> session.run(set.values())));
        }
      }
      terminal.clearProgress();
      return outcome(timings, reading, terminal);
    }
  }

  private InputSet inputs(Model model, TensorArena arena) {
    return inputs != null
        ? new InputSet("given", ValueFiles.read(inputs, model.signature().inputs(), arena))
        : InputSets.make(
            model.signature(), InputSets.Kind.NORMAL, sizes(model), new SplittableRandom(0));
  }

  /** {@return the given sizes, and 1 for every other symbol of the inputs} */
  private Map<String, Long> sizes(Model model) {
    Map<String, Long> all = new LinkedHashMap<>();
    model
        .signature()
        .inputs()
        .forEach(port -> port.type().shape().symbols().forEach(symbol -> all.put(symbol, 1L)));
    all.putAll(sizes);
    return all;
  }

  private List<Engine> engines(String format) {
    if (!engines.isEmpty()) {
      return engines.stream().map(Engines::require).toList();
    }
    return Engines.all().stream()
        .filter(e -> e.runs(format) && e.availability().present())
        .toList();
  }

  private Timing time(String engine, String version, Runnable call) {
    for (int i = 0; i < Math.max(3, runs / 4); i++) {
      call.run();
    }
    double[] milliseconds = new double[runs];
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      call.run();
      milliseconds[i] = (System.nanoTime() - start) / 1e6;
    }
    return new Timing(engine, version, milliseconds);
  }

  private Outcome outcome(List<Timing> timings, Diagnostics reading, Terminal terminal) {
    double own = timings.getFirst().median();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("engine", "version", "median ms", "ratio"));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("runs", runs);
    ArrayNode array = json.putArray("engines");
    for (Timing timing : timings) {
      rows.add(
          List.of(
              timing.engine,
              timing.version,
              String.format(Locale.ROOT, "%.3f", timing.median()),
              String.format(Locale.ROOT, "%.2f", timing.median() / own)));
      ObjectNode entry = array.addObject();
      entry.put("engine", timing.engine);
      entry.put("version", timing.version);
      entry.put("medianMilliseconds", timing.median());
      entry.put("ratio", timing.median() / own);
    }
    terminal.println("%s, %s".formatted(path, Texts.count(runs, "run")));
    Texts.table(rows).forEach(terminal::println);
    return new Outcome("ok", 0, reading.all(), json);
  }
}
