package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.formats.tensorflow.SavedModelFolder;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.ModelImporter;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads TensorFlow's SavedModels: functions with captured variables as TensorFlow 2 and Keras 3
 * write them, and the sessions of TensorFlow 1. Signatures keep the names of their inputs and
 * outputs, {@code serving_default} comes first; functions are inlined; variables become parameters
 * under their own names and stay in the mapped files; operators on channels-last images are wrapped
 * in transpositions. Stateless and safe for many threads.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/saved_model.proto">saved_model.proto</a>
 */
public final class SavedModelImporter implements ModelImporter {
  @Override
  public boolean accepts(FormatKind kind) {
    return kind == FormatKind.SAVED_MODEL || kind == FormatKind.SAVED_MODEL_FILE;
  }

  @Override
  public Model load(ImportRequest request, Sniffed sniffed) {
    Path path = sniffed.path();
    TensorArena arena = TensorArena.open(String.valueOf(path.getFileName()));
    try {
      SavedModelFolder folder = SavedModelFolder.read(path, arena, request.limits());
      MetaGraphDef graph = folder.servingGraph();
      SignatureImport signatures = new SignatureImport(request, folder, graph);
      Set<String> twice = new HashSet<>();
      List<Signature> imported = signatures.run(twice);
      Set<String> conflicts = conflicts(imported);
      if (!conflicts.isEmpty()) {
        twice.addAll(conflicts);
        imported = signatures.run(twice);
      }
      signatures.reportWarnings();
      Model.Builder model =
          Model.builder(String.valueOf(path.getFileName()))
              .source(
                  new Model.Source(
                      "saved-model",
                      path.toString(),
                      graph.getMetaInfoDef().getTensorflowVersion()))
              .arena(arena)
              .signatures(imported);
      signatures.assumptions().forEach(model::assumption);
      return model.build();
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    } finally {
      arena.release();
    }
  }

  /** {@return keys that a stored tensor has both as it is and in another form} */
  private static Set<String> conflicts(List<Signature> signatures) {
    Set<Value.Parameter> used = new LinkedHashSet<>();
    signatures.forEach(signature -> used.addAll(signature.graph().parameters()));
    return DerivedWeights.conflicts(used);
  }
}
