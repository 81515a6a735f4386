package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.formats.pickle.PickleScan;
import dev.isomorph.formats.pickle.PickleScan.Verdict;
import dev.isomorph.formats.sniff.ModelScan;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code isomorph scan}: what a file would do if its own framework loaded it. */
@Command(
    name = "scan",
    description = {
      "Says what a model would do if its own framework loaded it: what it would import and call,",
      "and which code it brings along. Nothing is executed. Exit status 1 if anything must be"
          + " trusted."
    },
    footer = {
      "",
      "Examples:",
      "  isomorph scan downloaded.pt",
      "  isomorph scan --json model_folder | jq .result.verdict"
    })
final class ScanCommand extends IsomorphCommand {
  @Parameters(paramLabel = "M", description = "The file or folder.")
  private Path path;

  @Override
  Outcome execute(Terminal terminal) {
    ModelScan.Report report = ModelScan.scan(path, Limits.defaults());
    print(report, terminal);
    Verdict verdict = report.verdict();
    List<Diagnostic> notes = new ArrayList<>(report.notes());
    notes.replaceAll(note -> note.inFile(path.toString()));
    return new Outcome(
        verdict == Verdict.HARMLESS ? "ok" : "findings",
        verdict == Verdict.HARMLESS ? 0 : 1,
        notes,
        json(report));
  }

  private void print(ModelScan.Report report, Terminal terminal) {
    terminal.println(path + ": " + report.what().description());
    for (ModelScan.Part part : report.pickles()) {
      terminal.println("");
      print(part.entry().isEmpty() ? "pickle" : part.entry(), part.report(), "", terminal);
    }
    for (ModelScan.Code code : report.code()) {
      terminal.println("");
      terminal.println("%s: %s (%s)".formatted(code.entry(), code.what(), word(code.verdict())));
    }
    terminal.println("");
    terminal.println(
        switch (report.verdict()) {
          case HARMLESS -> "HARMLESS: loading it only makes data";
          case UNKNOWN -> "UNKNOWN: loading it runs, or may run, code that must be trusted";
          case DANGEROUS -> "DANGEROUS: loading it can run commands or reach beyond the model";
        });
  }

  private static void print(
      String title, PickleScan.Report report, String indent, Terminal terminal) {
    terminal.println("%s%s: %s".formatted(indent, title, word(report.verdict())));
    for (PickleScan.Import global : report.imports()) {
      terminal.println(
          "%s  imports %-44s %-9s at byte %d%s%s"
              .formatted(
                  indent,
                  global.name(),
                  word(global.verdict()),
                  global.offset(),
                  global.count() > 1 ? ", " + global.count() + " times" : "",
                  global.reason().isEmpty() ? "" : "; " + global.reason()));
    }
    for (PickleScan.CallSite call : report.calls()) {
      terminal.println(
          "%s  calls   %s%s at byte %d, by %s"
              .formatted(indent, call.callable(), call.arguments(), call.offset(), call.opcode()));
    }
    report
        .broken()
        .ifPresent(
            broken ->
                terminal.println(
                    "%s  breaks  at byte %d: %s"
                        .formatted(indent, broken.knownOffset().orElse(0), broken.message())));
    for (PickleScan.Report nested : report.nested()) {
      print("pickle inside its bytes", nested, indent + "  ", terminal);
    }
  }

  private static String word(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode json(ModelScan.Report report) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("verdict", word(report.verdict()));
    root.put("kind", report.what().kind().name().toLowerCase(Locale.ROOT));
    root.put("description", report.what().description());
    ArrayNode pickles = root.putArray("pickles");
    for (ModelScan.Part part : report.pickles()) {
      pickles.add(json(part.report()).put("entry", part.entry()));
    }
    ArrayNode codes = root.putArray("code");
    for (ModelScan.Code code : report.code()) {
      ObjectNode entry = codes.addObject();
      entry.put("entry", code.entry());
      entry.put("what", code.what());
      entry.put("verdict", word(code.verdict()));
    }
    return root;
  }

  private static ObjectNode json(PickleScan.Report report) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("verdict", word(report.verdict()));
    ArrayNode imports = root.putArray("imports");
    for (PickleScan.Import global : report.imports()) {
      ObjectNode entry = imports.addObject();
      entry.put("name", global.name());
      entry.put("verdict", word(global.verdict()));
      entry.put("reason", global.reason());
      entry.put("offset", global.offset());
      entry.put("count", global.count());
    }
    ArrayNode calls = root.putArray("calls");
    for (PickleScan.CallSite call : report.calls()) {
      ObjectNode entry = calls.addObject();
      entry.put("callable", call.callable());
      entry.put("verdict", word(call.verdict()));
      entry.put("arguments", call.arguments());
      entry.put("opcode", call.opcode().name());
      entry.put("offset", call.offset());
    }
    ArrayNode nested = root.putArray("nested");
    report.nested().forEach(inner -> nested.add(json(inner)));
    report
        .broken()
        .ifPresentOrElse(
            broken -> root.set("broken", Terminal.json(broken)), () -> root.putNull("broken"));
    return root;
  }
}
