package dev.isomorph.importers;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What to load and how. Immutable: {@code ImportRequest.of(path).withKey("ema")}.
 *
 * @param path the file or folder
 * @param source Python source that defines the network, for weight files
 * @param sourceRoots folders in which the source's imports are looked for, after its own
 * @param weights a file with the weights, where {@code path} itself has none
 * @param key which part of a nested state dict holds the weights, such as {@code model.ema}
 * @param inputs types of inputs by name, where the model itself does not say them
 * @param limits bounds against hostile files
 * @param allowOpaque whether operators without a known meaning become {@link
 *     dev.isomorph.ir.OpaqueCall}s, to be inspected, instead of being refused
 * @param diagnostics receives warnings and notes; errors are thrown
 */
public record ImportRequest(
    Path path,
    Optional<PythonSource> source,
    List<Path> sourceRoots,
    Optional<Path> weights,
    Optional<String> key,
    Map<String, ValueType> inputs,
    Limits limits,
    boolean allowOpaque,
    Consumer<Diagnostic> diagnostics) {

  /**
   * Python source that defines a network.
   *
   * @param file the file
   * @param expression an expression in the file's namespace: a class, a call, a factory, a
   *     variable; empty to take the file's only module class
   */
  public record PythonSource(Path file, String expression) {
    public PythonSource {
      requireNonNull(file, "file is null");
      requireNonNull(expression, "expression is null");
    }
  }

  public ImportRequest {
    requireNonNull(path, "path is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(diagnostics, "diagnostics is null");
    sourceRoots = List.copyOf(sourceRoots);
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  /** {@return a request for a path with nothing else said} */
  public static ImportRequest of(Path path) {
    return new ImportRequest(
        path,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Limits.defaults(),
        false,
        _ -> {});
  }

  /** {@return this with Python source} */
  public ImportRequest withSource(Path file, String expression) {
    return new ImportRequest(
        path,
        Optional.of(new PythonSource(file, expression)),
        sourceRoots,
        weights,
        key,
        inputs,
        limits,
        allowOpaque,
        diagnostics);
  }

  /** {@return this with one more folder in which the source's imports are looked for} */
  public ImportRequest withSourceRoot(Path folder) {
    List<Path> more = new ArrayList<>(sourceRoots);
    more.add(folder);
    return new ImportRequest(
        path, source, more, weights, key, inputs, limits, allowOpaque, diagnostics);
  }

  /** {@return this with a file of weights} */
  public ImportRequest withWeights(Path file) {
    return new ImportRequest(
        path,
        source,
        sourceRoots,
        Optional.of(file),
        key,
        inputs,
        limits,
        allowOpaque,
        diagnostics);
  }

  /** {@return this with the part of a nested state dict that holds the weights} */
  public ImportRequest withKey(String part) {
    return new ImportRequest(
        path,
        source,
        sourceRoots,
        weights,
        Optional.of(part),
        inputs,
        limits,
        allowOpaque,
        diagnostics);
  }

  /** {@return this with the type of one more input} */
  public ImportRequest withInput(String name, ValueType type) {
    Map<String, ValueType> more = new LinkedHashMap<>(inputs);
    more.put(name, type);
    return new ImportRequest(
        path, source, sourceRoots, weights, key, more, limits, allowOpaque, diagnostics);
  }

  /** {@return this with other bounds} */
  public ImportRequest withLimits(Limits other) {
    return new ImportRequest(
        path, source, sourceRoots, weights, key, inputs, other, allowOpaque, diagnostics);
  }

  /** {@return this with operators of unknown meaning kept instead of refused} */
  public ImportRequest allowingOpaque() {
    return new ImportRequest(
        path, source, sourceRoots, weights, key, inputs, limits, true, diagnostics);
  }

  /** {@return this with a receiver of warnings and notes} */
  public ImportRequest reportingTo(Consumer<Diagnostic> receiver) {
    return new ImportRequest(
        path, source, sourceRoots, weights, key, inputs, limits, allowOpaque, receiver);
  }
}
