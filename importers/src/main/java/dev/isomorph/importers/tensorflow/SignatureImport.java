package dev.isomorph.importers.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.tensorflow.SavedModelFolder;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.SignatureDef;
import dev.isomorph.formats.tensorflow.proto.TensorInfo;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Lowers the signatures of one SavedModel. Not safe for many threads. */
final class SignatureImport {
  private static final String DEFAULT = "serving_default";
  private static final String INPUT_ORDER = "_isomorph_inputs";
  private static final String OUTPUT_ORDER = "_isomorph_outputs";

  /** Entries that name an operation to run once, and are no way to call the model. */
  private static final Set<String> NO_SIGNATURES =
      Set.of("__saved_model_init_op", "__saved_model_train_op");

  private final ImportRequest request;
  private final SavedModelFolder folder;
  private final MetaGraphDef graph;
  private final Body main;
  private final Functions functions;
  private final Variables variables;
  private final SequencedSet<String> assumptions = new LinkedHashSet<>();
  private final List<Diagnostic> warnings = new ArrayList<>();

  SignatureImport(ImportRequest request, SavedModelFolder folder, MetaGraphDef graph) {
    this.request = request;
    this.folder = folder;
    this.graph = graph;
    this.main = Body.ofGraph(graph.getGraphDef().getNodeList());
    this.functions = new Functions(graph.getGraphDef().getLibrary());
    this.variables = new Variables(folder, graph, main, functions);
  }

  /** {@return what was taken for granted, as sentences for the user} */
  SequencedSet<String> assumptions() {
    return Collections.unmodifiableSequencedSet(assumptions);
  }

  /** Hands warnings to the request's receiver. */
  void reportWarnings() {
    warnings.forEach(request.diagnostics());
  }

  /**
   * {@return the signatures, the default one first}
   *
   * @param usedAsTheyAre keys of stored tensors that the graphs use also in their own form
   * @throws IsomorphException with everything that is unsupported in the default signature
   */
  List<Signature> run(Set<String> usedAsTheyAre) {
    assumptions.clear();
    warnings.clear();
    DerivedWeights weights = new DerivedWeights(usedAsTheyAre);
    List<Signature> signatures = new ArrayList<>();
    for (String name : names()) {
      try {
        signatures.add(lower(name, weights, signatures));
      } catch (IsomorphException e) {
        boolean unsupported =
            e.diagnostics().stream().allMatch(d -> d.code().kind() == ErrorCode.Kind.UNSUPPORTED);
        if (signatures.isEmpty() || !unsupported) {
          throw e.map(d -> d.inEntry("signature " + name));
        }
        e.diagnostics().forEach(d -> warnings.add(left(name, d)));
      }
    }
    return signatures;
  }

  private static Diagnostic left(String name, Diagnostic why) {
    return Diagnostic.warning(why.code(), "signature '%s' is left out: %s", name, why.message())
        .inEntry("signature " + name)
        .atNode(why.node())
        .from(why.origin());
  }

