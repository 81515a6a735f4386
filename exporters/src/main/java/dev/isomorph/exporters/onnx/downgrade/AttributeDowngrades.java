package dev.isomorph.exporters.onnx.downgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Operands that were attributes before: they can be written if they are constants. */
final class AttributeDowngrades {
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

  /** Reductions that leave a single element as it is. */
  private static final Set<String> KEEPING =
      Set.of("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum");

  private AttributeDowngrades() {}

  static void register() {
    Downgrades.add("Squeeze", 13, node -> integers(node, 1, "axes"));
    Downgrades.add("Unsqueeze", 13, node -> integers(node, 1, "axes"));
    Downgrades.add("ReduceSum", 13, AttributeDowngrades::reduction);
    REDUCTIONS.forEach(name -> Downgrades.add(name, 18, AttributeDowngrades::reduction));
    Downgrades.add("Slice", 10, AttributeDowngrades::slice);
    Downgrades.add("Pad", 18, AttributeDowngrades::padAxes);
    Downgrades.add("Pad", 11, AttributeDowngrades::pad);
    Downgrades.add("Clip", 11, AttributeDowngrades::clip);
    Downgrades.add("TopK", 10, AttributeDowngrades::topK);
    Downgrades.add("Split", 18, AttributeDowngrades::splitCount);
    Downgrades.add("Split", 13, node -> integers(node, 1, "split"));
    Downgrades.add("Dropout", 12, AttributeDowngrades::dropout);
    Downgrades.add("DFT", 20, AttributeDowngrades::dftAxis);
    Downgrades.add("Gemm", 11, AttributeDowngrades::gemm);
    Downgrades.add("Reshape", 14, AttributeDowngrades::allowZero);
  }

  private static void integers(NodeDraft node, int operand, String attribute) {
    if (!node.input(operand).isAbsent()) {
      node.putInts(attribute, node.constantIntegers(operand, attribute));
    }
    node.keepInputs(operand);
  }

  private static void reduction(NodeDraft node) {
    boolean empty =
        node.input(1).isAbsent() || node.input(1).constant().map(t -> t.size() == 0).orElse(false);
    if (node.integer("noop_with_empty_axes", 0) != 0 && empty) {
      if (KEEPING.contains(node.operator().name())) {
        node.attributes().clear();
        node.keepInputs(1);
        node.rename("Identity");
        return;
      }
      throw node.refuse("it reduces no axis, which is not said by leaving out the axes there");
    }
    node.attributes().remove("noop_with_empty_axes");
    if (empty) {
      node.keepInputs(1);
    } else {
      integers(node, 1, "axes");
    }
  }

  private static void slice(NodeDraft node) {
    if (!node.input(4).isAbsent()
        && Arrays.stream(node.constantIntegers(4, "steps")).anyMatch(s -> s != 1)) {
      throw node.refuse("it takes steps other than 1");
    }
    node.putInts("starts", node.constantIntegers(1, "starts"));
    node.putInts("ends", node.constantIntegers(2, "ends"));
    if (!node.input(3).isAbsent()) {
      long[] axes = node.constantIntegers(3, "axes");
      for (int i = 0; i < axes.length; i++) {
        axes[i] = AxisDowngrades.fromFront(node, axes[i], 0);
      }
      node.putInts("axes", axes);
    }
    node.keepInputs(1);
  }

