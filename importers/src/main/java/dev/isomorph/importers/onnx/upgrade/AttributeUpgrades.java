package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Steps that moved attributes to operands, renamed them or changed their defaults, without a change
 * of what is computed.
 */
final class AttributeUpgrades {
  private static final List<String> REDUCTIONS =
      List.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSumSquare");

  private static final Map<String, DType> CAST_NAMES =
      Map.ofEntries(
          Map.entry("FLOAT", DType.F32),
          Map.entry("UINT8", DType.U8),
          Map.entry("INT8", DType.I8),
          Map.entry("UINT16", DType.U16),
          Map.entry("INT16", DType.I16),
          Map.entry("INT32", DType.I32),
          Map.entry("INT64", DType.I64),
          Map.entry("STRING", DType.STRING),
          Map.entry("BOOL", DType.BOOL),
          Map.entry("FLOAT16", DType.F16),
          Map.entry("DOUBLE", DType.F64),
          Map.entry("UINT32", DType.U32),
          Map.entry("UINT64", DType.U64),
          Map.entry("COMPLEX64", DType.C64),
          Map.entry("COMPLEX128", DType.C128));

  private AttributeUpgrades() {}

  static void register() {
    Upgrades.add("Squeeze", 13, node -> axes(node, 1));
    Upgrades.add("Unsqueeze", 13, AttributeUpgrades::unsqueeze);
    Upgrades.add("ReduceSum", 13, node -> axes(node, 1));
    REDUCTIONS.forEach(name -> Upgrades.add(name, 18, node -> axes(node, 1)));
    Upgrades.add("Slice", 10, AttributeUpgrades::slice);
    Upgrades.add("Pad", 2, AttributeUpgrades::paddings);
    Upgrades.add("Pad", 11, AttributeUpgrades::pad);
    Upgrades.add("Clip", 11, AttributeUpgrades::clip);
    Upgrades.add("TopK", 10, node -> vector(node, "k", 1));
    Upgrades.add("Reshape", 5, node -> vector(node, "shape", 1));
    Upgrades.add("Split", 2, AttributeUpgrades::firstSplit);
    Upgrades.add("Split", 13, AttributeUpgrades::splitSizes);
    Upgrades.add("Split", 18, AttributeUpgrades::splitCount);
    Upgrades.add("Dropout", 7, AttributeUpgrades::dropoutMode);
    Upgrades.add("Dropout", 10, AttributeUpgrades::dropoutMask);
    Upgrades.add("Dropout", 12, AttributeUpgrades::dropoutRatio);
    Upgrades.add("Cast", 6, AttributeUpgrades::castName);
    Upgrades.add("Concat", 4, node -> standard(node, "axis", new Attribute.Int(1)));
    Upgrades.add("Tile", 6, AttributeUpgrades::tile);
    Upgrades.add("LpPool", 2, AttributeUpgrades::wholePower);
    Upgrades.add("GlobalLpPool", 2, AttributeUpgrades::wholePower);
    Upgrades.add("DFT", 20, AttributeUpgrades::dftAxis);
    Upgrades.add("GridSample", 20, AttributeUpgrades::gridMode);
    Upgrades.add("Scatter", 11, node -> node.rename("ScatterElements"));
    Upgrades.add(
        "RoiAlign",
        16,
        node ->
            standard(
                node, "coordinate_transformation_mode", new Attribute.Text("output_half_pixel")));
    Upgrades.add(
        "Selu",
        6,
        node -> {
          standard(node, "alpha", new Attribute.Float(1.6732f));
          standard(node, "gamma", new Attribute.Float(1.0507f));
        });
    Upgrades.add(
        "Scan",
        9,
        node -> {
          throw node.unsupported("Scan with a batch axis, as opset 8 had it, is not supported");
        });
  }

  /** Sets an attribute whose default changed. */
  private static void standard(OldNode node, String key, Attribute value) {
    node.attributes().putIfAbsent(key, value);
  }

  private static void vector(OldNode node, String key, int operand) {
    long[] values =
        node.attributes().get(key) instanceof Attribute.Int
            ? new long[] {node.takeInt(key).orElseThrow()}
            : node.takeInts(key).orElseThrow(() -> needs(node, key));
    node.input(operand, node.constant(key, values));
  }

  private static void axes(OldNode node, int operand) {
    node.takeInts("axes")
        .filter(axes -> axes.length > 0)
        .ifPresent(axes -> node.input(operand, node.constant("axes", axes)));
  }

  private static void unsqueeze(OldNode node) {
    long[] axes = node.takeInts("axes").orElseThrow(() -> needs(node, "axes"));
    node.input(1, node.constant("axes", axes));
  }

  private static void slice(OldNode node) {
    long[] starts = node.takeInts("starts").orElseThrow(() -> needs(node, "starts"));
    long[] ends = node.takeInts("ends").orElseThrow(() -> needs(node, "ends"));
    Optional<long[]> axes = node.takeInts("axes");
    node.input(1, node.constant("starts", starts));
    node.input(2, node.constant("ends", ends));
    axes.ifPresent(a -> node.input(3, node.constant("axes", a)));
  }

  private static void paddings(OldNode node) {
    Attribute paddings = node.attributes().remove("paddings");
    if (paddings != null) {
      node.put("pads", paddings);
    }
  }

