package dev.isomorph.cli;

import dev.isomorph.importers.ImportRequest;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what a model file alone does not. */
final class InputOptions {
  @Mixin private SourceOptions source;

  @Option(
      names = "--input",
      paramLabel = "NAME=TYPE",
      description = "An input's type, such as x=f32[N,3,224,224].")
  private Map<String, String> inputs = new LinkedHashMap<>();

  /** {@return what to load} */
  ImportRequest request(Path path) {
    ImportRequest request = source.request(path);
    for (Map.Entry<String, String> input : inputs.entrySet()) {
      request = request.withInput(input.getKey(), type(input.getKey(), input.getValue()));
    }
    return request;
  }

  private static ValueType type(String name, String text) {
    try {
      return ValueType.parse(text);
    } catch (IllegalArgumentException e) {
      throw Diagnostic.error(
              ErrorCode.USAGE, "the type of --input %s is not understood: %s", name, e.getMessage())
          .expected("a type such as f32[N,3,224,224]", text)
          .toException();
    }
  }
}
