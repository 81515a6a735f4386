package dev.isomorph.importers.tensorflow;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.SavedModelFolder;
import dev.isomorph.formats.tensorflow.TensorBundle;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.CollectionDef;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.SavedVariable;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.formats.tensorflow.proto.VariableDef;
import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.Value.Parameter.Kind;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The variables of a graph as parameters. Which stored tensor a variable gets is what the graph's
 * own restoring does; names and trainability are what the saved objects say. Not safe for many
 * threads.
 */
final class Variables {
  /** Operators that stand for a variable in a main graph. */
  static final Set<String> OPERATORS = Set.of("VarHandleOp", "VariableV2", "Variable");

  private final SavedModelFolder folder;
  private final MetaGraphDef graph;
  private final Map<String, String> keys;
  private final Map<String, SavedVariable> objects;
  private final Map<String, Boolean> collected = new HashMap<>();
  private final Map<String, Value.Parameter> parameters = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  Variables(SavedModelFolder folder, MetaGraphDef graph, Body main, Functions functions) {
    this.folder = folder;
    this.graph = graph;
    this.objects = SavedObjects.variables(graph, main, functions);
    Map<String, String> restored =
        Restoring.keys(graph, main, functions, proto -> folder.tensor(proto));
    Map<String, String> all =
        new HashMap<>(SavedObjects.keys(graph, main, functions, folder.variables()));
    all.putAll(restored);
    this.keys = all;
    collect("variables", false);
    collect("trainable_variables", true);
  }

  private void collect(String collection, boolean trainable) {
    CollectionDef definition = graph.getCollectionDefMap().get(collection);
    if (definition == null) {
      return;
    }
    for (ByteString bytes : definition.getBytesList().getValueList()) {
      try {
        String name = VariableDef.parseFrom(bytes).getVariableName();
        collected.put(Edge.parse(name).node(), trainable);
      } catch (InvalidProtocolBufferException e) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID, "collection '%s' cannot be read", collection)
            .inFile(folder.path().toString())
            .toException();
      }
    }
  }

  /**
   * {@return the parameter of a variable's node}
   *
   * @throws IsomorphException if nothing is stored for it, or something of another type
   */
  Value.Parameter parameter(NodeDef node) {
    Value.Parameter known = parameters.get(node.getName());
    if (known == null) {
      known = make(node);
      parameters.put(node.getName(), known);
    }
    return known;
  }

  private Value.Parameter make(NodeDef node) {
    String key = keys.get(node.getName());
    Optional<TensorBundle> bundle = folder.variables();
    if (key == null || bundle.isEmpty() || !bundle.get().contains(key)) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID,
              key == null
                  ? "nothing says which stored tensor the variable gets"
                  : "the variable's stored tensor is missing")
          .inFile(folder.path().toString())
          .inEntry("variables/variables.index")
          .atNode(node.getName())
          .expected(key == null ? "a restoring of the variable" : key, "none")
          .toException();
    }
    Tensor tensor = bundle.get().tensor(key);
    checkType(node, key, tensor);
    Optional<SavedVariable> object = Optional.ofNullable(objects.get(node.getName()));
    String wanted =
        object.map(SavedVariable::getName).filter(n -> !n.isEmpty()).orElse(node.getName());
    String name = wanted;
    for (int i = 1; !names.add(name); i++) {
      name = wanted + "_" + i;
    }
    boolean trainable =
        object
            .map(SavedVariable::getTrainable)
            .orElseGet(() -> collected.getOrDefault(node.getName(), collected.isEmpty()));
    return new Value.Parameter(
        name, tensor, trainable ? Kind.TRAINABLE : Kind.BUFFER, new Object(), Derivation.KEPT);
  }

  private void checkType(NodeDef node, String key, Tensor tensor) {
    AttrValue dtype = node.getAttrMap().get("dtype");
    AttrValue shape = node.getAttrMap().get("shape");
    DType declared = dtype == null ? tensor.dtype() : DataTypes.ours(dtype.getType());
    boolean shaped =
        shape == null
            || shape.getShape().getUnknownRank()
            || shape.getShape().getDimList().stream().anyMatch(d -> d.getSize() < 0)
            || sizes(shape).equals(Arrays.stream(tensor.dims()).boxed().toList());
    if (declared != tensor.dtype() || !shaped) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the variable's stored tensor is of another type")
          .inFile(folder.path().toString())
          .inEntry("tensor " + key)
          .atNode(node.getName())
          .expected(declared + dims(shape), tensor.typeText())
          .toException();
    }
  }

  private static List<Long> sizes(AttrValue shape) {
    return shape.getShape().getDimList().stream().map(TensorShapeProto.Dim::getSize).toList();
  }

  private static String dims(AttrValue shape) {
    return shape == null ? "" : sizes(shape).toString().replace(" ", "");
  }

  /** {@return names that parameters of this graph may get} */
  Set<String> possibleNames() {
    Set<String> possible = new HashSet<>(keys.keySet());
    objects.values().forEach(object -> possible.add(object.getName()));
    return possible;
  }
}
