package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.proto.SavedModel;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Writes SavedModel folders. What the graph says is the caller's; here it becomes files, all of
 * them or none. The same contents give the same bytes.
 */
public final class SavedModelWriter {
  private SavedModelWriter() {}

  /**
   * What a folder will hold.
   *
   * @param model its constants may be references of {@code large}
   * @param large the contents that {@code model} refers to
   * @param variables by their checkpoint keys
   * @param objectGraph the checkpoint's object graph; {@code tf.saved_model.load} asks for it as
   *     soon as a meta graph has an object graph
   * @param assets the bytes of asset files, by file name
   */
  public record Contents(
      SavedModel model,
      LargeFields large,
      Map<String, Tensor> variables,
      Optional<TrackableObjectGraph> objectGraph,
      Map<String, byte[]> assets) {}

  /**
   * Writes a folder.
   *
   * @param folder appears when it is complete
   * @param replace whether an existing folder may be replaced
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED},
   *     {@link ErrorCode#UNSUPPORTED_TARGET} if the graph alone is beyond protobuf's 2 GiB
   */
  public static void write(Path folder, Contents contents, boolean replace) {
    try (AtomicOutput output = AtomicOutput.folder(folder, replace)) {
      Path root = output.path();
      GraphDefFile.writeMessage(
          root.resolve(SavedModelFolder.BINARY), folder, contents.model, contents.large);
      if (!contents.variables.isEmpty() || contents.objectGraph.isPresent()) {
        Path prefix = root.resolve(SavedModelFolder.VARIABLES);
        Files.createDirectories(prefix.getParent());
        TensorBundleWriter.write(prefix, contents.variables, contents.objectGraph);
      }
      for (Map.Entry<String, byte[]> asset : contents.assets.entrySet()) {
        Path assets = Files.createDirectories(root.resolve(SavedModelFolder.ASSETS));
        Path file = assets.resolve(asset.getKey()).normalize();
        if (!assets.equals(file.getParent())) {
          throw Diagnostic.error(
                  ErrorCode.FORMAT_UNSAFE_PATH, "an asset's name is no plain file name")
              .inEntry(asset.getKey())
              .toException();
        }
        Files.write(file, asset.getValue());
      }
      output.commit();
    } catch (IOException e) {
      throw AtomicOutput.failed(folder, e);
    }
  }
}
