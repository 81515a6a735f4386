package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.verifier.report.HtmlReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph inspect}: what is in a model. */
@Command(
    name = "inspect",
    description =
        "Shows inputs, outputs, operators, parameters, memory, and what is unusual in a model.",
    footer = {
      "",
      "Examples:",
      "  isomorph inspect net.onnx",
      "  isomorph inspect --weights net.safetensors",
      "  isomorph inspect --text net.onnx > net.txt",
      "  isomorph inspect --html net.html net_saved_model"
    })
final class InspectCommand extends IsomorphCommand {
  @Parameters(paramLabel = "M", description = "The model: any file or folder.")
  private Path path;

  @Mixin private InputOptions input;

  @Option(names = "--text", description = "Print the graph in its text form instead.")
  private boolean text;

  @Option(names = "--weights", description = "List every tensor with its range.")
  private boolean weights;

  @Option(names = "--html", paramLabel = "F.html", description = "Draw the graph to a page.")
  private Path html;

  @Override
  Outcome execute(Terminal terminal) {
    Diagnostics reading = new Diagnostics();
    ImportRequest request = input.request(path).reportingTo(reading);
    try (Model model = Importers.load(request)) {
      if (text) {
        model.toString().lines().forEach(terminal::println);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("text", model.toString());
        return new Outcome("ok", 0, reading.all(), json);
      }
      Overview overview = new Overview(model);
      String version = model.source().version().isEmpty() ? "" : ", " + model.source().version();
      terminal.println(path + ": " + model.source().format() + version);
      terminal.println("");
      overview.lines(weights).forEach(terminal::println);
      if (html != null) {
        ReportFiles.replace(html, HtmlReport.ofModel(path.toString(), model));
        terminal.println("");
        terminal.println("page in " + html);
      }
      return new Outcome("ok", 0, reading.all(), overview.json());
    } catch (IsomorphException e) {
      if (e.code() != ErrorCode.USAGE_SOURCE_NEEDED || text || html != null) {
        throw e;
      }
      return weightFile(request, reading, terminal);
    }
  }

  /** A file with tensors and no graph. */
  private Outcome weightFile(ImportRequest request, Diagnostics reading, Terminal terminal) {
    try (Weights tensors = Importers.loadWeights(request)) {
      terminal.println(path + ": " + tensors.source().format() + ", weights without a graph");
      terminal.println("");
      Overview.parameters(tensors.parameters().values(), weights).forEach(terminal::println);
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("name", tensors.name());
      json.put("format", tensors.source().format());
      json.put("version", tensors.source().version());
      json.putArray("signatures");
      json.set("parameters", Overview.json(tensors.parameters().values()));
      ObjectNode metadata = json.putObject("metadata");
      tensors.metadata().forEach(metadata::put);
      json.putArray("unusual");
      return new Outcome("ok", 0, reading.all(), json);
    }
  }
}
