package dev.isomorph.formats.tensorflow;

import com.google.protobuf.TextFormat;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.io.ContainedPath;
import dev.isomorph.formats.protobuf.TextMessages;
import dev.isomorph.formats.tensorflow.proto.CheckpointState;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Checkpoint folders: one or more tensor bundles, and the text file {@code checkpoint} that says
 * which is the latest.
 */
public final class Checkpoint {
  private static final String STATE = "checkpoint";
  private static final String INDEX = ".index";

  private Checkpoint() {}

  /**
   * {@return the prefix of the bundle that a path means}: that of an index or data file, the prefix
   * itself, or of a folder the latest bundle, else the only one
   *
   * @throws IsomorphException {@link ErrorCode#FILE_NOT_FOUND}, or {@link ErrorCode#USAGE} if a
   *     folder has several bundles and no state file
   */
  public static Path prefix(Path path, Limits limits) {
    String name = path.getFileName() == null ? "" : path.getFileName().toString();
    if (Files.isDirectory(path)) {
      return inFolder(path, limits);
    }
    if (name.endsWith(INDEX)) {
      return path.resolveSibling(name.substring(0, name.length() - INDEX.length()));
    }
    if (name.equals(STATE) && Files.isRegularFile(path)) {
      return inFolder(path.toAbsolutePath().getParent(), limits);
    }
    return path.resolveSibling(name.replaceFirst("\\.data-\\d{5}-of-\\d{5}$", ""));
  }

  private static Path inFolder(Path folder, Limits limits) {
    Path state = folder.resolve(STATE);
    if (Files.isRegularFile(state)) {
      CheckpointState latest =
          TextMessages.read(state, CheckpointState.newBuilder(), limits).build();
      Path named = Path.of(latest.getModelCheckpointPath());
      // Training scripts write absolute paths of their own machine; the bundle lies beside the
      // state.
      String local = named.isAbsolute() ? named.getFileName().toString() : named.toString();
      Path index = ContainedPath.resolve(folder, local + INDEX);
      return index.resolveSibling(index.getFileName().toString().replaceFirst("\\.index$", ""));
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(f -> f.getFileName().toString().endsWith(INDEX)).sorted().toList();
      if (found.size() == 1) {
        return prefix(found.getFirst(), limits);
      }
      throw Diagnostic.error(
              found.isEmpty() ? ErrorCode.FILE_NOT_FOUND : ErrorCode.USAGE,
              found.isEmpty()
                  ? "the folder holds no checkpoint"
                  : "the folder holds several checkpoints: name one of their index files")
          .inFile(folder.toString())
          .toException();
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the folder cannot be read: %s", e.getMessage())
          .inFile(folder.toString())
          .toException();
    }
  }

  /**
   * Reads the index of the checkpoint that a path means.
   *
   * @throws IsomorphException as {@link #prefix} and {@link TensorBundle#open}
   */
  public static TensorBundle open(Path path, TensorArena arena, Limits limits) {
    return TensorBundle.open(prefix(path, limits), arena, limits);
  }

  /**
   * Writes a folder with one checkpoint and its state file.
   *
   * @param folder appears when it is complete
   * @param name the bundle's prefix, such as {@code ckpt-1}
   * @param tensors by their keys
   * @param replace whether an existing folder may be replaced
   * @throws IsomorphException as {@link TensorBundleWriter#write}, and {@link
   *     ErrorCode#OUTPUT_EXISTS}
   */
  public static void write(
      Path folder,
      String name,
      Map<String, Tensor> tensors,
      Optional<TrackableObjectGraph> objectGraph,
      boolean replace) {
    try (AtomicOutput output = AtomicOutput.folder(folder, replace)) {
      TensorBundleWriter.write(output.path().resolve(name), tensors, objectGraph);
      CheckpointState state =
          CheckpointState.newBuilder()
              .setModelCheckpointPath(name)
              .addAllModelCheckpointPaths(name)
              .build();
      Files.writeString(output.path().resolve(STATE), TextFormat.printer().printToString(state));
      output.commit();
    } catch (IOException e) {
      throw AtomicOutput.failed(folder, e);
    }
  }
}
