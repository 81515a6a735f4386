package dev.isomorph.importers.onnx.upgrade;

import static dev.isomorph.importers.onnx.OnnxModels.attribute;
import static dev.isomorph.importers.onnx.OnnxModels.floats;
import static dev.isomorph.importers.onnx.OnnxModels.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.importers.onnx.OnnxModels;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OperatorHistory;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.Diagnostics;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each step in the text form. What the forms compute is held to recorded values elsewhere. */
class UpgradesTest {
  @TempDir Path folder;

  private String upgraded(int opset, String type, String node, AttributeProto... attributes) {
    return new OnnxModels(opset)
        .input("x", type)
        .node(node, attributes)
        .output("y")
        .text(folder)
        .lines()
        .map(String::strip)
        .filter(l -> !l.startsWith("graph") && !l.equals("}"))
        .reduce("", (a, b) -> a + b + "\n");
  }

  private static void assertLines(String expected, String actual) {
    assertEquals(expected, actual);
  }

  @Test
  void axesBecomeAnOperand() {
    assertLines(
        """
        param @Y.axes: i64[1] constant = [1]
        %y = Squeeze(%x, @Y.axes) @ "Y"
        """,
        upgraded(11, "f32[2,1,3]", "y = Squeeze(x)", ints("axes", 1)));
    assertLines(
        """
        param @Y.axes: i64[2] constant = [0, 2]
        %y = Unsqueeze(%x, @Y.axes) @ "Y"
        """,
        upgraded(7, "f32[2]", "y = Unsqueeze(x)", ints("axes", 0, 2)));
    assertLines(
        """
        param @Y.axes: i64[1] constant = [-1]
        %y = ReduceMean(%x, @Y.axes) {keepdims = 0} @ "Y"
        """,
        upgraded(13, "f32[2,3]", "y = ReduceMean(x)", ints("axes", -1), attribute("keepdims", 0)));
    assertLines(
        "%y = ReduceSum(%x) {keepdims = 0} @ \"Y\"\n",
        upgraded(12, "f32[2,3]", "y = ReduceSum(x)", attribute("keepdims", 0)));
  }

  @Test
  void softmaxThatFlattensStaysItself() {
    assertLines(
        "%y = onnx.legacy::Softmax@11(%x) {axis = 1} @ \"Y\"\n",
        upgraded(12, "f32[2,3,5]", "y = Softmax(x)"));
    assertLines(
        "%y = onnx.legacy::LogSoftmax@11(%x) {axis = -2} @ \"Y\"\n",
        upgraded(11, "f32[2,3,5]", "y = LogSoftmax(x)", attribute("axis", -2)));
  }

  @Test
  void softmaxOverOneLongAxisIsTheLaterOne() {
    assertLines(
        "%y = Softmax(%x) {axis = 1} @ \"Y\"\n", upgraded(7, "f32[N,10]", "y = Softmax(x)"));
    assertLines(
        "%y = Softmax(%x) {axis = 1} @ \"Y\"\n", upgraded(9, "f32[N,10,1,1]", "y = Softmax(x)"));
    assertLines(
        "%y = Softmax(%x) {axis = 2} @ \"Y\"\n",
        upgraded(9, "f32[2,3,5]", "y = Softmax(x)", attribute("axis", 2)));
  }

  @Test
  void sliceAndPadAndClipAndTopKTakeOperands() {
    assertLines(
        """
        param @Y.starts: i64[1] constant = [1]
        param @Y.ends: i64[1] constant = [3]
        param @Y.axes: i64[1] constant = [1]
        %y = Slice(%x, @Y.starts, @Y.ends, @Y.axes) @ "Y"
        """,
        upgraded(
            9, "f32[2,4]", "y = Slice(x)", ints("starts", 1), ints("ends", 3), ints("axes", 1)));
    assertLines(
        """
        param @Y.pads: i64[4] constant = [0, 1, 0, 2]
        param @Y.value: f64[] constant = [0.5]
        %y = Pad(%x, @Y.pads, @Y.value) @ "Y"
        """,
        upgraded(
            1, "f64[2,4]", "y = Pad(x)", ints("paddings", 0, 1, 0, 2), attribute("value", 0.5f)));
    assertLines(
        """
        param @Y.max: f16[] constant = [6.0]
        %y = Clip(%x, _, @Y.max) @ "Y"
        """,
        upgraded(6, "f16[2]", "y = Clip(x)", attribute("max", 6f)));
    assertLines(
        """
        param @Y.k: i64[1] constant = [2]
        %y, %i = TopK(%x, @Y.k) @ "Y"
        """,
        upgraded(1, "f32[4]", "y, i = TopK(x)", attribute("k", 2)));
  }

