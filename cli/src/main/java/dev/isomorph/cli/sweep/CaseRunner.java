package dev.isomorph.cli.sweep;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.Session;
import dev.isomorph.runtime.device.Device;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Runs one case: imports, runs, compares; then exports, loads back, runs and compares per target.
 */
final class CaseRunner {
  private CaseRunner() {}

  static CaseResult run(SweepCase each) {
    try (TensorArena arena = TensorArena.open(each.name())) {
      try (Model model = Importers.load(request(each, arena))) {
        Values values = Values.of(each, model, arena);
        CaseResult result = compare(each, model, values);
        return result.with(targets(each, model, values));
      }
    } catch (IsomorphException e) {
      return CaseResult.of(e);
    }
  }

  /** What goes in, by the model's names, and what must come out, by output position. */
  private record Values(SequencedMap<String, Datum> inputs, SequencedMap<Integer, Datum> expected) {
    static Values of(SweepCase each, Model model, TensorArena arena) {
      if (each.data().isPresent()) {
        OnnxCaseData data = OnnxCaseData.read(each.data().get(), model.signature(), arena);
        return new Values(data.inputs(), data.expected());
      }
      Signature signature = model.signature();
      SequencedMap<String, Datum> inputs = new LinkedHashMap<>();
      List<String> names = signature.inputs().stream().map(Signature.Port::name).toList();
      int position = 0;
      for (Map.Entry<String, Path> given : each.inputs().entrySet()) {
        Tensor tensor = Npy.read(given.getValue(), arena, Limits.defaults());
        inputs.put(portName(given.getKey(), position++, names, each), tensor);
      }
      SequencedMap<Integer, Datum> expected = new LinkedHashMap<>();
      List<String> outputs = signature.outputs().stream().map(Signature.Port::name).toList();
      for (int i = 0; i < each.expected().size(); i++) {
        int index =
            i < each.outputs().size() && outputs.contains(each.outputs().get(i))
                ? outputs.indexOf(each.outputs().get(i))
                : i;
        expected.put(index, Npy.read(each.expected().get(i), arena, Limits.defaults()));
      }
      if (expected.isEmpty()) {
        throw Diagnostic.error(
                ErrorCode.USAGE_NOTHING_TO_COMPARE, "the case says nothing of what is expected")
            .toException();
      }
      return new Values(inputs, expected);
    }

    private static String portName(String given, int position, List<String> names, SweepCase each) {
      if (names.contains(given)) {
        return given;
      }
      String plain = given.endsWith(":0") ? given.substring(0, given.length() - 2) : given;
      if (names.contains(plain)) {
        return plain;
      }
      if (position < names.size()) {
        return names.get(position);
      }
      throw Diagnostic.error(ErrorCode.INPUT_MISMATCH, "the model has no input '%s'", given)
          .inFile(each.model().toString())
          .expected(String.join(", ", names), given)
          .toException();
    }
  }

  private static ImportRequest request(SweepCase each, TensorArena arena) {
    ImportRequest request = ImportRequest.of(each.model());
    if (each.source().isPresent()) {
      String source = each.source().get();
      int colon = source.indexOf(':', 2);
      request =
          colon < 0
              ? request.withSource(Path.of(source), "")
              : request.withSource(
                  Path.of(source.substring(0, colon)), source.substring(colon + 1));
      for (Map.Entry<String, Path> input : each.inputs().entrySet()) {
        Tensor tensor = Npy.read(input.getValue(), arena, Limits.defaults());
        request = request.withInput(input.getKey(), ValueType.of(tensor));
      }
    }
    return request;
  }

  private static CaseResult compare(SweepCase each, Model model, Values values) {
    try (Session session = Session.open(model, Device.cpu())) {
      List<Datum> results = List.copyOf(session.run(values.inputs).values().values());
      return Comparison.of(each, results, values.expected);
    }
  }

  private static SequencedMap<String, CaseResult> targets(
      SweepCase each, Model model, Values values) {
    SequencedMap<String, CaseResult> results = new LinkedHashMap<>();
    for (String format : each.targets()) {
      try {
        results.put(format, target(each, model, values, format));
      } catch (IsomorphException e) {
        results.put(format, CaseResult.of(e));
      }
    }
    return results;
  }

  private static CaseResult target(SweepCase each, Model model, Values values, String format) {
    Path folder = temporaryFolder();
    try {
      ModelExporter exporter = Exporters.find(format);
      ExportReport report =
          exporter.export(model, ExportRequest.to(folder.resolve(exporter.fileName("model"))));
      try (Model back = Importers.load(report.files().getFirst())) {
        SequencedMap<String, Datum> inputs = new LinkedHashMap<>();
        for (int i = 0; i < model.signature().inputs().size(); i++) {
          Datum value = values.inputs.get(model.signature().inputs().get(i).name());
          if (value != null) {
            inputs.put(back.signature().inputs().get(i).name(), value);
          }
        }
        return compare(each, back, new Values(inputs, values.expected));
      }
    } finally {
      delete(folder);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("isomorph-sweep");
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "a temporary folder cannot be made: %s", e.getMessage())
          .toException();
    }
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.OUTPUT_FAILED, "a temporary folder cannot be removed: %s", e.getMessage())
          .inFile(folder.toString())
          .toException();
    }
  }
}
