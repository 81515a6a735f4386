package dev.isomorph.cli;

import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tensors for a model's inputs or outputs: one {@code .npy} for the only one, a {@code .npz} with
 * an array per name, or a folder with a {@code NAME.npy} each.
 */
final class ValueFiles {
  private ValueFiles() {}

  /**
   * {@return tensors by the ports' names, in their order}
   *
   * @param arena owner of the mapped files
   * @throws IsomorphException if a file cannot be read, or a port has none
   */
  static SequencedMap<String, Tensor> read(Path path, List<Port> ports, TensorArena arena) {
    SequencedMap<String, Tensor> found = new LinkedHashMap<>();
    if (Files.isDirectory(path)) {
      for (Path file : npyFiles(path)) {
        String name = String.valueOf(file.getFileName());
        found.put(name.substring(0, name.length() - 4), Npy.read(file, arena, Limits.defaults()));
      }
    } else if (path.toString().toLowerCase(Locale.ROOT).endsWith(".npz")) {
      Npz.read(path, arena, Limits.defaults(), _ -> {})
          .forEach(array -> found.put(array.name(), array.tensor()));
    } else {
      found.put("", Npy.read(path, arena, Limits.defaults()));
    }
    return assign(path, found, ports);
  }

  private static SequencedMap<String, Tensor> assign(
      Path path, SequencedMap<String, Tensor> found, List<Port> ports) {
    SequencedMap<String, Tensor> byPort = new LinkedHashMap<>();
    boolean byName = ports.stream().allMatch(port -> found.containsKey(fileName(port.name())));
    List<Tensor> inOrder = List.copyOf(found.values());
    if (!byName && inOrder.size() != ports.size()) {
      throw Diagnostic.error(ErrorCode.USAGE, "the arrays do not fit the model's names")
          .inFile(path.toString())
          .expected(
              ports.stream().map(p -> p.name() + ": " + p.type()).collect(Collectors.joining(", ")),
              String.join(", ", found.keySet()))
          .toException();
    }
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      byPort.put(port.name(), byName ? found.get(fileName(port.name())) : inOrder.get(i));
    }
    return byPort;
  }

  /** {@return the name of a port as a file can have it} */
  static String fileName(String port) {
    return port.replaceAll("[/\\\\:*?\"<>|]", "_");
  }

  private static List<Path> npyFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".npy")).sorted().toList();
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the folder cannot be read: %s", e.getMessage())
          .inFile(folder.toString())
          .toException();
    }
  }
}
