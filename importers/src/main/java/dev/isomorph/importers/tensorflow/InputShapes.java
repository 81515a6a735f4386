package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.importers.ImportRequest;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Types of inputs. Unknown lengths have a name in files that were written with one. TensorFlow
 * gives them none: there, the first one of every input is taken for the batch, which all inputs
 * share, and any other stands for itself.
 */
final class InputShapes {
  private final ImportRequest request;
  private final GraphBuilder builder;
  private Dim batch;
  private int batched;

  InputShapes(ImportRequest request, GraphBuilder builder) {
    this.request = request;
    this.builder = builder;
  }

  /** {@return the type of an input: what the user says, else what the file says} */
  ValueType type(String name, DataType dtype, TensorShapeProto shape) {
    ValueType given = request.inputs().get(name);
    return given != null ? given : ValueType.tensor(DataTypes.ours(dtype), shape(name, shape));
  }

  private Shape shape(String name, TensorShapeProto proto) {
    if (proto.getUnknownRank()) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < proto.getDimCount(); i++) {
      long size = proto.getDim(i).getSize();
      String symbol = proto.getDim(i).getName();
      if (size >= 0) {
        dims.add(Dim.of(size));
      } else if (Dim.isSymbolName(symbol)) {
        dims.add(Dim.symbol(symbol));
      } else {
        dims.add(i == 0 ? batch() : unknown(name, i));
      }
    }
    return Shape.of(dims);
  }

  private Dim batch() {
    if (batch == null) {
      batch = builder.freshSymbol("N");
    }
    batched++;
    return batch;
  }

  private Dim unknown(String name, int axis) {
    String hint = name + "_" + axis;
    return builder.freshSymbol(Dim.isSymbolName(hint) ? hint : "d" + axis);
  }

  /** {@return whether several inputs share the batch, which the file does not say} */
  boolean sharesBatch() {
    return batched > 1;
  }
}
