package dev.isomorph.exporters.tensorflow;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.ModelExporter;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.SavedModelWriter;
import dev.isomorph.formats.tensorflow.proto.SavedModel;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Layout;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.pass.AssignLayout;
import dev.isomorph.ir.pass.PassContext;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes SavedModels of TensorFlow 2: a function per signature, weights as variables under their
 * keys, an object graph for {@code tf.saved_model.load} and a main graph for sessions, TensorFlow
 * Serving and TensorFlow Java. Inputs and outputs keep their names, order and layout; convolutions
 * inside work on channels-last images. Stateless and safe for many threads.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/saved_model.proto">saved_model.proto</a>
 */
public final class SavedModelExporter implements ModelExporter {
  /** The name under which TensorFlow Serving looks for the default way to call a model. */
  private static final String DEFAULT_SIGNATURE = "serving_default";

  @Override
  public String format() {
    return "saved-model";
  }

  @Override
  public String fileName(String stem) {
    return stem + "_saved_model";
  }

  @Override
  public List<Diagnostic> refusals(Model model, ExportRequest request) {
    try (Model prepared = prepared(model)) {
      List<Diagnostic> refused = new ArrayList<>();
      StoredTensors stored = new StoredTensors(prepared.parameters());
      functions(signatures(prepared), stored, new LargeFields(), refused);
      return refused;
    }
  }

  @Override
  public ExportReport export(Model model, ExportRequest request) {
    try (Model prepared = prepared(model)) {
      return write(prepared, request);
    }
  }

  /** {@return the model with channels last inside; the caller closes it} */
  private static Model prepared(Model model) {
    Model laidOut = new AssignLayout(Layout.NHWC).run(model, PassContext.standard());
    return laidOut == model ? model.toBuilder().build() : laidOut;
  }

  private ExportReport write(Model model, ExportRequest request) {
    List<Signature> signatures = signatures(model);
    StoredTensors stored = new StoredTensors(model.parameters());
    List<Diagnostic> refused = new ArrayList<>();
    functions(signatures, stored, new LargeFields(), refused);
    if (!refused.isEmpty()) {
      throw new IsomorphException(refused);
    }
    stored.decide();
    LargeFields large = new LargeFields();
    List<SignatureFunctions> functions = functions(signatures, stored, large, refused);
    ObjectGraphs objects = ObjectGraphs.of(stored, functions);
    SavedModel.Builder saved = SavedModel.newBuilder().setSavedModelSchemaVersion(1);
    saved.addMetaGraphs(MainGraph.write(stored, functions, objects, large));
    Map<String, Tensor> variables = new LinkedHashMap<>();
    objects.keys().forEach((name, key) -> variables.put(key, stored.tensor(name)));
    SavedModelWriter.write(
        request.target(),
        new SavedModelWriter.Contents(
            saved.build(), large, variables, Optional.of(objects.checkpoint()), Map.of()),
        request.replace());
    return new ExportReport(
        format(),
        "",
        List.of(request.target()),
        List.of(),
        stored.ledger(model.parameters()),
        notes(model, signatures));
  }

  /** {@return the signatures; the first one under the name that everyone looks for} */
  private static List<Signature> signatures(Model model) {
    List<Signature> signatures = new ArrayList<>(model.signatures());
    if (signatures.stream().noneMatch(s -> s.name().equals(DEFAULT_SIGNATURE))) {
      Signature first = signatures.getFirst();
      signatures.set(
          0,
          new Signature(
              DEFAULT_SIGNATURE, first.inputs(), first.outputs(), first.states(), first.graph()));
    }
    return signatures;
  }

  private static List<SignatureFunctions> functions(
      List<Signature> signatures,
      StoredTensors stored,
      LargeFields large,
      List<Diagnostic> refused) {
    List<SignatureFunctions> functions = new ArrayList<>();
    for (Signature signature : signatures) {
      functions.add(SignatureFunctions.write(signature, stored, large, refused));
    }
    return functions;
  }

  private static List<String> notes(Model model, List<Signature> signatures) {
    String before = model.signature().name();
    return before.equals(signatures.getFirst().name())
        ? List.of()
        : List.of("signature '" + before + "' is written as '" + DEFAULT_SIGNATURE + "'");
  }
}
