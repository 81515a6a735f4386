package dev.isomorph.exporters.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.exporters.ExportReport;
import dev.isomorph.exporters.ExportRequest;
import dev.isomorph.exporters.Exporters;
import dev.isomorph.exporters.Narrowing;
import dev.isomorph.formats.onnx.OnnxFile;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxExporterTest {
  @TempDir Path folder;

  /** One line per node: {@code out = Op(in) {attribute, …}}. */
  private String written(String text, int opset) {
    try (Model model = TextParser.model(text)) {
      return nodes(export(model, opset).getGraph());
    }
  }

  private ModelProto export(Model model, int opset) {
    Path file = folder.resolve("m.onnx");
    Exporters.export(model, "onnx", ExportRequest.to(file).replacing(true).withOpset(opset));
    return read(file);
  }

  private static ModelProto read(Path file) {
    try (TensorArena arena = TensorArena.open("m")) {
      return OnnxFile.read(file, arena, Limits.defaults()).model();
    }
  }

  private static String nodes(GraphProto graph) {
    return graph.getNodeList().stream()
        .map(OnnxExporterTest::line)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String line(NodeProto node) {
    String attributes =
        node.getAttributeList().stream()
            .map(OnnxExporterTest::attribute)
            .collect(Collectors.joining(", "));
    return String.join(", ", node.getOutputList())
        + " = "
        + (node.getDomain().isEmpty() ? "" : node.getDomain() + "::")
        + node.getOpType()
        + node.getInputList().stream().collect(Collectors.joining(", ", "(", ")"))
        + (attributes.isEmpty() ? "" : " {" + attributes + "}");
  }

  private static String attribute(AttributeProto a) {
    return a.getName()
        + " = "
        + switch (a.getType()) {
          case INT -> a.getI();
          case FLOAT -> a.getF();
          case STRING -> a.getS().toStringUtf8();
          case INTS -> a.getIntsList();
          case GRAPH -> "(" + nodes(a.getG()).strip().replace("\n", "; ") + ")";
          default -> a.getType();
        };
  }

  private String refusal(String text, int opset) {
    try (Model model = TextParser.model(text)) {
      List<Diagnostic> errors =
          Exporters.find("onnx")
              .refusals(model, ExportRequest.to(folder.resolve("x")).withOpset(opset));
      assertEquals(1, errors.size(), errors.toString());
      assertEquals(ErrorCode.UNSUPPORTED_TARGET, errors.getFirst().code());
      return errors.getFirst().message();
    }
  }

  @Test
  void aNetworkKeepsItsNamesTypesAndWeights() {
    String text =
        """
        model "tiny" {
          param @fc.weight: f32[2,3] trainable = [1.0, 2.0, 3.0, 4.0, 5.0, -0.5]
          graph main(%x: f32[N,3]) -> (%y) {
            %h = Gemm(%x, @fc.weight) {transB = 1} @ "fc"
            %y = Relu(%h) @ "act 1"
          }
        }
        """;
    try (Model model = TextParser.model(text)) {
      ModelProto proto = export(model, 17);
      GraphProto graph = proto.getGraph();
      assertEquals("h = Gemm(x, fc.weight) {transB = 1}\ny = Relu(h)\n", nodes(graph));
      assertEquals(
          List.of("fc", "act 1"), graph.getNodeList().stream().map(NodeProto::getName).toList());
      ValueInfoProto input = graph.getInput(0);
      assertEquals("N", input.getType().getTensorType().getShape().getDim(0).getDimParam());
      TensorProto weight = graph.getInitializer(0);
      assertEquals("fc.weight", weight.getName());
      assertEquals(List.of(2L, 3L), weight.getDimsList());
      assertEquals(8, proto.getIrVersion());
      assertEquals(17, proto.getOpsetImport(0).getVersion());
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    String text =
        """
        graph main(%x: f32[N,3]) -> (%y) {
          %y = Softmax(%x)
        }
        """;
    byte[][] bytes = new byte[2][];
    for (int i = 0; i < 2; i++) {
      try (Model model = TextParser.model(text)) {
        Path file = folder.resolve(i + ".onnx");
        Exporters.export(model, "onnx", ExportRequest.to(file));
        bytes[i] = Files.readAllBytes(file);
      }
    }
    assertArrayEquals(bytes[0], bytes[1]);
  }

  @Test
  void capturesAreImplicitNamesAgain() {
    String text =
        """
        model "m" {
          param @one: f32[] constant = [1.0]
          graph main(%c: bool[], %x: f32[N]) -> (%y) {
            %y = If(%c) {else_branch = () [%x2 = %x] -> (%b) {
              %b = Neg(%x2)
            }, then_branch = () [%x1 = %x] -> (%a) {
              %a = Add(%x1, @one)
            }}
          }
        }
        """;
    assertEquals(
        "y = If(c) {else_branch = (b = Neg(x)), then_branch = (a = Add(x, one))}\n",
        written(text, 17));
  }

  @Test
  void whatASubgraphOnlyPassesOnIsCopied() {
    String text =
        """
        graph main(%c: bool[], %x: f32[N]) -> (%y) {
          %y = If(%c) {else_branch = () [%x2 = %x] -> (%x2) {
          }, then_branch = () [%x1 = %x] -> (%a) {
            %a = Neg(%x1)
          }}
        }
        """;
    assertEquals(
        "y = If(c) {else_branch = (x2.out = Identity(x)), then_branch = (a = Neg(x))}\n",
        written(text, 17));
  }

  @Test
  void anOutputThatIsAnInputIsCopiedUnderItsName() {
    String text =
        """
        graph main(%x: f32[N]) -> (%x as again, %y, %y as twice) {
          %y = Neg(%x)
        }
        """;
    assertEquals("y = Neg(x)\nagain = Identity(x)\ntwice = Identity(y)\n", written(text, 17));
  }

  @Test
  void narrowedAttributesAreReported() {
    String text =
        """
        graph main(%x: f32[N]) -> (%y) {
          %y = LeakyRelu(%x) {alpha = 0.1} @ "act"
        }
        """;
    try (Model model = TextParser.model(text)) {
      ExportReport report =
          Exporters.export(model, "onnx", ExportRequest.to(folder.resolve("m.onnx")));
      assertEquals(List.of(new Narrowing("act", "alpha", 0.1, 0.1f)), report.narrowings());
      assertEquals("opset 17, IR 8", report.version());
    }
  }

  @Test
  void theLedgerSaysWhatBecameOfEachTensor() {
    String text =
        """
        model "m" {
          param @w: f32[2] trainable = [1.0, 2.0]
          param @axes: i64[1] constant = [0]
          param @counter: i64[] buffer = [7]
          graph main(%x: f32[2]) -> (%y) {
            %h = Mul(%x, @w)
            %y = Unsqueeze(%h, @axes)
          }
        }
        """;
    try (Model model = TextParser.model(text)) {
      ExportReport report =
          Exporters.export(model, "onnx", ExportRequest.to(folder.resolve("m.onnx")).withOpset(11));
      assertEquals(
          List.of(
              "w: kept",
              "axes: written as an attribute",
              "counter: left out: nothing in the graph uses it"),
          report.ledger().stream().map(e -> e.key() + ": " + e.how()).toList());
    }
  }

  @Test
  void stateBecomesAnInputWithADefaultAndAnOutput() {
    String text =
        """
        model "m" {
          param @count: f32[] buffer = [3.0]
          graph main(%x: f32[]) state(%c: f32[] = @count) -> (%y, %next) {
            %y = Mul(%x, %c)
            %next = Add(%c, %x)
          }
        }
        """;
    try (Model model = TextParser.model(text)) {
      GraphProto graph = export(model, 17).getGraph();
      assertEquals("y = Mul(x, count)\ncount.next = Add(count, x)\n", nodes(graph));
      assertEquals(
          List.of("x", "count"),
          graph.getInputList().stream().map(ValueInfoProto::getName).toList());
      assertEquals("count", graph.getInitializer(0).getName());
      assertEquals(
          List.of("y", "count.next"),
          graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
    }
  }

  @Test
  void compositesAreWrittenByTheirBodies() {
    OpName name = OpName.parse("aten::twice");
    Composite twice =
        new Composite(name, 0, (_, in, b) -> List.of(b.add(in.getFirst(), in.getFirst())));
    String text =
        """
        graph main(%x: f32[N]) -> (%y) {
          %h = aten::twice(%x) @ "t"
          %y = Relu(%h)
        }
        """;
    try (Model model = TextParser.model(text, Map.of(), _ -> twice)) {
      assertEquals("h = Add(x, x)\ny = Relu(h)\n", nodes(export(model, 17).getGraph()));
    }
  }

  @Test
  void operandsBecomeAttributesWhereTheyWere() {
    String text =
        """
        model "m" {
          param @axes: i64[1] constant = [-1]
          param @pads: i64[4] constant = [0, 1, 0, 1]
          param @low: f32[] constant = [0.5]
          param @k: i64[1] constant = [2]
          graph main(%x: f32[2,3]) -> (%s, %i) {
            %u = Unsqueeze(%x, @axes) : f32[2,3,1]
            %q = Squeeze(%u, @axes) : f32[2,3]
            %r = ReduceSum(%q, @axes) : f32[2,1]
            %p = Pad(%r, @pads)
            %c = Clip(%p, @low)
            %s, %i = TopK(%c, @k)
          }
        }
        """;
    assertEquals(
        """
        u = Unsqueeze(x) {axes = [2]}
        q = Squeeze(u) {axes = [2]}
        r = ReduceSum(q) {axes = [1]}
        p = Pad(r) {pads = [0, 1, 0, 1]}
        c = Clip(p) {min = 0.5}
        s, i = TopK(c, k)
        """,
        written(text, 10));
  }

  @Test
  void softmaxOverAnInnerAxisIsTurnedToTheEnd() {
    String text =
        """
        graph main(%x: f32[2,3,5]) -> (%y) {
          %y = Softmax(%x) {axis = 1}
        }
        """;
    assertEquals(
        """
        transpose = Transpose(x) {perm = [0, 2, 1]}
        softmax = Softmax(transpose) {axis = -1}
        y = Transpose(softmax) {perm = [0, 2, 1]}
        """,
        written(text, 12));
    assertEquals("y = Softmax(x) {axis = 1}\n", written(text, 13));
  }

  @Test
  void aFlatteningSoftmaxIsSaidByItsNameWhereItExists() {
    OpName name = OpName.parse("onnx.legacy::Softmax");
    Composite old =
        new Composite(
            name,
            11,
            (_, in, b) ->
                List.of(
                    b.reshape(
                        b.softmax(b.flatten(in.getFirst()), a -> a.axis(-1)),
                        b.shape(in.getFirst()))));
    String text =
        """
        graph main(%x: f32[2,3,5]) -> (%y) {
          %y = onnx.legacy::Softmax@11(%x) {axis = 1}
        }
        """;
    try (Model model = TextParser.model(text, Map.of(), _ -> old)) {
      assertEquals("y = Softmax(x) {axis = 1}\n", nodes(export(model, 11).getGraph()));
      assertEquals(
          "flatten = Flatten(x)\nsoftmax = Softmax(flatten)\nshape = Shape(x)\n"
              + "y = Reshape(softmax, shape)\n",
          nodes(export(model, 13).getGraph()));
    }
  }

  @Test
  void whatDidNotExistIsDecomposed() {
    String text =
        """
        graph main(%x: f32[2]) -> (%y) {
          %y = Mish(%x)
        }
        """;
    assertEquals(
        "softplus = Softplus(x)\ntanh = Tanh(softplus)\ny = Mul(x, tanh)\n", written(text, 17));
    assertEquals("y = Mish(x)\n", written(text, 18));
  }

  @Test
  void theDefaultIsTheLowestOpsetThatSaysTheGraph() {
    String text =
        """
        graph main(%i: i32[2]) -> (%z) {
          %z = BitwiseNot(%i)
        }
        """;
    try (Model model = TextParser.model(text)) {
      ExportReport report =
          Exporters.export(model, "onnx", ExportRequest.to(folder.resolve("m.onnx")));
      assertEquals("opset 18, IR 8", report.version());
    }
  }

  @Test
  void whatCannotBeSaidIsRefusedWithItsReason() {
    assertEquals(
        "Einsum cannot be written for opset 11: it exists from opset 12 on",
        refusal(
            """
            graph main(%x: f32[2,3]) -> (%y) {
              %y = Einsum(%x) {equation = "ij->ji"}
            }
            """,
            11));
    assertEquals(
        "Relu cannot be written for opset 12: its 'X' cannot be bf16 there",
        refusal(
            """
            graph main(%x: bf16[2]) -> (%y) {
              %y = Relu(%x)
            }
            """,
            12));
    assertEquals(
        "ReduceMax cannot be written for opset 17: its 'axes' is computed, and an attribute there",
        refusal(
            """
            graph main(%x: f32[2,3], %a: i64[1]) -> (%y) {
              %y = ReduceMax(%x, %a)
            }
            """,
            17));
  }

  @Test
  void opsetsThatAreNotWrittenAreNamed() {
    try (Model model =
        TextParser.model(
            """
            graph main(%x: f32[2]) -> (%y) {
              %y = Relu(%x)
            }
            """)) {
      IsomorphException e = assertThrows(IsomorphException.class, () -> export(model, 8));
      assertEquals("opset 8 cannot be written", e.diagnostics().getFirst().message());
      assertEquals("9 to 28", e.diagnostics().getFirst().expected());
    }
  }

  @Test
  void weightsMayGoIntoAFileOfTheirOwn() throws IOException {
    String text =
        """
        model "m" {
          param @w: f32[512] trainable
          graph main(%x: f32[512]) -> (%y) {
            %y = Add(%x, @w)
          }
        }
        """;
    float[] values = new float[512];
    values[511] = 3;
    Map<String, Tensor> tensors = Map.of("w", Tensor.of(values, 512));
    try (Model model = TextParser.model(text, tensors, _ -> null)) {
      Path file = folder.resolve("m.onnx");
      ExportReport report =
          Exporters.export(model, "onnx", ExportRequest.to(file).withExternalData(true));
      assertEquals(List.of(file, folder.resolve("m.onnx.data")), report.files());
      assertEquals(2048, Files.size(report.files().get(1)));
      assertTrue(Files.size(file) < 1024);
    }
  }
}
