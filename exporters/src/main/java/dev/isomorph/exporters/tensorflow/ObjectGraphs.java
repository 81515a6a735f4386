package dev.isomorph.exporters.tensorflow;

import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.TfTensors;
import dev.isomorph.formats.tensorflow.proto.FunctionSpec;
import dev.isomorph.formats.tensorflow.proto.NamedTupleValue;
import dev.isomorph.formats.tensorflow.proto.SavedBareConcreteFunction;
import dev.isomorph.formats.tensorflow.proto.SavedConcreteFunction;
import dev.isomorph.formats.tensorflow.proto.SavedObject;
import dev.isomorph.formats.tensorflow.proto.SavedObjectGraph;
import dev.isomorph.formats.tensorflow.proto.SavedUserObject;
import dev.isomorph.formats.tensorflow.proto.SavedVariable;
import dev.isomorph.formats.tensorflow.proto.StructuredValue;
import dev.isomorph.formats.tensorflow.proto.TensorSpecProto;
import dev.isomorph.formats.tensorflow.proto.TrackableObjectGraph;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The objects that {@code tf.saved_model.load} makes: a root with the variables, listed whole and
 * by trainability and each under its own name, the signatures, and a call. The checkpoint's graph
 * has the same objects in the same order. Not safe for many threads.
 */
final class ObjectGraphs {
  private static final Set<String> TAKEN =
      Set.of(
          "signatures", "variables", "trainable_variables", "non_trainable_variables", "__call__");

  private final List<SavedObject.Builder> objects = new ArrayList<>();
  private final List<Map<String, String>> attributes = new ArrayList<>();
  private final Map<String, Integer> variableIds = new HashMap<>();
  private final SequencedMap<String, String> keys = new LinkedHashMap<>();
  private final Map<String, SavedConcreteFunction> concrete = new LinkedHashMap<>();

  private ObjectGraphs() {}

  static ObjectGraphs of(StoredTensors stored, List<SignatureFunctions> signatures) {
    ObjectGraphs graphs = new ObjectGraphs();
    int root = graphs.add(user("_generic_user_object"));
    int map = graphs.addChild(root, "signatures", user("signature_map"));
    List<Integer> all = new ArrayList<>();
    List<Integer> trainable = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (Map.Entry<String, Value.Parameter> owner : stored.owners().entrySet()) {
      int id = graphs.variable(root, owner.getKey(), owner.getValue(), stored);
      all.add(id);
      boolean trained = owner.getValue().kind() == Value.Parameter.Kind.TRAINABLE;
      (trained ? trainable : others).add(id);
    }
    graphs.list(root, "variables", all);
    graphs.list(root, "trainable_variables", trainable);
    graphs.list(root, "non_trainable_variables", others);
    for (SignatureFunctions functions : signatures) {
      graphs.signature(map, functions);
    }
    graphs.call(root, signatures.getFirst());
    return graphs;
  }

  private static SavedObject.Builder user(String identifier) {
    SavedUserObject.Builder user = SavedUserObject.newBuilder().setIdentifier(identifier);
    user.getVersionBuilder().setProducer(1).setMinConsumer(1);
    return SavedObject.newBuilder().setUserObject(user);
  }

  private int add(SavedObject.Builder object) {
    objects.add(object);
    attributes.add(Map.of());
    return objects.size() - 1;
  }

  private int addChild(int parent, String name, SavedObject.Builder object) {
    int id = add(object);
    link(parent, name, id);
    return id;
  }

  private void link(int parent, String name, int child) {
    objects.get(parent).addChildrenBuilder().setNodeId(child).setLocalName(name);
  }

  private void list(int root, String name, List<Integer> members) {
    int list = addChild(root, name, user("trackable_list_wrapper"));
    for (int i = 0; i < members.size(); i++) {
      link(list, String.valueOf(i), members.get(i));
    }
  }

  private int variable(int root, String name, Value.Parameter owner, StoredTensors stored) {
    Tensor tensor = stored.tensor(name);
    SavedVariable variable =
        SavedVariable.newBuilder()
            .setDtype(DataTypes.theirs(tensor.dtype()))
            .setShape(TfTensors.shape(tensor.dims()))
            .setTrainable(owner.kind() == Value.Parameter.Kind.TRAINABLE)
            .setName(name)
            .build();
    String local = TAKEN.contains(name) ? name + "_" : name;
    int id = addChild(root, local, SavedObject.newBuilder().setVariable(variable));
    String key = local.replace(".", "..").replace("/", ".S") + "/.ATTRIBUTES/VARIABLE_VALUE";
    attributes.set(id, Map.of("name", name, "key", key));
    variableIds.put(name, id);
    keys.put(name, key);
    return id;
  }

  private void signature(int map, SignatureFunctions functions) {
    Signature signature = functions.signature();
    List<Port> inputs = sorted(signature.inputs());
    SavedBareConcreteFunction.Builder bare =
        SavedBareConcreteFunction.newBuilder()
            .setConcreteFunctionName(functions.wrapperName())
            .setAllowedPositionalArguments(inputs.size() == 1 ? 1 : 0);
    inputs.forEach(port -> bare.addArgumentKeywords(port.name()));
    addChild(map, signature.name(), SavedObject.newBuilder().setBareConcreteFunction(bare));
    StructuredValue.Builder named = StructuredValue.newBuilder();
    named.getDictValueBuilder();
    inputs.forEach(port -> named.getDictValueBuilder().putFields(port.name(), spec(port)));
    SavedConcreteFunction.Builder function = function(functions);
    function.setCanonicalizedInputSignature(tuple(tuple(), named.build()));
    function.setOutputSignature(dictionary(signature.outputs()));
    concrete.put(functions.wrapperName(), function.build());
  }

