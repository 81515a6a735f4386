package dev.isomorph.importers.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.FunctionDef;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphDefImporterTest {
  @TempDir Path folder;

  private final GraphDef.Builder graph = GraphDef.newBuilder();

  private NodeDef.Builder node(String name, String op, String... inputs) {
    return graph.addNodeBuilder().setName(name).setOp(op).addAllInput(List.of(inputs));
  }

  private void input(String name, long... dims) {
    AttrValue.Builder shape = AttrValue.newBuilder();
    for (long dim : dims) {
      shape.getShapeBuilder().addDimBuilder().setSize(dim);
    }
    AttrValue type = AttrValue.newBuilder().setType(DataType.DT_FLOAT).build();
    node(name, "Placeholder").putAttr("dtype", type).putAttr("shape", shape.build());
  }

  private Model load() {
    try {
      Path file = folder.resolve("graph.pb");
      Files.write(file, graph.build().toByteArray());
      return Importers.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Diagnostic> errors() {
    return assertThrows(IsomorphException.class, this::load).diagnostics();
  }

  @Test
  void placeholdersAreInputsAndUnusedNodesOutputs() {
    input("x", -1, 4);
    node("block/relu", "Relu", "x");
    node("block/out", "Neg", "block/relu:0");
    try (Model model = load()) {
      assertEquals(List.of("x"), model.signature().inputs().stream().map(Port::name).toList());
      assertEquals(
          List.of("block/out"), model.signature().outputs().stream().map(Port::name).toList());
      List<Node> nodes = model.signature().graph().nodes();
      assertEquals(List.of("block/relu", "block/out"), nodes.stream().map(Node::name).toList());
      assertEquals("TF node \"block/relu\" (block)", nodes.getFirst().origin().toString());
      assertEquals("f32[N,4]", model.signature().outputs().getFirst().type().toString());
    }
  }

  @Test
  void unknownOperatorsAreListedOnceWithWhereTheyAre() {
    input("x", 2, 2);
    node("a/one", "Frobnicate", "x");
    node("a/two", "Frobnicate", "a/one");
    node("b", "Defenestrate", "x");
    List<Diagnostic> errors = errors();
    assertEquals(2, errors.size());
    assertEquals(
        "no rule is known for TensorFlow's operator Frobnicate, used once",
        errors.get(0).message());
    assertEquals("TF node \"a/one\"", errors.get(0).origin());
    assertEquals(ErrorCode.UNSUPPORTED_OPERATOR, errors.get(1).code());
  }

  @Test
  void anAttributeThatNoRuleReadsIsAnError() {
    input("x", 2, 2);
    node("y", "Relu", "x").putAttr("leak", AttrValue.newBuilder().setF(0.1f).build());
    Diagnostic error = errors().getFirst();
    assertEquals(ErrorCode.UNSUPPORTED_ATTRIBUTE, error.code());
    assertEquals("attribute 'leak' of Relu is read by no rule", error.message());
    assertEquals("\"y\" (Relu)", error.node());
  }

  @Test
  void anOperandThatNoRuleReadsIsAnError() {
    input("x", 2, 2);
    node("y", "Relu", "x", "x");
    assertEquals("operand 1 of Relu is read by no rule", errors().getFirst().message());
  }

  @Test
  void hintsAreNoAttributes() {
    input("x", 2, 2);
    node("y", "Relu", "x").putAttr("_hint", AttrValue.newBuilder().setI(1).build());
    try (Model model = load()) {
      assertEquals(1, model.signature().graph().nodes().size());
    }
  }

  @Test
  void aControlInputWithAnEffectIsRefused() {
    input("x", 2, 2);
    node("print", "PrintV2", "x");
    node("y", "Relu", "x", "^print");
    Diagnostic error = errors().getFirst();
    assertEquals("the node is run for its effect, which the graph cannot have", error.message());
    assertEquals("\"print\" (PrintV2)", error.node());
  }

  @Test
  void aHarmlessControlInputIsLeftOut() {
    input("x", 2, 2);
    node("nothing", "NoOp");
    node("y", "Relu", "x", "^nothing");
    try (Model model = load()) {
      assertEquals(1, model.signature().graph().nodes().size());
    }
  }

  @Test
  void loopsOfTensorFlow1AreRefused() {
    input("x", 2, 2);
    node("merge", "Merge", "x", "next");
    node("next", "NextIteration", "merge");
    node("y", "Relu", "merge");
    Diagnostic error = errors().getFirst();
    assertEquals(ErrorCode.UNSUPPORTED_FEATURE, error.code());
    assertEquals("a loop of TensorFlow 1 (Enter, Merge, NextIteration, Exit)", error.message());
  }

  @Test
  void cyclesAndMissingNodesAreMalformed() {
    input("x", 2, 2);
    node("a", "Add", "x", "b");
    node("b", "Neg", "a");
    node("y", "Relu", "b");
    assertEquals("the graph has a cycle", errors().getFirst().message());
    graph.clear();
    node("y", "Relu", "nowhere");
    assertEquals("a node that is used does not exist", errors().getFirst().message());
  }

  @Test
  void functionsAreInlinedUnderTheNamesOfTheirCalls() {
    input("x", 2, 2);
    FunctionDef.Builder function = graph.getLibraryBuilder().addFunctionBuilder();
    function.getSignatureBuilder().setName("layer").addInputArgBuilder().setName("a");
    function.getSignatureBuilder().addOutputArgBuilder().setName("r");
    function.addNodeDefBuilder().setName("act").setOp("Relu").addInput("a");
    function.putRet("r", "act:activations:0");
    node("encoder", "layer", "x");
    try (Model model = load()) {
      assertEquals("encoder/act", model.signature().graph().nodes().getFirst().name());
    }
  }

  @Test
  void functionsThatCallThemselvesAreRefused() {
    input("x", 2, 2);
    FunctionDef.Builder function = graph.getLibraryBuilder().addFunctionBuilder();
    function.getSignatureBuilder().setName("loop").addInputArgBuilder().setName("a");
    function.getSignatureBuilder().addOutputArgBuilder().setName("r");
    function.addNodeDefBuilder().setName("again").setOp("loop").addInput("a");
    function.putRet("r", "again:r:0");
    node("y", "loop", "x");
    assertEquals("a function calls itself", errors().getFirst().message());
  }

  @Test
  void namesThatWereEscapedAreReadBack() {
    assertEquals("/layer/onnx::Conv", NodeNames.decode(".x2F.layer/onnx.x3A..x3A.Conv"));
    assertEquals("layer1.0.conv", NodeNames.decode("layer1.0.conv"));
    assertEquals("outer/", NodeNames.prefix("outer/", "StatefulPartitionedCall_12"));
    assertEquals("outer/call/", NodeNames.prefix("outer/", "call"));
  }
}
