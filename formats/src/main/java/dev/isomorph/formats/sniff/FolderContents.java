package dev.isomorph.formats.sniff;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;

/** Tells folders apart by the names in them. */
final class FolderContents {
  private static final int MOST_NAMES = 100_000;

  private FolderContents() {}

  static Sniffed match(Path folder) {
    TreeSet<String> names = names(folder);
    FormatKind kind = kind(folder, names).orElse(FormatKind.FOLDER);
    if (kind != FormatKind.FOLDER) {
      return Sniffed.of(folder, kind);
    }
    Optional<String> model =
        names.stream()
            .filter(
                n -> n.matches("(?i).*\\.(onnx|pt|pth|pt2|pb|h5|hdf5|keras|tflite|safetensors)"))
            .findFirst();
    return new Sniffed(
        folder,
        kind,
        kind.text(),
        model.map(m -> "name the file itself, such as " + folder.resolve(m)).orElse(""));
  }

  private static Optional<FormatKind> kind(Path folder, TreeSet<String> names) {
    if (names.contains("saved_model.pb")
        || names.contains("saved_model.pbtxt")
        || names.contains("saved_model.cpb")) {
      return Optional.of(FormatKind.SAVED_MODEL);
    }
    if (names.contains("model.onnx")
        && names.stream().anyMatch(n -> n.startsWith("test_data_set_"))) {
      return Optional.of(FormatKind.ONNX_TEST_CASE);
    }
    if (names.contains("model.json")) {
      return Optional.of(FormatKind.TFJS);
    }
    if (names.contains("config.json") && names.contains("model.weights.h5")) {
      return Optional.of(FormatKind.KERAS);
    }
    if (names.contains("model.py")
        && (names.contains("model.pt") || names.contains("model.safetensors"))) {
      return Optional.of(FormatKind.TORCH_SOURCE);
    }
    boolean weights =
        names.stream()
            .anyMatch(
                n ->
                    n.startsWith("pytorch_model")
                        || n.matches("model.*\\.safetensors(\\.index\\.json)?"));
    if (weights) {
      return Optional.of(FormatKind.HUGGING_FACE);
    }
    boolean index = names.stream().anyMatch(n -> n.endsWith(".index"));
    if (index && names.stream().anyMatch(n -> n.matches(".*\\.data-\\d{5}-of-\\d{5}"))) {
      return Optional.of(FormatKind.CHECKPOINT);
    }
    boolean versions =
        names.stream()
            .filter(n -> n.matches("\\d{1,18}"))
            .anyMatch(n -> Files.exists(folder.resolve(n).resolve("saved_model.pb")));
    return versions ? Optional.of(FormatKind.SERVING_FOLDER) : Optional.empty();
  }

  private static TreeSet<String> names(Path folder) {
    TreeSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
        if (names.size() >= MOST_NAMES) {
          break;
        }
      }
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE,
              "the folder cannot be read: %s",
              String.valueOf(e.getMessage()))
          .inFile(folder.toString())
          .toException();
    }
    return names;
  }
}
