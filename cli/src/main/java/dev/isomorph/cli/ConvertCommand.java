package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.verifier.Verdict;
import dev.isomorph.verifier.convert.Conversion;
import dev.isomorph.verifier.convert.ConversionRequest;
import dev.isomorph.verifier.convert.ConversionResult;
import dev.isomorph.verifier.convert.ConversionResult.Target;
import dev.isomorph.verifier.report.TextReport;
import dev.isomorph.verifier.report.VerdictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isomorph convert}: reads a model, writes it in other formats, proves each. */
@Command(
    name = "convert",
    description = "Writes a model in other formats and proves that each is the same function.",
    footer = {
      "",
      "Examples:",
      "  isomorph convert net.onnx --to saved-model -o out/",
      "  isomorph convert net.pt --source net.py:Net --inputs x.npy --to onnx,torch -o out/",
      "  isomorph convert weights.pt --to safetensors -o weights.safetensors"
    })
final class ConvertCommand extends IsomorphCommand {
  @Parameters(paramLabel = "IN", description = "The model: any file or folder.")
  private Path in;

  @Mixin private InputOptions input;

  @Mixin private WeightsOption weights;

  @Mixin private ParityOptions parity;

  @Option(
      names = "--to",
      required = true,
      split = ",",
      paramLabel = "FORMAT",
      description = "Target formats, separated by commas.")
  private List<String> formats;

  @Option(
      names = "-o",
      paramLabel = "OUT",
      description =
          "Where to write: a folder if it ends in '/', exists as one, or there are several formats;"
              + " else the file. Default: this folder.")
  private String out;

  @Option(names = "--opset", paramLabel = "N", description = "The ONNX opset to write.")
  private Integer opset;

  @Mixin private OptimizeOptions optimize;

  @Option(names = "--no-verify", description = "Write without proving.")
  private boolean noVerify;

  @Option(names = "--dry-run", description = "Only say what each target would refuse.")
  private boolean dryRun;

  @Option(names = "--force", description = "Replace outputs that exist.")
  private boolean force;

  @Option(names = "--external-data", description = "Write ONNX weights to a file of their own.")
  private boolean externalData;

  @Mixin private ReportOptions reports;

  @Override
  Outcome execute(Terminal terminal) {
    formats.forEach(Exporters::find);
    optimize.check();
    ExportRequest export =
        ExportRequest.to(Path.of("")).replacing(force).withExternalData(externalData);
    if (opset != null) {
      export = export.withOpset(opset);
    }
    boolean folder =
        out == null
            || out.endsWith("/")
            || out.endsWith("\\")
            || formats.size() > 1
            || Files.isDirectory(Path.of(out)) && !formats.getFirst().equals("saved-model");
    Path output = Path.of(out == null ? "." : out);
    try (TensorArena arena = TensorArena.open("inputs")) {
      ConversionRequest request =
          new ConversionRequest(
              weights.apply(input.request(in)),
              formats,
              output,
              folder,
              export,
              optimize::apply,
              !noVerify,
              verification -> parity.apply(verification, arena),
              dryRun,
              terminal::step);
      return outcome(Conversion.run(request), terminal);
    }
  }

  private Outcome outcome(ConversionResult result, Terminal terminal) {
    terminal.clearProgress();
    terminal.println("read " + in + " (" + result.source() + ")");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("source", result.source());
    ArrayNode targets = json.putArray("targets");
    List<Diagnostic> diagnostics = new ArrayList<>(result.diagnostics());
    int exit = 0;
    String status = "ok";
    for (Target target : result.targets()) {
      print(target, terminal);
      targets.add(json(target));
      diagnostics.addAll(target.diagnostics());
      if (exit == 0 && target.hasErrors()) {
        Outcome failed = Outcome.failed(target.diagnostics());
        exit = failed.exit();
        status = failed.status();
      }
    }
    for (Target target : result.targets()) {
      boolean unproved = target.verdict().map(v -> !v.passed()).orElse(false);
      if (exit == 0 && unproved) {
        exit = 1;
        status =
            target.verdict().orElseThrow().status() == Verdict.Status.FAIL
                ? "failed"
                : "inconclusive";
      }
    }
    reports.write(in.toString(), result.targets(), terminal);
    return new Outcome(status, exit, diagnostics, json);
  }

  private static void print(Target target, Terminal terminal) {
    if (target.report().isEmpty()) {
      terminal.println("");
      terminal.println(
          target.hasErrors()
              ? "%s: nothing was written".formatted(target.format())
              : "%s: can be written".formatted(target.format()));
      return;
    }
    ExportReport report = target.report().get();
    String version = report.version().isEmpty() ? "" : " (" + report.version() + ")";
    terminal.println("");
    terminal.println("wrote " + report.files().getFirst() + version);
    report.notes().forEach(note -> terminal.println("  " + note));
    narrowed(report).forEach((change, count) -> terminal.println("  narrowed: " + change + count));
    target
        .verdict()
        .ifPresent(
            verdict ->
                TextReport.lines(target.format(), verdict)
                    .forEach(line -> terminal.println("  " + line)));
  }

  /** {@return each kind of narrowing, with how often it stands if that is more than once} */
  private static Map<String, String> narrowed(ExportReport report) {
    Map<String, List<String>> nodes = new LinkedHashMap<>();
    report
        .narrowings()
        .forEach(
            n ->
                nodes
                    .computeIfAbsent(
                        "%s %s to %s".formatted(n.what(), n.before(), n.after()),
                        _ -> new ArrayList<>())
                    .add(n.node()));
    Map<String, String> lines = new LinkedHashMap<>();
    nodes.forEach(
        (change, at) ->
            lines.put(
                change,
                at.size() == 1 ? " at " + at.getFirst() : " at %d nodes".formatted(at.size())));
    return lines;
  }

  private static ObjectNode json(Target target) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("format", target.format());
    node.put("path", target.path().toString());
    node.put("written", target.report().isPresent());
    target
        .report()
        .ifPresent(
            report -> {
              node.put("version", report.version());
              ArrayNode files = node.putArray("files");
              report.files().forEach(f -> files.add(f.toString()));
              ArrayNode narrowings = node.putArray("narrowings");
              report.narrowings().forEach(n -> narrowings.add(n.toString()));
              ArrayNode notes = node.putArray("notes");
              report.notes().forEach(notes::add);
            });
    target.receipt().ifPresent(r -> node.put("receipt", r.toString()));
    target.verdict().ifPresent(v -> node.set("parity", VerdictJson.of(v)));
    return node;
  }
}
