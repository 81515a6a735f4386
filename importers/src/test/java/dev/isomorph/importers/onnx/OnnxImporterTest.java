package dev.isomorph.importers.onnx;

import static dev.isomorph.importers.onnx.OnnxModels.attribute;
import static dev.isomorph.importers.onnx.OnnxModels.ints;
import static dev.isomorph.importers.onnx.OnnxModels.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.FunctionProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.OperatorSetIdProto;
import dev.isomorph.formats.onnx.proto.StringStringEntryProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.importers.Importers;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxImporterTest {
  @TempDir Path folder;

  private static OnnxModels relu() {
    return new OnnxModels(17).input("x", "f32[N,3]").node("y = Relu(x)").output("y");
  }

  private List<Diagnostic> errors(OnnxModels model) {
    return assertThrows(
            IsomorphException.class, () -> model.load(folder, new Diagnostics()).close())
        .diagnostics();
  }

  private Diagnostic error(OnnxModels model) {
    List<Diagnostic> errors = errors(model);
    assertEquals(1, errors.size(), errors.toString());
    return errors.getFirst();
  }

  private List<String> notes(OnnxModels model) {
    Diagnostics found = new Diagnostics();
    model.load(folder, found).close();
    return found.all().stream().map(Diagnostic::message).toList();
  }

  @Test
  void namesOrderAndOriginsAreTheFiles() {
    OnnxModels source =
        new OnnxModels(17)
            .input("in put", "f32[batch,2]")
            .initializer("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))
            .node("h = MatMul(in put, w)")
            .node("y = Relu(h)")
            .output("y");
    assertEquals(
        """
        param @w: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        graph g(%"in put": f32[batch,2]) -> (%y) {
          %h = MatMul(%"in put", @w) @ "H"
          %y = Relu(%h) @ "Y"
        }
        """,
        source.text(folder));
    try (Model model = source.load(folder, new Diagnostics())) {
      assertEquals(
          "onnx node \"H\"", model.signature().graph().nodes().getFirst().origin().toString());
      assertEquals("opset 17, IR 8", model.source().version());
    }
  }

  @Test
  void theFacadeFindsTheImporter() {
    try (Model model = Importers.load(ImportRequest.of(relu().write(folder)))) {
      assertEquals("onnx", model.source().format());
    }
  }

  @Test
  void constantsAreParameters() {
    String text =
        new OnnxModels(17)
            .input("x", "f32[2]")
            .node("c = Constant()", attribute("value_float", 2f))
            .node("s = Constant()", ints("value_ints", 1, 2))
            .node("m = Mul(x, c)")
            .node("y = Reshape(m, s)")
            .output("y")
            .text(folder);
    assertEquals(
        """
        param @c: f32[] constant = [2.0]
        param @s: i64[2] constant = [1, 2]
        graph g(%x: f32[2]) -> (%y) {
          %m = Mul(%x, @c) @ "M"
          %y = Reshape(%m, @s) @ "Y"
        }
        """,
        text);
  }

  @Test
  void subgraphsCaptureWhatTheyUse() {
    GraphProto then =
        GraphProto.newBuilder()
            .setName("then")
            .addNode(parse("a = Neg(x)"))
            .addOutput(ValueInfoProto.newBuilder().setName("a"))
            .build();
    GraphProto otherwise =
        GraphProto.newBuilder()
            .setName("else")
            .addNode(parse("b = Add(x, w)"))
            .addOutput(ValueInfoProto.newBuilder().setName("b"))
            .build();
    String text =
        new OnnxModels(17)
            .input("c", "bool[]")
            .input("x", "f32[2]")
            .initializer("w", Tensor.of(new float[] {1}, 1))
            .node("y = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise))
            .output("y")
            .text(folder);
    assertEquals(
        """
        param @w: f32[1] trainable = [1.0]
        graph g(%c: bool[], %x: f32[2]) -> (%y) {
          %y = If(%c) {else_branch = () [%x_2 = %x] -> (%b) {
            %b = Add(%x_2, @w) @ "B"
          }, then_branch = () [%x_1 = %x] -> (%a) {
            %a = Neg(%x_1) @ "A"
          }} @ "Y"
        }
        """,
        text);
  }

  @Test
  void functionsAreCompositesWhoseBodyIsTheirMeaning() {
    FunctionProto scaled =
        FunctionProto.newBuilder()
            .setDomain("mine")
            .setName("Scaled")
            .addInput("a")
            .addOutput("b")
            .addAttribute("by")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
            .addNode(
                parse(
                    "k = Constant()",
                    OnnxModels.of("value_float", AttributeProto.AttributeType.FLOAT)
                        .setRefAttrName("by")
                        .build()))
            .addNode(parse("b = Mul(a, k)"))
            .build();
    OnnxModels source =
        new OnnxModels(17)
            .domain("mine", 1)
            .input("x", "f32[N,3]")
            .node("y = mine::Scaled(x)", attribute("by", 2f))
            .output("y");
    source.model().addFunctions(scaled);
    assertEquals(
        """
        graph g(%x: f32[N,3]) -> (%y) {
          %y = mine::Scaled@1(%x) {by = 2.0} @ "Y"
        }
        """,
        source.text(folder));
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() {
    OnnxModels source = relu().domain("mine", 1);
    source
        .model()
        .addFunctions(
            FunctionProto.newBuilder()
                .setDomain("mine")
                .setName("F")
                .addInput("a")
                .addOutput("b")
                .addNode(parse("b = mine::F(a)")));
    assertEquals("the function mine::F calls itself: mine::F", error(source).message());
  }

  @Test
  void everyUnknownOperatorIsListedAtOnce() {
    List<Diagnostic> errors =
        errors(
            new OnnxModels(17)
                .domain("acme", 1)
                .input("x", "f32[2]")
                .node("a = acme::Wobble(x)")
                .node("b = acme::Wobble(a)")
                .node("y = Relux(b)")
                .output("y"));
    assertEquals(
        """
        the operator acme::Wobble, used by 2 nodes, is not known
        the operator Relux, used by 1 node, is not known
        """,
        String.join("\n", errors.stream().map(Diagnostic::message).toList()) + "\n");
    assertEquals("\"A\" (Wobble), \"B\" (Wobble)", errors.get(0).origin());
    assertEquals("the nearest known operator is Relu", errors.get(1).help());
    assertEquals(ErrorCode.UNSUPPORTED_OPERATOR, errors.get(1).code());
  }

  @Test
  void unknownOperatorsMayBeInspected() {
    Path file =
        new OnnxModels(17)
            .domain("acme", 3)
            .input("x", "f32[2]")
            .node("y = acme::Wobble(x)", attribute("how", "much"))
            .output("y")
            .write(folder);
    try (Model model = Importers.load(ImportRequest.of(file).allowingOpaque())) {
      assertTrue(model.toString().contains("acme::Wobble"), model.toString());
    }
  }

  @Test
  void anUnknownAttributeIsAnError() {
    Diagnostic error =
        error(
            new OnnxModels(17)
                .input("x", "f32[2,2]")
                .node("y = Flatten(x)", attribute("axes", 1))
                .output("y"));
    assertEquals("Flatten has no attribute 'axes' in version 13", error.message());
    assertEquals("\"Y\" (Flatten)", error.node());
    assertEquals(ErrorCode.UNSUPPORTED_ATTRIBUTE, error.code());
  }

  @Test
  void anOperatorOfALaterOpsetIsAnError() {
    assertEquals(
        "Gelu exists from opset 20 on, but the model imports opset 17",
        error(new OnnxModels(17).input("x", "f32[2]").node("y = Gelu(x)").output("y")).message());
    assertEquals(
        "Upsample was removed in opset 10, but the model imports opset 11",
        error(new OnnxModels(11).input("x", "f32[2]").node("y = Upsample(x)").output("y"))
            .message());
  }

  @Test
  void aMissingValueIsNamedWithTheNearestOne() {
    Diagnostic error =
        error(new OnnxModels(17).input("hidden", "f32[2]").node("y = Relu(hiden)").output("y"));
    assertEquals("nothing in the graph is called 'hiden'", error.message());
    assertEquals("the nearest name is 'hidden'", error.help());
    assertEquals("\"Y\" (Relu)", error.node());
  }

  @Test
  void aMissingDomainIsNamedWithTheNearestOne() {
    Diagnostic error =
        error(
            new OnnxModels(17)
                .domain("com.acme", 1)
                .input("x", "f32[2]")
                .node("y = com.acne::F(x)")
                .output("y"));
    assertEquals("the model imports no version of the domain 'com.acne'", error.message());
    assertEquals("the nearest imported domain is 'com.acme'", error.help());
  }

  @Test
  void namesThatStandTwiceAreErrors() {
    assertEquals(
        "the name 'y' stands for more than one value", error(relu().node("y = Neg(x)")).message());
    assertEquals("two inputs are called 'x'", error(relu().input("x", "f32[2]")).message());
    Tensor one = Tensor.of(new float[] {1}, 1);
    assertEquals(
        "two initializers are called 'w'",
        error(relu().initializer("w", one).initializer("w", one)).message());
  }

  @Test
  void anOutputThatNobodyMakesIsAnError() {
    assertEquals("the output 'z' is made by no node", error(relu().output("z")).message());
  }

  @Test
  void nodesAreSortedWithANote() {
    OnnxModels source =
        new OnnxModels(17).input("x", "f32[2]").node("y = Relu(h)").node("h = Neg(x)").output("y");
    assertEquals(
        List.of("the nodes are not in an order in which they can be computed; they were sorted"),
        notes(source));
    assertTrue(source.text(folder).indexOf("%h =") < source.text(folder).indexOf("%y ="));
  }

  @Test
  void aCycleIsNamed() {
    Diagnostic error =
        error(
            new OnnxModels(17)
                .input("x", "f32[2]")
                .node("a = Add(x, b)")
                .node("b = Relu(a)")
                .node("y = Neg(b)")
                .output("y"));
    assertEquals(
        "the graph has a cycle: \"A\" (Add) → \"B\" (Relu) → \"A\" (Add)", error.message());
  }

  @Test
  void wrongTypesAreErrorsAtTheirNode() {
    Diagnostic error =
        error(
            new OnnxModels(17)
                .input("x", "f32[2,3]")
                .input("i", "i64[3]")
                .node("y = Add(x, i)")
                .output("y"));
    assertEquals(
        "operand 'B' of Add must have the element type of the other operands of type T",
        error.message());
    assertEquals("\"Y\" (Add)", error.node());
  }

  @Test
  void aDeclaredTypeThatCannotBeIsIgnoredWithAWarning() {
    OnnxModels source =
        new OnnxModels(17)
            .input("x", "f32[2,3]")
            .node("h = Neg(x)")
            .node("y = Relu(h)")
            .output("y");
    source.graph().addValueInfo(OnnxModels.info("h", "f32[7]"));
    assertEquals(
        List.of(
            "the type that the file declares for a result is not what the operator gives; it is"
                + " ignored"),
        notes(source));
    try (Model model = source.load(folder, new Diagnostics())) {
      assertEquals(
          "f32[2,3]", model.signature().graph().nodes().getFirst().result(0).type().toString());
    }
  }

  @Test
  void dimNamesBecomeSymbols() {
    OnnxModels source = new OnnxModels(17).node("y = Add(a, b)").output("y");
    source.graph().addInput(named("a", "batch size")).addInput(named("b", "batch size"));
    assertEquals(List.of("the dim 'batch size' is called batch_size here"), notes(source));
    assertTrue(
        source.text(folder).contains("g(%a: f32[batch_size], %b: f32[batch_size])"),
        source.text(folder));
  }

  private static ValueInfoProto named(String name, String dim) {
    ValueInfoProto.Builder info = OnnxModels.info(name, "f32[N]").toBuilder();
    info.getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimParam(dim);
    return info.build();
  }

  @Test
  void inputsWithADefaultAreConstants() {
    OnnxModels source = relu().input("w", "f32[1]").initializer("w", Tensor.of(new float[] {1}, 1));
    assertEquals(
        List.of("1 inputs have a default value in the file and are taken as constants: 'w'"),
        notes(source));
    try (Model model = source.load(folder, new Diagnostics())) {
      assertEquals(1, model.signature().inputs().size());
      assertEquals(1, model.parameters().size());
    }
  }

  @Test
  void runningStatisticsAreBuffers() {
    OnnxModels source =
        new OnnxModels(17)
            .input("x", "f32[N,2]")
            .node("y = BatchNormalization(x, s, b, m, v)")
            .output("y");
    for (String name : List.of("s", "b", "m", "v")) {
      source.initializer(name, Tensor.of(new float[] {1, 1}, 2));
    }
    try (Model model = source.load(folder, new Diagnostics())) {
      assertEquals(
          List.of("TRAINABLE", "TRAINABLE", "BUFFER", "BUFFER"),
          model.parameters().stream().map(Value.Parameter::kind).map(Enum::name).toList());
    }
  }

  @Test
  void metadataAndDocsAreKept() {
    OnnxModels source = relu();
    source
        .model()
        .setDocString("what it does")
        .setDomain("org.example")
        .setModelVersion(3)
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("k").setValue("v"));
    source.graph().setInput(0, source.graph().getInput(0).toBuilder().setDocString("pixels"));
    try (Model model = source.load(folder, new Diagnostics())) {
      assertEquals(
          "{onnx.domain=org.example, onnx.doc_string=what it does," + " onnx.model_version=3, k=v}",
          model.metadata().toString());
      assertEquals("pixels", model.signature().inputs().getFirst().doc());
    }
  }

  @Test
  void opsetsAreChecked() {
    assertEquals(
        "the model imports version 99 of 'ai.onnx', which is newer than what is known",
        error(new OnnxModels(99)).message());
    OnnxModels none = relu();
    none.model().clearOpsetImport();
    assertEquals("the model imports no operator set", error(none).message());
    assertEquals(
        "the model imports two versions of 'ai.onnx': 17 and 18",
        error(relu().domain("ai.onnx", 18)).message());
  }

  @Test
  void errorsOfSeveralNodesAreAllReported() {
    List<Diagnostic> errors =
        errors(
            new OnnxModels(17)
                .input("x", "f32[2]")
                .node("a = Relu(nowhere)")
                .node("b = Flatten(x)", attribute("wrong", 1))
                .node("y = Add(a, b)")
                .output("y"));
    assertEquals(
        List.of("\"A\" (Relu)", "\"B\" (Flatten)"), errors.stream().map(Diagnostic::node).toList());
  }
}