  @Test
  void splitSaysHowMany() {
    assertLines(
        "%y, %z = Split(%x) {num_outputs = 2} @ \"Y\"\n",
        upgraded(13, "f32[4]", "y, z = Split(x)"));
    assertLines(
        """
        param @Y.split: i64[2] constant = [1, 3]
        %y, %z = Split(%x, @Y.split) @ "Y"
        """,
        upgraded(2, "f32[4]", "y, z = Split(x)", ints("split", 1, 3)));
  }

  @Test
  void broadcastingAtAnAxisIsMadeExplicit() {
    OnnxModels model =
        new OnnxModels(6)
            .input("x", "f32[2,3,4,5]")
            .initializer("b", Tensor.of(new float[12], 3, 4))
            .node("y = Add(x, b)", attribute("broadcast", 1), attribute("axis", 1))
            .output("y");
    assertTrue(
        model
            .text(folder)
            .contains(
                """
                  %Y.broadcast = Unsqueeze(@b, @Y.broadcast_axes)
                  %y = Add(%x, %Y.broadcast) @ "Y"
                """),
        model.text(folder));
  }

  @Test
  void aSlopePerChannelMovesToTheChannels() {
    String text =
        new OnnxModels(6)
            .input("x", "f32[2,3,4,5]")
            .initializer("s", Tensor.of(new float[3], 3))
            .node("y = PRelu(x, s)")
            .output("y")
            .text(folder);
    assertTrue(text.contains("%y = PRelu(%x, %Y.slope)"), text);
    assertTrue(text.contains("%Y.slope = Reshape(@s, @Y.slope_shape)"), text);
  }

  @Test
  void upsamplingIsAResizeByTruncation() {
    assertLines(
        """
        param @Y.scales: f32[4] constant = [1.0, 1.0, 2.0, 3.0]
        %y = Resize(%x, _, @Y.scales) {coordinate_transformation_mode = "asymmetric", \
        nearest_mode = "floor"} @ "Y"
        """,
        upgraded(7, "f32[1,1,2,2]", "y = Upsample(x)", floats("scales", 1, 1, 2, 3)));
    assertLines(
        """
        param @Y.scales: f32[4] constant = [1.0, 1.0, 2.0, 3.0]
        %y = Resize(%x, _, @Y.scales) {coordinate_transformation_mode = "asymmetric", \
        mode = "linear"} @ "Y"
        """,
        upgraded(
            1,
            "f32[1,1,2,2]",
            "y = Upsample(x)",
            attribute("height_scale", 2f),
            attribute("width_scale", 3f),
            attribute("mode", "bilinear")));
  }

  @Test
  void resizeTenRoundsUpWhereItShortens() {
    String text =
        new OnnxModels(10)
            .input("x", "f32[1,1,2,4]")
            .initializer("s", Tensor.of(new float[] {1, 1, 2, 0.6f}, 4))
            .node("y = Resize(x, s)")
            .output("y")
            .text(folder);
    assertTrue(
        text.contains(
            """
              %Y.shortened = Resize(%x, _, @Y.shorter) {coordinate_transformation_mode = \
            "asymmetric", nearest_mode = "ceil"}
              %y = Resize(%Y.shortened, _, @Y.longer) {coordinate_transformation_mode = \
            "asymmetric", nearest_mode = "floor"} @ "Y"
            """),
        text);
  }

  @Test
  void oldSpellingsAreRead() {
    assertLines(
        "%y = Cast(%x) {to = 7} @ \"Y\"\n",
        upgraded(1, "f32[2]", "y = Cast(x)", attribute("to", "INT64")));
    assertLines(
        "%y = Relu(%x) @ \"Y\"\n",
        upgraded(1, "f32[2]", "y = Relu(x)", ints("consumed_inputs", 0)));
    assertLines(
        "%y = LpPool(%x) {kernel_shape = [2], p = 3} @ \"Y\"\n",
        upgraded(1, "f32[1,1,4]", "y = LpPool(x)", ints("kernel_shape", 2), attribute("p", 3f)));
    assertLines(
        """
        param @Y.shape: i64[2] constant = [3, -1]
        %y = Reshape(%x, @Y.shape) @ "Y"
        """,
        upgraded(1, "f32[2,3]", "y = Reshape(x)", ints("shape", 3, -1)));
  }

