package dev.isomorph.zoo.passes;

import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The ONNX files of the test resources with the inputs recorded beside them. */
final class RecordedModels {
  private RecordedModels() {}

  /** All files of some folders below {@code onnx}, as {@code folder/name.onnx}. */
  static List<String> files(String... folders) throws IOException, URISyntaxException {
    List<String> all = new ArrayList<>();
    for (String folder : folders) {
      try (Stream<Path> files = Files.list(path(folder))) {
        files
            .map(f -> folder + "/" + f.getFileName())
            .filter(f -> f.endsWith(".onnx"))
            .sorted()
            .forEach(all::add);
      }
    }
    return all;
  }

  static Path path(String file) throws URISyntaxException {
    return Path.of(RecordedModels.class.getResource("/onnx/exported").toURI()).resolveSibling(file);
  }

  /** The recorded inputs by name; a file made by one of several exporters shares them. */
  static Optional<Map<String, Tensor>> inputs(String file, Model model, TensorArena arena)
      throws URISyntaxException {
    String name = file.substring(0, file.length() - ".onnx".length());
    while (!Files.exists(path(name + "_input_0.npy"))) {
      int cut = name.lastIndexOf('_');
      if (cut < name.indexOf('/')) {
        return Optional.empty();
      }
      name = name.substring(0, cut);
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < model.signature().inputs().size(); i++) {
      Path recorded = path(name + "_input_" + i + ".npy");
      if (!Files.exists(recorded)) {
        return Optional.empty();
      }
      inputs.put(
          model.signature().inputs().get(i).name(), Npy.read(recorded, arena, Limits.defaults()));
    }
    return Optional.of(inputs);
  }
}
