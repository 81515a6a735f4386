package dev.isomorph.importers.onnx;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.onnx.OnnxWriter;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.OperatorSetIdProto;
import dev.isomorph.formats.onnx.proto.TensorShapeProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small ONNX models for tests, written node by node. */
public final class OnnxModels {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
  private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);

  /** Starts a model that imports a version of ONNX's own operators. */
  public OnnxModels(int opset) {
    domain("", opset);
  }

  /** Imports another domain. */
  public OnnxModels domain(String domain, long version) {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    return this;
  }

  /** Adds an input of a type in text form. */
  public OnnxModels input(String name, String type) {
    graph.addInput(info(name, type));
    return this;
  }

  /** Adds an output without a type. */
  public OnnxModels output(String name) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    return this;
  }

  /** Adds an initializer. */
  public OnnxModels initializer(String name, Tensor tensor) {
    graph.addInitializer(OnnxWriter.toProto(name, tensor, new LargeFields()));
    return this;
  }

  /** Adds a node: {@code "y = Op(a, b)"}, or {@code "y, z = domain::Op()"}. */
  public OnnxModels node(String text, AttributeProto... attributes) {
    graph.addNode(parse(text, attributes));
    return this;
  }

  /** Gives access to what has no method here. */
  public ModelProto.Builder model() {
    return model;
  }

  /** Gives access to what has no method here. */
  public GraphProto.Builder graph() {
    return graph;
  }

  /** {@return a node; its name is its first result's, in capitals} */
  public static NodeProto parse(String text, AttributeProto... attributes) {
    String[] sides = text.split(" = ", 2);
    String op = sides[1].substring(0, sides[1].indexOf('('));
    String operands = sides[1].substring(op.length() + 1, sides[1].length() - 1);
    NodeProto.Builder node = NodeProto.newBuilder().addAllOutput(names(sides[0]));
    int colons = op.indexOf("::");
    return node.addAllInput(names(operands))
        .setName(node.getOutput(0).toUpperCase(java.util.Locale.ROOT))
        .setOpType(colons < 0 ? op : op.substring(colons + 2))
        .setDomain(colons < 0 ? "" : op.substring(0, colons))
        .addAllAttribute(List.of(attributes))
        .build();
  }

  private static List<String> names(String text) {
    return text.isEmpty()
        ? List.of()
        : List.of(text.split(",")).stream().map(n -> n.strip().replace("_", "")).toList();
  }

  /** {@return an attribute} */
  public static AttributeProto attribute(String name, long value) {
    return of(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  /** {@return an attribute} */
  public static AttributeProto attribute(String name, float value) {
    return of(name, AttributeProto.AttributeType.FLOAT).setF(value).build();
  }

  /** {@return an attribute} */
  public static AttributeProto attribute(String name, String value) {
    return of(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** {@return an attribute} */
  public static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder out = of(name, AttributeProto.AttributeType.INTS);
    for (long value : values) {
      out.addInts(value);
    }
    return out.build();
  }

  /** {@return an attribute} */
  public static AttributeProto floats(String name, float... values) {
    AttributeProto.Builder out = of(name, AttributeProto.AttributeType.FLOATS);
    for (float value : values) {
      out.addFloats(value);
    }
    return out.build();
  }

  /** {@return an attribute} */
  public static AttributeProto attribute(String name, Tensor value) {
    return of(name, AttributeProto.AttributeType.TENSOR)
        .setT(OnnxWriter.toProto("", value, new LargeFields()))
        .build();
  }

  /** {@return an attribute} */
  public static AttributeProto attribute(String name, GraphProto value) {
    return of(name, AttributeProto.AttributeType.GRAPH).setG(value).build();
  }

  /** {@return an attribute} */
  public static AttributeProto.Builder of(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  /** {@return a typed name} */
  public static ValueInfoProto info(String name, String type) {
    ValueType.TensorType tensor = ValueType.parse(type).asTensor();
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dim dim : tensor.shape().isRanked() ? tensor.shape().dims() : List.<Dim>of()) {
      if (dim.isKnown()) {
        shape.addDimBuilder().setDimValue(dim.known());
      } else {
        shape.addDimBuilder().setDimParam(dim.toString());
      }
    }
    TypeProto.Tensor.Builder proto =
        TypeProto.Tensor.newBuilder().setElemType(tensor.dtype().onnxCode());
    if (tensor.shape().isRanked()) {
      proto.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(proto))
        .build();
  }

  /** {@return the message as it is so far} */
  public ModelProto build() {
    return model.clone().setGraph(graph).build();
  }

  /** Writes the model to a file. */
  public Path write(Path folder) {
    try {
      Path file = Files.createTempFile(folder, "model", ".onnx");
      return Files.write(file, build().toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the model as it is imported from a file} */
  public Model load(Path folder, Diagnostics diagnostics) {
    return OnnxImporter.load(write(folder), Limits.defaults(), diagnostics);
  }

  /** {@return the text of the imported graph and its constants, without the results' types} */
  public String text(Path folder) {
    try (Model model = load(folder, new Diagnostics())) {
      String text = model.toString();
      return text.substring(text.indexOf('\n') + 1, text.lastIndexOf('}'))
          .indent(-2)
          .replaceAll("(?m)^( *[%}].*?) : [^@={]*?( @ .*)?$", "$1$2");
    }
  }
}
