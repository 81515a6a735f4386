package dev.isomorph.cli;

import dev.isomorph.importers.ImportRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that say where the source is, for files that hold weights alone. */
final class SourceOptions {
  @Option(
      names = "--source",
      paramLabel = "FILE[:EXPR]",
      description =
          "Python source of the network, read as text; EXPR is a class, a call such as"
              + " Net(hidden=64), a factory or a variable.")
  private String source;

  @Option(
      names = "--source-root",
      paramLabel = "DIR",
      description = "A folder in which imports of the source are looked for.")
  private List<Path> sourceRoots = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Which part of a nested state dict holds the weights, such as model.ema.")
  private String key;

  /** {@return what to load} */
  ImportRequest request(Path path) {
    ImportRequest request = ImportRequest.of(path);
    if (source != null) {
      // A drive letter's colon is no separator.
      int colon = source.indexOf(':', 2);
      request =
          colon < 0
              ? request.withSource(Path.of(source), "")
              : request.withSource(
                  Path.of(source.substring(0, colon)), source.substring(colon + 1));
    }
    for (Path root : sourceRoots) {
      request = request.withSourceRoot(root);
    }
    if (key != null) {
      request = request.withKey(key);
    }
    return request;
  }
}
