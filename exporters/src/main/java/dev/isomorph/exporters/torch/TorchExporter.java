package dev.isomorph.exporters.torch;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.safetensors.SafetensorsWriter;
import dev.isomorph.formats.torch.TorchWriter;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a model as PyTorch source that people read, {@code model.py}, and its state dict, {@code
 * model.pt} and {@code model.safetensors}. Layers stand in the source's module tree where the keys
 * of the weights tell it.
 */
public final class TorchExporter implements ModelExporter {
  /** The source within the written folder. */
  public static final String SOURCE = "model.py";

  private record Written(String source, Modules modules, String className) {}

  @Override
  public String format() {
    return "torch";
  }

  @Override
  public String fileName(String stem) {
    return stem + "_torch";
  }

  @Override
  public List<Diagnostic> refusals(Model model, ExportRequest request) {
    try {
      raise(model);
      return List.of();
    } catch (IsomorphException e) {
      return e.diagnostics();
    }
  }

  @Override
  public ExportReport export(Model model, ExportRequest request) {
    Written written = raise(model);
    List<NamedTensor> tensors =
        written.modules.entries().values().stream()
            .map(e -> NamedTensor.of(e.key(), e.tensor()))
            .toList();
    try (AtomicOutput folder = AtomicOutput.folder(request.target(), request.replace())) {
      Files.writeString(folder.path().resolve(SOURCE), written.source, StandardCharsets.UTF_8);
      TorchWriter.write(folder.path().resolve("model.pt"), tensors, java.util.Optional.empty());
      SafetensorsWriter.write(folder.path().resolve("model.safetensors"), tensors, Map.of());
      folder.commit();
    } catch (IOException e) {
      throw AtomicOutput.failed(request.target(), e);
    }
    Path target = request.target();
    return new ExportReport(
        format(),
        "",
        List.of(
            target,
            target.resolve(SOURCE),
            target.resolve("model.pt"),
            target.resolve("model.safetensors")),
        List.of(),
        written.modules.ledger(),
        List.of("class " + written.className + " in " + target.resolve(SOURCE)));
  }

  private static Written raise(Model model) {
    List<Diagnostic> refusals = new ArrayList<>();
    Signature signature = model.signature();
    if (!signature.states().isEmpty()) {
      refusals.add(
          Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET, "PyTorch source with state is not written yet"));
    }
    Graph graph = Plain.of(model, refusals);
    PythonNames python = new PythonNames();
    List<String> inputs = signature.inputs().stream().map(p -> python.fresh(p.name())).toList();
    Map<Value, String> names = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      names.put(graph.inputs().get(i), inputs.get(i));
    }
    Symbols symbols = new Symbols(signature, inputs, python);
    List<Statement> all = raise(graph.nodes(), new Modules(), symbols, refusals);
    if (!refusals.isEmpty()) {
      throw new IsomorphException(refusals);
    }
    // Nodes that only compute shapes die when shapes are written as expressions; their constants
    // must
    // not become tensors of the model, so what is left is said once more.
    List<Node> needed =
        ModelSource.live(all, graph.outputs()).stream()
            .map(statement -> statement.results().getFirst().node())
            .toList();
    Modules modules = new Modules();
    List<Statement> live = raise(needed, modules, symbols, refusals);
    names.putAll(ModelSource.names(live, graph.outputs(), python));
    List<String> results =
        graph.outputs().stream()
            .map(v -> v instanceof Value.Parameter p ? modules.constant(p) : names.get(v))
            .toList();
    String className =
        PythonNames.className(model.name().replaceAll("(\\.\\w+|_saved_model)$", ""));
    String title = "Written by Isomorph from " + model.source().format() + ".";
    String source =
        new ModelSource(className, title, modules)
            .write(annotated(inputs, signature), symbols.assignments(), live, names, results);
    return new Written(source, modules, className);
  }

  /** Python ignores a text as annotation; whoever reads it knows the input's type. */
  private static List<String> annotated(List<String> names, Signature signature) {
    List<String> annotated = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      annotated.add(names.get(i) + ": \"" + signature.inputs().get(i).type() + "\"");
    }
    return annotated;
  }

  private static List<Statement> raise(
      List<Node> nodes, Modules modules, Symbols symbols, List<Diagnostic> refusals) {
    List<Statement> statements = new ArrayList<>();
    for (Node node : nodes) {
      try {
        statements.add(raise(node, modules, symbols));
      } catch (Raise.Refusal e) {
        refusals.add(e.diagnostic());
      }
    }
    return statements;
  }

  private static Statement raise(Node node, Modules modules, Symbols symbols) {
    Raise raise = new Raise(node, modules, symbols);
    RaisingRule<dev.isomorph.ir.Op> rule =
        RaisingRules.find(node.op())
            .orElseThrow(() -> raise.refuse("there is no rule for this operator"));
    String text = rule.raise(node.op(), raise);
    return new Statement(node.results(), text, raise.operands());
  }
}