  @Test
  void dropoutBeforeSevenMayBeInTrainingMode() {
    assertLines(
        """
        param @Y.ratio: f32[] constant = [0.25]
        %y = Dropout(%x, @Y.ratio) @ "Y"
        """,
        upgraded(
            6, "f32[2]", "y = Dropout(x)", attribute("is_test", 1), attribute("ratio", 0.25f)));
    Diagnostics found = new Diagnostics();
    new OnnxModels(6)
        .input("x", "f32[2]")
        .node("y = Dropout(x)")
        .output("y")
        .load(folder, found)
        .close();
    assertEquals(
        "Dropout is in training mode (is_test is 0): its result is random",
        found.all().getFirst().message());
  }

  @Test
  void groupNormalisationGetsItsScalePerChannel() {
    String text =
        new OnnxModels(18)
            .input("x", "f32[2,6,5]")
            .initializer("s", Tensor.of(new float[2], 2))
            .initializer("b", Tensor.of(new float[2], 2))
            .node("y = GroupNormalization(x, s, b)", attribute("num_groups", 2))
            .output("y")
            .text(folder);
    assertTrue(
        text.contains("%y = GroupNormalization(%x, %Y.scale, %Y.bias) {num_groups = 2}"), text);
    assertTrue(text.contains("%Y.scale = Reshape(%Y.scale_groups, @Y.scale_shape)"), text);
  }

  @Test
  void whatCannotBeSaidIsRefusedByName() {
    IsomorphException e =
        assertThrows(
            IsomorphException.class,
            () ->
                upgraded(
                    8,
                    "f32[2]",
                    "y = Scan(_, x)",
                    attribute("num_scan_inputs", 1),
                    attribute(
                        "body", dev.isomorph.formats.onnx.proto.GraphProto.getDefaultInstance())));
    Diagnostic error = e.diagnostics().getFirst();
    assertEquals("Scan with a batch axis, as opset 8 had it, is not supported", error.message());
    assertEquals("\"Y\" (Scan)", error.node());
  }

  /** A step that changed attributes or the number of operands needs an adapter. */
  @Test
  void noStepThatChangedTheSignatureIsForgotten() {
    List<String> forgotten = new ArrayList<>();
    for (OpName name : OperatorHistory.names()) {
      NavigableMap<Integer, OperatorHistory.Definition> versions = OperatorHistory.versions(name);
      for (Map.Entry<Integer, OperatorHistory.Definition> entry : versions.entrySet()) {
        Map.Entry<Integer, OperatorHistory.Definition> later = versions.higherEntry(entry.getKey());
        if (later == null || later.getValue().deprecated()) {
          continue;
        }
        List<String> changes = changes(entry.getValue().schema(), later.getValue().schema());
        if (!changes.isEmpty() && !Upgrades.hasStep(name, later.getKey())) {
          forgotten.add(name + " " + entry.getKey() + " → " + later.getKey() + ": " + changes);
        }
      }
    }
    assertEquals(List.of(), forgotten);
  }

  /** Attributes that a later definition lacks, or reads otherwise when they are left out. */
  private static List<String> changes(OperatorSchema old, OperatorSchema later) {
    List<String> changes = new ArrayList<>();
    old.attributes()
        .forEach(
            (name, attribute) -> {
              OperatorSchema.AttributeSchema now = later.attributes().get(name);
              if (name.equals("consumed_inputs")) {
                return;
              }
              if (now == null || !now.kind().equals(attribute.kind())) {
                changes.add(name);
              } else if (!now.defaultValue().equals(attribute.defaultValue())
                  && !attribute.defaultValue().equals(Optional.empty())) {
                changes.add(name + " default");
              }
            });
    if (later.maxInputs() < old.maxInputs() || later.minInputs() > old.minInputs()) {
      changes.add("operands");
    }
    if (later.maxOutputs() < old.maxOutputs()) {
      changes.add("results");
    }
    return changes;
  }
}
