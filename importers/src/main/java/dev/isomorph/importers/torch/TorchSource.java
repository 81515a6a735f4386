package dev.isomorph.importers.torch;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Limits;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A network in Python source with its weights.
 *
 * @param file the source
 * @param expression an expression in the file's namespace: a class, a call, a factory, a variable;
 *     empty to take the module class that fits the weights
 * @param roots folders in which imports are looked for, after the source's own
 * @param weights the state dict
 * @param inputs types of {@code forward}'s parameters by name; where no name fits, by order
 * @param limits bounds of the evaluation
 * @param diagnostics receives warnings and notes; errors are thrown
 */
public record TorchSource(
    Path file,
    String expression,
    List<Path> roots,
    Weights weights,
    Map<String, ValueType> inputs,
    Limits limits,
    Consumer<Diagnostic> diagnostics) {
  public TorchSource {
    requireNonNull(file, "file is null");
    requireNonNull(expression, "expression is null");
    requireNonNull(weights, "weights is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(diagnostics, "diagnostics is null");
    roots = List.copyOf(roots);
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }
}