  private List<String> names() {
    List<String> names =
        graph.getSignatureDefMap().keySet().stream()
            .filter(name -> !NO_SIGNATURES.contains(name))
            .sorted(Comparator.comparing((String n) -> !n.equals(DEFAULT)).thenComparing(n -> n))
            .toList();
    if (names.isEmpty()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE,
              "the SavedModel has no signature, so nothing says what its inputs are")
          .help("save it with signatures=…, or from Keras with model.export")
          .toException();
    }
    return names;
  }

  private Signature lower(String name, DerivedWeights weights, List<Signature> before) {
    SignatureDef definition = graph.getSignatureDefOrThrow(name);
    GraphBuilder builder = new GraphBuilder(name);
    builder.reserveNames(variables.possibleNames());
    before.forEach(signature -> builder.reserve(signature.graph().parameters()));
    if (definition.getDefaultsCount() > 0) {
      warnings.add(
          Diagnostic.warning(
                  ErrorCode.UNSUPPORTED_FEATURE,
                  "default values of inputs are left out: %s",
                  String.join(", ", definition.getDefaultsMap().keySet()))
              .inEntry("signature " + name));
    }
    List<Map.Entry<String, TensorInfo>> inputs = inputs(definition);
    List<Map.Entry<String, TensorInfo>> outputs = outputs(definition);
    InputShapes shapes = new InputShapes(request, builder);
    Map<String, List<Value>> given = new HashMap<>();
    List<Port> inputPorts = new ArrayList<>();
    List<Value> inputValues = new ArrayList<>();
    for (Map.Entry<String, TensorInfo> input : inputs) {
      TensorInfo info = input.getValue();
      ValueType type = shapes.type(input.getKey(), info.getDtype(), info.getTensorShape());
      Value value = builder.input(input.getKey(), type);
      Edge edge = Edge.parse(info.getName());
      List<Value> results = new ArrayList<>(given.getOrDefault(edge.node(), List.of()));
      while (results.size() <= edge.index()) {
        results.add(Value.ABSENT);
      }
      results.set(edge.index(), value);
      given.put(edge.node(), results);
      inputPorts.add(new Port(input.getKey(), type));
      inputValues.add(value);
    }
    if (shapes.sharesBatch()) {
      assumptions.add(
          "signature '" + name + "': the unknown first lengths of its inputs are one batch size");
    }
    List<Value> results = results(builder, weights, outputs, given);
    Graph built = builder.build(results);
    builder.assumptions().forEach(assumptions::add);
    return new Signature(
        name,
        laidOut(built, inputPorts, inputValues),
        outputPorts(built, outputs),
        List.of(),
        built);
  }

  private List<Value> results(
      GraphBuilder builder,
      DerivedWeights weights,
      List<Map.Entry<String, TensorInfo>> outputs,
      Map<String, List<Value>> given) {
    GraphLowering lowering =
        new GraphLowering(
            builder, functions, weights, folder::tensor, this::leaf, request.limits());
    List<Edge> wanted = outputs.stream().map(o -> Edge.parse(o.getValue().getName())).toList();
    List<Value> results = lowering.lower(main, wanted, given);
    Diagnostics errors = new Diagnostics();
    lowering.report(errors);
    errors.throwIfErrors();
    return results;
  }

  private Optional<Value> leaf(NodeDef node) {
    if (Variables.OPERATORS.contains(node.getOp())) {
      return Optional.of(variables.parameter(node));
    }
    if (node.getOp().equals("Placeholder")) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the signature does not feed a placeholder")
          .atNode(node.getName())
          .toException();
    }
    return Optional.empty();
  }

  private static List<Port> laidOut(Graph graph, List<Port> ports, List<Value> values) {
    List<Port> laidOut = new ArrayList<>();
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      Signature.Layout layout = Layouts.ofInput(graph, values.get(i));
      laidOut.add(new Port(port.name(), port.type(), layout, port.doc()));
    }
    return laidOut;
  }

  private static List<Port> outputPorts(Graph graph, List<Map.Entry<String, TensorInfo>> outputs) {
    List<Port> ports = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Value value = graph.outputs().get(i);
      ports.add(new Port(outputs.get(i).getKey(), value.type(), Layouts.ofOutput(value), ""));
    }
    return ports;
  }

  /**
   * The order of the call's own hint, else that in which the function takes them; a signature's map
   * has none.
   */
  private List<Map.Entry<String, TensorInfo>> inputs(SignatureDef definition) {
    Optional<NodeDef> call = call(definition);
    List<String> hint = hint(call, INPUT_ORDER);
    List<String> operands =
        call.map(node -> node.getInputList().stream().map(t -> Edge.parse(t).node()).toList())
            .orElse(List.of());
    return ordered(
        definition.getInputsMap(),
        hint,
        entry -> operands.indexOf(Edge.parse(entry.getValue().getName()).node()));
  }

  private List<Map.Entry<String, TensorInfo>> outputs(SignatureDef definition) {
    return ordered(definition.getOutputsMap(), hint(call(definition), OUTPUT_ORDER), _ -> -1);
  }

  private static List<Map.Entry<String, TensorInfo>> ordered(
      Map<String, TensorInfo> ports,
      List<String> hint,
      ToIntFunction<Map.Entry<String, TensorInfo>> otherwise) {
    return ports.entrySet().stream()
        .peek(SignatureImport::checkDense)
        .sorted(
            Comparator.comparing(
                    (Map.Entry<String, TensorInfo> e) -> position(hint.indexOf(e.getKey())))
                .thenComparing(e -> position(otherwise.applyAsInt(e)))
                .thenComparing(Map.Entry::getKey))
        .toList();
  }

  private static int position(int index) {
    return index < 0 ? Integer.MAX_VALUE : index;
  }

  /** {@return the call that computes the signature, if one does} */
  private Optional<NodeDef> call(SignatureDef definition) {
    return definition.getOutputsMap().values().stream()
        .map(info -> main.nodes().get(Edge.parse(info.getName()).node()))
        .filter(node -> node != null && functions.called(node).isPresent())
        .findFirst();
  }

  /**
   * {@return names in the order of a hint of the call; empty if there is none}. Our own exporter
   * leaves it, because a signature's maps lose the order.
   */
  private static List<String> hint(Optional<NodeDef> call, String attribute) {
    return call.map(node -> node.getAttrMap().get(attribute)).stream()
        .flatMap(value -> value.getList().getSList().stream())
        .map(ByteString::toStringUtf8)
        .toList();
  }

  private static void checkDense(Map.Entry<String, TensorInfo> port) {
    if (port.getValue().getEncodingCase() != TensorInfo.EncodingCase.NAME) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE,
              "'%s' is no dense tensor but %s",
              port.getKey(),
              port.getValue().getEncodingCase())
          .toException();
    }
  }
}