  private static void padAxes(NodeDraft node) {
    if (node.input(3).isAbsent()) {
      return;
    }
    if (node.rank(0).isEmpty()) {
      throw node.refuse("it pads some axes of an operand whose rank is not known");
    }
    int rank = node.rank(0).getAsInt();
    long[] axes = node.constantIntegers(3, "axes");
    long[] some = node.constantIntegers(1, "pads");
    long[] all = new long[2 * rank];
    if (some.length != 2 * axes.length) {
      throw node.refuse("it has %d pads for %d axes", some.length, axes.length);
    }
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) AxisDowngrades.fromFront(node, axes[i], 0);
      if (axis == rank) {
        throw node.refuse("its axis %d is out of range for rank %d", axis, rank);
      }
      all[axis] = some[i];
      all[axis + rank] = some[i + axes.length];
    }
    node.input(1, node.constant("pads", Tensor.vector(all)));
    node.keepInputs(3);
  }

  private static void pad(NodeDraft node) {
    node.putInts("pads", node.constantIntegers(1, "pads"));
    scalar(node, 2, "value");
    node.keepInputs(1);
  }

  private static void clip(NodeDraft node) {
    scalar(node, 1, "min");
    scalar(node, 2, "max");
    if (node.attributes().get("min") instanceof Attribute.Float(double min)
        && node.attributes().get("max") instanceof Attribute.Float(double max)
        && min > max) {
      throw node.refuse("its 'min' is above its 'max', which is not defined there");
    }
    node.keepInputs(1);
  }

  private static void scalar(NodeDraft node, int operand, String attribute) {
    if (node.input(operand).isAbsent()) {
      return;
    }
    Tensor value = node.constantScalar(operand, attribute);
    node.attributes().put(attribute, new Attribute.Float(value.toDoubles()[0]));
  }

  private static void topK(NodeDraft node) {
    node.attributes().put("k", new Attribute.Int(node.constantScalar(1, "k").toLongs()[0]));
    node.keepInputs(1);
  }

  /** Without sizes, the older version splits evenly or not at all. */
  private static void splitCount(NodeDraft node) {
    Attribute count = node.attributes().remove("num_outputs");
    if (!(count instanceof Attribute.Int(long parts)) || !node.input(1).isAbsent()) {
      return;
    }
    if (node.rank(0).isEmpty()) {
      return;
    }
    int axis = (int) AxisDowngrades.fromFront(node, node.integer("axis", 0), 0);
    if (axis == node.rank(0).getAsInt() || parts <= 0) {
      throw node.refuse("its axis or number of parts is out of range");
    }
    Dim length = node.input(0).type().shape().dim(axis);
    if (length.isKnown() && length.known() % parts != 0) {
      long chunk = Math.ceilDiv(length.known(), parts);
      long[] sizes = new long[(int) parts];
      Arrays.fill(sizes, chunk);
      sizes[sizes.length - 1] = length.known() - chunk * (parts - 1);
      node.input(1, node.constant("split", Tensor.vector(sizes)));
    }
  }

  private static void dropout(NodeDraft node) {
    Optional<Tensor> training = node.input(2).constant();
    boolean off = node.input(2).isAbsent() || training.map(t -> t.toLongs()[0] == 0).orElse(false);
    if (!off) {
      throw node.refuse("it is in training mode, or may be");
    }
    node.attributes().remove("seed");
    scalar(node, 1, "ratio");
    node.keepInputs(1);
  }

  private static void dftAxis(NodeDraft node) {
    long axis = node.input(2).isAbsent() ? -2 : node.constantScalar(2, "axis").toLongs()[0];
    long rank = node.rank(0).orElse(-1);
    if (axis < 0 && rank < 0) {
      throw node.refuse("its axis counts from the end of an operand whose rank is not known");
    }
    node.attributes().put("axis", new Attribute.Int(axis < 0 ? axis + rank : axis));
    node.keepInputs(2);
  }

  private static void gemm(NodeDraft node) {
    if (node.input(2).isAbsent()) {
      DType dtype =
          node.dtype(0).orElseThrow(() -> node.refuse("the type of its operand is not known"));
      node.input(2, node.constant("C", Tensor.of(dtype, new double[] {0}, 1)));
    }
  }

  private static void allowZero(NodeDraft node) {
    if (node.integer("allowzero", 0) == 0) {
      return;
    }
    boolean zeros =
        node.input(1)
            .constant()
            .map(t -> Arrays.stream(t.toLongs()).anyMatch(d -> d == 0))
            .orElse(true);
    if (zeros) {
      throw node.refuse("a 0 in its shape means a length of 0, and another thing there");
    }
    node.attributes().remove("allowzero");
  }
}
