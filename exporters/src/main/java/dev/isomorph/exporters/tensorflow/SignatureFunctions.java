package dev.isomorph.exporters.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.FunctionDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.OpDef;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One signature as two functions: the body with inputs and outputs in the model's order, which
 * calling the loaded object runs, and a wrapper with both sorted by name, which is how TensorFlow
 * flattens the dictionaries of a signature.
 *
 * @param signature the signature
 * @param bodyName the body's name in the library
 * @param wrapperName the wrapper's name in the library
 * @param body the body
 * @param wrapper the wrapper
 * @param variables the variables that both take last, in order
 */
record SignatureFunctions(
    Signature signature,
    String bodyName,
    String wrapperName,
    FunctionDef body,
    FunctionDef wrapper,
    List<String> variables) {

  /** Attributes of the call that keep the order of names, which a signature's maps lose. */
  static final String INPUT_ORDER = "_isomorph_inputs";

  static final String OUTPUT_ORDER = "_isomorph_outputs";

  /**
   * Writes the functions of a signature.
   *
   * @param refused receives everything that TensorFlow cannot say; where there is anything, the
   *     functions are incomplete
   */
  static SignatureFunctions write(
      Signature signature, StoredTensors stored, LargeFields large, List<Diagnostic> refused) {
    if (!signature.states().isEmpty()) {
      refused.add(
          Diagnostic.error(
                  ErrorCode.UNSUPPORTED_TARGET,
                  "a SavedModel cannot say this yet: state from call to call (%s)",
                  signature.states().getFirst().name())
              .inEntry("signature " + signature.name()));
    }
    FunctionWriter writer = new FunctionWriter(large);
    stored.owners().keySet().forEach(v -> writer.names().reserve(stored.argument(v)));
    List<Ref> inputs = new ArrayList<>();
    for (Port port : signature.inputs()) {
      String name = writer.names().unique("input_" + inputs.size());
      if (port.type() instanceof ValueType.TensorType type) {
        inputs.add(new Ref(name, type.dtype()));
      } else {
        refused.add(
            Diagnostic.error(
                    ErrorCode.UNSUPPORTED_TARGET,
                    "a SavedModel cannot say this: an input of type %s",
                    port.type())
                .inEntry("input " + port.name()));
        return null;
      }
    }
    GraphRaising raising = new GraphRaising(writer, stored);
    List<Ref> results = raising.raise(signature.graph(), inputs);
    refused.addAll(raising.refused());
    List<Ref> outputs = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      Ref result = results.get(i);
      outputs.add(writer.emit("output_" + i, "Identity", Attributes.none(), List.of(result)));
    }
    String bodyName = "__inference_call_" + Names.identifier(signature.name());
    String wrapperName = "__inference_signature_wrapper_" + Names.identifier(signature.name());
    List<String> variables = raising.variables();
    return new SignatureFunctions(
        signature,
        bodyName,
        wrapperName,
        body(bodyName, signature, inputs, outputs, writer.needed(outputs), variables, stored),
        wrapper(wrapperName, bodyName, signature, variables, stored),
        variables);
  }

  private static FunctionDef body(
      String name,
      Signature signature,
      List<Ref> inputs,
      List<Ref> outputs,
      List<NodeDef> nodes,
      List<String> variables,
      StoredTensors stored) {
    FunctionDef.Builder function = FunctionDef.newBuilder();
    OpDef.Builder definition = function.getSignatureBuilder().setName(name);
    inputs.forEach(input -> argument(definition.addInputArgBuilder(), input.text(), theirs(input)));
    variables.forEach(
        v -> argument(definition.addInputArgBuilder(), stored.argument(v), DataType.DT_RESOURCE));
    for (int i = 0; i < outputs.size(); i++) {
      argument(definition.addOutputArgBuilder(), "output_" + i, theirs(outputs.get(i)));
      function.putRet("output_" + i, outputs.get(i).text());
    }
    definition.setIsStateful(!variables.isEmpty());
    nodes.forEach(function::addNodeDef);
    function.putAttr("_input_shapes", shapes(signature.inputs(), variables.size()));
    return function.build();
  }

  private static DataType theirs(Ref ref) {
    return DataTypes.theirs(ref.dtype());
  }

  private static void argument(OpDef.ArgDef.Builder argument, String name, DataType type) {
    argument.setName(name).setType(type);
  }

  private static FunctionDef wrapper(
      String name,
      String bodyName,
      Signature signature,
      List<String> variables,
      StoredTensors stored) {
    FunctionDef.Builder function = FunctionDef.newBuilder();
    OpDef.Builder definition = function.getSignatureBuilder().setName(name);
    NodeDef.Builder call =
        NodeDef.newBuilder().setName("StatefulPartitionedCall").setOp("StatefulPartitionedCall");
    List<DataType> in = new ArrayList<>();
    List<DataType> out = new ArrayList<>();
    List<Integer> inputOrder = sorted(signature.inputs());
    for (int i : inputOrder) {
      argument(definition.addInputArgBuilder(), "input_" + i, type(signature.inputs().get(i)));
    }
    for (int i = 0; i < signature.inputs().size(); i++) {
      call.addInput("input_" + i);
      in.add(type(signature.inputs().get(i)));
    }
    for (String variable : variables) {
      argument(definition.addInputArgBuilder(), stored.argument(variable), DataType.DT_RESOURCE);
      call.addInput(stored.argument(variable));
      in.add(DataType.DT_RESOURCE);
    }
    signature.outputs().forEach(port -> out.add(type(port)));
    call.putAllAttr(
        Attributes.none().types("Tin", in).types("Tout", out).function("f", bodyName).values());
    function.addNodeDef(call);
    for (int i : sorted(signature.outputs())) {
      DataType type = out.get(i);
      argument(definition.addOutputArgBuilder(), "output_" + i, type);
      function.putRet("output_" + i, "output_" + i + ":output:0");
      function.addNodeDef(
          NodeDef.newBuilder()
              .setName("output_" + i)
              .setOp("Identity")
              .addInput("StatefulPartitionedCall:output:" + i)
              .putAttr("T", AttrValue.newBuilder().setType(type).build()));
    }
    definition.setIsStateful(!variables.isEmpty());
    List<Port> ports = inputOrder.stream().map(signature.inputs()::get).toList();
    function.putAttr("_input_shapes", shapes(ports, variables.size()));
    return function.build();
  }

  /** {@return the positions of ports in the order of their names} */
  static List<Integer> sorted(List<Port> ports) {
    return IntStream.range(0, ports.size())
        .boxed()
        .sorted(Comparator.comparing(i -> ports.get(i).name()))
        .toList();
  }

  static DataType type(Port port) {
    return port.type() instanceof ValueType.TensorType type
        ? DataTypes.theirs(type.dtype())
        : DataType.DT_INVALID;
  }

  /** {@return the names of ports, for a hint} */
  static AttrValue names(List<Port> ports) {
    AttrValue.Builder names = AttrValue.newBuilder();
    ports.forEach(port -> names.getListBuilder().addS(ByteString.copyFromUtf8(port.name())));
    return names.build();
  }

  private static AttrValue shapes(List<Port> ports, int variables) {
    AttrValue.Builder shapes = AttrValue.newBuilder();
    ports.forEach(port -> shapes.getListBuilder().addShape(shape(port.type().shape())));
    for (int i = 0; i < variables; i++) {
      shapes.getListBuilder().addShape(TensorShapeProto.getDefaultInstance());
    }
    return shapes.build();
  }

  /** {@return a shape as a message; symbols keep their names, which TensorFlow ignores} */
  static TensorShapeProto shape(Shape shape) {
    if (!shape.isRanked()) {
      return TensorShapeProto.newBuilder().setUnknownRank(true).build();
    }
    TensorShapeProto.Builder message = TensorShapeProto.newBuilder();
    for (Dim dim : shape.dims()) {
      TensorShapeProto.Dim.Builder size = message.addDimBuilder().setSize(dim.value().orElse(-1));
      if (Dim.isSymbolName(dim.toString())) {
        size.setName(dim.toString());
      }
    }
    return message.build();
  }
}
