package dev.isomorph.formats.sniff;

import dev.isomorph.formats.archive.ArchiveEntry;
import dev.isomorph.formats.archive.ZipArchive;
import java.util.List;

/** Tells zip archives apart by the names of their entries. */
final class ZipContents {
  private ZipContents() {}

  static FormatMatch match(ZipArchive zip) {
    List<String> names = zip.entries().stream().map(ArchiveEntry::name).toList();
    if (names.isEmpty()) {
      return new FormatMatch(FormatKind.ZIP, ": it is empty");
    }
    int slash = names.getFirst().indexOf('/');
    String root = slash < 0 ? "" : names.getFirst().substring(0, slash + 1);
    if (has(zip, root + "archive_format")
        || has(zip, "serialized_exported_program.json")
        || has(zip, root + "models/model.json")) {
      return FormatMatch.of(FormatKind.PT2);
    }
    if (has(zip, "MAR-INF/MANIFEST.json")) {
      return FormatMatch.of(FormatKind.MAR);
    }
    if (has(zip, "config.json") && has(zip, "model.weights.h5")) {
      return FormatMatch.of(FormatKind.KERAS);
    }
    boolean data = has(zip, root + "data.pkl");
    if (data && has(zip, root + "bytecode.pkl")) {
      return FormatMatch.of(FormatKind.TORCHSCRIPT_MOBILE);
    }
    boolean code = names.stream().anyMatch(n -> n.startsWith(root + "code/"));
    if (has(zip, root + "constants.pkl") && (data || code)) {
      return FormatMatch.of(FormatKind.TORCHSCRIPT);
    }
    if (data) {
      return FormatMatch.of(FormatKind.TORCH_ZIP);
    }
    if (names.stream().allMatch(n -> n.endsWith(".npy"))) {
      return FormatMatch.of(FormatKind.NPZ);
    }
    String inside = names.stream().filter(ZipContents::isModelName).findFirst().orElse("");
    return new FormatMatch(
        FormatKind.ZIP,
        inside.isEmpty() ? "" : ": it holds " + dev.isomorph.formats.Text.quote(inside));
  }

  private static boolean isModelName(String name) {
    return name.matches("(?i).*\\.(onnx|pt|pth|pb|h5|hdf5|keras|tflite|safetensors)");
  }

  private static boolean has(ZipArchive zip, String name) {
    return zip.find(name).isPresent();
  }
}
