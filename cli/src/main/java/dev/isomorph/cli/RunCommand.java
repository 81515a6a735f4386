package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Devices;
import dev.isomorph.verifier.measure.Leaves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph run}: computes a model's outputs. */
@Command(
    name = "run",
    description = "Runs a model and writes each output as NAME.npy.",
    footer = {"", "Example:", "  isomorph run net.onnx --input x=x.npy -o out/"})
final class RunCommand extends IsomorphCommand {
  @Parameters(paramLabel = "M", description = "The model: any file or folder.")
  private Path path;

  @Mixin private SourceOptions source;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--input",
      paramLabel = "NAME=F.npy",
      description = "The value of an input; repeatable.")
  private Map<String, Path> values = new LinkedHashMap<>();

  @Option(
      names = "--inputs",
      paramLabel = "PATH",
      description = "All inputs: F.npy, F.npz or a folder.")
  private Path inputs;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "DIR",
      description = "Where outputs are written.")
  private Path out;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "auto|cpu|cuda[:n]",
      description = "Which device computes.")
  private String device;

  @Override
  Outcome execute(Terminal terminal) {
    Diagnostics reading = new Diagnostics();
    try (TensorArena arena = TensorArena.open("inputs")) {
      Map<String, Datum> given = new LinkedHashMap<>();
      ImportRequest request = weights.apply(source.request(path)).reportingTo(reading);
      for (Map.Entry<String, Path> value : values.entrySet()) {
        Tensor tensor = Npy.read(value.getValue(), arena, Limits.defaults());
        given.put(value.getKey(), tensor);
        request = request.withInput(value.getKey(), ValueType.of(tensor));
      }
      return run(request, given, arena, reading, terminal);
    }
  }

  private Outcome run(
      ImportRequest request,
      Map<String, Datum> given,
      TensorArena arena,
      Diagnostics reading,
      Terminal terminal) {
    try (Model model = Importers.load(request);
        Session session = Session.open(model, Devices.select(device).device())) {
      if (inputs != null) {
        given.putAll(ValueFiles.read(inputs, session.signature().inputs(), arena));
      }
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ArrayNode outputs = json.putArray("outputs");
      session
          .run(given)
          .values()
          .forEach(
              (name, datum) ->
                  Leaves.of(name, datum)
                      .forEach((leaf, tensor) -> outputs.add(write(leaf, tensor, terminal))));
      return new Outcome("ok", 0, reading.all(), json);
    }
  }

  private ObjectNode write(String name, Tensor tensor, Terminal terminal) {
    Path file = out.resolve(ValueFiles.fileName(name) + ".npy");
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "the folder cannot be made: %s", e.getMessage())
          .inFile(out.toString())
          .toException();
    }
    Npy.write(file, tensor);
    terminal.println("%s  %s".formatted(file, tensor.typeText()));
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", name);
    node.put("type", tensor.typeText());
    node.put("file", file.toString());
    return node;
  }
}
