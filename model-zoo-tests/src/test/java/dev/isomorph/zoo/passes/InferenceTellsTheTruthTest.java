package dev.isomorph.zoo.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.runtime.cpu.Executor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every type and every known element of a value, against what the value is when the model runs. */
class InferenceTellsTheTruthTest {
  private final List<String> wrong = new ArrayList<>();
  private int known;
  private int all;
  private int elements;

  @Test
  void whatIsKnownIsWhatIsSeen() throws IOException, URISyntaxException {
    int models = 0;
    for (String file : RecordedModels.files("exported", "traps", "versions")) {
      try (TensorArena arena = TensorArena.open(file);
          Model model = Importers.load(RecordedModels.path(file))) {
        Optional<Map<String, Tensor>> inputs = RecordedModels.inputs(file, model, arena);
        if (inputs.isPresent()) {
          models++;
          watch(file, model, inputs.get());
        }
      }
    }
    double part = (double) known / all;
    System.out.printf(
        "%d models, %d of %d dims are known (%.1f %%), %d elements%n",
        models, known, all, 100 * part, elements);
    assertEquals("", String.join("\n", wrong));
    assertTrue(part > 0.97, "only " + part + " of all dims are known");
    assertTrue(models > 100, "only " + models + " models have inputs");
  }

  private void watch(String file, Model model, Map<String, Tensor> inputs) {
    Map<String, Long> symbols = new HashMap<>();
    List<Datum> operands = new ArrayList<>(inputs.values());
    for (var port : model.signature().inputs()) {
      Shape shape = port.type().shape();
      for (int i = 0; shape.isRanked() && i < shape.rank(); i++) {
        if (!shape.dim(i).isKnown() && Dim.isSymbolName(shape.dim(i).toString())) {
          symbols.put(shape.dim(i).toString(), inputs.get(port.name()).dim(i));
        }
      }
    }
    new Executor(
            RunOptions.OWN,
            (node, _, results) -> {
              if (model.signature().graph().nodes().contains(node)) {
                see(file, node, results, symbols);
              }
            })
        .run(model.signature().graph(), operands);
  }

  private void see(String file, Node node, List<Datum> results, Map<String, Long> symbols) {
    for (int i = 0; i < Math.min(results.size(), node.results().size()); i++) {
      Value.Result result = node.result(i);
      if (!(results.get(i) instanceof Tensor seen)) {
        continue;
      }
      all += seen.rank();
      if (!(result.type() instanceof ValueType.TensorType t)) {
        wrong.add(file + " " + node + ": " + result.type() + " is " + seen.typeText());
        continue;
      }
      if (t.shape().isRanked()) {
        Shape shape = Shape.of(t.shape().dims().stream().map(d -> d.evaluate(symbols)).toList());
        known += (int) shape.dims().stream().filter(Dim::isKnown).count();
        if (t.dtype() != seen.dtype() || !shape.isCompatible(Shape.of(seen.dims()))) {
          wrong.add(file + " " + node + ": " + result.type() + " is " + seen.typeText());
        }
      }
      result.contents().ifPresent(c -> elements(file, node, c.dims(), seen, symbols));
    }
  }

  private void elements(
      String file, Node node, List<Dim> dims, Tensor seen, Map<String, Long> symbols) {
    long[] values = seen.toLongs();
    for (int i = 0; i < dims.size(); i++) {
      Dim dim = dims.get(i).evaluate(symbols);
      elements++;
      if (dim.isKnown() && !dim.is(values[i])) {
        wrong.add(file + " " + node + ": element " + i + " is " + values[i] + ", not " + dim);
      }
    }
  }
}