  private static List<Port> sorted(List<Port> ports) {
    return SignatureFunctions.sorted(ports).stream().map(ports::get).toList();
  }

  private SavedConcreteFunction.Builder function(SignatureFunctions functions) {
    SavedConcreteFunction.Builder function = SavedConcreteFunction.newBuilder();
    functions.variables().forEach(v -> function.addBoundInputs(variableIds.get(v)));
    return function;
  }

  /** Calling the loaded object: inputs in order; one output as it is, several as a tuple. */
  private void call(int root, SignatureFunctions functions) {
    Signature signature = functions.signature();
    Names names = new Names();
    List<String> arguments =
        signature.inputs().stream().map(p -> names.unique(Names.identifier(p.name()))).toList();
    SavedObject.Builder object = SavedObject.newBuilder();
    object
        .getFunctionBuilder()
        .addConcreteFunctions(functions.bodyName())
        .setFunctionSpec(specification(arguments));
    addChild(root, "__call__", object);
    List<StructuredValue> specs = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      specs.add(spec(arguments.get(i), signature.inputs().get(i)));
    }
    StructuredValue.Builder none = StructuredValue.newBuilder();
    none.getDictValueBuilder();
    SavedConcreteFunction.Builder function = function(functions);
    function.setCanonicalizedInputSignature(
        tuple(tuple(specs.toArray(StructuredValue[]::new)), none.build()));
    List<StructuredValue> outputs = signature.outputs().stream().map(ObjectGraphs::spec).toList();
    function.setOutputSignature(
        outputs.size() == 1 ? outputs.getFirst() : tuple(outputs.toArray(StructuredValue[]::new)));
    concrete.put(functions.bodyName(), function.build());
  }

  private static FunctionSpec specification(List<String> arguments) {
    NamedTupleValue.Builder spec = NamedTupleValue.newBuilder().setName("FullArgSpec");
    StructuredValue.Builder names = StructuredValue.newBuilder();
    names.getListValueBuilder();
    arguments.forEach(name -> names.getListValueBuilder().addValuesBuilder().setStringValue(name));
    StructuredValue.Builder empty = StructuredValue.newBuilder();
    empty.getListValueBuilder();
    StructuredValue.Builder annotations = StructuredValue.newBuilder();
    annotations.getDictValueBuilder();
    put(spec, "args", names.build());
    put(spec, "varargs", none());
    put(spec, "varkw", none());
    put(spec, "defaults", none());
    put(spec, "kwonlyargs", empty.build());
    put(spec, "kwonlydefaults", none());
    put(spec, "annotations", annotations.build());
    FunctionSpec.Builder function = FunctionSpec.newBuilder();
    function.getFullargspecBuilder().setNamedTupleValue(spec);
    return function.setInputSignature(none()).build();
  }

  private static StructuredValue none() {
    StructuredValue.Builder none = StructuredValue.newBuilder();
    none.getNoneValueBuilder();
    return none.build();
  }

  private static void put(NamedTupleValue.Builder tuple, String key, StructuredValue value) {
    tuple.addValuesBuilder().setKey(key).setValue(value);
  }

  private static StructuredValue tuple(StructuredValue... values) {
    StructuredValue.Builder tuple = StructuredValue.newBuilder();
    tuple.getTupleValueBuilder().addAllValues(List.of(values));
    return tuple.build();
  }

  private static StructuredValue dictionary(List<Port> ports) {
    StructuredValue.Builder dictionary = StructuredValue.newBuilder();
    dictionary.getDictValueBuilder();
    ports.forEach(p -> dictionary.getDictValueBuilder().putFields(p.name(), spec(p)));
    return dictionary.build();
  }

  private static StructuredValue spec(Port port) {
    return spec(port.name(), port);
  }

  private static StructuredValue spec(String name, Port port) {
    TensorSpecProto.Builder spec =
        TensorSpecProto.newBuilder()
            .setName(name)
            .setShape(SignatureFunctions.shape(port.type().shape()))
            .setDtype(SignatureFunctions.type(port));
    return StructuredValue.newBuilder().setTensorSpecValue(spec).build();
  }

  /** {@return the checkpoint's keys by the variables' names, in the order of the variables} */
  SequencedMap<String, String> keys() {
    return keys;
  }

  /** {@return the graph of the SavedModel} */
  SavedObjectGraph saved() {
    SavedObjectGraph.Builder graph = SavedObjectGraph.newBuilder();
    objects.forEach(graph::addNodes);
    return graph.putAllConcreteFunctions(concrete).build();
  }

  /** {@return the graph of the checkpoint} */
  TrackableObjectGraph checkpoint() {
    TrackableObjectGraph.Builder graph = TrackableObjectGraph.newBuilder();
    for (int i = 0; i < objects.size(); i++) {
      TrackableObjectGraph.TrackableObject.Builder object = graph.addNodesBuilder();
      object.addAllChildren(objects.get(i).getChildrenList());
      Map<String, String> variable = attributes.get(i);
      if (!variable.isEmpty()) {
        object
            .addAttributesBuilder()
            .setName("VARIABLE_VALUE")
            .setFullName(variable.get("name"))
            .setCheckpointKey(variable.get("key"));
      }
    }
    return graph.build();
  }
}
