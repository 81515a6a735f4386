package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.sniff.FormatKind;
import dev.isomorph.formats.sniff.Sniffed;
import dev.isomorph.formats.tensorflow.GraphDefFile;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.ModelImporter;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads frozen graphs of TensorFlow, binary or text. A graph says nothing of its boundary: inputs
 * are its placeholders and whatever tensor the user gives a type for, outputs are the nodes that
 * nothing uses. Stateless and safe for many threads.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/graph.proto">graph.proto</a>
 */
public final class GraphDefImporter implements ModelImporter {
  /** Nodes that are no output even where nothing uses them. */
  private static final Set<String> NO_OUTPUTS =
      Set.of("NoOp", "Assert", "Const", "Placeholder", "PlaceholderWithDefault");

  @Override
  public boolean accepts(FormatKind kind) {
    return kind == FormatKind.GRAPHDEF || kind == FormatKind.GRAPHDEF_TEXT;
  }

  @Override
  public Model load(ImportRequest request, Sniffed sniffed) {
    Path path = sniffed.path();
    String name = String.valueOf(path.getFileName());
    TensorArena arena = TensorArena.open(name);
    try {
      GraphDefFile file = GraphDefFile.read(path, arena, request.limits());
      Set<String> usedAsTheyAre = new HashSet<>();
      GraphBuilder builder = new GraphBuilder(name);
      Signature signature = lower(request, file, builder, usedAsTheyAre);
      Set<String> conflicts = DerivedWeights.conflicts(signature.graph().parameters());
      if (!conflicts.isEmpty()) {
        builder = new GraphBuilder(name);
        signature = lower(request, file, builder, conflicts);
      }
      String version = "producer " + file.graph().getVersions().getProducer();
      Model.Builder model =
          Model.builder(name)
              .source(new Model.Source("graphdef", path.toString(), version))
              .arena(arena)
              .signature(signature);
      builder.assumptions().forEach(model::assumption);
      return model.build();
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    } finally {
      arena.release();
    }
  }

  private static Signature lower(
      ImportRequest request, GraphDefFile file, GraphBuilder builder, Set<String> usedAsTheyAre) {
    GraphDef graph = file.graph();
    Body main = Body.ofGraph(graph.getNodeList());
    Map<String, List<Value>> given = new HashMap<>();
    List<Port> inputs = new ArrayList<>();
    request.inputs().forEach((name, type) -> feed(name, type, main, builder, given, inputs));
    InputShapes shapes = new InputShapes(request, builder);
    for (NodeDef node : graph.getNodeList()) {
      if (node.getOp().startsWith("Placeholder") && !given.containsKey(node.getName())) {
        ValueType type =
            shapes.type(node.getName(), node.getAttrOrThrow("dtype").getType(), shape(node));
        feed(node.getName(), type, main, builder, given, inputs);
      }
    }
    List<String> outputs = outputs(graph);
    GraphLowering lowering =
        new GraphLowering(
            builder,
            new Functions(graph.getLibrary()),
            new DerivedWeights(usedAsTheyAre),
            file::tensor,
            GraphDefImporter::leaf,
            request.limits());
    List<Value> results = lowering.lower(main, outputs.stream().map(Edge::parse).toList(), given);
    Diagnostics errors = new Diagnostics();
    lowering.report(errors);
    errors.throwIfErrors();
    Graph built = builder.build(results);
    List<Port> outputPorts = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Value value = results.get(i);
      outputPorts.add(
          new Port(NodeNames.decode(outputs.get(i)), value.type(), Layouts.ofOutput(value), ""));
    }
    return new Signature("serving_default", laidOut(built, inputs), outputPorts, List.of(), built);
  }

  private static void feed(
      String name,
      ValueType type,
      Body main,
      GraphBuilder builder,
      Map<String, List<Value>> given,
      List<Port> inputs) {
    Edge edge = Edge.parse(name);
    if (!main.nodes().containsKey(edge.node())) {
      throw Diagnostic.error(ErrorCode.USAGE, "the graph has no tensor '%s' to be an input", name)
          .toException();
    }
    List<Value> values = new ArrayList<>(given.getOrDefault(edge.node(), List.of()));
    while (values.size() <= edge.index()) {
      values.add(Value.ABSENT);
    }
    values.set(edge.index(), builder.input(name, type));
    given.put(edge.node(), values);
    inputs.add(new Port(name, type));
  }

  private static TensorShapeProto shape(NodeDef node) {
    AttrValue shape = node.getAttrMap().get("shape");
    return shape == null
        ? TensorShapeProto.newBuilder().setUnknownRank(true).build()
        : shape.getShape();
  }

  private static List<String> outputs(GraphDef graph) {
    Set<String> used = new HashSet<>();
    for (NodeDef node : graph.getNodeList()) {
      node.getInputList().forEach(input -> used.add(Edge.parse(input).node()));
    }
    List<String> outputs =
        graph.getNodeList().stream()
            .filter(node -> !used.contains(node.getName()) && !NO_OUTPUTS.contains(node.getOp()))
            .map(NodeDef::getName)
            .toList();
    if (outputs.isEmpty()) {
      throw Diagnostic.error(ErrorCode.MODEL_INVALID, "the graph has no node that nothing uses")
          .toException();
    }
    return outputs;
  }

  private static Optional<Value> leaf(NodeDef node) {
    if (Variables.OPERATORS.contains(node.getOp())) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "the graph has variables, and no values for them")
          .atNode(node.getName())
          .help("give the SavedModel, or freeze the graph")
          .toException();
    }
    return Optional.empty();
  }

  private static List<Port> laidOut(Graph graph, List<Port> ports) {
    List<Port> laidOut = new ArrayList<>();
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      Signature.Layout layout = Layouts.ofInput(graph, graph.inputs().get(i));
      laidOut.add(new Port(port.name(), port.type(), layout, port.doc()));
    }
    return laidOut;
  }
}
