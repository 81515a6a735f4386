package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.OnnxFile;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What one import shares: the file, names of dims, functions, and everything that was found. */
final class ImportSession {
  /** After so many errors the rest would tell nobody anything. */
  private static final int MAX_ERRORS = 100;

  private static final int MAX_NAMED = 5;

  private record Missing(String help, Set<String> nodes) {}

  final OnnxFile file;
  final boolean allowOpaque;
  final Map<String, Integer> opsets;
  final LocalFunctions functions;
  final OnnxTypes types;
  private final Consumer<Diagnostic> diagnostics;
  private final List<Diagnostic> errors = new ArrayList<>();
  private final Map<OpName, Missing> missing;
  private final Map<String, Integer> notes = new HashMap<>();
  private final boolean function;

  ImportSession(
      OnnxFile file,
      Map<String, Integer> opsets,
      boolean allowOpaque,
      Consumer<Diagnostic> diagnostics) {
    this.file = file;
    this.opsets = opsets;
    this.allowOpaque = allowOpaque;
    this.diagnostics = diagnostics;
    this.missing = new LinkedHashMap<>();
    this.function = false;
    this.types =
        new OnnxTypes(
            new DimNames((text, symbol) -> note("the dim '%s' is called %s here", text, symbol)));
    this.functions = LocalFunctions.of(this);
  }

  private ImportSession(ImportSession model) {
    this.file = model.file;
    this.opsets = model.opsets;
    this.allowOpaque = model.allowOpaque;
    this.diagnostics = _ -> {};
    this.missing = model.missing;
    this.function = true;
    this.types = model.types;
    this.functions = model.functions;
  }

  /**
   * {@return a session for one expansion of a function: errors are its own; operators that are not
   * known are counted with the model's}
   */
  ImportSession ofFunction() {
    return new ImportSession(this);
  }

  /** Tells the user something, once. */
  void note(String format, Object... args) {
    Diagnostic note = Diagnostic.note(ErrorCode.MODEL_INVALID, format, args);
    if (notes.merge(note.message(), 1, Integer::sum) == 1) {
      report(note);
    }
  }

  /** Passes a warning or note on. */
  void report(Diagnostic diagnostic) {
    diagnostics.accept(diagnostic.inFile(file.path().toString()));
  }

  /** Records the errors of one node; lowering goes on, so that all are found. */
  void error(IsomorphException e, String node, Origin origin) {
    for (Diagnostic error : e.diagnostics()) {
      error(error.atNode(node).from(origin.toString()));
    }
  }

  /** Records an error. */
  void error(Diagnostic error) {
    errors.add(error.inFile(file.path().toString()));
    if (errors.size() >= MAX_ERRORS) {
      throwIfErrors();
    }
  }

  /** Records that a node's operator is not known. */
  void unsupported(OpName operator, String node, String help) {
    Missing found =
        missing.computeIfAbsent(operator, _ -> new Missing(help, new LinkedHashSet<>()));
    found.nodes.add(node);
  }

  /** Throws all that was recorded, if anything was. */
  void throwIfErrors() {
    List<Diagnostic> all = new ArrayList<>(errors);
    Map<OpName, Missing> counted = function ? Map.of() : missing;
    counted.forEach(
        (operator, found) -> {
          int count = found.nodes.size();
          List<String> named = found.nodes.stream().limit(MAX_NAMED).toList();
          all.add(
              Diagnostic.error(
                      ErrorCode.UNSUPPORTED_OPERATOR,
                      "the operator %s, used by %d %s, is not known",
                      operator,
                      count,
                      count == 1 ? "node" : "nodes")
                  .inFile(file.path().toString())
                  .from(String.join(", ", named) + (count > MAX_NAMED ? ", …" : ""))
                  .help(found.help));
        });
    if (!all.isEmpty()) {
      throw new IsomorphException(all);
    }
  }
}
