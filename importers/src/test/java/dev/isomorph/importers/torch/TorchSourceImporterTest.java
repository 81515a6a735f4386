package dev.isomorph.importers.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.Weights;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchSourceImporterTest {
  private static final String HEAD =
      "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n";

  @TempDir Path folder;

  private Model load(
      String source, String expression, Map<String, String> weights, String... inputs) {
    return load(new Diagnostics(), source, expression, weights, inputs);
  }

  private Model load(
      Diagnostics notes,
      String source,
      String expression,
      Map<String, String> weights,
      String... inputs) {
    try (TensorArena arena = TensorArena.open("weights.pt")) {
      Path file = Files.writeString(folder.resolve("model.py"), HEAD + source);
      List<Value.Parameter> parameters = new ArrayList<>();
      weights.forEach(
          (key, type) -> {
            ValueType.TensorType t = ValueType.parse(type).asTensor();
            long[] dims = t.shape().known().orElseThrow();
            double[] zeros = new double[(int) Tensor.sizeOf(dims)];
            parameters.add(
                new Value.Parameter(
                    key,
                    Tensor.of(t.dtype(), zeros, dims),
                    Value.Parameter.Kind.TRAINABLE,
                    new Object(),
                    Derivation.KEPT));
          });
      Map<String, ValueType> types = new LinkedHashMap<>();
      for (String input : inputs) {
        String[] parts = input.split("=");
        types.put(parts[0], ValueType.parse(parts[1]));
      }
      try (Weights all =
          new Weights("weights.pt", Model.Source.MEMORY, parameters, Map.of(), arena)) {
        return TorchSourceImporter.load(
            new TorchSource(file, expression, List.of(), all, types, Limits.defaults(), notes));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String graph(String source, Map<String, String> weights, String... inputs) {
    try (Model model = load(source, "Net", weights, inputs)) {
      String text = model.signature().graph().toString();
      return text.substring(text.indexOf("graph forward"));
    }
  }

  private String message(ErrorCode code, String source, String... inputs) {
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> load(source, "Net", Map.of(), inputs));
    assertEquals(code, e.code(), e.getMessage());
    return e.diagnostics().getFirst().message() + " @" + e.diagnostics().getFirst().origin();
  }

  private static String net(String... body) {
    return "class Net(nn.Module):\n    def forward(self, x):\n        "
        + String.join("\n        ", body)
        + "\n";
  }

  @Test
  void twoLayers() {
    String source =
        """
        class Net(nn.Module):
            def __init__(self, hidden=3):
                super().__init__()
                self.fc1 = nn.Linear(4, hidden)
                self.fc2 = nn.Linear(hidden, 2)

            def forward(self, x):
                return self.fc2(F.relu(self.fc1(x)))
        """;
    Map<String, String> weights = new LinkedHashMap<>();
    weights.put("fc1.weight", "f32[3,4]");
    weights.put("fc1.bias", "f32[3]");
    weights.put("fc2.weight", "f32[2,3]");
    weights.put("fc2.bias", "f32[2]");
    Diagnostics notes = new Diagnostics();
    try (Model model = load(notes, source, "", weights)) {
      assertEquals(
          """
          graph forward(%x: f32[N,4]) -> (%gemm_1) {
            %gemm = Gemm(%x, @fc1.weight, @fc1.bias) {transB = 1} : f32[N,3]
            %relu = Relu(%gemm) : f32[N,3]
            %gemm_1 = Gemm(%relu, @fc2.weight, @fc2.bias) {transB = 1} : f32[N,2]
          }
          """,
          model.signature().graph().toString().replaceFirst("(?s)^.*?(?=graph forward)", ""));
      assertEquals(
          "[model.py:11 (fc1), model.py:11, model.py:11 (fc2)]",
          model.signature().graph().nodes().stream()
              .map(n -> n.origin().toString())
              .toList()
              .toString());
    }
    assertEquals(
        "input 'x' is taken to be f32[N,4], as the first layer needs",
        notes.all().getFirst().message());
  }

  @Test
  void viewsShareMemoryAndWritesReachEveryAlias() {
    assertEquals(
        """
        graph forward(%x: f32[2,3]) -> (%reshape) {
          %expand = Expand(@const_3, @const_4) : f32[2,1]
          %slice_2 = Slice(%x, @const_2, @const_5, @const_2) : f32[2,2]
          %concat = Concat(%expand, %slice_2) {axis = 1} : f32[2,3]
          %reshape = Reshape(%concat, @const) : f32[2,3]
        }
        """,
        graph(
            net("y = x.clone()", "rows = y.view(2, 3)", "y[:, :1] = 7.0", "return rows"),
            Map.of(),
            "x=f32[2,3]"));
    String aliased =
        graph(net("y = x.clone()", "v = y[0]", "y += 1", "return v"), Map.of(), "x=f32[2,3]");
    assertTrue(aliased.indexOf("Add(%x") < aliased.indexOf("Gather(%add"), aliased);
    String independent =
        graph(
            net("y = x.clone()", "v = y[0].clone()", "y += 1", "return v"), Map.of(), "x=f32[2,3]");
    assertTrue(!independent.contains("Add"), independent);
  }

  @Test
  void bothArmsOfAConditionOnATensorJoinIntoIf() {
    String text =
        graph(
            net(
                "y = x.clone()",
                "k = 3",
                "if x.sum() > 0:",
                "    y += 1",
                "    z = x * 2",
                "elif x.max() > 1:",
                "    z = x * 3",
                "else:",
                "    z = -x",
                "return y, z * k"),
            Map.of(),
            "x=f32[2]");
    assertEquals(2, text.split("= If\\(", -1).length - 1, text);
    assertTrue(text.contains("Neg("), text);
  }

  @Test
  void sizesStaySymbolicThroughPythonArithmetic() {
    assertTrue(
        graph(
                net("n, c = x.shape[0], x.size(1)", "return x.view(n, c // 2, 2).flatten(1)"),
                Map.of(),
                "x=f32[N,6]")
            .contains(": f32[N,6]\n}"));
  }

  @Test
  void whatTheSourceRequiresOfSizesIsAnAssumption() {
    String source =
        net(
            "assert x.size(0) <= 11, 'too long'",
            "if x.size(0) % 4 != 0: raise ValueError('no multiple')",
            "return x + 1");
    try (Model model = load(source, "Net", Map.of(), "x=f32[T]")) {
      assertEquals(
          "[T <= 11, as the source requires at model.py:6, not mod(T, 4) != 0, as the"
              + " source requires at model.py:7]",
          model.assumptions().toString());
    }
  }

  @Test
  void aBufferThatForwardWritesIsState() {
    String source =
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer('steps', torch.zeros(1))

            def forward(self, x):
                self.steps += 1
                return x * self.steps
        """;
    try (Model model = load(source, "Net", Map.of("steps", "f32[1]"), "x=f32[2]")) {
      assertEquals("steps", model.signature().states().getFirst().name());
      assertEquals(2, model.signature().graph().inputs().size());
      assertEquals(2, model.signature().graph().outputs().size());
    }
  }

  @Test
  void weightsThatDoNotFitAreAllListed() {
    String source =
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 3)
                self.bn = nn.BatchNorm1d(3)

            def forward(self, x):
                return self.bn(self.fc(x))
        """;
    Map<String, String> weights = new LinkedHashMap<>();
    weights.put("fc.weight", "f32[3,5]");
    weights.put("fx.bias", "f32[3]");
    weights.put("bn.weight", "f32[3]");
    weights.put("bn.bias", "f32[3]");
    weights.put("bn.running_mean", "f32[3]");
    weights.put("bn.running_var", "f32[3]");
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> load(source, "Net()", weights));
    assertEquals(ErrorCode.WEIGHTS_MISMATCH, e.code());
    assertEquals(
        """
        the weights do not fit Net:
        missing fc.bias (the weights have fx.bias)
        unexpected fx.bias
        shape of fc.weight: the module has [3,4], the weights [3,5]\
        """,
        e.diagnostics().getFirst().message());
  }

  @Test
  void aWrapperPrefixIsLeftOutWithANote() {
    Diagnostics notes = new Diagnostics();
    String source =
        "class Net(nn.Sequential):\n"
            + "    def __init__(self):\n"
            + "        super().__init__(nn.Linear(2, 2, bias=False))\n";
    load(notes, source, "Net", Map.of("module.0.weight", "f32[2,2]"), "input=f32[1,2]").close();
    assertEquals(
        "every key starts with 'module.', which a wrapper put there; it was left out",
        notes.all().getFirst().message());
  }

  @Test
  void whatIsNotSupportedIsNamedWithItsLine() {
    assertEquals(
        "'torch.lgamma' is called, but it is not part of the subset @model.py:6",
        message(ErrorCode.UNSUPPORTED_CONSTRUCT, net("return torch.lgamma(x)"), "x=f32[2]"));
    assertEquals(
        "AttributeError: module 'torch' has no attribute 'no_such_function' @model.py:6",
        message(ErrorCode.SOURCE_RAISED, net("return torch.no_such_function(x)"), "x=f32[2]"));
    assertEquals(
        "a condition on the values of a tensor of which one arm alone returns @model.py:6",
        message(
            ErrorCode.UNSUPPORTED_CONSTRUCT,
            net("if x.sum() > 0:", "    return x", "return -x"),
            "x=f32[2]"));
    assertEquals(
        "the condition 'N == 7' depends on the input's size @model.py:6",
        message(
            ErrorCode.UNSUPPORTED_CONSTRUCT,
            net("return x if x.size(0) == 7 else -x"),
            "x=f32[N]"));
    assertEquals(
        "the outputs depend on random values (torch.rand at model.py:6) @",
        message(ErrorCode.UNSUPPORTED_OPERATOR, net("return x + torch.rand(2)"), "x=f32[2]"));
    assertEquals(
        "the shape of 'x' is not known from the source @",
        message(ErrorCode.USAGE_SHAPE_NEEDED, net("return x")));
    assertEquals(
        "register_forward_hook() of Net is outside the subset @model.py:7",
        message(
            ErrorCode.UNSUPPORTED_CONSTRUCT,
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                + "        self.register_forward_hook(print)\n",
            "x=f32[2]"));
  }

  @Test
  void checkpointsThatAConstructorLoadsMakeNoDifference() {
    String source =
        """
        class Net(nn.Linear):
            def __init__(self):
                super().__init__(2, 2, bias=False)
                state = torch.load('pretrained.pth', map_location='cpu')['state_dict']
                self.load_state_dict({k[7:]: v for k, v in state.items()})
        """;
    load(source, "Net", Map.of("weight", "f32[2,2]"), "x=f32[1,2]").close();
  }

  @Test
  void einopsIsReshapeAndTranspose() {
    assertEquals(
        """
        graph forward(%x: f32[2,6,4]) -> (%reshape_1) {
          %reshape = Reshape(%x, @const) : f32[2,2,3,4]
          %transpose = Transpose(%reshape) {perm = [0, 2, 3, 1]} : f32[2,3,4,2]
          %reshape_1 = Reshape(%transpose, @const_1) : f32[2,3,8]
        }
        """,
        graph(
            "from einops import rearrange\n"
                + net("return rearrange(x, 'b (g c) n -> b c (n g)', g=2)"),
            Map.of(),
            "x=f32[2,6,4]"));
  }

  @Test
  void torchvisionsClassifiersHaveTheTensorsThatTheirWeightsHave() {
    Map<String, Integer> tensors =
        Map.of("resnet18", 122, "resnet50", 320, "mobilenet_v2", 314, "vgg16", 32, "alexnet", 16);
    tensors.forEach(
        (name, count) -> {
          IsomorphException e =
              assertThrows(
                  IsomorphException.class,
                  () -> load("from torchvision import models\n", "models." + name, Map.of()));
          assertEquals(count + " tensors", e.diagnostics().getFirst().expected(), name);
        });
  }

  @Test
  void theSourceRunsNothing() {
    for (String line :
        List.of(
            "x = x + torch.load('weights.pt')",
            "open('x')",
            "__import__('os').system('ls')",
            "exec('1')")) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () -> load(net(line, "return x"), "Net", Map.of(), "x=f32[2]"));
      assertTrue(
          e.code() == ErrorCode.UNSUPPORTED_CONSTRUCT || e.code() == ErrorCode.SOURCE_RAISED, line);
    }
  }

  @Test
  void everyRuleAndDecompositionIsOfAKnownOperator() {
    for (String name : AtenRules.names()) {
      assertTrue(AtenSchemas.has(name), name);
    }
    assertTrue(AtenRules.names().size() >= 150, "rules: " + AtenRules.names().size());
  }
}
