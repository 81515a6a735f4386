package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.cli.ModelDiff.Difference;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code isomorph diff}: how two models differ as they are written down. */
@Command(
    name = "diff",
    description = {
      "Shows structure and weights of two models side by side. Exit status 1 if they differ.",
      "Models that differ here may be the same function: 'verify' decides that."
    },
    footer = {
      "",
      "Examples:",
      "  isomorph diff before.onnx after.onnx",
      "  isomorph diff epoch1.pt epoch2.safetensors"
    })
final class DiffCommand extends IsomorphCommand {
  @Parameters(index = "0", paramLabel = "A", description = "A model.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path b;

  @Mixin private InputOptions input;

  @Mixin private WeightsOption weights;

  @Override
  Outcome execute(Terminal terminal) {
    Diagnostics reading = new Diagnostics();
    List<Difference> differences;
    try {
      differences = models(reading);
    } catch (IsomorphException e) {
      if (e.code() != ErrorCode.USAGE_SOURCE_NEEDED) {
        throw e;
      }
      terminal.println("weights are compared: one of the files holds no graph");
      terminal.println("");
      differences = weights(reading);
    }
    terminal.println("%s │ %s".formatted(a, b));
    terminal.println("");
    ModelDiff.lines(differences).forEach(terminal::println);
    terminal.println(
        differences.isEmpty() ? "no difference" : Texts.count(differences.size(), "difference"));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode array = json.putArray("differences");
    for (Difference each : differences) {
      ObjectNode entry = array.addObject();
      entry.put("section", each.section());
      entry.put("name", each.name());
      entry.put("a", each.a());
      entry.put("b", each.b());
    }
    boolean same = differences.isEmpty();
    return new Outcome(same ? "ok" : "differ", same ? 0 : 1, reading.all(), json);
  }

  private List<Difference> models(Diagnostics reading) {
    try (Model left = Importers.load(weights.apply(input.request(a)).reportingTo(reading));
        Model right = Importers.load(ImportRequest.of(b).reportingTo(reading))) {
      return ModelDiff.between(left, right);
    }
  }

  private List<Difference> weights(Diagnostics reading) {
    try (Weights left = Importers.loadWeights(ImportRequest.of(a).reportingTo(reading));
        Weights right = Importers.loadWeights(ImportRequest.of(b).reportingTo(reading))) {
      return ModelDiff.between(left.parameters().values(), right.parameters().values());
    }
  }
}
