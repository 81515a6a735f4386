package dev.isomorph.exporters.tensorflow;

import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.TfTensors;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.SignatureDef;
import dev.isomorph.formats.tensorflow.proto.TensorInfo;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The graph that sessions run, in TensorFlow's C++, Java and Serving: a placeholder per input, a
 * call per signature, the variables and their restoring. Not safe for many threads.
 */
final class MainGraph {
  /** The oldest versions that have every operator used, and that may read the graph. */
  private static final int PRODUCER = 1882;

  private static final int MIN_CONSUMER = 12;

  private final GraphDef.Builder graph = GraphDef.newBuilder();
  private final MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
  private final Names names = new Names();
  private final Map<String, String> handles = new HashMap<>();
  private final LargeFields large;
  private final StoredTensors stored;

  private MainGraph(StoredTensors stored, LargeFields large) {
    this.stored = stored;
    this.large = large;
  }

  static MetaGraphDef write(
      StoredTensors stored,
      List<SignatureFunctions> signatures,
      ObjectGraphs objects,
      LargeFields large) {
    MainGraph main = new MainGraph(stored, large);
    main.graph.getVersionsBuilder().setProducer(PRODUCER).setMinConsumer(MIN_CONSUMER);
    main.meta.getMetaInfoDefBuilder().addTags("serve").setStrippedDefaultAttrs(true);
    stored.owners().keySet().forEach(main::variable);
    signatures.forEach(main::signature);
    if (!stored.owners().isEmpty()) {
      main.restoring(objects.keys());
    }
    return main.meta.setGraphDef(main.graph).setObjectGraphDef(objects.saved()).build();
  }

  private String node(String name, String op, Attributes attributes, String... inputs) {
    String unique = names.unique(Names.encode(name));
    graph.addNode(
        NodeDef.newBuilder()
            .setName(unique)
            .setOp(op)
            .addAllInput(List.of(inputs))
            .putAllAttr(attributes.values()));
    return unique;
  }

  private void variable(String name) {
    Tensor tensor = stored.tensor(name);
    Attributes attributes =
        Attributes.none()
            .type("dtype", tensor.dtype())
            .shape("shape", tensor.dims())
            .text("shared_name", name);
    handles.put(name, node(name, "VarHandleOp", attributes));
  }

  private void signature(SignatureFunctions functions) {
    SignatureDef.Builder definition =
        SignatureDef.newBuilder().setMethodName("tensorflow/serving/predict");
    List<String> operands = new ArrayList<>();
    List<DataType> in = new ArrayList<>();
    List<DataType> out = new ArrayList<>();
    String signature = functions.signature().name();
    List<Port> inputs = functions.signature().inputs();
    for (int i : SignatureFunctions.sorted(inputs)) {
      Port port = inputs.get(i);
      Attributes attributes =
          Attributes.none()
              .type("dtype", DataTypes.ours(SignatureFunctions.type(port)))
              .shape("shape", SignatureFunctions.shape(port.type().shape()));
      String placeholder = node(signature + "_" + port.name(), "Placeholder", attributes);
      operands.add(placeholder);
      in.add(SignatureFunctions.type(port));
      definition.putInputs(port.name(), info(placeholder, 0, port));
    }
    for (String variable : functions.variables()) {
      operands.add(handles.get(variable));
      in.add(DataType.DT_RESOURCE);
    }
    List<Port> outputs = functions.signature().outputs();
    List<Integer> order = SignatureFunctions.sorted(outputs);
    order.forEach(i -> out.add(SignatureFunctions.type(outputs.get(i))));
    Attributes call =
        Attributes.none()
            .types("Tin", in)
            .types("Tout", out)
            .function("f", functions.wrapperName())
            .put(SignatureFunctions.INPUT_ORDER, SignatureFunctions.names(inputs))
            .put(SignatureFunctions.OUTPUT_ORDER, SignatureFunctions.names(outputs));
    String name =
        node(
            "StatefulPartitionedCall",
            "StatefulPartitionedCall",
            call,
            operands.toArray(String[]::new));
    for (int i = 0; i < order.size(); i++) {
      Port port = outputs.get(order.get(i));
      definition.putOutputs(port.name(), info(name, i, port));
    }
    graph.getLibraryBuilder().addFunction(functions.body()).addFunction(functions.wrapper());
    meta.putSignatureDef(signature, definition.build());
  }

  private static TensorInfo info(String node, int index, Port port) {
    return TensorInfo.newBuilder()
        .setName(node + ":" + index)
        .setDtype(SignatureFunctions.type(port))
        .setTensorShape(SignatureFunctions.shape(port.type().shape()))
        .build();
  }

  /** Sessions restore by running this; {@code tf.saved_model.load} goes by the object graph. */
  private void restoring(SequencedMap<String, String> keys) {
    List<String> variables = List.copyOf(keys.keySet());
    String file =
        node(
            "save/Const",
            "Placeholder",
            Attributes.none().type("dtype", DType.STRING).shape("shape"));
    String names = strings("save/RestoreV2/tensor_names", List.copyOf(keys.values()));
    String slices =
        strings("save/RestoreV2/shape_and_slices", Collections.nCopies(variables.size(), ""));
    List<DataType> types =
        variables.stream().map(v -> DataTypes.theirs(stored.tensor(v).dtype())).toList();
    String restore =
        node(
            "save/RestoreV2",
            "RestoreV2",
            Attributes.none().types("dtypes", types),
            file,
            names,
            slices);
    List<String> assignments = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      String variable = variables.get(i);
      Attributes type = Attributes.none().type("dtype", stored.tensor(variable).dtype());
      String value = i == 0 ? restore : restore + ":" + i;
      assignments.add(
          "^"
              + node(
                  "save/AssignVariableOp", "AssignVariableOp", type, handles.get(variable), value));
    }
    String all =
        node("save/restore_all", "NoOp", Attributes.none(), assignments.toArray(String[]::new));
    meta.getSaverDefBuilder()
        .setFilenameTensorName(file + ":0")
        .setSaveTensorName(file + ":0")
        .setRestoreOpName(all)
        .setVersionValue(2);
  }

  private String strings(String name, List<String> values) {
    Tensor tensor = Tensor.of(values, values.size());
    Attributes attributes =
        Attributes.none()
            .tensor("value", TfTensors.toProto(tensor, large))
            .type("dtype", tensor.dtype());
    return node(name, "Const", attributes);
  }
}
