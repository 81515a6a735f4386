package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.TensorShapeProto;
import dev.isomorph.formats.onnx.proto.TypeProto;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** {@code TypeProto}s as types of the graph. */
final class OnnxTypes {
  private final DimNames dims;

  OnnxTypes(DimNames dims) {
    this.dims = dims;
  }

  /**
   * {@return the type}
   *
   * @param what whose type it is, for messages and as a hint for unnamed dims
   * @param input whether it stands at an input, where a {@code dim_param} is a name and never an
   *     expression
   */
  ValueType type(TypeProto proto, String what, boolean input) {
    return switch (proto.getValueCase()) {
      case TENSOR_TYPE -> {
        TypeProto.Tensor tensor = proto.getTensorType();
        if (tensor.getElemType() == 0) {
          yield ValueType.UNKNOWN;
        }
        Shape shape = tensor.hasShape() ? shape(tensor.getShape(), what, input) : Shape.UNKNOWN;
        yield ValueType.tensor(dtype(tensor.getElemType(), what), shape);
      }
      case SEQUENCE_TYPE ->
          new ValueType.SequenceType(type(proto.getSequenceType().getElemType(), what, input));
      case OPTIONAL_TYPE ->
          new ValueType.OptionalType(type(proto.getOptionalType().getElemType(), what, input));
      case MAP_TYPE ->
          new ValueType.MapType(
              dtype(proto.getMapType().getKeyType(), what),
              type(proto.getMapType().getValueType(), what, input));
      case VALUE_NOT_SET -> ValueType.UNKNOWN;
      default ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_FEATURE,
                  "'%s' has the type %s, which is not supported",
                  what,
                  proto.getValueCase().name().toLowerCase(java.util.Locale.ROOT))
              .toException();
    };
  }

  private Shape shape(TensorShapeProto proto, String what, boolean input) {
    List<Dim> found = new ArrayList<>();
    for (TensorShapeProto.Dimension dim : proto.getDimList()) {
      boolean named = dim.hasDimParam() && !dim.getDimParam().isEmpty();
      if (dim.hasDimValue() && dim.getDimValue() >= 0) {
        found.add(Dim.of(dim.getDimValue()));
      } else if (named) {
        found.add(input ? dims.name(dim.getDimParam()) : dims.nameOrExpression(dim.getDimParam()));
      } else {
        // Exporters of Caffe2 and Keras wrote -1 and 0 for "any"; the specification has nothing.
        found.add(dims.unnamed(what + "_d" + found.size()));
      }
    }
    return Shape.of(found);
  }

  private static DType dtype(int code, String what) {
    return DType.byOnnxCode(code)
        .orElseThrow(
            () ->
                Diagnostic.error(
                        ErrorCode.UNSUPPORTED_DTYPE,
                        "'%s' has elements of the unknown type %d",
                        what,
                        code)
                    .toException());
  }
}
