package dev.isomorph.cli;

import dev.isomorph.importers.ImportRequest;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where weights are that do not stand in the model's own file. */
final class WeightsOption {
  @Option(names = "--weights", paramLabel = "FILE", description = "A file with the weights.")
  private Path weights;

  /** {@return the request with the weights} */
  ImportRequest apply(ImportRequest request) {
    return weights == null ? request : request.withWeights(weights);
  }
}