  private static void pad(OldNode node) {
    long[] pads = node.takeInts("pads").orElseThrow(() -> needs(node, "pads"));
    node.input(1, node.constant("pads", pads));
    node.takeFloat("value")
        .filter(v -> v != 0 || 1 / v < 0)
        .ifPresent(v -> node.input(2, node.constant("value", scalar(node, v))));
  }

  private static void clip(OldNode node) {
    node.takeFloat("min").ifPresent(v -> node.input(1, node.constant("min", scalar(node, v))));
    node.takeFloat("max").ifPresent(v -> node.input(2, node.constant("max", scalar(node, v))));
  }

  /** A scalar of the first operand's element type: where it was an attribute, it was an f32. */
  private static Tensor scalar(OldNode node, double value) {
    if (node.input(0).type() instanceof ValueType.TensorType t) {
      if (!t.dtype().isFloat() && !t.dtype().isInteger()) {
        throw node.error(
                ErrorCode.MODEL_INVALID,
                "%s with a number among elements of type %s",
                node.operator(),
                t.dtype())
            .toException();
      }
      return Tensor.scalar(t.dtype(), value);
    }
    node.warn("the element type of '%s' is not known and is taken for f32", node.input(0).name());
    return Tensor.scalar(DType.F32, value);
  }

  private static void firstSplit(OldNode node) {
    if (!node.input(1).isAbsent()) {
      Tensor sizes =
          node.input(1)
              .constant()
              .orElseThrow(() -> node.unsupported("Split 1 with sizes that are computed"));
      node.inputs().removeLast();
      double[] values = sizes.toDoubles();
      node.put("split", new Attribute.Ints(Arrays.stream(values).mapToObj(v -> (long) v).toList()));
    }
  }

  private static void splitSizes(OldNode node) {
    node.takeInts("split").ifPresent(s -> node.input(1, node.constant("split", s)));
  }

  private static void splitCount(OldNode node) {
    if (node.input(1).isAbsent()) {
      node.put("num_outputs", new Attribute.Int(node.outputs()));
    }
  }

  private static void dropoutMode(OldNode node) {
    if (node.takeInt("is_test").orElse(0L) == 0) {
      node.warn("Dropout is in training mode (is_test is 0): its result is random");
      node.input(2, node.constant("training_mode", Tensor.scalar(DType.BOOL, 1L)));
    }
  }

  private static void dropoutMask(OldNode node) {
    if (node.uses(1)) {
      throw node.unsupported(
          "the mask of Dropout as numbers, as before opset 10, is not supported");
    }
  }

  private static void dropoutRatio(OldNode node) {
    node.takeFloat("ratio")
        .ifPresent(r -> node.input(1, node.constant("ratio", Tensor.scalar(DType.F32, r))));
  }

  private static void castName(OldNode node) {
    String name = node.takeText("to").orElseThrow(() -> needs(node, "to"));
    DType dtype = CAST_NAMES.get(name.toUpperCase(Locale.ROOT));
    if (dtype == null) {
      throw node.error(ErrorCode.MODEL_INVALID, "Cast to the unknown type '%s'", name)
          .toException();
    }
    node.put("to", new Attribute.Int(dtype.onnxCode()));
  }

  private static void tile(OldNode node) {
    Optional<Tensor> tiles = node.input(1).constant().filter(t -> t.size() == 1);
    Optional<Tensor> axis = node.input(2).constant().filter(t -> t.size() == 1);
    if (tiles.isEmpty() || axis.isEmpty() || node.rank(0).isEmpty()) {
      throw node.unsupported(
          "Tile 1 needs constant 'tiles' and 'axis' and an operand of known rank");
    }
    long[] repeats = new long[node.rank(0).getAsInt()];
    Arrays.fill(repeats, 1);
    int at = (int) axis.get().toDoubles()[0];
    if (at < 0 || at >= repeats.length) {
      throw node.error(ErrorCode.MODEL_INVALID, "axis %d is out of range", at).toException();
    }
    repeats[at] = (long) tiles.get().toDoubles()[0];
    Value data = node.input(0);
    node.inputs().clear();
    node.input(0, data);
    node.input(1, node.constant("repeats", repeats));
  }

  private static void wholePower(OldNode node) {
    node.takeFloat("p")
        .ifPresent(
            p -> {
              if (p != Math.rint(p)) {
                throw node.unsupported("a norm of the order %s, which is no whole number", p);
              }
              node.put("p", new Attribute.Int(p.longValue()));
            });
  }

  private static void dftAxis(OldNode node) {
    long axis = node.takeInt("axis").orElse(1L);
    node.input(2, node.constant("axis", Tensor.scalar(DType.I64, axis)));
  }

  private static void gridMode(OldNode node) {
    node.takeText("mode")
        .ifPresent(
            mode ->
                node.put(
                    "mode",
                    new Attribute.Text(
                        switch (mode) {
                          case "bilinear" -> "linear";
                          case "bicubic" -> "cubic";
                          default -> mode;
                        })));
  }

  static RuntimeException needs(OldNode node, String attribute) {
    return node.error(
            ErrorCode.MODEL_INVALID, "%s needs its attribute '%s'", node.operator(), attribute)
        .toException();
  }
}
