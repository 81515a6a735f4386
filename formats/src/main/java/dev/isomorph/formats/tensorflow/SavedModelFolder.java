package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.io.ContainedPath;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.proto.AssetFileDef;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.SavedModel;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A SavedModel: {@code saved_model.pb} with one or more graphs, the variables' tensor bundle, asset
 * files. The fingerprint and what Keras 2 puts beside are not read. Immutable and safe for many
 * threads.
 *
 * @param path the folder, as it was named
 * @param model the message; the content of large constants is references of {@code large}
 * @param large what stayed in the map
 * @param variables the variables, unless there are none
 * @param limits bounds for constants that a file describes by less than their bytes
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/saved_model/README.md">TensorFlow
 *     SavedModel</a>
 */
public record SavedModelFolder(
    Path path,
    SavedModel model,
    LargeFields large,
    Optional<TensorBundle> variables,
    Limits limits) {
  /** The tag of graphs that are made for inference. */
  public static final String SERVE = "serve";

  static final String BINARY = "saved_model.pb";
  static final String VARIABLES = "variables/variables";
  static final String ASSETS = "assets";

  private static final String TEXT = "saved_model.pbtxt";
  private static final String CHUNKED = "saved_model.cpb";

  /** {@return whether a folder holds a SavedModel in any of its forms} */
  public static boolean isSavedModel(Path folder) {
    return List.of(BINARY, TEXT, CHUNKED).stream()
        .anyMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }

  /**
   * Reads a SavedModel.
   *
   * @param folder the folder, or its {@code saved_model.pb}
   * @param arena owns the maps of all files
   * @throws IsomorphException if files are missing or broken
   */
  public static SavedModelFolder read(Path folder, TensorArena arena, Limits limits) {
    Path path = Files.isRegularFile(folder) ? folder.toAbsolutePath().getParent() : folder;
    Path file = Files.exists(path.resolve(BINARY)) ? path.resolve(BINARY) : path.resolve(TEXT);
    if (!Files.exists(file) && Files.exists(path.resolve(CHUNKED))) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "a SavedModel in chunks (saved_model.cpb)")
          .inFile(folder.toString())
          .help("save it again with experimental_image_format=False")
          .toException();
    }
    if (!Files.exists(file)) {
      throw Diagnostic.error(
              ErrorCode.FILE_NOT_FOUND, "the folder holds no SavedModel: there is no " + BINARY)
          .inFile(folder.toString())
          .toException();
    }
    LargeFields large = new LargeFields();
    SavedModel model =
        GraphDefFile.readAny(file, SavedModel.newBuilder(), arena, large, limits).build();
    if (model.getMetaGraphsCount() == 0) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the file is no SavedModel: it has no meta graph")
          .inFile(file.toString())
          .toException();
    }
    Path prefix = path.resolve(VARIABLES);
    Optional<TensorBundle> variables =
        Files.exists(prefix.resolveSibling("variables.index"))
            ? Optional.of(TensorBundle.open(prefix, arena, limits))
            : Optional.empty();
    return new SavedModelFolder(folder, model, large, variables, limits);
  }

  /**
   * {@return the graph with exactly these tags}
   *
   * @throws IsomorphException {@link ErrorCode#USAGE} with the tags that there are
   */
  public MetaGraphDef metaGraph(Set<String> tags) {
    return model.getMetaGraphsList().stream()
        .filter(g -> Set.copyOf(g.getMetaInfoDef().getTagsList()).equals(tags))
        .findFirst()
        .orElseThrow(
            () ->
                Diagnostic.error(ErrorCode.USAGE, "the SavedModel has no graph with these tags")
                    .inFile(path.toString())
                    .expected(allTags(), new TreeSet<>(tags))
                    .toException());
  }

  /**
   * {@return the graph for inference}: the only one, or the one whose only tag is {@code serve}
   *
   * @throws IsomorphException {@link ErrorCode#USAGE} with the tags that there are
   */
  public MetaGraphDef servingGraph() {
    return model.getMetaGraphsCount() == 1 ? model.getMetaGraphs(0) : metaGraph(Set.of(SERVE));
  }

  private String allTags() {
    return model.getMetaGraphsList().stream()
        .map(g -> new TreeSet<>(g.getMetaInfoDef().getTagsList()).toString())
        .collect(Collectors.joining(" or "));
  }

  /**
   * {@return a constant of one of the graphs}
   *
   * @throws IsomorphException as {@link TfTensors#toTensor}
   */
  public Tensor tensor(TensorProto proto) {
    try {
      return TfTensors.toTensor(proto, large, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /**
   * {@return an asset's file}
   *
   * @throws IsomorphException if it is missing, or its name leaves the folder of assets
   */
  public Path asset(AssetFileDef asset) {
    Path folder = Files.isRegularFile(path) ? path.toAbsolutePath().getParent() : path;
    try {
      return ContainedPath.resolve(folder.resolve(ASSETS), asset.getFilename());
    } catch (IsomorphException e) {
      String entry = "asset " + Text.quote(asset.getFilename());
      throw e.map(d -> d.inEntry(entry).inFile(path.toString()));
    }
  }
}
