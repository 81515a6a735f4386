package dev.isomorph.importers.onnx.upgrade;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Softmax, LogSoftmax and Hardmax before opset 13 worked on a matrix: all axes from {@code axis} on
 * were flattened into one. Where only one of those axes is longer than 1, that is the later form.
 *
 * @see <a href="https://onnx.ai/onnx/operators/text_diff_Softmax_11_13.html">Softmax, version 11 to
 *     13</a>
 */
final class SoftmaxUpgrades {
  private static final List<String> FAMILY = List.of("Softmax", "LogSoftmax", "Hardmax");

  private SoftmaxUpgrades() {}

  static void register() {
    FAMILY.forEach(name -> Upgrades.add(name, 13, SoftmaxUpgrades::upgrade));
  }

  private static void upgrade(OldNode node) {
    long axis = node.takeInt("axis").orElse(1L);
    Shape shape = node.input(0).type().shape();
    if (shape.isRanked()) {
      int from = (int) (axis < 0 ? axis + shape.rank() : axis);
      List<Integer> longer = new ArrayList<>();
      for (int i = Math.max(from, 0); i < shape.rank(); i++) {
        if (!shape.dim(i).equals(Dim.of(1))) {
          longer.add(i);
        }
      }
      if (longer.size() <= 1 && from >= 0 && from < shape.rank()) {
        int only = longer.isEmpty() ? shape.rank() - 1 : longer.getFirst();
        node.put("axis", new Attribute.Int(only));
        return;
      }
    }
    node.put("axis", new Attribute.Int(axis));
    node.become(node.operator().name(), 11, SoftmaxUpgrades::expand);
  }

  static List<Value> expand(CompositeCall call, List<Value> inputs, GraphBuilder b) {
    Value x = inputs.getFirst();
    long axis = ((Attribute.Int) call.attributes().get("axis")).value();
    Value matrix = b.flatten(x, a -> a.axis(axis));
    OpName operator = OpName.onnx(call.name().name());
    AttributeMap last =
        new AttributeMap(OperatorTable.schema(operator).orElseThrow()).putInt("axis", -1);
    Value result = b.emit(OperatorTable.create(operator, last), List.of(matrix), 1).getFirst();
    return List.of(b.reshape(result, b.shape(x)));
  }
}
